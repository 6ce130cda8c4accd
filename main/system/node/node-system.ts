import type { Log, System } from '../system.ts';
import { createNodeClock } from './clock.ts';
import { createNodeRandom } from './random.ts';
import { createNodeRoutes } from './routes.ts';
import { createNodeTcp } from './tcp.ts';
import { createNodeUdp } from './udp.ts';

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
  };
}
