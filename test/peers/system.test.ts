/** Tests of main/system/node that need a kernel with several interfaces, or disks that are full or read-only. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createDocumentStore } from '../../main/system/node/files/document-store.ts';
import { lockFolder } from '../../main/system/node/files/folder-lock.ts';
import { createRecordLog } from '../../main/system/node/files/record-log.ts';
import { StorageError, type NetworkState } from '../../main/system/system.ts';
import { eventually } from '../support/portkeeper-process.ts';
import { Namespace, newFolder, startReaper, type Reaper } from './lab/namespace.ts';
import { must, NODE, type RunningProcess } from './lab/process.ts';

const probe = path.join(import.meta.dirname, 'lab/system-probe.ts');
const prefix = `sy-${process.pid.toString(36)}-${randomBytes(2).toString('hex')}`;
let folder: string;
let reaper: Reaper;
/** A computer with two networks, and a neighbour on each. */
let host: Namespace;
let left: Namespace;
let right: Namespace;

async function namespace(name: string): Promise<Namespace> {
  const made = new Namespace(`${prefix}-${name}`, path.join(folder, name));
  await made.create();
  await made.sysctl('net/ipv6/conf/all/accept_dad=0', 'net/ipv6/conf/default/accept_dad=0');
  return made;
}

beforeAll(async () => {
  folder = await newFolder(prefix);
  reaper = startReaper(prefix, folder);
  [host, left, right] = [await namespace('host'), await namespace('left'), await namespace('right')];
  await host.ip(`
    link add eth0 type veth peer name eth0 netns ${left.name}
    link add wlan0 type veth peer name eth0 netns ${right.name}
    link set eth0 address 02:00:00:00:00:11 up
    link set wlan0 up
    addr add 192.168.71.2/24 dev eth0
    addr add 192.168.72.2/24 dev wlan0
    addr add 2001:db8:71::2/64 dev eth0 nodad
    route add default via 192.168.72.1 metric 600
    route add default via 192.168.71.1 metric 100
    route add default via inet6 fe80::1 dev eth0 metric 100
  `);
  await left.ip(`
    link set eth0 address 02:00:00:00:00:71 up
    addr add 192.168.71.1/24 dev eth0
    addr add fe80::1/64 dev eth0 nodad
  `);
  await right.ip(`
    link set eth0 up
    addr add 192.168.72.1/24 dev eth0
  `);
});

afterAll(() => reaper.release());

function start(where: Namespace, ...args: readonly string[]): RunningProcess {
  const running = where.spawn([NODE, probe, ...args]);
  onTestFinished(async () => void (await running.end('SIGKILL')));
  return running;
}

async function ask(where: Namespace, ...args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await where.exec([NODE, probe, ...args]);
  expect(stderr).toBe('');
  return stdout.trim();
}

async function childrenOf(parent: number): Promise<readonly { readonly pid: number; readonly command: string }[]> {
  const pids = (await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8'))
    .split(' ')
    .filter(Boolean)
    .map(Number);
  // The commands that lead into the namespace have children of their own, which are gone at any moment.
  const commandOf = (pid: number): Promise<string> => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return await Promise.all(pids.map(async (pid) => ({ pid, command: (await commandOf(pid)).replaceAll('\0', ' ') })));
}

/** Calls of read() that the process has made. */
async function readsOf(pid: number): Promise<number> {
  return Number(/^syscr: (\d+)$/m.exec(await readFile(`/proc/${pid}/io`, 'utf8'))?.[1]);
}

const readRoutes = async (): Promise<NetworkState> => JSON.parse(await ask(host, 'routes'));

describe('routes of Linux', () => {
  it('are found best first, with their interfaces', async () => {
    const { defaultRoutes, interfaces } = await readRoutes();
    expect(defaultRoutes).toEqual([
      { family: 'ipv4', gateway: '192.168.71.1', interfaceName: 'eth0', metric: 100 },
      { family: 'ipv6', gateway: 'fe80::1', interfaceName: 'eth0', metric: 100 },
      { family: 'ipv4', gateway: '192.168.72.1', interfaceName: 'wlan0', metric: 600 },
    ]);
    expect(interfaces.find((one) => one.name === 'eth0')).toMatchObject({
      mac: '02:00:00:00:00:11',
      loopback: false,
      virtual: false,
      addresses: expect.arrayContaining([
        { address: '192.168.71.2', prefix: 24, temporary: false },
        { address: '2001:db8:71::2', prefix: 64, temporary: false },
      ]),
    });
  });

  it('show an address that is being phased out as temporary', async () => {
    await host.ip('addr add 2001:db8:71::3/64 dev eth0 nodad preferred_lft 0 valid_lft 3600');
    onTestFinished(() => host.ip('addr del 2001:db8:71::3/64 dev eth0'));
    const { interfaces } = await readRoutes();
    expect(interfaces.flatMap((one) => one.addresses)).toContainEqual({
      address: '2001:db8:71::3',
      prefix: 64,
      temporary: true,
    });
  });

  it('report when a router, an address or a cable comes and goes', async () => {
    const watch = start(host, 'changes');
    await watch.line((line) => line === 'watching' || undefined);
    const saw = (fits: (change: { gateways: readonly string[]; addresses: readonly string[] }) => boolean) =>
      watch.line((line) => (line.startsWith('{') && fits(JSON.parse(line)) ? true : undefined));
    await host.ip('route add default via 192.168.71.9 metric 50');
    await saw(({ gateways }) => gateways[0] === '192.168.71.9');
    await host.ip('route del default via 192.168.71.9 metric 50');
    await saw(({ gateways }) => gateways[0] === '192.168.71.1');
    await host.ip('addr add 192.168.71.7/24 dev eth0');
    await saw(({ addresses }) => addresses.includes('192.168.71.7'));
    await host.ip('addr del 192.168.71.7/24 dev eth0');
    await right.ip('link set eth0 down');
    await saw(({ gateways }) => !gateways.includes('192.168.72.1'));
    await right.ip('link set eth0 up');
    await saw(({ gateways }) => gateways.includes('192.168.72.1'));
  });

  it('are watched by a tool of the system, which ends with the process, and not polled any more', async () => {
    const watch = start(host, 'changes');
    const tool = await eventually(async () =>
      (await childrenOf(watch.pid)).find(({ command }) => command.includes('ip monitor')),
    );
    // It is polled until the tool is there. One look takes three and more; V8's own threads wake the loop now and then.
    await eventually(async () => {
      const before = await readsOf(watch.pid);
      await sleep(5000);
      return (await readsOf(watch.pid)) - before < 3 || undefined;
    });
    await host.ip('addr add 192.168.71.8/24 dev eth0');
    await watch.line((line) => line.includes('192.168.71.8') || undefined);
    await host.ip('addr del 192.168.71.8/24 dev eth0');
    await watch.end('SIGKILL');
    await eventually(async () => ((await host.pids()).includes(tool.pid) ? undefined : true));
  });

  it('know the hardware address of a neighbour once talked to, in both families', async () => {
    await host.exec(['ping', '-c1', '-W2', '192.168.71.1']);
    await ask(host, 'udp', '192.168.71.1', '9');
    expect(await ask(host, 'neighbour', '192.168.71.1')).toBe('02:00:00:00:00:71');
    await host.exec(['ip', '-6', 'neigh', 'replace', 'fe80::1', 'lladdr', '02:00:00:00:00:71', 'dev', 'eth0']);
    expect(await ask(host, 'neighbour', 'fe80::1')).toBe('02:00:00:00:00:71');
    expect(await ask(host, 'neighbour', '192.168.71.200')).toBe('undefined');
  });
});

describe('multicast (H2)', () => {
  const group = '239.255.255.250';

  it('is heard by the socket of the interface where it arrived, and by no other', async () => {
    const listener = start(host, 'listen', group, '1900', 'eth0=192.168.71.2', 'wlan0=192.168.72.2');
    await listener.line((line) => line === 'ready' || undefined);
    await ask(left, 'multicast', group, '1900', 'eth0', '192.168.71.1', 'alive-left');
    await ask(right, 'multicast', group, '1900', 'eth0', '192.168.72.1', 'alive-right');
    await listener.line((line) => line.includes('alive-right') || undefined);
    expect(listener.lines).toEqual(['ready', 'eth0 192.168.71.1 - alive-left', 'wlan0 192.168.72.1 - alive-right']);
  });

  it('leaves by the interface it is meant for, whatever the routes prefer', async () => {
    const [atLeft, atRight] = [
      start(left, 'listen', group, '1900', 'eth0=192.168.71.1'),
      start(right, 'listen', group, '1900', 'eth0=192.168.72.1'),
    ];
    for (const one of [atLeft, atRight]) await one.line((line) => line === 'ready' || undefined);
    await ask(host, 'multicast', group, '1900', 'wlan0', '192.168.72.2', 'search-right');
    await ask(host, 'multicast', group, '1900', 'eth0', '192.168.71.2', 'search-left');
    await atLeft.line((line) => line.includes('search') || undefined);
    await atRight.line((line) => line.includes('search') || undefined);
    expect(atLeft.lines).toEqual(['ready', 'eth0 192.168.71.2 - search-left']);
    expect(atRight.lines).toEqual(['ready', 'eth0 192.168.72.2 - search-right']);
  });

  it('works in IPv6, where a link-local sender comes with the interface it is on', async () => {
    const listener = start(host, 'listen', 'ff02::c', '1900', 'eth0=2001:db8:71::2', 'wlan0=fe80::2');
    await listener.line((line) => line === 'ready' || undefined);
    await ask(left, 'multicast', 'ff02::c', '1900', 'eth0', 'fe80::1', 'alive');
    const heard = await listener.line((line) => (line.includes('alive') ? line : undefined));
    expect(heard).toMatch(/^eth0 fe80::[0-9a-f:]+ eth0 alive$/);
  });
});

describe('failures that name who can act', () => {
  afterEach(() => host.nft('flush ruleset'));

  it('the firewall of this machine (H4)', async () => {
    await host.nft(
      'table inet t { chain out { type filter hook output priority 0; ip daddr 192.168.71.1 meta l4proto { tcp, udp } drop; }; }\n',
    );
    expect(await ask(host, 'udp', '192.168.71.1', '5351')).toBe('denied');
  });

  it('nobody listens on the router', async () => {
    expect(await ask(host, 'udp', '192.168.71.1', '5351')).toBe('refused');
    expect(await ask(host, 'tcp', '192.168.71.1', '5000')).toBe('refused');
  });

  it('nobody is at the address, or no way leads there', async () => {
    expect(await ask(host, 'tcp', '192.168.71.200', '5000')).toBe('unreachable');
    expect(await ask(right, 'udp', '11.22.33.44', '5351')).toBe('unreachable');
    expect(await ask(right, 'tcp', '11.22.33.44', '80')).toBe('unreachable');
  });
});

/** A disk of its own in memory. */
async function disk(kilobytes: number): Promise<string> {
  const mounted = path.join(folder, `disk-${randomBytes(3).toString('hex')}`);
  await mkdir(mounted);
  await must(['mount', '-t', 'tmpfs', '-o', `size=${kilobytes}k,mode=700`, 'tmpfs', mounted]);
  onTestFinished(async () => void (await must(['umount', mounted])));
  return mounted;
}

const padded = (size: number): { readonly padding: string } => ({ padding: 'x'.repeat(size) });

describe('a disk that fills up', () => {
  it('never costs a document, wherever in a write the space ends', async () => {
    const outcomes: string[] = [];
    for (let pages = 0; pages <= 12; pages += 1) {
      const mounted = await disk(128);
      const store = createDocumentStore(mounted);
      const former = padded(9000);
      const larger = padded(21_000);
      await store.write('profiles', former);
      const { bavail, bsize } = await statfs(mounted);
      await writeFile(path.join(mounted, 'ballast'), 'x'.repeat((bavail - pages) * bsize));
      const outcome = await store.write('profiles', larger).then(
        () => 'written',
        (error: unknown) => (error instanceof StorageError ? error.fault : 'failed'),
      );
      outcomes.push(outcome);
      const left = outcome === 'written' ? larger : former;
      expect(await store.read('profiles')).toEqual(left);
      const setAside: unknown[] = [];
      const restarted = createDocumentStore(mounted, { onSetAside: (what) => setAside.push(what) });
      expect(await restarted.read('profiles')).toEqual(left);
      expect(setAside).toEqual([]);
      expect(JSON.parse(await readFile(path.join(mounted, 'profiles.json'), 'utf8'))).toEqual(left);
    }
    // Six pages take the document once, which is all that a write may need.
    expect(outcomes).toEqual([...Array<string>(6).fill('no-space'), ...Array<string>(7).fill('written')]);
  });

  it('refuses records whole, keeps the former ones, and takes new ones once there is room', async () => {
    const mounted = await disk(32);
    const file = path.join(mounted, 'journal.log');
    const log = createRecordLog(file);
    await log.append([padded(10_000)]);
    await expect(log.append([padded(10), padded(40_000)])).rejects.toMatchObject({ fault: 'no-space', path: file });
    await log.append([padded(20)]);
    await expect(log.rewrite([padded(30_000)])).rejects.toMatchObject({ fault: 'no-space' });
    await log.append([padded(30)]);
    const kept = [padded(10_000), padded(20), padded(30)];
    expect(await log.load()).toEqual(kept);
    expect(await createRecordLog(file).load()).toEqual(kept);
    expect(await readdir(mounted)).toEqual(['journal.log']);
  });

  it('does not keep the only process out of its folder', async () => {
    const mounted = await disk(16);
    await writeFile(path.join(mounted, 'ballast'), 'x'.repeat(20_000)).catch(() => undefined);
    const lock = await lockFolder(mounted);
    await expect(lockFolder(mounted)).rejects.toMatchObject({ fault: 'locked' });
    await lock.release();
  });
});

it('a disk that became read-only is distinguished from one that is full', async () => {
  const mounted = await disk(64);
  const store = createDocumentStore(mounted);
  const log = createRecordLog(path.join(mounted, 'journal.log'));
  await store.write('profiles', padded(10));
  await log.append([1]);
  await must(['mount', '-o', 'remount,ro', mounted]);
  await expect(store.write('profiles', padded(20))).rejects.toMatchObject({ fault: 'no-permission' });
  await expect(log.append([2])).rejects.toMatchObject({ fault: 'no-permission' });
  await expect(log.rewrite([2])).rejects.toMatchObject({ fault: 'no-permission' });
  // In another place, for one at a time.
  const lock = await lockFolder(mounted);
  onTestFinished(() => rm(lock.place ?? '', { recursive: true, force: true }));
  expect(lock.place).not.toBe(mounted);
  await expect(lockFolder(mounted)).rejects.toMatchObject({ fault: 'locked' });
  await lock.release();
  expect(await store.read('profiles')).toEqual(padded(10));
  expect(await log.load()).toEqual([1]);
  expect(JSON.parse(await readFile(path.join(mounted, 'profiles.json'), 'utf8'))).toEqual(padded(10));
});
