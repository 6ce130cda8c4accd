/** What has happened, as it is written to a file and read back. */
import * as v from 'valibot';
import type { ActivityEntry, ActivityFact } from '../../contract/activity.ts';
import { asForwardId } from '../../contract/model.ts';
import { Address, Moment, PortNumber, ProblemSchema, Text, TransportName } from '../../contract/problem-schema.ts';
import { ProfileIdSchema } from '../../contract/profile.ts';
import { millis } from '../../contract/units.ts';

const Duration = v.pipe(v.number(), v.finite(), v.minValue(0), v.transform(millis));
const Outside = v.union([Address, v.literal('none')]);
const listOf = <In, Out>(item: v.GenericSchema<In, Out>): v.GenericSchema<readonly In[], readonly Out[]> =>
  v.array(item);
const then = {
  forward: v.pipe(Text, v.transform(asForwardId)),
  name: Text,
  transports: listOf(TransportName),
  external: v.object({ first: PortNumber, last: PortNumber }),
};

const Fact = v.variant('is', [
  v.object({ is: v.picklist(['started', 'running', 'paused', 'resumed']) }),
  v.object({ is: v.literal('ended'), left: v.picklist(['closed', 'open']) }),
  v.object({ is: v.literal('demo'), on: v.boolean() }),
  v.object({ is: v.literal('woke'), asleep: Duration }),
  v.object({ is: v.literal('clock-set-back'), by: Duration }),
  v.object({ is: v.literal('record-begins'), open: listOf(v.object(then)) }),
  v.object({ is: v.literal('gateway-found'), gateway: Text, address: v.exactOptional(Outside) }),
  v.object({ is: v.picklist(['gateway-away', 'gateway-back', 'gateway-restarted']), gateway: Text }),
  v.object({ is: v.literal('address-changed'), gateway: Text, from: Outside, to: Outside }),
  v.object({ is: v.literal('switched'), profile: ProfileIdSchema, name: Text, on: v.boolean() }),
  v.object({ is: v.literal('opened'), gateway: Text, granted: v.exactOptional(PortNumber), ...then }),
  v.object({ is: v.literal('renewed'), gateway: Text, forwards: v.pipe(v.number(), v.integer(), v.minValue(1)) }),
  v.object({ is: v.literal('closed'), ...then }),
  v.object({ is: v.literal('lost'), because: v.exactOptional(v.picklist(['gateway', 'network'])), ...then }),
  v.object({ is: v.literal('refused'), problem: ProblemSchema, ...then }),
  v.object({ is: v.picklist(['problem', 'solved']), problem: ProblemSchema }),
]);

const Entry = v.object({ id: v.pipe(v.number(), v.safeInteger(), v.minValue(1)), at: Moment, fact: Fact });

/** A fact that could not be read back does not compile. */
const readable = (fact: ActivityFact): v.InferInput<typeof Fact> => fact;

export function recordOf({ id, at, fact }: ActivityEntry): unknown {
  return { id, at, fact: readable(fact) };
}

/** `undefined` when it makes no sense. */
export function entryOf(record: unknown): ActivityEntry | undefined {
  const parsed = v.safeParse(Entry, record);
  return parsed.success ? parsed.output : undefined;
}
