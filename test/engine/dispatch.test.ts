import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../main/contract/commands.ts';
import { inSeconds } from '../../main/contract/units.ts';
import { AppHome, tcp, udp } from '../support/app-home.ts';

const names = (at: AppHome): readonly string[] => at.snapshot.profiles.map(({ name }) => name);

describe('profiles', () => {
  test('are added with an id that can be typed, changed, moved', async () => {
    const at = await AppHome.start({ runs: false });
    expect(await at.add('Céleste & Friends!', [tcp(1)])).toBe('celeste-friends');
    expect(await at.add('Celeste (friends)', [tcp(2)])).toBe('celeste-friends-2');
    expect(await at.add('东方', [tcp(3)])).toBe('profile');
    const { id } = await at.do('profile.add', { profile: { name: ' First ', forwards: [] }, at: 0 });
    expect(names(at)).toEqual(['First', 'Céleste & Friends!', 'Celeste (friends)', '东方']);
    await at.do('profile.move', { id, to: 2 });
    await at.do('profile.change', { id, profile: { name: 'Third' } });
    expect(names(at)).toEqual(['Céleste & Friends!', 'Celeste (friends)', 'Third', '东方']);
    await at.do('profile.change', { id, profile: { forwards: [udp(7)] } });
    expect(at.snapshot.profiles[2]).toMatchObject({ name: 'Third', on: false, forwards: [{ transports: ['udp'] }] });
  });

  test('changed by two at once from the same version, are changed by one; the other gets an error', async () => {
    const at = await AppHome.start({ runs: false });
    const id = await at.add('Web', [{ ...tcp(80), label: 'x' }]);
    const [profile] = at.snapshot.profiles;
    const from = { name: profile?.name ?? '', forwards: profile?.forwards ?? [] };
    const save = (name: string) =>
      at.client.ask('profile.change', { id, profile: { name, forwards: [tcp(81)] }, from });
    const [one, other] = await at.finish(Promise.all([save('Mine'), save('Theirs')]));
    expect(one).toMatchObject({ ok: true });
    expect(other).toMatchObject({ ok: false, fault: { code: 'conflict', reason: { code: 'profile-changed' } } });
    expect(names(at)).toEqual(['Mine']);
    // The saved version is the new starting point.
    const now = { name: 'Mine', forwards: at.snapshot.profiles[0]?.forwards ?? [] };
    await at.do('profile.change', { id, profile: { name: 'Theirs after all' }, from: now });
    expect(names(at)).toEqual(['Theirs after all']);
  });

  test('come back as they were when a removal is undone', async () => {
    const at = await AppHome.start();
    await at.add('One', [tcp(1001)]);
    const two = await at.add('Two', [tcp(1002)], true);
    await at.add('Three', [tcp(1003)]);
    const before = at.snapshot.profiles;
    await at.world.until(() => at.table.length === 1, inSeconds(30), 'open');
    await at.do('profile.remove', { id: two });
    expect(names(at)).toEqual(['One', 'Three']);
    await at.world.until(() => at.table.length === 0, inSeconds(30), 'closed');
    // A new one does not take the removed one's id.
    expect(await at.add('Two', [])).toBe('two-2');
    await at.do('profile.remove', { id: at.snapshot.profiles[2]?.id ?? two });
    await at.do('profile.restore', { id: two });
    expect(at.snapshot.profiles).toEqual(before);
    await at.world.until(() => at.table.length === 1, inSeconds(30), 'open again');
    expect(await at.refused('profile.restore', { id: two })).toMatchObject({ code: 'nothing-to-restore', place: 'id' });
    await at.stop();
  });

  test('two that claim one external port cannot both be on; the refusal names the other', async () => {
    const at = await AppHome.start({ runs: false });
    const java = await at.add('Java', [tcp(25_560, 25_570)], true);
    const other = await at.add('Other', [udp(25_565), tcp(25_565)]);
    expect(await at.refused('profile.switch', { id: other, on: true })).toEqual({
      code: 'conflict',
      place: 'id',
      reason: { code: 'profiles-clash', parameters: { one: 'Other', other: 'Java', ports: '25565/tcp' } },
      message: '“Other” and “Java” both use external port 25565/tcp. Turn off “Java”, or choose another external port.',
    });
    expect(await at.refused('profile.change', { id: other, profile: { on: true } })).toMatchObject({
      code: 'conflict',
    });
    const clashing = { name: 'New', on: true, forwards: [tcp(25_570)] };
    expect(await at.refused('profile.add', { profile: clashing })).toMatchObject({ code: 'conflict' });
    expect(at.snapshot.profiles.map(({ on }) => on)).toEqual([true, false]);
    await at.do('profile.switch', { id: java, on: false });
    await at.do('profile.switch', { id: other, on: true });
  });

  test('changed while on, hold what they say now', async () => {
    const at = await AppHome.start();
    const id = await at.add('Web', [tcp(8080)]);
    await at.do('profile.switch', { id, on: true });
    await at.do('profile.change', { id, profile: { forwards: [tcp(9090)] } });
    await at.world.until(() => at.table.join('') === 'tcp 9090 -> 192.168.1.10:9090', inSeconds(30), 'the new port');
    await at.stop();
  });
});

describe('import and export', () => {
  test('an export imported elsewhere is the same', async () => {
    const one = await AppHome.start({ runs: false });
    await one.add('Minecraft', [tcp(25_565), { ...udp(19_132), label: 'Bedrock', lease: 'permanent' }], true);
    await one.do('settings.change', { settings: { lease: 900, exceptInterfaces: ['docker0'] } });
    const { document } = await one.do('profiles.export', {});
    const two = await AppHome.start({ runs: false });
    const gone = await two.add('Gone', [tcp(1)]);
    const sent: unknown = JSON.parse(JSON.stringify(document));
    expect(await two.do('profiles.import', { document: sent, mode: 'replace' })).toEqual({ added: ['minecraft'] });
    expect(two.snapshot.profiles).toEqual(one.snapshot.profiles);
    expect(two.snapshot.settings).toEqual(one.snapshot.settings);
    // Even what was replaced can be had back.
    await two.do('profile.restore', { id: gone });
    expect(names(two)).toEqual(['Gone', 'Minecraft']);
  });

  test('a document without settings leaves them, and none sends a person back to the first steps', async () => {
    const at = await AppHome.start();
    await at.do('settings.change', { settings: { welcomed: true, theme: 'dark' } });
    await at.do('profiles.import', { document: { version: 1, profiles: [] }, mode: 'replace' });
    expect(at.snapshot.settings).toMatchObject({ welcomed: true, theme: 'dark' });
    const document = { version: 1, profiles: [], settings: { language: 'de' } };
    await at.do('profiles.import', { document, mode: 'replace' });
    expect(at.snapshot.settings).toMatchObject({ welcomed: true, theme: 'system', language: 'de' });
    await at.stop();
  });

  test('added to the existing ones: ids of their own, and nothing opens automatically', async () => {
    const at = await AppHome.start();
    await at.add('Web', [tcp(8080)], true);
    const { document } = await at.do('profiles.export', {});
    expect(await at.do('profiles.import', { document, mode: 'add' })).toEqual({ added: ['web-2'] });
    expect(at.snapshot.profiles.map(({ id, on }) => [id, on])).toEqual([
      ['web', true],
      ['web-2', false],
    ]);
    await at.stop();
  });

  test('a document in which two that are on clash is refused whole', async () => {
    const at = await AppHome.start({ runs: false });
    const profile = { name: 'Web', on: true, forwards: [tcp(80)] };
    const profiles = [
      { id: 'a', ...profile },
      { id: 'b', ...profile },
    ];
    const document = { version: 1, profiles };
    const fault = await at.refused('profiles.import', { document, mode: 'replace' });
    expect(fault).toMatchObject({ code: 'conflict', place: 'document.profiles.1' });
    expect(at.snapshot.profiles).toEqual([]);
  });
});

describe('bad input', () => {
  const forward = { transports: ['tcp'], external: { first: 80, last: 80 }, internal: { first: 80 } };
  const withForward = (change: object): object => ({ profile: { name: 'X', forwards: [{ ...forward, ...change }] } });
  const inForward = (place: string): string => `profile.forwards.0.${place}`;

  test.for<readonly [command: string, input: unknown, place: string, message: RegExp]>([
    ['profile.add', undefined, '', /is missing/],
    ['profile.add', { profile: { name: '   ', forwards: [] } }, 'profile.name', /enter a name/],
    ['profile.add', { profile: { name: 'two\nlines', forwards: [] } }, 'profile.name', /single line/],
    ['profile.add', { profile: { name: 'x'.repeat(81), forwards: [] } }, 'profile.name', /too long \(maximum 80\)/],
    ['profile.add', { profile: { name: 7, forwards: [] } }, 'profile.name', /must be text, not 7/],
    ['profile.add', { profile: { name: 'X' } }, 'profile.forwards', /is missing/],
    ['profile.add', { profile: { name: 'X', forwards: [], colour: 1 } }, 'profile.colour', /unknown field “colour”/],
    ['profile.add', { profile: { name: 'X', forwards: [], on: 'yes' } }, 'profile.on', /must be true or false/],
    ['profile.add', { profile: { name: 'X', forwards: [] }, at: -1 }, 'at', /too small/],
    ['profile.add', withForward({ transports: [] }), inForward('transports'), /TCP, UDP or both/],
    [
      'profile.add',
      withForward({ transports: ['tcp', 'tcp'] }),
      inForward('transports'),
      /must not contain duplicates/,
    ],
    ['profile.add', withForward({ transports: ['sctp'] }), inForward('transports.0'), /“tcp” or “udp”/],
    ['profile.add', withForward({ families: ['ipv5'] }), inForward('families.0'), /“ipv4” or “ipv6”/],
    ['profile.add', withForward({ external: { first: 0, last: 1 } }), inForward('external.first'), /1 to 65535/],
    ['profile.add', withForward({ external: { first: 1, last: 65_536 } }), inForward('external.last'), /1 to 65535/],
    ['profile.add', withForward({ external: { first: 9, last: 8 } }), inForward('external.last'), /before it begins/],
    ['profile.add', withForward({ external: { first: 1, last: 600 } }), inForward('external.last'), /512 ports/],
    ['profile.add', withForward({ external: { first: 1.5, last: 2 } }), inForward('external.first'), /a port/],
    ['profile.add', withForward({ internal: { first: '80' } }), inForward('internal.first'), /a port/],
    [
      'profile.add',
      withForward({ external: { first: 1, last: 9 }, internal: { first: 65_530 } }),
      inForward('internal.first'),
      /above 65535/,
    ],
    [
      'profile.add',
      withForward({ internal: { first: 80, client: 'server' } }),
      inForward('internal.client'),
      /IP address/,
    ],
    ['profile.add', withForward({ lease: 0 }), inForward('lease'), /seconds/],
    ['profile.add', withForward({ ifTaken: 'steal' }), inForward('ifTaken'), /“fail” or “next-free”/],
    ['profile.add', withForward({ gateway: '' }), inForward('gateway'), /enter a name/],
    [
      'profile.add',
      { profile: { name: 'X', forwards: [forward, forward] } },
      'profile.forwards.1',
      /another forward of this profile/,
    ],
    ['profile.switch', { id: 'nobody', on: true }, 'id', /no profile “nobody”/],
    ['profile.switch', { id: '../etc', on: true }, 'id', /must be an ID/],
    ['profile.switch', { id: 'there' }, 'on', /is missing/],
    ['profile.change', { id: 'there', profile: { forwards: [{}] } }, inForward('transports'), /is missing/],
    ['profile.move', { id: 'there', to: 0.5 }, 'to', /whole number/],
    ['settings.change', { settings: { lease: 59 } }, 'settings.lease', /too small \(minimum 60\)/],
    ['settings.change', { settings: { gateway: 'ftp://router' } }, 'settings.gateway', /IP address or an http URL/],
    ['settings.change', { settings: { protocol: 'ipp' } }, 'settings.protocol', /“auto” or/],
    ['settings.change', { settings: { colour: 'red' } }, 'settings.colour', /unknown field “colour”/],
    ['settings.change', { settings: { exceptInterfaces: [''] } }, 'settings.exceptInterfaces.0', /empty/],
    ['profiles.import', { document: 'no', mode: 'add' }, 'document', /must be an object/],
    ['profiles.import', { document: { version: 1 }, mode: 'merge' }, 'mode', /“add” or “replace”/],
    [
      'profiles.import',
      { document: { version: 1, profiles: [{ id: 'a', name: 'A', forwards: [withForward({})] }] }, mode: 'replace' },
      'document.profiles.0.forwards.0.transports',
      /is missing/,
    ],
    ['gateways.search', { now: true }, 'now', /unknown field “now”/],
  ])('%s %j is refused at "%s", and all stays as it was', async ([command, input, place, message]) => {
    const at = await AppHome.start({ runs: false });
    await at.add('There', [tcp(8080)], true);
    const before = at.snapshot;
    const fault = await at.refused(command, input);
    expect(fault.message).toMatch(message);
    expect(fault.place).toBe(place);
    expect(at.snapshot).toEqual(before);
    expect(at.storage.calls.write).toBe(1);
  });

  test('an unknown command is reported, whatever it is called', async () => {
    const at = await AppHome.start({ runs: false });
    for (const name of ['', 'profile', 'constructor', '__proto__', 'toString']) {
      expect(await at.refused(name, {})).toMatchObject({ code: 'unknown-command' });
    }
  });

  test('any value for any command is answered, and what is there stays readable', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.keys(COMMANDS)), fc.jsonValue(), async (name, input) => {
        const at = await AppHome.start({ runs: false });
        const answer = await at.finish(at.dispatch.command(name, input, new AbortController().signal));
        expect(answer.ok ? [] : [answer.fault.code]).not.toContain('failed');
      }),
      { numRuns: 60 },
    );
  });
});

describe('a store that fails', () => {
  test('a change that cannot be stored is refused and not done', async () => {
    const at = await AppHome.start({ runs: false });
    const id = await at.add('Web', [tcp(8080)]);
    const before = at.snapshot;
    at.storage.failNext('write', 'no-space', 3);
    const fault = await at.refused('profile.remove', { id });
    expect(fault).toMatchObject({ code: 'storage', place: '' });
    expect(fault.message).toContain('The disk is full.');
    expect(await at.refused('profile.add', { profile: { name: 'X', forwards: [] } })).toMatchObject({
      code: 'storage',
    });
    expect(await at.refused('settings.change', { settings: { paused: true } })).toMatchObject({ code: 'storage' });
    expect(at.snapshot).toEqual(before);
    await at.do('profile.remove', { id });
    expect(names(at)).toEqual([]);
  });

  test('a port is opened and closed all the same; that it is not saved is shown until it is', async () => {
    const at = await AppHome.start();
    const id = await at.add('Web', [tcp(8080)]);
    at.storage.failNext('write', 'no-space', 1000);
    await at.do('profile.switch', { id, on: true });
    expect(at.table).toHaveLength(1);
    expect(at.snapshot.problems).toMatchObject([{ code: 'profiles-not-stored', parameters: { fault: 'no-space' } }]);
    at.storage.heal();
    await at.do('profile.switch', { id, on: false });
    await at.world.run(inSeconds(1));
    expect(at.table).toEqual([]);
    expect(at.snapshot.problems).toEqual([]);
    expect(at.storage.document('profiles')).toMatchObject({ profiles: [{ on: false }] });
    await at.stop();
  });

  test('an unreadable file is reported, never overwritten, and used as soon as it can be read', async () => {
    const there = { version: 1, profiles: [{ id: 'web', name: 'Web', on: false, forwards: [] }] };
    const at = await AppHome.start({
      runs: false,
      prepare: (storage) => {
        storage.put('profiles', there);
        storage.failNext('read', 'no-permission', Number.POSITIVE_INFINITY);
      },
    });
    expect(at.snapshot.problems).toMatchObject([{ code: 'profiles-unreadable' }]);
    const fault = await at.refused('profile.add', { profile: { name: 'New', forwards: [] } });
    expect(fault).toMatchObject({ code: 'storage' });
    expect(at.storage.document('profiles')).toEqual(there);
    at.storage.heal();
    await at.add('New', []);
    expect(names(at)).toEqual(['Web', 'New']);
    expect(at.snapshot.problems).toEqual([]);
  });

  test('a document with a mistake is kept aside whole; what can be understood is used', async () => {
    const good = { id: 'web', name: 'Web', on: false, forwards: [] };
    const document = { version: 1, profiles: [good, { ...good, id: 'bad', forwards: [{}] }], settings: { lease: 600 } };
    const at = await AppHome.start({ runs: false, prepare: (storage) => storage.put('profiles', document) });
    expect(names(at)).toEqual(['Web']);
    expect(at.snapshot.settings.lease).toBe(600);
    expect(at.snapshot.problems).toMatchObject([
      {
        code: 'profiles-misunderstood',
        parameters: { kept: 'profiles-misunderstood-1.json', place: 'profiles.1.forwards.0.transports' },
      },
    ]);
    await at.add('New', []);
    expect(at.storage.document('profiles-misunderstood-1')).toEqual(document);
  });

  test('a document of a newer Portkeeper is kept aside, too', async () => {
    const document = { version: 99, profiles: 'in a form to come' };
    const at = await AppHome.start({ runs: false, prepare: (storage) => storage.put('profiles', document) });
    await at.add('New', []);
    expect(at.storage.document('profiles-misunderstood-1')).toEqual(document);
    expect(at.snapshot.problems).toMatchObject([{ parameters: { place: 'version' } }]);
  });
});
