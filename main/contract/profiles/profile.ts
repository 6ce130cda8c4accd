/** Profiles: named sets of forwards with one switch each. */
import * as v from 'valibot';
import type { Family } from '../address.ts';
import { AddressSchema, EpochMsSchema, PortNumber } from '../checked.ts';
import { clashOf, rangeText, mappingCount, MOST_OF_PROFILE } from './claims.ts';
import { says } from '../fault-reasons.ts';
import { asForwardId, type Forward, type Transport } from '../model.ts';
import { OpensWhileSchema } from './opens-while.ts';
import { seconds } from '../units.ts';

declare const profileId: unique symbol;
export type ProfileId = string & { readonly [profileId]: true };

/** The longest id, in characters. */
export const LONGEST_ID = 64;
/** The widest range that is opened as one: a router's table holds a few hundred entries at most. */
export const WIDEST_RANGE = 512;
/** Limit for one profile. */
export const MOST_FORWARDS = 200;

/** Characters of a name or a label. */
export const LONGEST_LINE = 80;

/** Characters of a question's key. */
const LONGEST_KEY = 80;
/** Questions that the forwards of one profile can raise: of each a range and a device, and the dangerous ports. */
const MOST_KEYS = 1000;

/** Characters of what an entry of a list of ports says about itself. */
const LONGEST_LABEL = 400;

/** One line: it is shown in menus, in router tables and on terminals. */
const Line = v.pipe(
  v.string(),
  v.trim(),
  v.maxLength(LONGEST_LINE),
  v.regex(/^[^\p{Cc}\u2028\u2029]*$/u, says('one-line')),
);
/** Names what a person sees and types. */
const Name = v.pipe(Line, v.nonEmpty(says('name-needed')));
export const ProfileIdSchema = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9-]{1,64}$/, says('id')),
  v.transform((text): ProfileId => text as ProfileId),
);

/** Key of a question before opening: see `openingQuestions`. */
export const QuestionKeySchema = v.pipe(v.string(), v.maxLength(LONGEST_KEY));

/** A wish, without the name that the engine knows it by. */
export type ProfileForward = Omit<Forward, 'id' | 'interfaceName'>;

/** A forward as a person or a file gives it. */
export interface ForwardInput {
  readonly label?: string | undefined;
  readonly transports: readonly Transport[];
  readonly families?: readonly Family[] | undefined;
  readonly external: { readonly first: number; readonly last: number };
  readonly internal: { readonly first: number; readonly client?: string };
  readonly lease?: number | 'permanent';
  readonly ifTaken?: 'fail' | 'next-free' | undefined;
  readonly gateway?: string;
}

export interface HeldForwardInput extends ForwardInput {
  readonly id: string;
  readonly interfaceName?: string;
}

/** A list whose length is looked at first: what is in one that is too long is not. */
export function listOf<Input, Output>(
  each: v.GenericSchema<Input, Output>,
  most: number,
): v.GenericSchema<readonly Input[], readonly Output[]> {
  const list = v.array(each);
  const tooLong = v.never(says('too-long', { most }));
  return v.lazy((input) => (Array.isArray(input) && input.length > most ? tooLong : list));
}

function someOf<const Options extends readonly string[]>(
  options: Options,
  needed: string,
): v.GenericSchema<readonly Options[number][], readonly Options[number][]> {
  return v.pipe(
    v.array(v.picklist(options)),
    v.minLength(1, needed),
    v.check((list) => new Set(list).size === list.length, says('each-once')),
  );
}

const forwardEntries = {
  label: v.optional(Line, ''),
  transports: someOf(['tcp', 'udp'], says('transports-needed')),
  families: v.optional(someOf(['ipv4', 'ipv6'], says('families-needed')), ['ipv4']),
  external: v.strictObject({ first: PortNumber, last: PortNumber }),
  internal: v.strictObject({
    first: PortNumber,
    client: v.exactOptional(AddressSchema),
  }),
  lease: v.exactOptional(
    v.union(
      [
        v.literal('permanent'),
        v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(0xffff_ffff), v.transform(seconds)),
      ],
      says('lease'),
    ),
  ),
  ifTaken: v.optional(v.picklist(['fail', 'next-free']), 'fail'),
  gateway: v.exactOptional(Name),
};

/** Names a forward among those of its holder; a command line's words as a rule. */
const HeldName = v.pipe(
  v.string(),
  v.nonEmpty(),
  v.maxLength(200),
  v.regex(/^[^\p{Cc}\u2028\u2029]*$/u, says('one-line')),
);

type Ranges = Pick<ProfileForward, 'external' | 'internal'>;

function rangeFits<Value extends Ranges>(): v.RawCheckAction<Value> {
  return v.rawCheck<Value>(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const { value } = dataset;
    const { external, internal } = value;
    const item = { type: 'object', origin: 'value' } as const;
    const refuse = (key: 'external' | 'internal', part: 'first' | 'last', message: string): void => {
      const within: v.ObjectPathItem = { ...item, input: { ...value }, key, value: value[key] };
      const at: v.ObjectPathItem = { ...item, input: { ...value[key] }, key: part, value: undefined };
      addIssue({ message, path: [within, at] });
    };
    const more = external.last - external.first;
    if (more < 0) refuse('external', 'last', says('range-backwards'));
    if (more >= WIDEST_RANGE) refuse('external', 'last', says('range-too-wide', { most: WIDEST_RANGE }));
    if (internal.first + more > 65_535) refuse('internal', 'first', says('inside-too-high'));
  });
}

const ForwardSchema: v.GenericSchema<ForwardInput, ProfileForward> = v.pipe(
  v.strictObject(forwardEntries),
  rangeFits(),
);

/** A forward that a program holds open for as long as its connection lasts. */
export const HeldForwardSchema: v.GenericSchema<HeldForwardInput, Forward> = v.pipe(
  v.strictObject({
    ...forwardEntries,
    // Lists of ports have comments of any length, and routers cut them as they like.
    label: v.optional(v.pipe(v.string(), v.maxLength(LONGEST_LABEL)), ''),
    id: v.pipe(HeldName, v.transform(asForwardId)),
    interfaceName: v.exactOptional(HeldName),
  }),
  rangeFits(),
);

const Forwards = v.pipe(
  listOf(ForwardSchema, MOST_FORWARDS),
  // Counted before anything goes through the ports one by one.
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const count = mappingCount(dataset.value);
    if (count > MOST_OF_PROFILE) addIssue({ message: says('too-many-mappings', { count, most: MOST_OF_PROFILE }) });
  }),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    for (const [at, forward] of dataset.value.entries()) {
      const clash = clashOf([forward], dataset.value.slice(0, at));
      if (clash === undefined) continue;
      const message = says('ports-twice', { ports: rangeText(clash) });
      addIssue({ message, path: [{ type: 'array', origin: 'value', input: dataset.value, key: at, value: forward }] });
    }
  }),
);

export const ProfileSchema = v.strictObject({
  id: ProfileIdSchema,
  name: Name,
  /** Wanted open, unless everything is paused. */
  on: v.optional(v.boolean(), false),
  forwards: Forwards,
  /** The switch goes off automatically then. */
  onUntil: v.exactOptional(EpochMsSchema),
  /** Absent: always, as long as it is on. */
  opensWhile: v.exactOptional(OpensWhileSchema),
  /** Questions about its forwards that were answered with yes, by their keys. */
  confirmed: v.exactOptional(listOf(QuestionKeySchema, MOST_KEYS)),
});

export interface Profile extends Readonly<v.InferOutput<typeof ProfileSchema>> {}
