/** The checks on simulated homes: what real gateways of the lab do not do, and how a run is shown, cancelled and reported. */
import { describe, expect, test } from 'vitest';
import { ip, type IpAddress } from '../../../main/contract/address.ts';
import type { DiagnosisView } from '../../../main/contract/diagnosis/findings.ts';
import { causesOf, findingsOf } from '../../../main/contract/diagnosis/ranking.ts';
import { inSeconds, port } from '../../../main/contract/units.ts';
import { explainFinding } from '../../../main/contract/words/findings.ts';
import { personality } from '../../../main/simulator/personalities/personalities.ts';
import type { NetworkState, System, WaitingSocket } from '../../../main/system/system.ts';
import { AppHome, tcp, type AppHomeOptions } from '../../support/app-home.ts';
import { testHost } from '../../support/test-host.ts';

/** Codes of the causes, the first one first. */
const causes = (view: DiagnosisView): readonly string[] =>
  causesOf(findingsOf(view)).map(({ finding }) =>
    finding.code === 'problem' ? finding.parameters.problem.code : finding.code,
  );

const codes = ({ checks }: DiagnosisView): readonly string[] =>
  checks.flatMap(({ findings = [] }) => findings.map(({ code }) => code));

async function diagnosed(options: AppHomeOptions): Promise<DiagnosisView> {
  const at = await AppHome.start({ host: () => testHost(), ...options });
  const view = await at.do('diagnosis.run', {});
  expect(at.table).toEqual([]);
  await at.stop();
  return view;
}

/** The machine's tables, but for this. */
const seen =
  (change: (state: NetworkState) => NetworkState) =>
  (system: System): System => ({
    ...system,
    routes: {
      ...system.routes,
      read: async (signal) => change(await system.routes.read(signal)),
      neighbour: (address) => system.routes.neighbour(address),
      neighbours: () => system.routes.neighbours(),
      changed: (signal) => system.routes.changed(signal),
    },
  });

/** RFC 8489 §14.1: MAPPED-ADDRESS of a Binding success, with the transaction of the request. */
function stunAnswer(request: Uint8Array, address: IpAddress): Uint8Array {
  const head = [0x01, 0x01, 0, 12, ...request.subarray(4, 20)];
  return Uint8Array.from([...head, 0, 1, 0, 8, 0, 1, 0x9c, 0x40, ...address.split('.').map(Number)]);
}

describe('findings', () => {
  test('none, in a healthy home', async () => {
    expect(causes(await diagnosed({}))).toEqual([]);
  });

  test('a router that lets programs look, and not write', async () => {
    const at = await AppHome.start({ router: personality('read-only-606') });
    await at.do('settings.change', { settings: { protocol: 'upnp' } });
    expect(causes(await at.do('diagnosis.run', {}))).toEqual(['writing-off']);
    await at.stop();
  });

  test('a refusal, also while the port is being requested again', async () => {
    const at = await AppHome.start({ router: personality('read-only-501') });
    await at.do('settings.change', { settings: { protocol: 'upnp' } });
    await at.add('Game', [tcp(25_565)], true);
    const waits = (): boolean => at.snapshot.engine.mappings.some(({ status }) => status.at === 'waiting');
    await at.world.until(waits, inSeconds(60), 'refused');
    const again = (): boolean => at.snapshot.engine.mappings.some(({ status }) => status.at === 'opening');
    await at.world.until(again, inSeconds(600), 'asked for again');
    expect(causes(await at.do('diagnosis.run', { checks: ['rules'] }))).toEqual(['router-failed']);
    await at.stop();
  });

  test('a second router in front, with the protocols that it answers', async () => {
    const hops = async () => [ip('192.168.1.1'), ip('10.0.0.1')];
    const view = await diagnosed({ doubleNat: { range: 'private' }, around: (system) => ({ ...system, hops }) });
    expect(causes(view)).toEqual(['double-nat']);
    const [cause] = causesOf(findingsOf(view));
    expect(cause && explainFinding(cause.finding, 'en').why).toMatch(/^The router in front of it is 10\.0\.0\.1\./);
  });

  test("the provider's NAT", async () => {
    const hops = async () => [ip('192.168.1.1'), ip('100.64.0.1')];
    const around = (system: System): System => ({ ...system, hops });
    expect(causes(await diagnosed({ doubleNat: { range: 'shared' }, around }))).toEqual(['carrier-nat']);
    // Providers' own routers have private addresses, too: with a public one, that is not a problem.
    const inside = async () => [ip('192.168.1.1'), ip('10.64.0.1')];
    expect(causes(await diagnosed({ around: (system) => ({ ...system, hops: inside }) }))).toEqual([]);
  });

  test('another address than the router says, by a STUN server that the person chose', async () => {
    const at = await AppHome.start({ host: () => testHost() });
    const server = await at.home.internet.system.udp.open({ family: 'ipv4', localPort: 3478 });
    let seen: IpAddress | undefined;
    const serve = async (): Promise<void> => {
      for (;;) {
        const { bytes, from } = await server.receive(new AbortController().signal);
        await server.send(stunAnswer(bytes, seen ?? from.address), from);
      }
    };
    serve().catch(() => undefined);
    const said = async (): Promise<readonly string[]> => {
      const { checks } = await at.do('diagnosis.run', { checks: ['line'] });
      return checks.flatMap(({ findings = [] }) => findings.map((finding) => explainFinding(finding, 'en').what));
    };
    const usual = 'Simulated router has the public IP address 11.22.33.44.';
    expect(await said()).toEqual([usual]);
    await at.do('settings.change', { settings: { stunServer: '9.9.9.9' } });
    expect(await said()).toEqual([usual.replace('.44.', '.44, as seen from the internet, too.')]);
    seen = ip('55.66.77.88');
    expect(await said()).toEqual(['Another NAT is in front of your router.']);
    server.close();
    expect(await said()).toEqual([usual, 'The STUN server 9.9.9.9 didn’t answer.']);
    await at.stop();
  });

  test('a virtual machine behind its host', async () => {
    const around = seen((state) => ({
      interfaces: state.interfaces.map((one) => (one.loopback ? one : { ...one, mac: '08:00:27:12:34:56' })),
      defaultRoutes: state.defaultRoutes.map((route) => ({ ...route, gateway: ip('10.0.2.2') })),
    }));
    expect(causes(await diagnosed({ around }))[0]).toBe('virtual-router');
  });

  test('a VPN that the default route leads into', async () => {
    const around = seen((state) => ({
      ...state,
      interfaces: state.interfaces.map((one) => ({ ...one, virtual: true })),
    }));
    const at = await AppHome.start({ around });
    expect(codes(await at.do('diagnosis.run', { checks: ['adapters'] }))).toEqual(['vpn-is-default']);
    await at.stop();
  });

  test.each([
    [true, 'hairpin-works'],
    [false, 'hairpin-missing'],
  ])('does the router let this computer reach its own public address? %s', async (hairpin, code) => {
    const listeners = async () => [{ transport: 'tcp', address: ip('0.0.0.0'), port: port(25_565) }] as const;
    const at = await AppHome.start({ hairpin, around: (system) => ({ ...system, listeners }) });
    await at.home.serve(at.home.client, 'tcp', 25_565);
    await at.add('Game', [tcp(25_565)], true);
    await at.world.until(() => at.table.length === 1, inSeconds(60), 'open');
    expect(codes(await at.do('diagnosis.run', { checks: ['hairpin'] }))).toEqual([code]);
    await at.stop();
  });

  test('a restart of the router', async () => {
    const at = await AppHome.start({});
    await at.add('Game', [tcp(25_565)], true);
    await at.world.until(() => at.table.length === 1, inSeconds(60), 'open');
    at.home.router.reboot();
    await at.world.until(() => at.table.length === 0, inSeconds(60), 'forgotten');
    await at.world.until(() => at.table.length === 1, inSeconds(600), 'open again');
    expect(codes(await at.do('diagnosis.run', { checks: ['leases'] }))).toContain('restarted');
    await at.stop();
  });

  test('no address from any router, and no default router', async () => {
    const own = { address: ip('169.254.7.7'), prefix: 16, temporary: false };
    const alone = seen(({ interfaces }) => ({
      interfaces: interfaces.map((one) => (one.loopback ? one : { ...one, addresses: [own] })),
      defaultRoutes: [],
    }));
    expect(causes(await diagnosed({ around: alone }))[0]).toBe('no-dhcp');
    const routerless = seen(({ interfaces }) => ({ interfaces, defaultRoutes: [] }));
    expect(causes(await diagnosed({ around: routerless }))[0]).toBe('no-router');
  });

  test('profiles that nothing keeps open, and a pause', async () => {
    const at = await AppHome.start({ switches: 'ignored' });
    await at.add('Game', [tcp(25_565)], true);
    expect(causes(await at.do('diagnosis.run', {}))[0]).toBe('not-running');
    await at.stop();
    const paused = await AppHome.start({});
    await paused.add('Game', [tcp(25_565)], true);
    await paused.do('settings.change', { settings: { paused: true } });
    expect(causes(await paused.do('diagnosis.run', {}))[0]).toBe('paused');
    await paused.stop();
  });

  const socket = (transport: 'tcp' | 'udp', address: string, number = 25_565): WaitingSocket => ({
    transport,
    address: ip(address),
    port: port(number),
  });
  test.each<readonly [string, readonly WaitingSocket[], readonly string[]]>([
    ['nobody', [socket('tcp', '0.0.0.0', 25_566)], ['nothing-listens']],
    ['somebody over UDP', [socket('udp', '0.0.0.0')], ['other-transport']],
    ['somebody at the address of a VPN', [socket('tcp', '10.8.0.2')], ['other-interface']],
    ['somebody on loopback and everywhere', [socket('tcp', '127.0.0.1'), socket('tcp', '::')], []],
    ['somebody on this address', [socket('tcp', '192.168.1.10')], []],
  ])('listeners on a TCP port: %s', async (_name, sockets, expected) => {
    const at = await AppHome.start({ around: (system) => ({ ...system, listeners: async () => sockets }) });
    await at.add('Game', [tcp(25_565)], true);
    expect(causes(await at.do('diagnosis.run', { checks: ['programs'] }))).toEqual(expected);
    await at.stop();
  });

  test('another device of the home that is there, and on which nobody waits', async () => {
    const at = await AppHome.start({});
    const client = ip('192.168.1.11');
    await at.add('Web', [{ ...tcp(8080), internal: { first: port(8080), client } }], true);
    expect(causes(await at.do('diagnosis.run', { checks: ['programs'] }))).toEqual(['device-refuses']);
    const [neighbour] = at.home.others;
    if (neighbour !== undefined) await at.home.serve(neighbour, 'tcp', 8080);
    expect(causes(await at.do('diagnosis.run', { checks: ['programs'] }))).toEqual([]);
    await at.stop();
  });

  test('a program on loopback alone, by name', async () => {
    const around = (system: System): System => ({
      ...system,
      listeners: async () => [socket('tcp', '127.0.0.1')],
      programOn: async () => 'java',
    });
    const at = await AppHome.start({ around });
    await at.add('Game', [tcp(25_565)], true);
    const view = await at.do('diagnosis.run', {});
    expect(causes(view)).toEqual(['loopback-only']);
    const [cause] = causesOf(findingsOf(view));
    expect(cause && explainFinding(cause.finding, 'de').what).toBe(
      '„java“ wartet an Port 25565/TCP nur auf diesen Computer selbst.',
    );
    await at.stop();
  });
});

test('the snapshot shows how far it is, and the result until the next run', async () => {
  const at = await AppHome.start({});
  const left: number[] = [];
  at.client.watch(({ diagnosis }) => {
    if (diagnosis !== null) left.push(diagnosis.checks.filter(({ findings }) => findings === undefined).length);
  });
  const view = await at.do('diagnosis.run', { checks: ['rules', 'network', 'programs'] });
  expect(left[0]).toBe(3);
  expect(left.at(-1)).toBe(0);
  expect(view.checks.map(({ name }) => name)).toEqual(['network', 'rules', 'programs']);
  expect(at.snapshot.diagnosis).toEqual(view);
  expect(view.endedAt).toBeDefined();
  await at.stop();
});

test('whoever no longer waits ends it', async () => {
  // Without an answer the search goes on for two seconds.
  const at = await AppHome.start({ stopped: true });
  const stop = new AbortController();
  const asked = at.client.ask('diagnosis.run', {}, stop.signal);
  asked.catch(() => undefined);
  await at.world.run(inSeconds(1));
  expect(at.snapshot.diagnosis).not.toBeNull();
  stop.abort(new Error('enough'));
  await expect(at.finish(asked)).rejects.toThrow('enough');
  expect(at.snapshot.diagnosis).toBeNull();
  await at.stop();
});

test('the report is a text; on request addresses and names are hidden', async () => {
  const hops = async () => [ip('192.168.1.1'), ip('10.0.0.1')];
  const around = (system: System): System => ({ ...system, hops });
  const at = await AppHome.start({ host: () => testHost(), doubleNat: { range: 'private' }, around });
  const plain = await at.do('diagnosis.report', { masked: false });
  expect(plain.text.split('\n')[2]).toMatch(/^Double NAT/);
  expect(plain.text).toContain('192.168.1.10');
  expect(plain.fileName).toMatch(/^portkeeper-check-\d{4}-\d\d-\d\d\.txt$/);
  const masked = await at.do('diagnosis.report', { masked: true });
  expect(masked.text).not.toMatch(/\d+\.\d+\.\d+\.\d+/);
  await at.stop();
});
