/** How much may be asked for at once, whichever way it comes. */
import { describe, expect, test } from 'vitest';
import type { ForwardInput } from '../../../main/contract/profiles/profile.ts';
import { readProfileText } from '../../../main/engine/profiles/profile-text.ts';
import { AppHome, tcp, udp } from '../../support/app-home.ts';

const both = (first: number, last: number): ForwardInput => ({ ...tcp(first, last), transports: ['tcp', 'udp'] });

/** Every port there is, over TCP and UDP, in ranges as wide as may be. */
const everyPort = Array.from({ length: 128 }, (_, at) => both(Math.max(1, at * 512), at * 512 + 511));

const documentOf = (...lists: readonly (readonly ForwardInput[])[]): object => ({
  version: 1,
  profiles: lists.map((forwards, at) => ({ id: `p-${at}`, name: `P ${at}`, on: true, forwards })),
});

/** One profile of 4000 ports, beginning at 1. */
const most = Array.from({ length: 8 }, (_, at) => tcp(at * 500 + 1, at * 500 + 500));

const REFUSED = /needs 131070 ports in total \(TCP and UDP count separately\), but the limit is 4000/;

describe('all ports of a router, in a file of 14 kB', () => {
  const document = documentOf(everyPort);
  const text = JSON.stringify(document);

  test.for([
    ['profiles.import-text', { text, name: 'all.json', mode: 'replace' }, 'document.profiles.0.forwards'],
    ['profiles.import-text', { text, name: 'all.json', mode: 'add' }, 'document.profiles.0.forwards'],
    ['profiles.read-text', { text, name: 'all.json' }, 'document.profiles.0.forwards'],
    ['profiles.import', { document, mode: 'replace' }, 'document.profiles.0.forwards'],
    ['profile.add', { profile: { name: 'All', forwards: everyPort, on: true } }, 'profile.forwards'],
    ['profile.change', { id: 'web', profile: { forwards: everyPort } }, 'profile.forwards'],
  ] as const)('are refused by %s with the count, and nothing changes', async ([command, input, place]) => {
    const at = await AppHome.start();
    const web = await at.add('Web', [tcp(80)]);
    await at.do('profile.switch', { id: web, on: true });
    const { profiles } = at.snapshot;
    const refusal = await at.refused(command, input);
    expect(refusal.message).toMatch(REFUSED);
    expect([refusal.code, refusal.place]).toEqual(['bad-input', place]);
    expect(at.snapshot.profiles).toEqual(profiles);
    // Nothing was made of them, not even for a moment.
    expect(at.snapshot.engine.mappings).toHaveLength(1);
    expect(at.table).toEqual(['tcp 80 -> 192.168.1.10:80']);
    await at.stop();
  });
});

test('a list of ports that is too long is refused with the count', () => {
  const rows = Array.from({ length: 65_535 }, (_, at) => `;${at + 1};TCP;0;x`).join('\n');
  const text = `address;port;protocol;duration;comment\n${rows}\n`;
  expect(() => readProfileText({ text, name: 'all.csv', format: 'auto' })).toThrow(
    'all.csv: the list needs 65535 ports, but the limit is 10000.',
  );
});

test('a list of 4001 ports is too long for a profile, one of 3000 is not', () => {
  const list = (count: number): string =>
    JSON.stringify(
      Array.from({ length: count }, (_, at) => ({ port: at + 1, protocol: 'TCP', duration: 0, comment: '' })),
    );
  const read = (text: string) => readProfileText({ text, name: 'ports.json', format: 'auto' }).profiles[0];
  expect(read(list(3000))?.forwards).toHaveLength(6);
  expect(() => read(list(4001))).toThrow('4001 ports, but the limit is 4000');
});

describe('all profiles together', () => {
  test('are refused beyond 10,000 ports, whichever way they come', async () => {
    const at = await AppHome.start({ runs: false });
    await at.add('One', most);
    const two = await at.add('Two', most);
    await at.add('Three', most.slice(0, 4));
    const before = at.snapshot.profiles;
    for (const [command, input] of [
      ['profile.add', { profile: { name: 'Four', forwards: [udp(53)] } }],
      ['profiles.import', { document: documentOf([udp(53)]), mode: 'add' }],
    ] as const) {
      const refusal = await at.refused(command, input);
      expect(refusal.message).toBe(
        'Your profiles would need 10001 ports in total (TCP and UDP count separately), but the limit is 10000. Delete a profile or choose smaller ranges.',
      );
    }
    expect(
      (await at.refused('profiles.import', { document: documentOf(most, most, most), mode: 'add' })).message,
    ).toMatch(/12000 ports in total/);
    expect(at.snapshot.profiles).toEqual(before);
    await at.do('profile.remove', { id: two });
    await at.add('Four', [udp(53)]);
    expect((await at.refused('profile.restore', { id: two })).message).toMatch(/10001 ports/);
  });

  test('that are stored and exceed it are all there; of those that are on, as many as may be are opened', async () => {
    const stored = {
      version: 1,
      profiles: [
        { id: 'off', name: 'Off', on: false, forwards: most },
        { id: 'every', name: 'Every port', on: true, forwards: everyPort },
        { id: 'on', name: 'On', on: true, forwards: most },
        { id: 'also-on', name: 'Also on', on: true, forwards: [udp(1, 500), ...most.slice(0, 6)] },
        { id: 'small', name: 'Small', on: false, forwards: [udp(9000)] },
      ],
    };
    const at = await AppHome.start({
      runs: false,
      prepare: (storage) => storage.put('profiles', stored),
    });
    expect(at.snapshot.profiles.map(({ id, on }) => [id, on])).toEqual([
      ['off', false],
      ['every', false],
      ['on', true],
      ['also-on', true],
      ['small', false],
    ]);
    const parameters = { id: 'every', name: 'Every port', count: 131_070, most: 4000 };
    expect(at.snapshot.problems).toMatchObject([{ code: 'profiles-switched-off', parameters }]);
    expect(at.storage.document('profiles')).toEqual(stored);
    // It stays refused; what asks for less than before does not.
    const refusal = await at.refused('profile.switch', { id: 'every', on: true, confirmed: 'all' });
    expect(refusal.message).toMatch(/needs 131070 ports in total .*the limit is 4000/);
    await at.do('profile.change', { id: 'small', profile: { name: 'Smaller', forwards: [] } });
    await at.do('profile.remove', { id: 'off' });
    expect((await at.refused('profile.add', { profile: { name: 'Web', forwards: [tcp(80)] } })).message).toMatch(
      /the limit is 10000/,
    );
    expect(at.snapshot.problems).toHaveLength(1);
    await at.do('profile.remove', { id: 'every' });
    expect(at.snapshot.problems).toEqual([]);
    await at.add('Web', [tcp(80)]);
  });

  test('have 4 MiB at most as a file, so that what is exported can be imported', async () => {
    const label = '\u{1F6AA}'.repeat(40);
    const forwards = Array.from({ length: 200 }, (_, at) => ({ ...tcp(at + 1), label, gateway: label }));
    const profiles = Array.from({ length: 49 }, (_, at) => ({ id: `p-${at}`, name: `P ${at}`, forwards }));
    const at = await AppHome.start({ runs: false });
    const document = { version: 1, profiles };
    expect((await at.refused('profiles.import', { document, mode: 'add', confirmed: 'all' })).message).toBe(
      'All profiles together would be larger than 4 MiB. Remove a profile, or shorten labels.',
    );
    expect(at.snapshot.profiles).toEqual([]);
  });
});

test('a list that is much too long is refused before its content is checked', async () => {
  const at = await AppHome.start({ runs: false });
  const zeros = `[${'0,'.repeat(500_000)}0]`;
  const list = async (text: string) => await at.refused('profiles.read-text', { text, name: 'a.json' });
  expect(await list(`{"version": 1, "profiles": ${zeros}}`)).toMatchObject({
    place: 'document.profiles',
    message: expect.stringMatching(/^[^(]*is too long \(maximum 500\)\.?$/),
  });
  expect(await list(`{"version": 1, "profiles": [{"id": "a", "name": "A", "forwards": ${zeros}}]}`)).toMatchObject({
    place: 'document.profiles.0.forwards',
    message: expect.stringMatching(/^[^(]*is too long \(maximum 200\)\.?$/),
  });
});
