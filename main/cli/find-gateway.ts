/** Waits for a router, and says why there is none. */
import type { CommandInput } from '../contract/commands.ts';
import type { GatewayView, Snapshot } from '../contract/snapshot.ts';
import { valueOf } from './app-session.ts';
import type { Console } from './output/console.ts';
import type { GlobalOptions } from './options/global-options.ts';
import { blockingProblems, notOurGateway } from './output/outcome.ts';
import type { LookSession } from './session.ts';
import { gatewayAsGuest, notStopped, snapshotOf, withProgress } from './session.ts';

/** Those that were asked for; tells why when there is none. */
export async function findGateways(
  { client, app, system, interrupted }: LookSession,
  options: GlobalOptions,
  console: Console,
  what: CommandInput<'gateways.find'>['for'],
): Promise<readonly GatewayView[]> {
  const gateway = app === undefined ? gatewayAsGuest(options) : options.gatewayName;
  const input = { ...(gateway === undefined ? {} : { gateway }), ...(what === undefined ? {} : { for: what }) };
  const { gateways } = await withProgress({ clock: system.clock, console }, 'Looking for your router', async () =>
    valueOf(notStopped(await client.ask('gateways.find', input, interrupted))),
  );
  const { engine } = await snapshotOf(client, interrupted);
  const found = gateways.flatMap((id) => engine.gateways.find((gateway) => gateway.id === id) ?? []);
  if (found.length === 0) tellNoGateway(gateway, engine, console);
  return found;
}

export function tellNoGateway(wanted: string | undefined, snapshot: Snapshot, console: Console): void {
  const problem = notOurGateway(wanted, snapshot);
  for (const each of problem === undefined ? blockingProblems(snapshot) : [problem]) console.problem(each);
}
