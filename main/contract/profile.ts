/** Profiles: named sets of forwards with one switch each. */
import * as v from 'valibot';
import { parseIp } from './address.ts';
import type { Forward } from './model.ts';
import { asForwardId } from './model.ts';
import { isPort, seconds } from './units.ts';
import type { Port } from './units.ts';

export declare const profileId: unique symbol;
export type ProfileId = string & { readonly [profileId]: true };

/** Names what a person sees and types; one line. */
const Name = v.pipe(v.string(), v.trim(), v.nonEmpty('a name is needed'), v.maxLength(80), v.regex(/^[^\p{Cc}]*$/u, 'one line'));
const Label = v.pipe(v.string(), v.trim(), v.maxLength(80), v.regex(/^[^\p{Cc}]*$/u, 'one line'));
const PortNumber = v.custom<Port>(isPort, 'a port from 1 to 65535');
const Id = v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,64}$/, 'an id: lower-case letters, digits and -'));

export const ProfileIdSchema = v.pipe(
  Id,
  v.transform((text): ProfileId => text as ProfileId),
);

/** The widest range that is opened as one: a router's table holds a few hundred entries at most. */
export const WIDEST_RANGE = 512;

export const ForwardSchema = v.pipe(
  v.object({
    label: v.optional(Label, ''),
    transports: v.pipe(
      v.array(v.picklist(['tcp', 'udp'])),
      v.minLength(1, 'TCP, UDP or both'),
      v.maxLength(2),
      v.check((list) => new Set(list).size === list.length, 'each protocol once'),
    ),
    families: v.optional(
      v.pipe(
        v.array(v.picklist(['ipv4', 'ipv6'])),
        v.minLength(1),
        v.maxLength(2),
        v.check((list) => new Set(list).size === list.length, 'each once'),
      ),
      ['ipv4'],
    ),
    external: v.object({ first: PortNumber, last: PortNumber }),
    internal: v.object({
      first: PortNumber,
      client: v.exactOptional(
        v.pipe(
          v.string(),
          v.rawTransform(({ dataset, addIssue, NEVER }) => {
            const address = parseIp(dataset.value);
            if (address !== undefined) return address;
            addIssue({ message: 'not an IP address' });
            return NEVER;
          }),
        ),
      ),
    }),
    lease: v.exactOptional(
      v.union([v.literal('permanent'), v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(0xffff_ffff), v.transform(seconds))]),
    ),
    ifTaken: v.optional(v.picklist(['fail', 'next-free']), 'fail'),
    gateway: v.exactOptional(Name),
  }),
  v.forward(
    v.check(({ external }) => external.last >= external.first, 'the range ends before it begins'),
    ['external', 'last'],
  ),
  v.forward(
    v.check(({ external }) => external.last - external.first < WIDEST_RANGE, `a range has ${WIDEST_RANGE} ports at most`),
    ['external', 'last'],
  ),
  v.forward(
    v.check(({ external, internal }) => internal.first + external.last - external.first <= 65_535, 'the inside range ends above 65535'),
    ['internal', 'first'],
  ),
);

export const ProfileSchema = v.object({
  id: ProfileIdSchema,
  name: Name,
  on: v.optional(v.boolean(), false),
  forwards: v.pipe(v.array(ForwardSchema), v.maxLength(200)),
});

export type ProfileForward = v.InferOutput<typeof ForwardSchema>;
export type Profile = Readonly<v.InferOutput<typeof ProfileSchema>>;
/** A profile before it has an id. */
export type ProfileInput = Omit<v.InferInput<typeof ProfileSchema>, 'id'>;

/** What the engine is to hold for a profile: forwards are named by profile and place. */
export function forwardsOfProfile(profile: Pick<Profile, 'id' | 'forwards'>): readonly Forward[] {
  return profile.forwards.map((forward, at) => ({ ...forward, id: asForwardId(`${profile.id}/${at + 1}`) }));
}
