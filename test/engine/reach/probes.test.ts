/** `forwards.probe`: which of my forwards can be reached from outside, and if not, why? A server on the internet side. */
import { afterEach, describe, expect, test } from 'vitest';
import { ip, parseIp } from '../../../main/contract/address.ts';
import type { ForwardInput } from '../../../main/contract/profiles/profile.ts';
import type { ProbeView } from '../../../main/contract/probe.ts';
import { inMinutes, inSeconds, port } from '../../../main/contract/units.ts';
import { personality } from '../../../main/simulator/personalities/personalities.ts';
import { StorageError, type System, type Web } from '../../../main/system/system.ts';
import { AppHome, tcp, udp, type AppHomeOptions } from '../../support/app-home.ts';
import { withDemo } from '../../support/demo-in-lan.ts';
import { PROBE_PORT, ProbeScene } from '../../support/probe-scene.ts';
import { askEcho } from '../../world/echo.ts';
import type { Home } from '../../world/home.ts';

const SECRET = 'the friends of the house';

/** Names are known, and files are there. */
const around = (system: System): System => ({
  ...system,
  addressesOf: (name) => Promise.resolve(name === 'probe.example.net' ? [ip('9.9.9.9'), ip('2620:fe::9')] : []),
});

const scenes: { readonly at: AppHome; readonly server: ProbeScene }[] = [];
afterEach(async () => {
  for (const { at, server } of scenes.splice(0)) {
    await server.stop();
    await at.stop();
  }
});

async function scene(options: AppHomeOptions & { readonly secret?: string } = {}) {
  const at = await AppHome.start({ around, ...options });
  const server = await ProbeScene.start(at.home, options.secret);
  scenes.push({ at, server });
  await at.do('settings.change', { settings: { probeServer: 'probe.example.net' } });
  return { at, server, home: at.home };
}

async function opened(at: AppHome, name: string, forwards: readonly ForwardInput[]): Promise<void> {
  await at.add(name, forwards, true);
  await settled(at);
}

const settled = (at: AppHome) => at.finish(at.app.settled(() => true, new AbortController().signal));

type Scene = Awaited<ReturnType<typeof scene>>;

async function tested({ at }: Scene): Promise<readonly Pick<ProbeView, 'transport' | 'external' | 'verdict'>[]> {
  const { probes } = await at.do('forwards.probe', { forwards: 'all' });
  expect(at.snapshot.probes.running).toEqual([]);
  return probes.map(({ transport, external, verdict }) => ({ transport, external, verdict }));
}

/** The verdict of the only probe. */
async function verdict(from: Scene): Promise<ProbeView['verdict'] | undefined> {
  const [only, ...others] = await tested(from);
  expect(others).toEqual([]);
  return only?.verdict;
}

describe.each([
  ['tcp', tcp(25_565)],
  ['udp', udp(25_565)],
] as const)('%s', (transport, forward) => {
  test('a program answers', async () => {
    const from = await scene();
    await opened(from.at, 'Game', [forward]);
    await from.home.serve(from.home.client, transport, 25_565);
    expect(await verdict(from)).toEqual({ is: 'reachable' });
    expect(from.at.snapshot.probes.latest).toMatchObject([{ verdict: { is: 'reachable' }, external: 25_565 }]);
    // The engine counts it as proven, too.
    const [mapping] = from.at.snapshot.engine.mappings;
    expect(mapping?.status).toMatchObject({ lease: { evidence: 'traffic' } });
  });

  test('nothing listens: Portkeeper answers in its place, and leaves the port free', async () => {
    const from = await scene();
    await opened(from.at, 'Game', [forward]);
    expect(await verdict(from)).toEqual({ is: 'no-program', door: 'open' });
    expect(from.server.served).toMatchObject([{ outcome: 'echoed' }]);
    await from.home.serve(from.home.client, transport, 25_565);
    expect(await verdict(from)).toEqual({ is: 'reachable' });
  });

  test('the rule is listed and does nothing: shut, made again, and open', async () => {
    const from = await scene();
    await opened(from.at, 'Game', [forward]);
    from.home.router.wipeFirewall();
    const shut = { is: 'shut', why: 'filtered', seen: '11.22.33.44', reported: '11.22.33.44' };
    expect(await verdict(from)).toEqual(shut);
    expect(from.at.snapshot.engine.problems).toMatchObject([{ code: 'listed-but-dead' }]);
    await settled(from.at);
    await from.at.world.run(5000 as never);
    expect(await verdict(from)).toEqual({ is: 'no-program', door: 'open' });
    expect(from.at.snapshot.engine.problems).toEqual([]);
  });
});

describe('why nothing arrives', () => {
  test.each([
    ['private', 'double-nat'],
    ['shared', 'carrier-nat'],
  ] as const)('behind another NAT, with a %s address', async (range, why) => {
    const from = await scene({
      doubleNat: { range },
      router: personality('upnp-only', { wan: { mapsWithoutPublicAddress: true } }),
    });
    await opened(from.at, 'Game', [tcp(25_565)]);
    const { at } = from;
    const isOpen = at.snapshot.engine.mappings.some(({ status }) => status.at === 'open');
    expect(isOpen).toBe(true);
    expect(await verdict(from)).toMatchObject({ is: 'shut', why, seen: '11.22.33.44' });
    // That is not the rule's fault: it is left alone.
    expect(at.snapshot.engine.problems.map(({ code }) => code)).not.toContain('listed-but-dead');
  });

  test('behind another router, though ours reports the outermost address', async () => {
    const hops = () => Promise.resolve([ip('192.168.1.1'), ip('192.168.8.1')]);
    const from = await scene({ around: (system) => ({ ...around(system), hops }) });
    await opened(from.at, 'Game', [tcp(25_565)]);
    from.home.router.wipeFirewall();
    const seen = { seen: '11.22.33.44', reported: '11.22.33.44' };
    expect(await verdict(from)).toEqual({ is: 'shut', why: 'double-nat', beyond: '192.168.8.1', ...seen });
    expect(from.at.snapshot.engine.problems).toMatchObject([
      { code: 'behind-another-nat', parameters: { beyond: '192.168.8.1' } },
    ]);
  });

  test('a UDP program that answers nobody looks like a closed port', async () => {
    const from = await scene();
    await opened(from.at, 'Game', [udp(25_565)]);
    const { client } = from.home;
    const socket = await from.at.finish(client.system.udp.open({ family: 'ipv4', localPort: 25_565 }));
    expect(await verdict(from)).toEqual({ is: 'unanswered' });
    socket.close();
  });

  test('another device: from here is seen whether its program listens', async () => {
    const from = await scene();
    const { home, at } = from;
    await opened(at, 'Web', [{ ...tcp(80), internal: { first: 80, client: '192.168.1.11' } }]);
    expect(await verdict(from)).toEqual({ is: 'no-program', door: 'unknown' });
    const [neighbour] = home.others;
    if (neighbour === undefined) throw new Error('there is no neighbour');
    await home.serve(neighbour, 'tcp', 80);
    expect(await verdict(from)).toEqual({ is: 'reachable' });
    home.router.wipeFirewall();
    expect(await verdict(from)).toMatchObject({ is: 'shut', why: 'filtered' });
  });
});

describe('inconclusive tests', () => {
  test.each([
    ['probe.example.org', 'no-such-name'],
    ['9.9.9.9:4', 'no-answer'],
    ['2620:fe::9', 'other-family'],
    ['192.168.1.11', 'same-network'],
    ['11.22.33.44', 'same-network'],
  ])('%s: %s', async (probeServer, why) => {
    const from = await scene();
    await opened(from.at, 'Game', [tcp(25_565)]);
    await from.at.do('settings.change', { settings: { probeServer } });
    expect(await verdict(from)).toEqual({ is: 'untested', why });
    expect(from.server.served).toEqual([]);
  });

  test('nobody to ask, and nothing to ask about', async () => {
    const { at } = await scene();
    expect((await at.refused('forwards.probe', { forwards: 'all' })).reason.code).toBe('nothing-open');
    await at.do('settings.change', { settings: { probeServer: null } });
    expect((await at.refused('forwards.probe', { forwards: 'all' })).reason.code).toBe('no-probe-server');
    const { reason } = await at.refused('settings.change', { settings: { probeServer: 'http://a b/' } });
    expect(reason).toMatchObject({ parameters: { why: { code: 'tester-place' } } });
  });
});

describe('a secret', () => {
  test.each([
    [{ '/secret': `${SECRET}\n` }, '/secret', { is: 'no-program', door: 'open' }],
    [{ '/secret': 'another secret, also long' }, '/secret', { is: 'untested', why: 'wrong-secret' }],
    [{}, null, { is: 'untested', why: 'needs-secret' }],
  ])('%#', async (files: Readonly<Record<string, string>>, probeSecretFile, expected) => {
    const readFile = (path: string) => {
      const text = files[path];
      return Promise.resolve(text === undefined ? undefined : new TextEncoder().encode(text));
    };
    const from = await scene({ secret: SECRET, readFile });
    await opened(from.at, 'Game', [tcp(25_565)]);
    await from.at.do('settings.change', { settings: { probeSecretFile } });
    expect(await verdict(from)).toEqual(expected);
  });

  test.each([
    ['/none', 'no-secret-file'],
    ['/short', 'secret-length'],
    ['/locked', 'secret-unreadable'],
  ])('%s: %s', async (path, code) => {
    const readFile = (asked: string) => {
      if (asked === '/locked') return Promise.reject(new StorageError('no-permission', asked, 'no'));
      return Promise.resolve(asked === '/short' ? new TextEncoder().encode('short\n') : undefined);
    };
    const { at } = await scene({ readFile });
    await opened(at, 'Game', [tcp(25_565)]);
    await at.do('settings.change', { settings: { probeSecretFile: path } });
    expect((await at.refused('forwards.probe', { forwards: 'all' })).reason.code).toBe(code);
  });
});

test('all of them, within the rate of the server: it is waited for', async () => {
  const from = await scene();
  for (let n = 0; n < 15; n += 1) {
    await opened(from.at, `Game ${n}`, [{ ...tcp(20_000 + n), transports: ['tcp', 'udp'] }]);
  }
  const range = { ...udp(30_000, 30_050) };
  await opened(from.at, 'Range', [range]);
  const probes = await tested(from);
  expect(probes).toHaveLength(32);
  expect(new Set(probes.map((each) => each.verdict.is))).toEqual(new Set(['no-program']));
  // A range stands by its ends.
  expect(probes.map(({ external }) => external).filter((each) => each >= 30_000)).toEqual([30_000, 30_050]);
});

test('cancelled, it stops asking', async () => {
  const from = await scene();
  for (let n = 0; n < 10; n += 1) await opened(from.at, `Game ${n}`, [tcp(20_000 + n)]);
  from.home.router.wipeFirewall();
  const cancel = new AbortController();
  const asked = from.at.client.ask('forwards.probe', { forwards: 'all' }, cancel.signal);
  await from.at.world.until(() => from.server.served.length > 1, 60_000 as never);
  expect(from.at.snapshot.probes.running.length).toBeGreaterThan(0);
  cancel.abort();
  await expect(asked).rejects.toBeDefined();
  const before = from.server.served.length;
  await from.at.world.run(30_000 as never);
  expect(from.server.served.length).toBeLessThanOrEqual(before + 2);
  expect(from.at.snapshot.probes.running).toEqual([]);
});

describe('a port checker on the web', () => {
  const URL = 'https://check.example.net/{transport}/{address}/{port}';

  /** It stands in the internet, and has been asked these. */
  async function checked(text = URL): Promise<Scene & { readonly asked: readonly string[] }> {
    const asked: string[] = [];
    let home: Home | undefined;
    const web: Web = {
      ask: async ({ url }) => {
        asked.push(url);
        const [transport = '', address = '', number = ''] = url.split('/').slice(3);
        if (home === undefined || (transport !== 'tcp' && transport !== 'udp')) return { status: 404, body: '' };
        const place = { address: ip(address), port: port(Number(number)) };
        const name = await askEcho(home.internet.system, transport, place);
        return { status: 200, body: name === undefined ? 'closed' : 'open' };
      },
    };
    const from = await scene({ around: (system) => ({ ...around(system), web }) });
    ({ home } = from);
    await from.at.do('settings.change', { settings: { probeServer: text } });
    return { ...from, asked };
  }

  test('is asked like a probe server', async () => {
    const from = await checked();
    await opened(from.at, 'Game', [tcp(25_565)]);
    await from.home.serve(from.home.client, 'tcp', 25_565);
    expect(await verdict(from)).toEqual({ is: 'reachable' });
    expect(from.asked).toEqual(['https://check.example.net/tcp/11.22.33.44/25565']);
    from.home.router.wipeFirewall();
    expect(await verdict(from)).toMatchObject({ is: 'shut', why: 'filtered' });
  });

  test.each([
    ['https://check.example.net/{port}', udp(25_565), 'tcp-only'],
    ['https://check.example.net/none/{address}/{port}', tcp(25_565), 'no-answer'],
  ] as const)('%s: %#', async (url, forward, why) => {
    const from = await checked(url);
    await opened(from.at, 'Game', [forward]);
    expect(await verdict(from)).toEqual({ is: 'untested', why });
  });

  test('tests open ports from time to time where that is wanted: a rule that lets nobody in is made again', async () => {
    const from = await checked();
    const { at, home } = from;
    await at.do('settings.change', { settings: { probeEvery: '10min' } });
    await opened(at, 'Game', [tcp(25_565)]);
    await home.serve(home.client, 'tcp', 25_565);
    await at.world.run(inSeconds(10));
    expect(at.snapshot.probes.latest).toMatchObject([{ verdict: { is: 'reachable' } }]);
    home.router.wipeFirewall();
    await at.world.run(inMinutes(11));
    expect(await home.whoAnswers('tcp', 25_565)).toBe('client');
    const asked = from.asked.length;
    await at.do('settings.change', { settings: { probeEvery: 'never' } });
    await at.world.run(inMinutes(30));
    expect(from.asked).toHaveLength(asked);
  });
});

test('with the simulated router nothing is tested, and what was found of the real one is not shown', async () => {
  const from = await scene({ host: withDemo([]) });
  const { at } = from;
  await opened(at, 'Game', [tcp(25_565)]);
  await tested(from);
  expect(at.snapshot.probes.latest).toHaveLength(1);
  await at.do('demo.switch', { on: true });
  await at.do('profile.switch', { id: at.snapshot.profiles[0]?.id ?? '', on: true });
  expect(at.snapshot.probes.latest).toEqual([]);
  expect((await at.refused('forwards.probe', { forwards: 'all' })).reason.code).toBe('probe-demo');
});

test('where nobody knows who listens, a program keeps its port', async () => {
  const from = await scene({ around: (system) => ({ ...around(system), listeners: () => Promise.resolve([]) }) });
  await opened(from.at, 'Game', [tcp(25_565)]);
  // As one that listens on loopback only: not heard from outside.
  const { client } = from.home;
  const listener = await from.at.finish(client.system.tcp.listen({ address: ip('127.0.0.1'), port: 25_565 }));
  expect(await verdict(from)).toEqual({ is: 'no-program', door: 'open' });
  listener.close();
});

test('the place of a server', async () => {
  const { parseProbePlace } = await import('../../../main/contract/probe.ts');
  expect(parseProbePlace('probe.example.net')).toEqual({ host: 'probe.example.net', port: PROBE_PORT });
  expect(parseProbePlace(' 11.22.33.44:80 ')).toEqual({ host: '11.22.33.44', port: port(80) });
  expect(parseProbePlace('2001:db8::1')).toEqual({ host: '2001:db8::1', port: PROBE_PORT });
  expect(parseProbePlace('[2001:DB8::1]:80')).toEqual({ host: parseIp('2001:db8::1'), port: port(80) });
  for (const bad of ['', 'a b', 'x:0', 'x:65536', '1.2.3', '[x]', 'x:', 'http://x', '-x', `${'a'.repeat(64)}.de`])
    expect(parseProbePlace(bad)).toBeUndefined();
});
