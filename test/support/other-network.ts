/** A second network that the client of a home can move to, with a router of its own. */
import { ip } from '../../main/contract/address.ts';
import type { Home } from '../world/home.ts';
import { NatPlane } from '../world/nat-plane.ts';
import type { Personality } from '../../main/simulator/router/personality.ts';
import { SimRouter } from '../../main/simulator/router/router.ts';
import { INTERNET, interfaceAddress } from '../world/router-site.ts';

export interface OtherNetwork {
  readonly router: SimRouter;
  /** The client leaves home and comes here. */
  enter(): void;
  /** Back home. */
  leave(): void;
}

/** Like so many, it has the same addresses as home: 192.168.1.1 is another router here. */
export async function addOtherNetwork(home: Home, personality: Personality): Promise<OtherNetwork> {
  const { world, client } = home;
  const { network } = world;
  const segment = network.segment('cafe');
  const host = network.addHost('cafe-router');
  host.addInterface({ name: 'lan0', segment, addresses: [interfaceAddress('192.168.1.1', 24)] });
  host.addInterface({ name: 'wan0', segment: network.segment(INTERNET) });
  const plane = new NatPlane({ host, wan: { interfaceName: 'wan0', prefix: 0 }, lan: { interfaceName: 'lan0' } });
  const router = new SimRouter({
    system: host.system,
    lan: { interfaceName: 'lan0', address: ip('192.168.1.1') },
    wan: { address: ip('55.66.77.88') },
    personality,
    plane,
  });
  const wifi = client.addInterface({ name: 'wlan0', segment, addresses: [interfaceAddress('192.168.1.10', 24)] });
  wifi.setUp(false);
  const way = (interfaceName: string) =>
    ({ family: 'ipv4', gateway: ip('192.168.1.1'), interfaceName, metric: 100 }) as const;
  client.setDefaultRoutes([way('eth0'), way('wlan0')]);
  await world.finish(router.start());
  const move = (from: string, to: string): void => {
    client.interface(from)?.setUp(false);
    client.interface(to)?.setUp(true);
  };
  return { router, enter: () => move('eth0', 'wlan0'), leave: () => move('wlan0', 'eth0') };
}
