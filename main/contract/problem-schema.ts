/** Problems as they are read back from a file. A problem code without a schema does not compile. */
import * as v from 'valibot';
import { parseIp } from './address.ts';
import type { IpAddress } from './address.ts';
import { asForwardId, asGatewayId } from './model.ts';
import type { ValueReason } from './fault-reasons.ts';
import type { Problem, ProblemCode, ProblemParameters } from './problems.ts';
import { LOST_CONTENTS } from './fault-reasons.ts';
import { epochMs, isPort } from './units.ts';
import type { Port } from './units.ts';
import { valueText } from './words/catalogues.ts';
import { FAULTS_EN } from './words/faults-en.ts';

export const Text = v.pipe(v.string(), v.maxLength(1000));
export const Moment = v.pipe(v.number(), v.finite(), v.transform(epochMs));
export const PortNumber = v.custom<Port>(isPort, 'not a port');
export const Address: v.GenericSchema<unknown, IpAddress> = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const address = parseIp(dataset.value);
    if (address !== undefined) return address;
    addIssue({ message: 'not an IP address' });
    return NEVER;
  }),
);
export const TransportName = v.picklist(['tcp', 'udp']);

/** JSON leaves out what is undefined. */
const orAbsent = <Value>(schema: v.GenericSchema<unknown, Value>) => v.optional(schema, () => undefined);

const None = v.strictObject({});
const place = { transport: TransportName, port: PortNumber };
const Place = v.object(place);
const Named = v.object({ gateway: Text });
const Suggested = v.object({ ...place, suggestion: orAbsent(PortNumber) });
const Storage = v.object({
  path: Text,
  fault: v.picklist(['no-permission', 'no-space', 'not-a-folder', 'unreadable', 'locked', 'other']),
});

/** A reason is what can be said. */
function isReason(value: unknown): boolean {
  try {
    return valueText(FAULTS_EN, value as ValueReason) !== undefined;
  } catch {
    return false;
  }
}

const PARAMETERS: { readonly [Code in ProblemCode]: v.GenericSchema<unknown, ProblemParameters[Code]> } = {
  'no-network': None,
  'no-gateway': v.object({ routers: v.array(Address) }),
  'port-control-off': v.object({ router: Address }),
  'gateway-away': v.object({ gateway: Text, since: Moment }),
  'not-default-router': v.object({ gateway: Text, address: Address, router: orAbsent(Address) }),
  'local-network-denied': None,
  'network-not-approved': v.object({ network: Text, name: Text }),
  'login-item-failed': v.object({ fault: v.picklist(['not-installed', 'path', 'not-kept', 'other']), detail: Text }),
  'traffic-denied': Named,
  'not-our-gateway': v.object({ wanted: Text, known: v.array(Text) }),
  conflict: v.object({
    ...place,
    holder: orAbsent(Address),
    holderName: orAbsent(Text),
    suggestion: orAbsent(PortNumber),
  }),
  'conflict-in-router': Suggested,
  'port-not-allowed': v.object({ ...place, suggestion: orAbsent(PortNumber), code: Text }),
  'only-for-itself': v.object({ ...place, client: Address }),
  'no-permanent-lease': Place,
  'same-port-only': v.object({ ...place, internal: PortNumber }),
  'one-per-internal-port': v.object({ ...place, internal: PortNumber }),
  'table-full': Place,
  'no-external-address': Named,
  'external-address-unknown': Named,
  'behind-another-nat': v.object({ gateway: Text, external: Address }),
  'pinholes-off': Place,
  'wrong-family': v.object({ ...place, family: v.picklist(['ipv4', 'ipv6']) }),
  'router-refused': v.object({ ...place, code: Text, suggestion: orAbsent(PortNumber) }),
  'router-failed': v.object({
    ...place,
    code: Text,
    external: orAbsent(Address),
    suggestion: orAbsent(PortNumber),
  }),
  'firewall-failed': v.object({ ...place, code: Text, external: Address }),
  'router-garbled': v.object({ gateway: Text, seen: v.optional(Text, '') }),
  'open-unanswered': v.object({ gateway: Text, how: v.picklist(['hung-up', 'silent', 'not-there']) }),
  'listed-but-dead': Place,
  'storage-failed': Storage,
  'journal-unreadable': Storage,
  // Earlier records of it do not say what is lost.
  'set-aside': v.object({ path: Text, kept: v.optional(Text), lost: v.optional(v.picklist(LOST_CONTENTS), 'latest') }),
  'profiles-unreadable': Storage,
  'profiles-not-stored': Storage,
  'profiles-misunderstood': v.object({
    kept: v.optional(Text),
    place: Text,
    fault: v.custom<ValueReason>(isReason),
  }),
  'commands-unreachable': Storage,
};

const Envelope = v.object({
  code: v.custom<ProblemCode>((code) => typeof code === 'string' && Object.hasOwn(PARAMETERS, code), 'not a problem'),
  severity: v.picklist(['error', 'warning', 'info']),
  since: Moment,
  forward: v.exactOptional(v.pipe(Text, v.transform(asForwardId))),
  gateway: v.exactOptional(v.pipe(Text, v.transform(asGatewayId))),
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
