import { describe, expect, test } from 'vitest';
import type { ShownFact } from '../../main/contract/activity.ts';
import { ip } from '../../main/contract/address.ts';
import { asForwardId } from '../../main/contract/model.ts';
import { inMinutes, port } from '../../main/contract/units.ts';
import { activityText } from '../../main/contract/words/activity.ts';
import { explain } from '../../main/contract/words/problems.ts';
import { blemishesIn } from '../support/languages.ts';
import { problem } from '../support/problems.ts';

const minecraft = {
  forward: asForwardId('minecraft/1'),
  name: 'Minecraft',
  transports: ['tcp'],
  external: { first: port(25_565), last: port(25_565) },
} as const;
const gateway = 'FRITZ!Box';
const profile = { profile: 'minecraft', name: 'Minecraft' } as const;
const from = ip('203.0.113.5');
const to = ip('203.0.113.9');
const conflict = problem('conflict');
const away = problem('gateway-away');

const said: readonly (readonly [fact: unknown, english: string, german: string])[] = [
  [{ is: 'started' }, 'Portkeeper started.', 'Portkeeper wurde gestartet.'],
  [
    { is: 'ended', left: 'closed' },
    'Portkeeper quit and closed all ports.',
    'Portkeeper wurde beendet und hat alle Ports geschlossen.',
  ],
  [
    { is: 'ended', left: 'open' },
    'Portkeeper quit; open ports stay open until their leases expire.',
    'Portkeeper wurde beendet; offene Ports bleiben bis zum Ende ihrer Laufzeit offen.',
  ],
  [
    { is: 'woke', asleep: inMinutes(125) },
    'The computer was asleep for 2 hours, 5 minutes.',
    'Der Computer war im Ruhezustand (2 Stunden, 5 Minuten).',
  ],
  [{ is: 'gateway-found', gateway }, 'FRITZ!Box was found.', 'FRITZ!Box wurde gefunden.'],
  [
    { is: 'gateway-found', gateway, address: from },
    'FRITZ!Box was found; its public IP address is 203.0.113.5.',
    'FRITZ!Box wurde gefunden und hat die öffentliche IP-Adresse 203.0.113.5.',
  ],
  [
    { is: 'gateway-found', gateway, address: 'none' },
    'FRITZ!Box was found; it has no public IP address.',
    'FRITZ!Box wurde gefunden und hat keine öffentliche IP-Adresse.',
  ],
  [{ is: 'gateway-away', gateway }, 'FRITZ!Box stopped answering.', 'FRITZ!Box antwortet nicht mehr.'],
  [{ is: 'gateway-back', gateway: '' }, 'The router answers again.', 'Der Router antwortet wieder.'],
  [{ is: 'gateway-restarted', gateway }, 'FRITZ!Box restarted.', 'FRITZ!Box wurde neu gestartet.'],
  [
    { is: 'address-changed', gateway, from, to },
    'The public IP address of FRITZ!Box changed from 203.0.113.5 to 203.0.113.9.',
    'Die öffentliche IP-Adresse von FRITZ!Box hat sich von 203.0.113.5 zu 203.0.113.9 geändert.',
  ],
  [
    { is: 'address-changed', gateway, from: 'none', to },
    'FRITZ!Box got the public IP address 203.0.113.9.',
    'FRITZ!Box hat die öffentliche IP-Adresse 203.0.113.9 erhalten.',
  ],
  [
    { is: 'address-changed', gateway, from, to: 'none' },
    'FRITZ!Box lost its public IP address 203.0.113.5.',
    'FRITZ!Box hat die öffentliche IP-Adresse 203.0.113.5 verloren.',
  ],
  [{ is: 'switched', ...profile, on: true }, 'Minecraft was turned on.', 'Minecraft wurde eingeschaltet.'],
  [{ is: 'switched', ...profile, on: false }, 'Minecraft was turned off.', 'Minecraft wurde ausgeschaltet.'],
  [{ is: 'paused' }, 'Everything was paused.', 'Alles wurde pausiert.'],
  [{ is: 'resumed' }, 'Everything was resumed.', 'Alles wurde fortgesetzt.'],
  [{ is: 'demo', on: true }, 'Switched to the simulated router.', 'Zum simulierten Router gewechselt.'],
  [{ is: 'demo', on: false }, 'Switched back to the real router.', 'Zurück zum echten Router gewechselt.'],
  [
    { is: 'opened', gateway, ...minecraft },
    'Minecraft: 25565/TCP opened on FRITZ!Box.',
    'Minecraft: 25565/TCP auf FRITZ!Box geöffnet.',
  ],
  [
    { is: 'opened', gateway: '', granted: 25_566, ...minecraft, name: '' },
    '25565/TCP opened on the router as external port 25566.',
    '25565/TCP auf dem Router geöffnet (externer Port 25566).',
  ],
  [
    { is: 'renewed', gateway, forwards: 12 },
    '12 forwards renewed on FRITZ!Box.',
    '12 Freigaben auf FRITZ!Box verlängert.',
  ],
  [{ is: 'renewed', gateway, forwards: 1 }, '1 forward renewed on FRITZ!Box.', '1 Freigabe auf FRITZ!Box verlängert.'],
  [{ is: 'closed', ...minecraft }, 'Minecraft: 25565/TCP closed.', 'Minecraft: 25565/TCP geschlossen.'],
  [
    { is: 'lost', ...minecraft },
    'Minecraft: 25565/TCP is no longer open.',
    'Minecraft: 25565/TCP ist nicht mehr offen.',
  ],
  [
    { is: 'lost', because: 'gateway', ...minecraft },
    'Minecraft: 25565/TCP is no longer open: the router isn’t answering.',
    'Minecraft: 25565/TCP ist nicht mehr offen: Der Router antwortet nicht.',
  ],
  [
    { is: 'lost', because: 'network', ...minecraft },
    'Minecraft: 25565/TCP is no longer open: there is no network connection.',
    'Minecraft: 25565/TCP ist nicht mehr offen: Es gibt keine Netzwerkverbindung.',
  ],
  [
    { is: 'refused', problem: conflict, ...minecraft },
    `Minecraft: 25565/TCP is not open. ${explain(conflict).what}`,
    `Minecraft: 25565/TCP ist nicht offen. ${explain(conflict, 'de').what}`,
  ],
  [{ is: 'problem', problem: away }, explain(away).what, explain(away, 'de').what],
  [{ is: 'solved', problem: away }, `Resolved: ${explain(away).what}`, `Behoben: ${explain(away, 'de').what}`],
];

describe('events', () => {
  test.each(said)('%j', (fact, english, german) => {
    // Written as they are stored.
    const known = fact as ShownFact;
    expect(activityText(known, 'en').replaceAll('\u00a0', ' ')).toBe(english);
    expect(activityText(known, 'de').replaceAll('\u00a0', ' ')).toBe(german);
    expect(blemishesIn(english, 'en')).toEqual([]);
    expect(blemishesIn(german, 'de')).toEqual([]);
  });
});
