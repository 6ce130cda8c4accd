/** Why a gateway did not do what a person asked of it, as sentences. */
import type { RefusalReason, UnreachableReason } from '../contract/mapping.ts';
import type { ControlKind, GatewayId, GatewayView, Snapshot } from '../contract/model.ts';
import type { Failure } from '../gateways/failure.ts';
import { Malformed, Unreachable } from '../gateways/failure.ts';
import { CommandError } from './command-error.ts';

/** @throws CommandError `no-such-gateway` */
export function gatewayIn({ gateways }: Pick<Snapshot, 'gateways'>, id: GatewayId): GatewayView {
  const gateway = gateways.find((one) => one.id === id);
  if (gateway !== undefined) return gateway;
  const message = 'There is no such router here, or no longer. Search for routers again, then choose one of the list.';
  throw new CommandError('no-such-gateway', 'gateway', message);
}

export function gatewayFailed(gateway: Pick<GatewayView, 'name'>, failure: Failure): CommandError {
  return new CommandError('gateway-failed', '', failureText(gateway, failure), { cause: failure });
}

const PROTOCOLS: Readonly<Record<ControlKind, string>> = {
  pcp: 'PCP',
  'nat-pmp': 'NAT-PMP',
  igd: 'UPnP',
  pinhole: 'UPnP for IPv6',
};

/** Of a gateway that has no protocol that could. */
export function cannotListText({ name, controls }: Pick<GatewayView, 'name' | 'controls'>): string {
  const spoken = controls.map(({ kind }) => PROTOCOLS[kind]).join(' and ');
  return `${name} speaks ${spoken}, which cannot list what is open. UPnP could: switch it on in the router to see the list.`;
}

const SILENCE: Readonly<Record<UnreachableReason, string>> = {
  timeout: 'did not answer. Check that it is on and that this computer is connected to it, then try again.',
  refused: 'no longer listens where it did: it is restarting, or its UPnP was switched off. Try again in a minute.',
  reset: 'broke off the connection. Some routers need a moment: try again.',
  'no-route': 'cannot be reached. Check that it is on and that this computer is on its network, then try again.',
  denied: 'was not asked: a firewall on this computer forbids it. Allow Portkeeper to talk to the local network.',
  'local-network':
    'was not asked: the "Local Network" permission is missing. Allow it in System Settings, Privacy & Security, Local Network.',
};

const REFUSALS: Partial<Readonly<Record<RefusalReason, string>>> = {
  'not-authorized': 'does not allow it. Look whether its pages have a setting for that.',
  unsupported: 'does not know how to do that.',
};

function failureText({ name }: Pick<GatewayView, 'name'>, failure: Failure): string {
  if (failure instanceof Unreachable) return `${name} ${SILENCE[failure.why]}`;
  if (failure instanceof Malformed)
    return `${name} gave an answer that makes no sense. The log has it; try again, or restart the router.`;
  const known = REFUSALS[failure.reason];
  return known === undefined
    ? `${name} refused (${failure.code}). Try again; if it stays like this, restart the router.`
    : `${name} ${known} (${failure.code})`;
}
