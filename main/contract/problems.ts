/** User-visible troubles: a code with typed parameters, checked where they are read back; the sentences are in `words`. */
import * as v from 'valibot';
import type { IpAddress } from './address.ts';
import { AddressSchema, PortNumber, TransportSchema, EpochMsSchema } from './checked.ts';
import { DNS_DELAYS, DNS_REFUSALS } from './dynamic-dns.ts';
import { LOST_CONTENTS, STORAGE_FAULTS, type ValueReason } from './fault-reasons.ts';
import { asForwardId, asGatewayId, type ForwardId, type GatewayId } from './model.ts';
import { millis, type EpochMs } from './units.ts';
import { valueText } from './words/catalogues.ts';
import { FAULTS_EN } from './words/faults-en.ts';

export const Text = v.pipe(v.string(), v.maxLength(1000));

/** JSON leaves out undefined members. */
const orAbsent = <Value>(schema: v.GenericSchema<unknown, Value>) => v.optional(schema, () => undefined);

const None: v.GenericSchema<unknown, Readonly<Record<string, never>>> = v.strictObject({});
const Addresses: v.GenericSchema<unknown, readonly v.InferOutput<typeof AddressSchema>[]> = v.array(AddressSchema);
const Texts: v.GenericSchema<unknown, readonly string[]> = v.array(Text);
const portRef = { transport: TransportSchema, port: PortNumber };
const PortRef = v.object(portRef);
const Suggestion = orAbsent(PortNumber);
const Count = v.pipe(v.number(), v.integer(), v.minValue(0));
const Named = v.object({ gateway: Text });
const Storage = v.object({ path: Text, fault: v.picklist(STORAGE_FAULTS) });

/**
 * Why it is not started at login: it runs from a place that does not last; its path cannot be written down; the system
 * has not kept the entry.
 */
const LoginItem = v.picklist(['not-installed', 'path', 'not-kept', 'other']);
export type LoginItemFault = v.InferOutput<typeof LoginItem>;

/** `not-there`: nothing is at the place that the router itself named. */
const Unanswered = v.picklist(['hung-up', 'silent', 'not-there']);
export type UnansweredHow = v.InferOutput<typeof Unanswered>;

/** The response at a URL that a person gave for the router's description; `silent` and `closed`: nothing. */
const WrongUrl = v.picklist([
  'service-description',
  'web-page',
  'other-device',
  'other',
  'missing',
  'closed',
  'silent',
  'password',
  'forbidden',
]);
export type WrongUrl = v.InferOutput<typeof WrongUrl>;

/** A reason is what can be said. */
function isReason(value: unknown): boolean {
  try {
    return valueText(FAULTS_EN, value as ValueReason) !== undefined;
  } catch {
    return false;
  }
}

/** Code → parameters. Adding a code without words does not compile. */
const PARAMETERS = {
  'no-network': None,
  'no-gateway': v.object({ routers: Addresses }),
  /** A router is there, but offers no way to open ports. */
  'port-control-off': v.object({ router: AddressSchema }),
  /** The URL that a person gave is not the router's description; `severity`: was it found all the same? */
  'router-url': v.object({ url: Text, what: WrongUrl, router: AddressSchema }),
  /** It answers with 401 where programs ask for ports. `router`: its name or address. */
  'router-password': v.object({ router: Text }),
  /** It wants each change confirmed by a second factor. */
  'router-confirmation': v.object({ router: Text }),
  'gateway-away': v.object({ gateway: Text, since: EpochMsSchema }),
  /** `gateway` (its name, which may be empty) has ports open, though the default router, `router`, is another one. */
  'not-default-router': v.object({ gateway: Text, address: AddressSchema, router: orAbsent(AddressSchema) }),
  'local-network-denied': None,
  /** Ports are opened on approved networks only; `name` is what the person knows this one by. */
  'network-not-approved': v.object({ network: Text, name: Text }),
  /** `detail` is the system's own word, in its own language, for what is `other`; else it is empty. */
  'login-item-failed': v.object({ fault: LoginItem, detail: Text }),
  'traffic-denied': Named,
  'not-our-gateway': v.object({ wanted: Text, known: Texts }),
  conflict: v.object({
    ...portRef,
    holder: orAbsent(AddressSchema),
    /** The router's name for that device, where it gives no address (E17). */
    holderHost: v.exactOptional(Text),
    holderName: orAbsent(Text),
    suggestion: Suggestion,
  }),
  'conflict-in-router': v.object({ ...portRef, suggestion: Suggestion }),
  'port-not-allowed': v.object({ ...portRef, suggestion: Suggestion, code: Text }),
  'only-for-itself': v.object({ ...portRef, client: AddressSchema }),
  /** The other transport of this port is open, and the router keeps one of the two. */
  'one-transport': PortRef,
  'no-permanent-lease': PortRef,
  'same-port-only': v.object({ ...portRef, internal: PortNumber }),
  'one-per-internal-port': v.object({ ...portRef, internal: PortNumber }),
  'table-full': PortRef,
  /** Milliseconds. */
  'lease-too-short': v.object({
    ...portRef,
    lease: v.pipe(v.number(), v.minValue(0), v.maxValue(60_000), v.transform(millis)),
  }),
  'no-external-address': Named,
  /** Its line may well be up. */
  'external-address-unknown': Named,
  /** The router in front, on which ports are to be opened too, does not do it. `gateway`: the name of ours, `client`: its
   * address there; only NAT-PMP was asked where that is not known. */
  'upstream-closed': v.object({ router: AddressSchema, gateway: Text, client: orAbsent(AddressSchema) }),
  /** `beyond`: the router in front, where a test from outside has shown it although `external` is public. */
  'behind-another-nat': v.object({
    gateway: Text,
    external: AddressSchema,
    beyond: v.exactOptional(AddressSchema),
  }),
  'pinholes-off': PortRef,
  'wrong-family': v.object({ ...portRef, family: v.picklist(['ipv4', 'ipv6']) }),
  'router-refused': v.object({ ...portRef, code: Text, suggestion: Suggestion }),
  /** Without a reason; `external` is its public address where its line is known to be up. */
  'router-failed': v.object({ ...portRef, code: Text, external: orAbsent(AddressSchema), suggestion: Suggestion }),
  /** Its line is up, so the rule itself failed. */
  'firewall-failed': v.object({ ...portRef, code: Text, external: AddressSchema }),
  /** `seen`: how the answer begins, safe to show; empty for an empty answer. */
  'router-garbled': v.object({ gateway: Text, seen: v.optional(Text, '') }),
  /** It answers other requests, but not the one that opens a port. */
  'open-unanswered': v.object({ gateway: Text, how: Unanswered }),
  'listed-but-dead': PortRef,
  'storage-failed': Storage,
  /** The journal's content is not known; forwards that are switched on are opened all the same. */
  'journal-unreadable': Storage,
  /** A file that cannot be used; `kept` is its name from now on, absent while it cannot be renamed. Earlier records of it
   * do not say what is lost. */
  'set-aside': v.object({ path: Text, kept: v.optional(Text), lost: v.optional(v.picklist(LOST_CONTENTS), 'latest') }),
  /** Profiles and settings cannot be read now; nothing is changed in them until they can. */
  'profiles-unreadable': Storage,
  /** Changed, but not stored. */
  'profiles-not-stored': Storage,
  /** Parts of the document make no sense; the rest is used, the whole is kept. */
  'profiles-misunderstood': v.object({
    kept: v.optional(Text),
    place: Text,
    fault: v.custom<ValueReason>(isReason),
  }),
  /** They ask for more ports than may be open; they are there, and off. */
  'profiles-switched-off': v.object({ id: Text, name: Text, count: Count, most: Count }),
  /** Dynamic DNS: nothing more is sent until the person changes something. `detail` is how the answer begins. */
  'name-refused': v.object({ name: Text, provider: Text, why: v.picklist(DNS_REFUSALS), detail: Text }),
  /** Dynamic DNS: it is tried again. */
  'name-not-updated': v.object({
    name: Text,
    provider: Text,
    why: v.picklist(DNS_DELAYS),
    detail: Text,
    until: EpochMsSchema,
  }),
  /** `detail`: its exit code, or the system's word for why it did not start. */
  'address-command-failed': v.object({
    program: Text,
    how: v.picklist(['not-started', 'failed', 'too-long']),
    detail: Text,
  }),
  /** Neither lock nor socket could be made where other commands look for them. */
  'commands-unreachable': Storage,
};

export type ProblemCode = keyof typeof PARAMETERS;
export type ProblemParameters = {
  readonly [Code in ProblemCode]: Readonly<v.InferOutput<(typeof PARAMETERS)[Code]>>;
};

export interface ProblemOf<Code extends ProblemCode> {
  readonly code: Code;
  readonly parameters: ProblemParameters[Code];
  readonly severity: 'error' | 'warning' | 'info';
  readonly since: EpochMs;
  readonly forward?: ForwardId;
  readonly gateway?: GatewayId;
  /** The router in front of the home's, where it is that one's trouble. */
  readonly front?: IpAddress;
}

export type Problem = { [Code in ProblemCode]: ProblemOf<Code> }[ProblemCode];

/** What happened, why (as far as known), what to do. Whole sentences. */
export interface Sentences {
  readonly what: string;
  readonly why: string;
  readonly todo: string;
}

export type ProblemCatalogue = {
  readonly [Code in ProblemCode]: (parameters: ProblemParameters[Code], front?: IpAddress) => Sentences;
};

const Envelope = v.object({
  code: v.custom<ProblemCode>((code) => typeof code === 'string' && Object.hasOwn(PARAMETERS, code), 'not a problem'),
  severity: v.picklist(['error', 'warning', 'info']),
  since: EpochMsSchema,
  forward: v.exactOptional(v.pipe(Text, v.transform(asForwardId))),
  gateway: v.exactOptional(v.pipe(Text, v.transform(asGatewayId))),
  front: v.exactOptional(AddressSchema),
  parameters: v.unknown(),
});

export const ProblemSchema: v.GenericSchema<unknown, Problem> = v.pipe(
  Envelope,
  v.rawTransform(({ dataset, addIssue, NEVER }): Problem => {
    const parameters = v.safeParse(PARAMETERS[dataset.value.code], dataset.value.parameters);
    // A code and its parameters belong together; the type system cannot follow that through the table.
    if (parameters.success) return { ...dataset.value, parameters: parameters.output } as Problem;
    addIssue({ message: 'not the parameters of this problem' });
    return NEVER;
  }),
);

/** A problem as a value. Without a severity it is an error. */
export function problemOf<Code extends ProblemCode>(
  code: Code,
  parameters: ProblemParameters[Code],
  since: EpochMs,
  about: {
    readonly severity?: ProblemOf<Code>['severity'];
    readonly forward?: ForwardId;
    readonly gateway?: GatewayId;
  } = {},
): ProblemOf<Code> {
  return { code, parameters, since, severity: 'error', ...about };
}
