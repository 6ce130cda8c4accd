/** Values from outside against their schema: the value, or every fault with its place, in words. */
import * as v from 'valibot';

export interface Fault {
  /** As in `forwards.0.external.first`; empty for the whole. */
  readonly place: string;
  readonly message: string;
}

export type Checked<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly faults: readonly Fault[] };

const THINGS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  Array: 'a list',
  Object: 'an object',
  null: 'null',
};

export function checked<Schema extends v.GenericSchema>(
  schema: Schema,
  input: unknown,
): Checked<v.InferOutput<Schema>> {
  const result = v.safeParse(schema, input, { message: wordsOf });
  if (result.success) return { ok: true, value: result.output };
  return {
    ok: false,
    faults: result.issues.map((issue) => ({ place: v.getDotPath(issue) ?? '', message: issue.message })),
  };
}

/** What is wrong, where the schema has no words of its own. */
function wordsOf({ expected, received, requirement, type }: v.BaseIssue<unknown>): string {
  if (expected === 'never') return `there is no ${received} here`;
  if (received === 'undefined') return 'is missing';
  if (typeof requirement === 'number') {
    if (type === 'max_length') return `is too long: ${requirement} at most`;
    if (type === 'min_length') return `is too short: ${requirement} at least`;
    if (type === 'max_value') return `is too large: ${requirement} at most`;
    if (type === 'min_value') return `is too small: ${requirement} at least`;
  }
  if (type === 'integer') return 'must be a whole number';
  if (type === 'non_empty') return 'must not be empty';
  const things = (expected ?? '').replaceAll(/[()]/g, '').split(' | ');
  if (things.join('') === '') return 'is not as it must be';
  return `must be ${things.map((thing) => THINGS[thing] ?? thing).join(' or ')}, not ${received.slice(0, 60)}`;
}
