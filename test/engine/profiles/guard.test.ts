/** Each forward is checked before it is taken: dangerous ports, large ranges and devices elsewhere are asked about once;
 * devices that cannot be are refused. */
import { describe, expect, test } from 'vitest';
import { allPresets } from '../../../main/engine/profiles/presets.ts';
import { openingQuestions } from '../../../main/contract/profiles/opening-questions.ts';
import type { CommandFault } from '../../../main/contract/commands.ts';
import type { ForwardInput } from '../../../main/contract/profiles/profile.ts';
import { port } from '../../../main/contract/units.ts';
import { AppHome, tcp, udp } from '../../support/app-home.ts';

const to = (client: string, { internal, ...forward }: ForwardInput = tcp(8000)): ForwardInput => ({
  ...forward,
  internal: { ...internal, client },
});

/** The keys of what has to be asked. */
function keysOf({ code, reason }: CommandFault): readonly string[] {
  expect(code).toBe('unconfirmed');
  return reason.code === 'confirm-first' ? reason.parameters.questions.map(({ key }) => key) : [];
}

const profile = (...forwards: readonly ForwardInput[]) => ({ name: 'Server', forwards: [...forwards] });

describe('a port that is attacked all day', () => {
  test.each([22, 23, 135, 139, 445, 1433, 2375, 3306, 3389, 5432, 5900, 6379, 9200, 27_017])(
    '%i is asked about before a profile is added',
    async (port) => {
      const at = await AppHome.start({ runs: false });
      const refusal = await at.refused('profile.add', { profile: profile(tcp(port)) });
      expect(keysOf(refusal)).toEqual([`port ${port}`]);
      expect(refusal.message).toMatch(/Safer: .*Another external port is no protection.*Add --yes/);
      expect(at.snapshot.profiles).toEqual([]);
    },
  );

  test('is asked about once, and remembered with the profile', async () => {
    const at = await AppHome.start();
    const confirmed = keysOf(await at.refused('profile.add', { profile: profile(tcp(3389), tcp(80)) }));
    const { id } = await at.do('profile.add', { profile: profile(tcp(3389), tcp(80)), confirmed: [...confirmed] });
    await at.do('profile.switch', { id, on: true });
    expect(at.table).toHaveLength(2);
    await at.do('profile.change', { id, profile: profile(tcp(3389), tcp(81)) });
    await at.do('forward.use-port', { forward: at.snapshot.engine.forwards[0]?.id ?? '', external: port(33_890) });
    await at.do('profile.switch', { id, on: false });
    const next = await at.again();
    await next.do('profile.switch', { id, on: true });
    expect(keysOf(await next.refused('profile.change', { id, profile: profile(tcp(3389), tcp(22)) }))).toEqual([
      'port 22',
    ]);
    await next.stop();
  });

  test('is as dangerous behind another external port, and over its own protocol only', async () => {
    const at = await AppHome.start({ runs: false });
    const hidden: ForwardInput = { ...tcp(50_022), internal: { first: 22 } };
    expect(keysOf(await at.refused('profile.add', { profile: profile(hidden) }))).toEqual(['port 22']);
    await at.do('profile.add', { profile: profile(udp(22)) });
    // Ports of game servers.
    await at.do('profile.add', { profile: profile(tcp(27_015, 27_020)) });
    expect(keysOf(await at.refused('profile.add', { profile: profile(tcp(20, 25)) }))).toEqual(['port 22', 'port 23']);
  });

  test('on the way that a stored profile comes: what is on stays open, what is off is asked about', async () => {
    const forwards = [tcp(22)];
    const stored = (id: string, on: boolean) => ({ id, name: id, on, forwards });
    const at = await AppHome.start({
      prepare: (storage) => {
        storage.put('profiles', {
          version: 1,
          profiles: [stored('open', true), { ...stored('shut', false), forwards: [tcp(23)] }],
        });
      },
    });
    await at.do('profile.change', { id: 'open', profile: { name: 'Shell' } });
    await at.finish(at.app.settled(() => true, new AbortController().signal));
    expect(at.table).toHaveLength(1);
    for (const change of [
      ['profile.switch', { id: 'shut', on: true }],
      ['profile.change', { id: 'shut', profile: { on: true } }],
    ] as const) {
      expect(keysOf(await at.refused(change[0], change[1]))).toEqual(['port 23']);
    }
    const held = await at.finish(at.client.hold({ what: 'profile', profile: 'shut' }, new AbortController().signal));
    expect(held).toMatchObject({ ok: false, fault: { code: 'unconfirmed' } });
    await at.stop();
  });

  test('from a terminal, too', async () => {
    const at = await AppHome.start();
    const hold = {
      what: 'forwards',
      forwards: [{ ...tcp(22), id: '22/tcp' }],
      from: 'terminal',
      label: '22/tcp',
      hold: 'terminal-1',
      afterwards: 'close',
    } as const;
    const { signal } = new AbortController();
    expect(await at.finish(at.client.hold(hold, signal))).toMatchObject({ ok: false, fault: { code: 'unconfirmed' } });
    expect(await at.finish(at.client.hold({ ...hold, confirmed: 'all' }, signal))).toMatchObject({ ok: true });
    expect(at.table).toEqual(['tcp 22 -> 192.168.1.10:22']);
    await at.stop();
  });

  test.each(['add', 'replace'] as const)(
    'and one yes answers for all of an import (%s), whatever the file says',
    async (mode) => {
      const at = await AppHome.start({ runs: false });
      const forwards = [tcp(22), tcp(20_000, 20_099), to('10.0.0.7')];
      const document = {
        version: 1,
        profiles: [{ id: 'a', name: 'A', on: true, forwards, confirmed: ['port 22'] }],
      };
      const confirmed = keysOf(await at.refused('profiles.import', { document, mode }));
      expect(confirmed).toEqual(['port 22', 'range 20000-20099/tcp', 'device 10.0.0.7']);
      const text = JSON.stringify(document);
      expect(keysOf(await at.refused('profiles.import-text', { text, name: 'a.json', mode }))).toEqual(confirmed);
      await at.do('profiles.import', { document, mode, confirmed: [...confirmed] });
    },
  );

  test('has a note in every preset that opens one', () => {
    const silent = allPresets().filter(
      ({ forwards, note }) => note === undefined && openingQuestions(forwards).length > 0,
    );
    expect(silent.map(({ id }) => id)).toEqual([]);
  });
});

test('a range inside one that was answered is not asked about again, a larger one is', async () => {
  const at = await AppHome.start({ runs: false });
  const id = await at.add('FTP', [tcp(20_000, 20_199)]);
  await at.do('profile.change', { id, profile: profile(tcp(20_000, 20_099)) });
  expect(keysOf(await at.refused('profile.change', { id, profile: profile(tcp(20_000, 20_299)) }))).toHaveLength(1);
});

describe('another device', () => {
  test.each([
    ['8.8.8.8', 'public'],
    ['0.0.0.0', 'unspecified'],
    ['0.1.2.3', 'unspecified'],
    ['255.255.255.255', 'broadcast'],
    ['192.168.1.255', 'broadcast'],
    ['192.168.1.0', 'network'],
    ['127.0.0.1', 'loopback'],
    ['127.255.0.9', 'loopback'],
    ['224.0.0.251', 'multicast'],
    ['169.254.10.1', 'link-local'],
    ['240.0.0.1', 'reserved'],
    ['192.0.2.7', 'reserved'],
    ['::', 'unspecified'],
    ['::1', 'loopback'],
    ['ff02::fb', 'multicast'],
    ['fe80::1', 'link-local'],
    ['2001:db8::7', 'reserved'],
    ['::ffff:127.0.0.1', 'loopback'],
  ])('cannot be %s (%s), from wherever it comes', async (address, why) => {
    const at = await AppHome.start({ runs: false });
    const forwards = [tcp(80), to(address)];
    const document = { version: 1, profiles: [{ id: 'a', name: 'A', forwards }] };
    for (const [command, input, place] of [
      ['profile.add', { profile: profile(...forwards) }, 'profile'],
      ['profiles.import', { document, mode: 'add' }, 'document.profiles.0'],
      ['profiles.import', { document, mode: 'replace' }, 'document.profiles.0'],
    ] as const) {
      const refusal = await at.refused(command, { ...input, confirmed: 'all' });
      expect(refusal).toMatchObject({
        code: 'bad-input',
        place: `${place}.forwards.1.internal.client`,
        reason: { parameters: { why: { code: 'not-a-device', parameters: { why } } } },
      });
    }
    expect(at.snapshot.profiles).toEqual([]);
  });

  test.each(['192.168.1.20', '192.168.1.10'])('may be %s', async (address) => {
    const at = await AppHome.start({ runs: false });
    await at.do('profile.add', { profile: profile(to(address)) });
  });

  test.each(['10.0.0.7', '192.168.2.20', '100.64.0.9'])(
    'in none of our networks is asked about: %s',
    async (address) => {
      const at = await AppHome.start({ runs: false });
      const refusal = await at.refused('profile.add', { profile: profile(to(address)) });
      expect(keysOf(refusal)).toEqual([`device ${address}`]);
      expect(refusal.message).toContain('in none of this computer’s networks (192.168.1.0/24)');
      await at.do('profile.add', { profile: profile(to(address)), confirmed: [`device ${address}`] });
    },
  );

  test('that is refused in a list of ports is named by its line', async () => {
    const at = await AppHome.start({ runs: false });
    const text = 'address;port;protocol;duration;comment\n192.168.1.20;80;TCP;60;ok\n127.0.0.1;81;TCP;60;x\n';
    const refusal = await at.refused('profiles.read-text', { text, name: 'ports.csv' });
    expect(refusal.message).toMatch(/^ports\.csv, line 3, column 1 \(address\): 127\.0\.0\.1 is this computer itself/);
  });
});
