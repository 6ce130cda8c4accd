/** Closes one entry of a gateway's table that a person pointed at, whoever made it. */
import type { CheckedInput } from '../../contract/commands.ts';
import type { ForwardId } from '../../contract/model.ts';
import type { GatewayView } from '../../contract/snapshot.ts';
import { isOfProfile } from '../../contract/profiles/forward-names.ts';
import { inSeconds } from '../../contract/units.ts';
import type { Leftover, LeftoverKey } from '../../core/state.ts';
import { isFailure } from '../../gateways/failure.ts';
import { withDeadline } from '../../gateways/upnp/http-exchange.ts';
import type { App } from '../app.ts';
import { CommandError } from '../command-error.ts';
import type { Engine } from '../loop/engine.ts';
import { cannotList, elsewhere, gatewayIn, notClosed } from './gateway-fault.ts';

type Input = CheckedInput<'gateway.close'>;

/** A delete may take 15 s (X35), and others may be closed before. */
const CLOSING = inSeconds(60);

/** Resolves once the gateway has confirmed. @throws CommandError, or the signal's reason */
export async function closeEntry(app: App, input: Input, signal: AbortSignal): Promise<void> {
  const { system } = app;
  const engine = app.engine.at(input.gateway);
  const gateway = gatewayIn(engine.snapshot, input.gateway);
  const port = `${input.external}/${input.transport}`;
  try {
    await withDeadline(system.clock, CLOSING, 'closing', signal, async (inTime) => {
      const known = engine.leftovers.find((leftover) => isMeant(leftover, input));
      if (known !== undefined) await closeOurs(engine, gateway, port, [known.key], inTime);
      else if (isOpening(input)) mustBeUnwanted(app, port, input);
      else await closeListed(app, engine, gateway, port, input, inTime);
    });
  } catch (error) {
    if (!isFailure(error)) throw error;
    throw notClosed(gateway, port, error);
  }
}

async function closeListed(
  app: App,
  engine: Engine,
  gateway: GatewayView,
  port: string,
  input: Input,
  signal: AbortSignal,
): Promise<void> {
  const { transport, external, client, remoteHost } = input;
  if (!engine.canList(gateway.id)) throw new CommandError('gateway-failed', '', cannotList(gateway));
  const place = { transport, external: { port: external }, remoteHost };
  const entry = await engine.onDemand.lookAt(gateway.id, place, signal);
  if (entry === 'absent') return;
  if (entry === 'cannot-tell') {
    const parameters = { gateway: gateway.name, port };
    throw new CommandError('gateway-failed', '', { code: 'entry-untold', parameters });
  }
  if (client !== undefined && client !== entry.internal.client) throw elsewhere(port, entry);
  const wisher = engine.forwardWanting(gateway.id, entry);
  if (wisher !== undefined) throw wanted(app, port, wisher);
  const adopted = engine.ownerOf(gateway.id, entry).is === 'ours' ? engine.adopt(gateway.id, entry) : [];
  if (adopted.length > 0) {
    await closeOurs(engine, gateway, port, adopted, signal);
    return;
  }
  const left = await engine.onDemand.removeForeign(gateway.id, entry, signal);
  if (left !== 'gone') throw elsewhere(port, left);
}

/** An IPv6 address is reached by IPv6 openings only, which no router lists: it is ours, and gone, or wanted here. */
const isOpening = ({ client }: Input): boolean => client !== undefined && client.includes(':');

function mustBeUnwanted(app: App, port: string, { gateway, transport, external, client }: Input): void {
  const opening = app.engine
    .openings(gateway)
    .find(
      ({ lease }) =>
        lease.transport === transport && lease.external.port === external && lease.internal.client === client,
    );
  if (opening?.forward !== undefined) throw wanted(app, port, opening.forward);
}

function isMeant({ lease }: Leftover, { gateway, transport, external, client, remoteHost }: Input): boolean {
  return (
    remoteHost === undefined &&
    lease.gateway === gateway &&
    (lease.family === 'ipv4' || client !== undefined) &&
    lease.transport === transport &&
    lease.external.port === external &&
    (client === undefined || lease.internal.client === client)
  );
}

/** Our own entry is tried again until it is closed; a person waits for the first try only. */
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
  const parameters = { gateway: gateway.name, port };
  throw new CommandError('gateway-failed', '', { code: 'entry-still-there', parameters });
}

function wanted({ holds, profiles }: App, port: string, forward: ForwardId): CommandError {
  const list = holds.listOf(forward);
  if (list !== undefined) {
    const { from, label } = list;
    return new CommandError('conflict', 'external', { code: 'ports-held', parameters: { ports: port, from, label } });
  }
  const profile = profiles.all.find(({ id }) => isOfProfile(forward, id))?.name ?? forward;
  return new CommandError('conflict', 'external', { code: 'entry-wanted', parameters: { port, profile } });
}
