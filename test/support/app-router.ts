/** Setup for tests of commands about routers: a gateway that has been found, and others' entries in its table. */
import { ip } from '../../main/contract/address.ts';

import type { GatewayId } from '../../main/contract/model.ts';
import type { GatewayView } from '../../main/contract/snapshot.ts';
import { inSeconds } from '../../main/contract/units.ts';
import type { SimMapping } from '../../main/simulator/router/router-table.ts';
import { AppHome, type AppHomeOptions } from './app-home.ts';

export const NEIGHBOUR = ip('192.168.1.11');
export const CLIENT = ip('192.168.1.10');

/** An entry that somebody else made over UPnP. */
export const entryAt = (external: number, change: Partial<SimMapping> = {}): SimMapping => ({
  transport: 'tcp',
  externalPort: external,
  internalClient: NEIGHBOUR,
  internalPort: external,
  description: 'Camera',
  expiresAt: 'never',
  owner: 'igd',
  ...change,
});

/** Once the search for routers has ended. */
export async function appAtRouter(
  options: AppHomeOptions = {},
): Promise<{ readonly at: AppHome; readonly gateway: GatewayId }> {
  const at = await AppHome.start(options);
  await at.world.until(
    () => at.snapshot.engine.gateways.length > 0 && !at.snapshot.engine.search.running,
    inSeconds(60),
    'a gateway',
  );
  return { at, gateway: routerOf(at).id };
}

/** As the app sees it. @throws Error when it sees none */
export function routerOf(at: AppHome): GatewayView {
  const [gateway] = at.snapshot.engine.gateways;
  if (gateway === undefined) throw new Error('no gateway');
  return gateway;
}
