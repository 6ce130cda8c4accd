/** A simulated router to be put in the place of a simulated home's own. */
import { ip } from '../../main/contract/address.ts';
import type { Host } from '../../main/engine/program/host.ts';
import type { Home } from '../world/home.ts';
import { NatPlane } from '../world/nat-plane.ts';
import { personality } from '../../main/simulator/personalities/personalities.ts';
import { SimRouter } from '../../main/simulator/router/router.ts';
import { INTERNET, LAN, interfaceAddress } from '../world/router-site.ts';
import { testHost } from './test-host.ts';

/** Routers of their own in the LAN, which have nothing to do with the real one: 192.168.1.200, the next time .201 … */
export function withDemo(routers: SimRouter[]): (home: Home) => Host {
  return ({ world: { network } }) =>
    testHost({
      demo: {
        async start(signal) {
          const host = network.addHost(`demo-router-${routers.length}`);
          const address = ip(`192.168.1.${200 + routers.length}`);
          const segment = network.segment(LAN);
          host.addInterface({ name: 'lan0', segment, addresses: [interfaceAddress(address, 24)] });
          host.addInterface({ name: 'wan0', segment: network.segment(INTERNET) });
          const router = new SimRouter({
            system: host.system,
            lan: { interfaceName: 'lan0', address },
            wan: { address: ip('55.66.77.88') },
            personality: personality('miniupnpd', { ssdp: { announces: false } }),
            plane: new NatPlane({
              host,
              wan: { interfaceName: 'wan0', prefix: 0 },
              lan: { interfaceName: 'lan0' },
            }),
          });
          await router.start();
          routers.push(router);
          signal.addEventListener('abort', () => void router.stop(), { once: true });
          return router.location;
        },
      },
    });
}
