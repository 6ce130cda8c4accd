/** Why a gateway did not do what a person asked of it. */
import type { CommandReason } from '../../contract/fault-reasons.ts';
import type { FoundMapping } from '../../contract/mapping.ts';
import type { GatewayId } from '../../contract/model.ts';
import { withFronts, type GatewayView, type Snapshot } from '../../contract/snapshot.ts';
import { Malformed, Refused, Unreachable, type Failure } from '../../gateways/failure.ts';
import { CommandError } from '../command-error.ts';

/** @throws CommandError `no-such-gateway` */
export function gatewayIn({ gateways }: Pick<Snapshot, 'gateways'>, id: GatewayId): GatewayView {
  const gateway = withFronts(gateways).find((one) => one.id === id);
  if (gateway !== undefined) return gateway;
  throw new CommandError('no-such-gateway', 'gateway', { code: 'no-such-gateway', parameters: {} });
}

type Named = Pick<GatewayView, 'name'>;

export function gatewayFailed({ name: gateway }: Named, failure: Failure): CommandError {
  const reason: CommandReason =
    failure instanceof Unreachable
      ? { code: 'gateway-unreachable', parameters: { gateway, why: failure.why } }
      : failure instanceof Malformed
        ? { code: 'gateway-garbled', parameters: { gateway } }
        : { code: 'gateway-refused', parameters: { gateway, why: failure.reason, failure: failure.code } };
  return new CommandError('gateway-failed', '', reason, { cause: failure });
}

/** Ports that a person wanted closed. @param port as in `25565/tcp` */
export function notClosed({ name: gateway }: Named, port: string, failure: Failure): CommandError {
  const reason: CommandReason =
    failure instanceof Refused
      ? { code: 'entry-refused', parameters: { gateway, port, why: failure.reason, failure: failure.code } }
      : {
          code: 'entry-unsure',
          parameters: { gateway, port, why: failure instanceof Unreachable ? failure.why : 'garbled' },
        };
  return new CommandError('gateway-failed', '', reason, { cause: failure });
}

/** Somebody else's than was meant. @param port as in `25565/tcp` */
export function elsewhere(port: string, { internal, description: name }: FoundMapping): CommandError {
  const holder = internal.name ?? internal.client ?? '';
  return new CommandError('conflict', 'client', { code: 'entry-elsewhere', parameters: { port, holder, name } });
}

/** For a gateway that has no protocol that could. */
export function cannotList({ name, controls }: Pick<GatewayView, 'name' | 'controls'>): CommandReason {
  return { code: 'cannot-list', parameters: { gateway: name, speaks: controls.map(({ kind }) => kind) } };
}
