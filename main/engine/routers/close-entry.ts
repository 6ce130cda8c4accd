/** Closes one entry of a gateway's table that a person pointed at, whoever made it. */
import type { CheckedInput, CommandResults } from '../../contract/commands.ts';
import type { ForwardId, GatewayView } from '../../contract/model.ts';
import type { Profile } from '../../contract/profile.ts';
import { isOfProfile } from '../../contract/profile.ts';
import { inSeconds } from '../../contract/units.ts';
import type { Leftover, LeftoverKey } from '../../core/state.ts';
import { isFailure } from '../../gateways/failure.ts';
import { withDeadline } from '../../gateways/upnp/http-exchange.ts';
import type { Clock } from '../../system/system.ts';
import { CommandError } from '../command-error.ts';
import type { Engine } from '../loop/engine.ts';
import type { Holds } from '../profiles/holds.ts';
import { cannotList, elsewhere, gatewayIn, notClosed } from './gateway-fault.ts';

export interface ClosingOptions {
  readonly engine: Engine;
  readonly system: { readonly clock: Clock };
  readonly profiles: { readonly all: readonly Profile[] };
  readonly holds: Pick<Holds, 'listOf'>;
}

type Input = CheckedInput<'gateway.close'>;

/** A delete may take 15 s (X35), and others may be closed before. */
const CLOSING = inSeconds(60);

/** Resolves once the gateway has confirmed. @throws CommandError, or the signal's reason */
export async function closeEntry(
  { engine, system, profiles, holds }: ClosingOptions,
  input: Input,
  signal: AbortSignal,
): Promise<CommandResults['gateway.close']> {
  const gateway = gatewayIn(engine.snapshot, input.gateway);
  const port = `${input.external}/${input.transport}`;
  try {
    await withDeadline(system.clock, CLOSING, 'closing', signal, async (inTime) => {
      const known = engine.leftovers.find((leftover) => isMeant(leftover, input));
      if (known !== undefined) await closeOurs(engine, gateway, port, [known.key], inTime);
      else await closeListed({ engine, profiles, holds, gateway, port }, input, inTime);
    });
  } catch (error) {
    if (!isFailure(error)) throw error;
    throw notClosed(gateway, port, error);
  }
  return {};
}

interface Closing extends Omit<ClosingOptions, 'system'> {
  readonly gateway: GatewayView;
  /** `25565/tcp`. */
  readonly port: string;
}

async function closeListed({ engine, profiles, holds, gateway, port }: Closing, input: Input, signal: AbortSignal) {
  const { transport, external, client, remoteHost } = input;
  if (!engine.canList(gateway.id)) throw new CommandError('gateway-failed', '', cannotList(gateway));
  const place = { transport, external: { port: external }, remoteHost };
  const entry = await engine.onDemand.lookAt(gateway.id, place, signal);
  if (entry === 'absent') return;
  if (entry === 'cannot-tell') {
    throw new CommandError('gateway-failed', '', {
      code: 'entry-untold',
      parameters: { gateway: gateway.name, port },
    });
  }
  if (client !== undefined && client !== entry.internal.client) throw elsewhere(port, entry);
  const wisher = engine.wisherOf(gateway.id, entry);
  if (wisher !== undefined) throw wanted(port, wisher, profiles.all, holds);
  const adopted = engine.ownerOf(gateway.id, entry).is === 'ours' ? engine.adopt(gateway.id, entry) : [];
  if (adopted.length > 0) {
    await closeOurs(engine, gateway, port, adopted, signal);
    return;
  }
  const left = await engine.onDemand.removeForeign(gateway.id, entry, signal);
  if (left !== 'gone') throw elsewhere(port, left);
}

function isMeant({ lease }: Leftover, { gateway, transport, external, client, remoteHost }: Input): boolean {
  return (
    remoteHost === undefined &&
    lease.gateway === gateway &&
    lease.family === 'ipv4' &&
    lease.transport === transport &&
    lease.external.port === external &&
    (client === undefined || lease.internal.client === client)
  );
}

/** What is ours is tried again until it is closed; a person waits for the first try only. */
async function closeOurs(
  engine: Engine,
  gateway: GatewayView,
  port: string,
  keys: readonly LeftoverKey[],
  signal: AbortSignal,
): Promise<void> {
  engine.release(keys);
  const left = (): readonly Leftover[] => engine.leftovers.filter(({ key }) => keys.includes(key));
  await engine.until(() => left().every(({ tries }) => tries > 0), signal);
  if (left().length === 0) return;
  throw new CommandError('gateway-failed', '', {
    code: 'entry-still-there',
    parameters: { gateway: gateway.name, port },
  });
}

function wanted(
  port: string,
  forward: ForwardId,
  profiles: readonly Profile[],
  holds: Pick<Holds, 'listOf'>,
): CommandError {
  const list = holds.listOf(forward);
  if (list !== undefined) {
    const { from, label } = list;
    return new CommandError('conflict', 'external', { code: 'ports-held', parameters: { ports: port, from, label } });
  }
  const profile = profiles.find(({ id }) => isOfProfile(forward, id))?.name ?? forward;
  return new CommandError('conflict', 'external', { code: 'entry-wanted', parameters: { port, profile } });
}
