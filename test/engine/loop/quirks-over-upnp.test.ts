/** As quirks.test.ts, where the router has UPnP alone. A file of its own, so that both run side by side. */
import { describe, test } from 'vitest';
import {
  personality,
  personalityNames,
  type PersonalityName,
} from '../../../main/simulator/personalities/personalities.ts';
import type { Traits } from '../../../main/simulator/router/personality.ts';
import { playQuirk, unopened, type QuirkRow } from './quirk-scene.ts';

const UPNP: Traits = { protocols: { igd: true, natPmp: false, pcp: false } };

/** Differences with UPnP alone. */
const OVER_UPNP: Partial<Record<PersonalityName, QuirkRow>> = {
  // Until it is known for it, each sign is taken for a restart.
  'jumping-clock': { gaps: true, holding: 400 },
  'linux-igd': { gaps: true },
  'renew-does-not-restart-clock': { gaps: true },
  'refuses-own-overwrite-718': { gaps: true },
  'tcp-udp-exclusive': { outcome: ['open', 'conflict-in-router', 'open'] },
  'tcp-udp-replaces': { outcome: ['open', 'one-transport', 'open'], gaps: true },
  // It broke once, when two requests were in flight, and is asked one at a time ever after (X32).
  'crashes-on-parallel': { gaps: true },
  'read-only-501': { outcome: unopened('router-failed'), opening: 80, holding: 150 },
  'read-only-606': { outcome: unopened('port-not-allowed'), holding: 100 },
  'firewall-chains-missing': { outcome: unopened('router-failed'), opening: 80, holding: 150 },
  'page-for-add': { outcome: unopened('router-garbled'), opening: 60, holding: 100 },
  'noise-for-add': { outcome: unopened('router-garbled'), opening: 60, holding: 100 },
  'nothing-for-add': { outcome: unopened('router-garbled'), opening: 80, holding: 200 },
  'hangs-up-on-add': { outcome: unopened('open-unanswered'), opening: 60, holding: 150 },
  'lists-nothing': { opening: 80 },
  /** Nobody has signed in. */
  'tr-064': { outcome: unopened('none'), opening: 80, holding: 1350 },
  'forged-location': { outcome: unopened('none'), opening: 80, holding: 1350 },
  slow: { opening: 100 },
  'private-wan': { outcome: unopened('no-external-address'), opening: 80, holding: 300 },
  'cgnat-wan': { outcome: unopened('no-external-address'), opening: 80, holding: 300 },
  'no-address': { outcome: unopened('no-external-address'), opening: 80, holding: 300 },
};

/** The traits of a personality that such a router shows. Those of other protocols would only repeat the same router. */
function shown(name: PersonalityName): string {
  const { name: _name, pxp, pinholes, ...rest } = personality(name, UPNP);
  // The one that UPnP's uptime follows as well. IPv6 is there for those that are about pinholes.
  return JSON.stringify([rest, pxp.jumpingClock, name.includes('pinhole') && pinholes]);
}

const about = personalityNames.filter((name) => personality(name).protocols.igd);
const [...different] = new Map(about.toReversed().map((name) => [shown(name), name])).values();

describe('a router with UPnP alone', () => {
  test.for(different.toReversed())('%s', (name) => playQuirk([name, UPNP], OVER_UPNP[name] ?? {}));
});
