/** Why a gateway did not do what a person asked of it. */
import type { CommandReason } from '../../contract/fault-reasons.ts';
import type { FoundMapping } from '../../contract/mapping.ts';
import type { GatewayId } from '../../contract/model.ts';
import type { GatewayView, Snapshot } from '../../contract/snapshot.ts';
import type { Failure } from '../../gateways/failure.ts';
import { Malformed, Refused, Unreachable } from '../../gateways/failure.ts';
import { CommandError } from '../command-error.ts';

/** @throws CommandError `no-such-gateway` */
export function gatewayIn({ gateways }: Pick<Snapshot, 'gateways'>, id: GatewayId): GatewayView {
  const gateway = gateways.find((one) => one.id === id);
  if (gateway !== undefined) return gateway;
  throw new CommandError('no-such-gateway', 'gateway', { code: 'no-such-gateway', parameters: {} });
}

export function gatewayFailed(gateway: Pick<GatewayView, 'name'>, failure: Failure): CommandError {
  return new CommandError('gateway-failed', '', failureReason(gateway, failure), { cause: failure });
}

/** What a person wanted closed. @param port as in `25565/tcp` */
export function notClosed(gateway: Pick<GatewayView, 'name'>, port: string, failure: Failure): CommandError {
  return new CommandError('gateway-failed', '', notClosedReason(gateway, port, failure), { cause: failure });
}

/** Somebody else's than was meant. @param port as in `25565/tcp` */
export function elsewhere(port: string, { internal, description: name }: FoundMapping): CommandError {
  const { client: holder = '' } = internal;
  return new CommandError('conflict', 'client', { code: 'entry-elsewhere', parameters: { port, holder, name } });
}

/** Of a gateway that has no protocol that could. */
export function cannotList({ name, controls }: Pick<GatewayView, 'name' | 'controls'>): CommandReason {
  return { code: 'cannot-list', parameters: { gateway: name, speaks: controls.map(({ kind }) => kind) } };
}

function failureReason({ name: gateway }: Pick<GatewayView, 'name'>, failure: Failure): CommandReason {
  if (failure instanceof Unreachable) {
    return { code: 'gateway-unreachable', parameters: { gateway, why: failure.why } };
  }
  if (failure instanceof Malformed) return { code: 'gateway-garbled', parameters: { gateway } };
  return { code: 'gateway-refused', parameters: { gateway, why: failure.reason, failure: failure.code } };
}

function notClosedReason({ name: gateway }: Pick<GatewayView, 'name'>, port: string, failure: Failure): CommandReason {
  if (failure instanceof Refused) {
    return { code: 'entry-refused', parameters: { gateway, port, why: failure.reason, failure: failure.code } };
  }
  const why = failure instanceof Unreachable ? failure.why : 'garbled';
  return { code: 'entry-unsure', parameters: { gateway, port, why } };
}
