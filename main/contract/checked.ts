/** Values from outside against their schema: the value, or every fault with its place and reason; and schemas of values
 * that are everywhere. */
import * as v from 'valibot';
import { parseIp, type IpAddress } from './address.ts';
import { reasonIn, says, type ValueReason } from './fault-reasons.ts';
import { epochMs, isPort, type Port } from './units.ts';
import { FAULTS_EN } from './words/faults-en.ts';
import { valueText } from './words/catalogues.ts';

export const AddressSchema = v.pipe(
  v.string(),
  v.rawTransform<string, IpAddress>(({ dataset, addIssue, NEVER }) => {
    const address = parseIp(dataset.value);
    if (address !== undefined) return address;
    addIssue({ message: says('ip-address') });
    return NEVER;
  }),
);
export const PortNumber: v.GenericSchema<Port> = v.custom<Port>(isPort, says('port'));
export const EpochMsSchema = v.pipe(v.number(), v.finite(), v.transform(epochMs));
export const TransportSchema = v.picklist(['tcp', 'udp']);

export interface Fault {
  /** As in `forwards.0.external.first`; empty for the whole. */
  readonly place: string;
  readonly reason: ValueReason;
  /** The reason in English, as a part of a sentence that begins with the place: for terminals, logs and programs. */
  readonly message: string;
}

export type Checked<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** @param isTolerable faults of this kind are no reason to refuse what is well-formed otherwise */
export function checked<Schema extends v.GenericSchema>(
  schema: Schema,
  input: unknown,
  isTolerable: (reason: ValueReason) => boolean = () => false,
): Checked<v.InferOutput<Schema>> {
  const result = v.safeParse(schema, input, { message: reasonOf });
  if (result.success) return { ok: true, value: result.output };
  const faults = result.issues.map((issue) => faultAt(v.getDotPath(issue) ?? '', reasonIn(issue.message)));
  if (result.typed && faults.every(({ reason }) => isTolerable(reason))) return { ok: true, value: result.output };
  return { ok: false, faults };
}

export function faultAt(place: string, reason: ValueReason): Fault {
  return { place, reason, message: valueText(FAULTS_EN, reason) ?? reason.code };
}

/** The fault, where the schema gives no reason of its own. */
function reasonOf({ expected, received, requirement, type }: v.BaseIssue<unknown>): string {
  if (expected === 'never') return says('unexpected', { what: received.slice(0, 60) });
  if (received === 'undefined') return says('missing');
  if (typeof requirement === 'number') {
    if (type === 'max_length') return says('too-long', { most: requirement });
    if (type === 'min_length') return says('too-short', { least: requirement });
    if (type === 'max_value') return says('too-large', { most: requirement });
    if (type === 'min_value') return says('too-small', { least: requirement });
  }
  if (type === 'integer') return says('whole-number');
  if (type === 'non_empty') return says('empty');
  const things = (expected ?? '').replaceAll(/[()]/g, '').split(' | ');
  if (things.join('') === '') return says('invalid');
  return says('wrong-type', { expected: things, received: received.slice(0, 60) });
}
