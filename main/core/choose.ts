/** Chooses the gateway and the control that serve a mapping. */
import { isPublic, type Family, type IpAddress } from '../contract/address.ts';
import { CONTROL_KINDS } from '../contract/model.ts';
import { standingOf } from './first-word.ts';
import type { ControlState, GatewayState, HostFacts, Leftover, MappingSpec, MappingState, State } from './state.ts';

export function matchesGateway(
  wanted: string,
  gateway: Pick<GatewayState, 'address' | 'id' | 'name' | 'model'>,
): boolean {
  const text = wanted.toLowerCase();
  return (
    gateway.address === text ||
    gateway.id === wanted ||
    gateway.name.toLowerCase().includes(text) ||
    gateway.model.toLowerCase().includes(text)
  );
}

/** Best first: the default router even while it is away, then those that answer, then those with a public address (D16, N1–N3: rank, never refuse). */
export function gatewaysFor(state: State, spec: MappingSpec): readonly GatewayState[] {
  const usable: GatewayState[] = [];
  for (const gateway of state.gateways.values()) {
    if (spec.gateway !== undefined && !matchesGateway(spec.gateway, gateway)) continue;
    if (spec.interfaceName !== undefined && gateway.interfaceName !== spec.interfaceName) continue;
    if (![...gateway.controls.values()].some((control) => control.capabilities.families.includes(spec.family)))
      continue;
    usable.push(gateway);
  }
  return usable.length < 2 ? usable : usable.toSorted((a, b) => rank(state, spec, b) - rank(state, spec, a));
}

function rank(state: State, spec: MappingSpec, gateway: GatewayState): number {
  const { externalAddress } = gateway;
  const outside =
    externalAddress === 'none' ? 0 : externalAddress === 'unknown' ? 1 : isPublic(externalAddress) ? 3 : 2;
  return 100 * standingOf(state, spec, gateway) + (gateway.reachable ? 10 : 0) + outside;
}

/** A person named exactly this gateway: names can be made up by anybody. */
export function isPinned({ gateway: wanted }: MappingSpec, gateway: GatewayState): boolean {
  return wanted !== undefined && (gateway.address === wanted.toLowerCase() || gateway.id === wanted);
}

export function clientOf(spec: MappingSpec, gateway: GatewayState, host: HostFacts | undefined): IpAddress | undefined {
  if (spec.internal.client !== undefined) return spec.internal.client;
  return spec.family === 'ipv6' ? host?.publicIpv6.get(gateway.interfaceName) : gateway.localAddress;
}

/** The controls of a gateway that may be asked for this mapping now, in order of preference. */
export function controlsFor(state: State, mapping: MappingState, gateway: GatewayState): readonly ControlState[] {
  const { spec, lease } = mapping;
  const refusals = mapping.refusals.filter((refusal) => refusal.gateway === gateway.id);
  const isLineless = refusals.some(({ reason }) => reason === 'no-external-address');
  const able: ControlState[] = [];
  for (const kind of CONTROL_KINDS) {
    const control = gateway.controls.get(kind);
    if (control === undefined || !control.capabilities.families.includes(spec.family)) continue;
    if (control.disabledUntil !== undefined && control.disabledUntil > state.now) continue;
    if (isOfFormerAddress(gateway, control, spec.family)) continue;
    if (refusals.some((refusal) => refusal.control === kind)) continue;
    // It knows of no public address either: each of many mappings need not hear it from every control.
    if (isLineless && control.externalAddress === 'none') continue;
    if (spec.internal.client !== undefined && spec.internal.client !== gateway.localAddress) {
      if (control.capabilities.thirdParty === 'no') continue;
    }
    if (control.capabilities.onePerInternalPort && spec.sharesInternalPort) continue;
    able.push(control);
  }
  if (lease !== undefined && lease.gateway === gateway.id) {
    // The control that holds the mapping keeps it: two protocols share one table, but not its rules (P26).
    const same = able.find((control) => control.kind === lease.control);
    if (same !== undefined) return [same];
  }
  if (spec.lease === 'permanent') {
    return able.toSorted(
      (a, b) => Number(b.capabilities.permanentLeases !== 'no') - Number(a.capabilities.permanentLeases !== 'no'),
    );
  }
  return able;
}

const isOfFormerAddress = ({ movedAt }: GatewayState, { foundAt }: ControlState, family: Family): boolean =>
  family === 'ipv6' && movedAt !== undefined && foundAt < movedAt;

/** Is a search for what asks from our new IPv6 address still to answer? */
export function isMoving({ search }: State, gateway: GatewayState, family: Family): boolean {
  const isFormer = [...gateway.controls.values()].some((control) => isOfFormerAddress(gateway, control, family));
  return isFormer && (search.running || search.nextAt !== undefined);
}

/**
 * The control to close something of ours: its maker, and where that refuses, one that sees the same table and looks
 * before it deletes (P26, C2: an entry under our former address, which PCP and NAT-PMP let only that address close).
 */
export function closingControl(
  gateway: GatewayState,
  { lease, refusedBy }: Pick<Leftover, 'lease' | 'refusedBy'>,
): ControlState | undefined {
  const own = gateway.controls.get(lease.control);
  if (own !== undefined && !refusedBy.includes(own.kind)) return own;
  for (const control of gateway.controls.values()) {
    if (refusedBy.includes(control.kind) || !control.capabilities.canFind) continue;
    if (control.capabilities.families.includes(lease.family)) return control;
  }
  return own;
}

/** A control that can look entries up and has not shown that its look-ups cannot be relied on. */
export function findingControl(gateway: GatewayState): ControlState | undefined {
  for (const control of gateway.controls.values()) {
    if (control.capabilities.canFind && control.capabilities.families.includes('ipv4') && control.findMisses < 3)
      return control;
  }
  return undefined;
}
