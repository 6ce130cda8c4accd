import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseIp } from '../../main/contract/address.ts';
import {
  presetIn,
  findPreset,
  labelsOf,
  nearPresets,
  popularPresets,
  searchPresets,
  forwardsOfPreset,
  parsePresets,
  portsText,
  type Preset,
} from '../../main/contract/profiles/presets.ts';
import { isPort } from '../../main/contract/units.ts';
import { allPresets } from '../../main/engine/profiles/presets.ts';

const presets = allPresets();

const ids = (found: readonly Preset[]): readonly string[] => found.map(({ id }) => id);
const search = (query: string): readonly string[] => ids(searchPresets(presets, query));

function preset(id: string): Preset {
  const found = presets.find((each) => each.id === id);
  if (found === undefined) throw new RangeError(`no preset ${id}`);
  return found;
}

describe('the presets that are delivered', () => {
  test('are at least 120, in every category, with ids of their own', () => {
    expect(presets.length).toBeGreaterThanOrEqual(120);
    expect(new Set(ids(presets)).size).toBe(presets.length);
    expect(new Set(presets.map(({ name }) => name)).size).toBe(presets.length);
    const categories = new Set(presets.map(({ category }) => category));
    expect([...categories].toSorted()).toEqual(['game', 'home', 'media', 'p2p', 'remote', 'server', 'voice']);
  });

  test.each(presets.map((each) => [each.id, each] as const))('%s', (id, { name, forwards, note, source, aliases }) => {
    expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    const url = new URL(source.url);
    expect(url.protocol).toBe('https:');
    expect(url.hostname).toContain('.');
    expect(source.name).not.toBe('');
    expect(forwards.some(({ required }) => required)).toBe(true);
    const opened = forwards.flatMap(({ transports, external, internal }) => {
      expect(internal.first).toBe(external.first);
      const ports = Array.from({ length: external.last - external.first + 1 }, (_, at) => external.first + at);
      return transports.flatMap((transport) => ports.map((port) => `${port}/${transport}`));
    });
    expect(opened.length).toBeGreaterThan(0);
    expect(new Set(opened).size).toBe(opened.length);
    for (const each of opened) expect(isPort(Number.parseInt(each, 10))).toBe(true);
    const texts = [...forwards.map(({ label }) => label), ...(note === undefined ? [] : [note])];
    for (const { en, de } of texts) expect([en.trim(), de.trim()]).not.toContain('');
    // One sentence in plain words, in either language.
    if (note !== undefined) for (const words of [note.en, note.de]) expect(words).toMatch(/^[^.]+\.$|^.{20,200}\.$/);
    expect(new Set(aliases.map((alias) => alias.toLowerCase())).size).toBe(aliases.length);
    expect(findPreset(presets, id)?.id).toBe(id);
    expect(search(name)).toContain(id);
  });

  test.each([
    'ssh',
    'remote-desktop',
    'vnc',
    'smb',
    'nfs',
    'mysql',
    'postgresql',
    'mongodb',
    'redis',
    'sql-server',
    'synology-dsm',
    'home-assistant',
  ])('%s warns, and names a VPN or a better way', (id) => {
    expect(preset(id).note?.en).toMatch(/VPN/);
    expect(preset(id).note?.de).toMatch(/VPN/);
  });

  test.each([
    ['minecraft', ['25565/tcp']],
    ['minecraft-bedrock', ['19132/udp', '19133/udp']],
    ['factorio', ['34197/udp']],
    ['valheim', ['2456-2457/udp', '2458/udp']],
    ['satisfactory', ['7777/tcp+udp', '8888/tcp']],
    ['counter-strike-2', ['27015/udp', '27020/udp', '27015/tcp']],
    ['plex', ['32400/tcp']],
    ['wireguard', ['51820/udp']],
    ['remote-desktop', ['3389/tcp', '3389/udp']],
    ['mumble', ['64738/tcp+udp']],
    ['teamspeak', ['9987/udp', '30033/tcp']],
    ['syncthing', ['22000/tcp+udp']],
    ['bitcoin', ['8333/tcp']],
    ['home-assistant', ['8123/tcp']],
  ])('%s needs %j', (id, ports) => {
    expect(preset(id).forwards.map(portsText)).toEqual(ports);
  });

  test.each([
    'counter-strike-2',
    'counter-strike-go',
    'counter-strike-source',
    'half-life-2-deathmatch',
    'team-fortress-2',
    'garrys-mod',
    'left-4-dead',
    'left-4-dead-2',
    'day-of-defeat-source',
    'black-mesa',
    'no-more-room-in-hell',
    'zombie-panic-source',
    'fistful-of-frags',
    'synergy',
    'alien-swarm-reactive-drop',
    'insurgency',
  ])('%s opens no remote console unless somebody ticks it, and says what it is', (id) => {
    const { forwards, note } = preset(id);
    const required = forwards.filter((forward) => forward.required);
    expect(required.map(portsText)).toEqual(['27015/udp']);
    expect(forwards.filter(({ transports }) => transports.includes('tcp'))).toMatchObject([
      { label: { en: 'Remote control (RCON)' }, external: { first: 27_015 }, required: false },
    ]);
    expect([note?.en, note?.de].join()).toMatch(/RCON.*controls.*RCON.*steuert/);
  });

  test.each([
    ['sven-coop', ['27015/udp'], 'TCP 27015'],
    ['bannerlord', ['7210/udp'], 'TCP 7210'],
    ['star-rupture', ['7777/udp'], 'TCP 7777'],
    ['tower-unite', ['7777-7778/udp', '27015/tcp+udp'], undefined],
    ['squad', ['7787-7788/udp', '27165-27166/udp', '15000/udp'], undefined],
    ['teamspeak-6', ['9987/udp', '30033/tcp'], '10022, 10080, 10443'],
    ['ark-survival-evolved', ['7777-7778/udp', '27015/udp'], '27020'],
    ['ark-survival-ascended', ['7777/udp'], '27020'],
    ['conan-exiles', ['7777/tcp+udp', '7778/udp', '27015/udp'], '25575'],
    ['7-days-to-die', ['26900/tcp+udp', '26901-26903/udp'], '8081'],
  ])('%s opens %j and warns of %s', (id, ports, warning) => {
    expect(preset(id).forwards.map(portsText)).toEqual(ports);
    if (warning !== undefined)
      for (const text of [preset(id).note?.en, preset(id).note?.de]) expect(text).toContain(warning);
  });

  test('are read from their source on a day that has been', () => {
    for (const { id, source } of presets) expect([id, source.read >= '2026-11-21']).toEqual([id, true]);
  });

  test('the most used are of several kinds, and few enough to be seen at once', () => {
    const popular = popularPresets(presets);
    expect(popular.map((each) => each.popular)).toEqual(Array.from({ length: 24 }, (_, at) => at + 1));
    expect(ids(popular).slice(0, 2)).toEqual(['minecraft', 'minecraft-bedrock']);
    expect(new Set(popular.map(({ category }) => category)).size).toBeGreaterThanOrEqual(6);
  });

  test.each([8212, 10_011, 10_022, 25_575, 27_020, 28_016, 47_990])(
    'none opens %d, which controls a server',
    (port) => {
      const opens = presets.filter(({ forwards }) =>
        forwards.some(
          ({ external, transports }) => external.first <= port && port <= external.last && transports.includes('tcp'),
        ),
      );
      expect(ids(opens)).toEqual([]);
    },
  );
});

describe('a list that is wrong is refused with the place', () => {
  const good = {
    id: 'game',
    name: 'Game',
    category: 'game',
    aliases: [],
    forwards: [{ label: { en: 'Game', de: 'Spiel' }, transports: ['tcp'], external: 5000, required: true }],
    source: { name: 'Its makers', url: 'https://game.example/ports', read: '2026-11-29' },
  };
  const [forward] = good.forwards;
  const withForward = (change: object): object => ({ ...good, forwards: [{ ...forward, ...change }] });

  test('a good one is read', () => {
    expect(parsePresets([good])).toEqual([
      { ...good, forwards: [{ ...forward, external: { first: 5000, last: 5000 }, internal: { first: 5000 } }] },
    ]);
    const [ranged] = parsePresets([withForward({ external: [5000, 5003], internal: 6000 })]);
    expect(ranged?.forwards[0]).toMatchObject({ external: { first: 5000, last: 5003 }, internal: { first: 6000 } });
  });

  test.each([
    ['a port of 0', withForward({ external: 0 }), '0.forwards.0.external: must be a port'],
    ['a port above 65535', withForward({ external: 65_536 }), '0.forwards.0.external: must be a port'],
    ['a range that runs backwards', withForward({ external: [6000, 5000] }), 'ends before it begins'],
    ['a range without end', withForward({ external: [5000, 5100] }), 'more than 100 ports'],
    ['an inside range that is too high', withForward({ external: [5000, 5001], internal: 65_535 }), 'above 65535'],
    ['no transport', withForward({ transports: [] }), '0.forwards.0.transports'],
    ['a transport twice', withForward({ transports: ['tcp', 'tcp'] }), 'a transport occurs twice'],
    ['an unknown transport', withForward({ transports: ['sctp'] }), '0.forwards.0.transports.0'],
    ['a label without German', withForward({ label: { en: 'Game' } }), '0.forwards.0.label.de'],
    ['nothing required', withForward({ required: false }), 'no forward is required'],
    [
      'a port twice',
      { ...good, forwards: [forward, { ...forward, transports: ['udp', 'tcp'] }] },
      'a port occurs twice',
    ],
    [
      'a source without encryption',
      { ...good, source: { ...good.source, url: 'http://game.example' } },
      '0.source.url',
    ],
    ['a source that was read at some time', { ...good, source: { ...good.source, read: 'lately' } }, '0.source.read'],
    ['an id with a space', { ...good, id: 'my game' }, '0.id: must be in kebab-case'],
    ['a key that nobody knows', { ...good, ports: [1] }, '0.ports'],
  ])('%s', (_what, wrong, words) => {
    expect(() => parsePresets([wrong])).toThrow(words);
  });

  test('a duplicate id, and something that is not a list', () => {
    expect(() => parsePresets([good, good])).toThrow('an id occurs twice');
    expect(() => parsePresets({})).toThrow('the whole');
  });
});

describe('search', () => {
  test.each([
    ['minecraft', 'minecraft'],
    ['MINECRAFT', 'minecraft'],
    ['mínecräft', 'minecraft'],
    ['bedrock', 'minecraft-bedrock'],
    ['25565', 'minecraft'],
    ['25565/tcp', 'minecraft'],
    ['34197/UDP', 'factorio'],
    ['2457', 'valheim'],
    ['cs2', 'counter-strike-2'],
    ['counterstrike', 'counter-strike-2'],
    ['counter strike', 'counter-strike-2'],
    ['dont starve', 'dont-starve-together'],
    ['don’t starve', 'dont-starve-together'],
    ['7 days', '7-days-to-die'],
    ['rdp', 'remote-desktop'],
    ['jelly', 'jellyfin'],
    ['hoerspiel', undefined],
    ['hörbücher', 'audiobookshelf'],
    ['horbucher', 'audiobookshelf'],
    ['vpn', 'wireguard'],
    ['ark ascended', 'ark-survival-ascended'],
    ['ark 7778', 'ark-survival-evolved'],
    ['plex', 'plex'],
    ['no such program', undefined],
    // Its purpose, in either language.
    ['fernwartung', 'wireguard'],
    ['fernzugriff', 'wireguard'],
    ['remote access', 'wireguard'],
    ['vpn server', 'wireguard'],
    ['überwachungskamera', 'rtsp'],
    ['webcam', 'rtsp'],
    ['spiele', 'minecraft'],
    ['games', 'minecraft'],
    ['dateifreigabe', 'nextcloud'],
    ['fotos', 'immich'],
    ['passwortmanager', 'vaultwarden'],
    ['hausautomation', 'home-assistant'],
    ['radio', 'icecast'],
    ['nas', 'synology-dsm'],
    // Notes beside a name.
    ['minecraft server', 'minecraft'],
    ['valheim dedicated server', 'valheim'],
    ['ports für valheim', 'valheim'],
    // Formerly missing.
    ['tor', 'tor-relay'],
    ['paperless', 'paperless-ngx'],
    ['playstation', 'playstation'],
    ['ps5', 'playstation'],
    ['xbox', 'xbox'],
    ['steam', 'steam-remote-play'],
    ['farming simulator', 'farming-simulator'],
    ['mount and blade', 'warband'],
    ['aoe3', 'age-of-empires-3'],
    ['tarkov', 'spt-fika'],
    ['bitwarden', 'vaultwarden'],
    ['pelican', 'pterodactyl'],
    ['fhem', 'fhem'],
    ['99999', undefined],
  ])('%s finds %s first', (query, first) => {
    expect(search(query)[0]).toBe(first);
  });

  test('a port finds all that need it, for its transport only, and inside ranges', () => {
    expect(search('27015/udp')).toEqual(
      expect.arrayContaining(['counter-strike-2', 'barotrauma', 'ark-survival-evolved']),
    );
    expect(search('34197/tcp')).not.toContain('factorio');
    expect(search('26902')).toContain('7-days-to-die');
  });

  test.each([
    'Astroneer, Dune: Awakening, The Front, Risk of Rain 2, SPT, Fika, Myth of Empires, Operation: Harsh Doorstop',
    'Natural Selection 2, Insurgency, Farming Simulator, Warband, Age of Empires, Immich, Vaultwarden, Paperless-ngx',
    'n8n, GitLab, NetBird, Headscale, Guacamole, MeshCentral, Mastodon, Owncast, Icecast, Uptime Kuma, Grafana',
    'Pterodactyl, ioBroker, FHEM, PlayStation, Xbox, Steam Remote Play, Parsec, Tor, I2P, QNAP, TrueNAS, Unraid',
  ])('each of these is found: %s', (names) => {
    for (const name of names.split(', ')) {
      const [found] = searchPresets(presets, name);
      expect([name, found?.name.includes(name)]).toEqual([name, true]);
    }
  });

  test('a match by name hides matches with the letters somewhere inside', () => {
    expect(search('tor')).not.toContain('factorio');
    expect(search('ark')).not.toContain('sparks');
    expect(search('tori')).toContain('factorio');
  });

  test('names that begin with it come before names that contain it', () => {
    const found = search('rust');
    expect(found.slice(0, 2)).toEqual(['rust', 'rustdesk']);
    expect(search('craft').indexOf('minecraft')).toBeGreaterThanOrEqual(0);
  });

  test('a category finds its presets, then what has its name', () => {
    const found = search('voice');
    expect(found).toEqual(expect.arrayContaining(['mumble', 'teamspeak', 'minecraft-voice-chat']));
    expect(found.indexOf('mumble')).toBeLessThan(found.indexOf('minecraft-voice-chat'));
    expect(search('sprache')).toContain('mumble');
  });

  test.each(['', '   ', '?!', '\u0000'])('without a word (%j) everything, in its order', (query) => {
    expect(search(query)).toEqual(ids(presets));
  });

  const anyText = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme', maxLength: 2000 }),
  );

  test('any text gives presets of the list, each once; spaces around it change nothing', () => {
    fc.assert(
      fc.property(anyText, (query) => {
        const found = searchPresets(presets, query);
        expect(new Set(found).size).toBe(found.length);
        expect(found.every((each) => presets.includes(each))).toBe(true);
        const short = query.slice(0, 150);
        expect(searchPresets(presets, `  ${short} `)).toEqual(searchPresets(presets, short));
      }),
      { numRuns: 60 },
    );
  });

  test('any part of a name finds its preset, unless another is called so', () => {
    const part = fc
      .constantFrom(...presets)
      .chain((each) =>
        fc
          .tuple(fc.nat(each.name.length - 1), fc.integer({ min: 1, max: each.name.length }))
          .map(([from, length]) => ({ id: each.id, query: each.name.slice(from, from + length).toUpperCase() })),
      );
    fc.assert(
      fc.property(part, ({ id, query }) => {
        const isName = presets.some((each) => findPreset([each], query) !== undefined);
        expect(isName || search(query).includes(id)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  test('each port of a preset finds it', () => {
    const each = fc
      .constantFrom(...presets)
      .chain(({ id, forwards }) => fc.constantFrom(...forwards).map((forward) => ({ id, forward })));
    fc.assert(
      fc.property(each, ({ id, forward: { external, transports } }) => {
        for (const transport of transports) {
          expect(search(`${external.first}/${transport}`)).toContain(id);
          expect(search(`${external.last}`)).toContain(id);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('a name that somebody types', () => {
  test.each([
    ['minecraft', 'minecraft'],
    ['Minecraft: Java Edition', 'minecraft'],
    ['7d2d', '7-days-to-die'],
    ['TF2', 'team-fortress-2'],
    ['garrys_mod', 'garrys-mod'],
    ['rdp', 'remote-desktop'],
    // Several are for GTA; none is meant.
    ['gta', undefined],
    ['mine', undefined],
    ['', undefined],
    ['!', undefined],
  ])('%j means %s', (text, id) => {
    expect(findPreset(presets, text)?.id).toBe(id);
  });

  test.each([
    ['factroio', 'factorio'],
    ['mincraft', 'minecraft'],
    ['valhiem', 'valheim'],
    ['jellyfinn', 'jellyfin'],
    ['gta', 'fivem'],
  ])('%s is near %s', (text, id) => {
    expect(ids(nearPresets(presets, text, 4))).toContain(id);
  });

  test.each(['nintendo switch', 'papercut', 'stream deck', 'scan to mail', 'switch', 'skype', 'itunes'])(
    'nothing is suggested for %s: a wrong one would mislead',
    (text) => {
      expect(ids(nearPresets(presets, text, 4))).toEqual([]);
    },
  );

  test('nothing is near nonsense, and never are there more than requested', () => {
    expect(nearPresets(presets, 'zzzzzz', 4)).toEqual([]);
    fc.assert(
      fc.property(fc.string(), fc.nat(5), (text, most) => {
        expect(nearPresets(presets, text, most).length).toBeLessThanOrEqual(most);
      }),
      { numRuns: 60 },
    );
  });
});

test.each([
  ['Game', 'de', 'Spiel'],
  ['Spiel', 'en', 'Game'],
  ['Spiel', 'de', 'Spiel'],
  ['LAN party', 'de', 'LAN party'],
  ['', 'de', ''],
] as const)('the label %j reads in %s: %j', (label, language, text) => {
  expect(labelsOf(presets).get(label)?.[language] ?? label).toBe(text);
});

describe('forwards of a preset', () => {
  const plain = { families: ['ipv4'], ifTaken: 'fail' } as const;

  test('required parts, under the name of the preset', () => {
    expect(forwardsOfPreset(preset('counter-strike-2'), plain)).toEqual([
      {
        id: 'counter-strike-2:27015/udp',
        label: 'Counter-Strike 2',
        transports: ['udp'],
        families: ['ipv4'],
        external: { first: 27_015, last: 27_015 },
        internal: { first: 27_015 },
        ifTaken: 'fail',
      },
    ]);
  });

  test('with the extras, for another computer, with the wishes of a person', () => {
    const client = parseIp('192.168.1.20');
    if (client === undefined) throw new RangeError('no address');
    const wishes = {
      ...plain,
      lease: 'permanent',
      ifTaken: 'next-free',
      label: 'LAN party',
      gateway: 'fritz',
    } as const;
    const forwards = forwardsOfPreset(preset('valheim'), { ...wishes, client, which: 'all' });
    expect(forwards.map(({ id }) => id)).toEqual(['valheim:2456-2457/udp', 'valheim:2458/udp']);
    for (const forward of forwards) {
      expect(forward).toMatchObject({ ...wishes, internal: { client } });
      expect(forward).not.toHaveProperty('which');
    }
  });

  test('each preset gives forwards with ids of their own', () => {
    const all = presets.flatMap((each) => forwardsOfPreset(each, { ...plain, which: 'all' }));
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  });
});

describe('a preset that is called by a plain description', () => {
  test('has a name in each language, and is found by either', () => {
    const called = allPresets().filter(({ names }) => names !== undefined);
    expect(called.length).toBeGreaterThan(30);
    for (const preset of called) {
      const german = presetIn(preset, 'de');
      expect(german.name).toBe(preset.names?.de);
      expect(presetIn(preset, 'en').name).toBe(preset.name);
      for (const list of [called, called.map((each) => presetIn(each, 'de'))])
        for (const query of [preset.name, german.name])
          expect(searchPresets(list, query).map(({ id }) => id)).toContain(preset.id);
    }
  });
});
