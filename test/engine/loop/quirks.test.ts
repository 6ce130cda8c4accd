/** Every personality of the simulator: forwards are opened, held through three renewals and closed again; or the reason why not is reported. */
import { describe, test } from 'vitest';
import {
  personality,
  personalityNames,
  type PersonalityName,
} from '../../../main/simulator/personalities/personalities.ts';
import { playQuirk, unopened, type QuirkRow } from './quirk-scene.ts';

/** Differences where the router speaks every protocol, or only the one that the personality is about. */
const AS_IT_IS: Partial<Record<PersonalityName, QuirkRow>> = {
  // The gateway gives ports of its own choice, so only "another port will do" can be served (P6, M11).
  'natpmp-only-vpn': { ifTaken: 'next-free', holding: 700 },
  'jumping-clock': { opening: 60, holding: 550 },
  'other-port-granted': { ifTaken: 'next-free' },
  // A renewal over PCP brings another port there, and the former one is closed (P7).
  'new-port-each-time': { ifTaken: 'next-free', opening: 100, gaps: true },
  'eight-bit-ports': { opening: 80, gaps: true },
  'private-wan': { outcome: unopened('no-external-address'), opening: 150, holding: 500 },
  'cgnat-wan': { outcome: unopened('no-external-address'), opening: 150, holding: 500 },
  'no-address': { outcome: unopened('no-external-address'), opening: 150, holding: 500 },
  'firewall-chains-missing': { outcome: unopened('firewall-failed'), opening: 150, holding: 500 },
  'tcp-udp-exclusive': { outcome: ['conflict-in-router', 'open', 'open'] },
};

// Those with UPnP alone are in quirks-over-upnp.test.ts.
const about = personalityNames.filter((name) => {
  const { natPmp, pcp } = personality(name).protocols;
  return natPmp || pcp;
});

describe('a router that speaks everything, or what it is about', () => {
  test.for(about)('%s', (name) => playQuirk([name], AS_IT_IS[name] ?? {}));
});
