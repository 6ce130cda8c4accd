import type { Log, System } from '../system.ts';
import { createNodeClock } from './clock.ts';
import { isLetIn } from './network/firewall-windows.ts';
import { createNodeRandom } from './random.ts';
import { createNodeRoutes } from './network/routes.ts';
import { runCommand } from './run-command.ts';
import { createNodeTcp } from './network/tcp.ts';
import { createNodeUdp } from './network/udp.ts';

/** This machine. */
export function createNodeSystem(given: { readonly log: Log }): System {
  const clock = createNodeClock();
  return {
    clock,
    random: createNodeRandom(),
    log: given.log,
    udp: createNodeUdp(),
    tcp: createNodeTcp(),
    routes: createNodeRoutes(clock),
    ...(process.platform === 'win32' ? { mayListen: askedOnce(() => isLetIn(process.execPath, runCommand)) } : {}),
  };
}

/** What cannot be found out is as if it were not so. */
function askedOnce(ask: () => Promise<boolean>): () => Promise<boolean> {
  let answer: Promise<boolean> | undefined;
  return () => (answer ??= ask().catch(() => false));
}
