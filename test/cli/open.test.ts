/** `open` and `close` as people use them, against a demo router. */
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { Workplace, type DemoRouter } from '../support/portkeeper-process.ts';
import { PORTKEEPER } from '../peers/lab/portkeeper.ts';

let place: Workplace;
let router: DemoRouter;

beforeAll(async () => {
  place = await Workplace.create();
  router = await place.demoRouter();
  router.addForeign(3074);
});

// One test that fails is enough.
afterEach(async () => {
  if (!(await place.endAll())) return;
  for (const { transport, externalPort } of router.entries)
    if (externalPort !== 3074) router.router.removeMapping(transport, externalPort);
});

afterAll(() => place.close());

/** Another device's entries on the router, all the time. */
const FOREIGN = '3074/tcp';

describe('open', () => {
  test('holds the ports until Ctrl-C, then closes them', async () => {
    const held = place.start(['open', '25565/tcp', '8080:80/tcp', '34197', ...router.upnp]);
    await held.note(/^4 ports open\. Ctrl-C closes and exits\.$/);
    expect(held.process.lines).toContain('open     25565/tcp  11.22.33.44:25565 -> 127.0.0.1:25565  UPnP');
    expect(held.process.lines).toContain('open     8080/tcp  11.22.33.44:8080 -> 127.0.0.1:80  UPnP');
    expect(router.table).toEqual([FOREIGN, '8080/tcp', '25565/tcp', '34197/tcp', '34197/udp']);
    const { code, stdout, stderr } = await held.interrupt();
    expect(code).toBe(0);
    expect(stdout.split('\n').filter((line) => line.startsWith('closed'))).toHaveLength(4);
    expect(stdout).not.toContain('{');
    expect(stderr).not.toContain('{');
    expect(router.table).toEqual([FOREIGN]);
  });

  test('prints each step as a JSON line for programs, and nothing else', async () => {
    const held = place.start(['open', '25565/tcp', '--json', '--lease', '30m', ...router.upnp]);
    const open = await held.until('mapping', ({ status }) => status === 'open');
    expect(open).toMatchObject({
      transport: 'tcp',
      wantedPort: 25_565,
      externalPort: 25_565,
      externalAddress: '11.22.33.44',
      internalClient: '127.0.0.1',
      protocol: 'igd',
    });
    const length = Date.parse(String(open['expiresAt'])) - Date.parse(String(open['grantedAt']));
    expect(length).toBe(1_800_000);
    await held.until('ready', ({ open, refused, waiting }) => open === 1 && refused === 0 && waiting === 0);
    await held.interrupt();
    expect(held.said.at(-1)).toMatchObject({ event: 'closed', wantedPort: 25_565 });
  });

  test.each(['pcp', 'natpmp'])('over %s', async (protocol) => {
    const held = place.start(['open', '27015-27016/udp', '--json', '--protocol', protocol, ...router.pxp]);
    await held.until('ready', ({ open }) => open === 2);
    const kinds = held.said.filter(({ status }) => status === 'open').map((said) => said['protocol']);
    expect(kinds).toEqual(Array(2).fill(protocol === 'pcp' ? 'pcp' : 'nat-pmp'));
    expect(router.table).toEqual([FOREIGN, '27015/udp', '27016/udp']);
    expect((await held.interrupt()).code).toBe(0);
    expect(router.table).toEqual([FOREIGN]);
  });

  test('carries traffic from outside to the program', async () => {
    const port = await freePort();
    const held = place.start(['open', `${port}:${new URL(router.url).port}/tcp`, '--json', ...router.upnp]);
    await held.until('ready', ({ open }) => open === 1);
    // The router's own web server is the program behind the port.
    expect(await statusLine('127.0.0.2', port)).toMatch(/^HTTP\/1\.1 \d\d\d/);
    await held.interrupt();
    await expect(statusLine('127.0.0.2', port)).rejects.toThrow('ECONNREFUSED');
  });

  test('--keep leaves them, close closes them', async () => {
    const held = place.start(['open', '40020/tcp', '--keep', ...router.upnp]);
    await held.note(/Ctrl-C exits and keeps them open\./);
    const { code, stdout } = await held.interrupt();
    expect(code).toBe(0);
    expect(stdout).not.toContain('closed');
    expect(router.table).toEqual([FOREIGN, '40020/tcp']);
    const { stdout: said } = await place.run(['close', '40020/tcp', ...router.upnp]);
    expect(said).toBe('1 port closed.');
    expect(router.table).toEqual([FOREIGN]);
  });

  test('--once opens and ends; close --all closes all of ours and nothing else', async () => {
    const { code, stderr, stdout } = await place.run(['open', '40030-40032/tcp', '--once', ...router.upnp]);
    expect(code).toBe(0);
    expect(stdout).not.toContain('closed');
    expect(stderr).toContain('3 ports open. They close when their leases expire, or with: portkeeper close --all');
    const { said } = await place.run(['close', '--all', '--json', ...router.upnp]);
    expect(said).toEqual([{ event: 'done', closed: 3, left: 0, foreign: 0 }]);
    expect(router.table).toEqual([FOREIGN]);
  });

  test('close finds by its mark what no journal knows', async () => {
    await place.run(['open', '40033/tcp', '--once', '--data-dir', place.path('lost'), ...router.upnp]);
    expect((await place.run(['close', '--all', ...router.upnp])).stdout).toBe('1 port closed.');
    expect(router.table).toEqual([FOREIGN]);
  });

  test('close leaves other devices’ ports alone, and says which are not open', async () => {
    const { code, stderr } = await place.run(['close', '3074/tcp', '40099/udp', ...router.upnp]);
    expect(code).toBe(1);
    expect(stderr).toContain(
      '3074/tcp was opened by another program or device (127.0.0.99, “xbox”), so it stays open. To close it anyway: portkeeper close 3074/tcp --anyway',
    );
    expect(stderr).toContain('40099/udp is not open.');
    expect(router.table).toEqual([FOREIGN]);
    expect(await place.run(['close', '40099/udp', ...router.upnp])).toMatchObject({
      code: 0,
      stdout: 'No ports closed.',
    });
  });
});

describe('close --anyway', () => {
  test('closes what others opened, and nothing that was not named', async () => {
    router.addForeign(3075);
    const { code, said } = await place.run(['close', '3075/tcp', '--anyway', '--json', ...router.upnp]);
    expect(code).toBe(0);
    expect(said).toEqual([{ event: 'done', closed: 1, left: 0, foreign: 0 }]);
    expect(router.table).toEqual([FOREIGN]);
  });

  test('is for ports that are named', async () => {
    const { code, stderr } = await place.run(['close', '--all', '--anyway', ...router.upnp]);
    expect(code).toBe(2);
    expect(stderr).toContain('--anyway only works with named ports; --all closes what Portkeeper opened.');
  });
});

describe('a port that somebody else has', () => {
  test('is refused, naming him and another port; nothing of his is touched', async () => {
    const { code, stdout } = await place.run(['open', '3074/tcp', ...router.upnp]);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^refused {2}3074\/tcp {2}Your router already forwards port 3074\/TCP to 127\.0\.0\.99 \(“xbox”\)\.$/m,
    );
    expect(stdout).toMatch(/^ {4}Use \d+ as the external port instead\?$/m);
    expect(router.entries).toMatchObject([{ externalPort: 3074, internalClient: '127.0.0.99', description: 'xbox' }]);
  });

  test('with --any-port the next free one is opened and reported', async () => {
    const held = place.start(['open', '3074/tcp', '--any-port', '--json', ...router.upnp]);
    const open = await held.until('mapping', ({ status }) => status === 'open');
    expect(open).toMatchObject({ wantedPort: 3074, internalPort: 3074 });
    expect(open['externalPort']).not.toBe(3074);
    expect(router.table).toEqual([FOREIGN, `${String(open['externalPort'])}/tcp`]);
    expect((await held.interrupt()).code).toBe(0);
    expect(router.table).toEqual([FOREIGN]);
  });

  test('beside one that is free: a part is open, exit 6', async () => {
    const held = place.start(['open', '3074/tcp', '40040/tcp', ...router.upnp]);
    await held.note(/^1 port open, 1 refused\. Ctrl-C closes and exits\.$/);
    expect((await held.interrupt()).code).toBe(6);
  });
});

describe('a router as OpenWrt has it', () => {
  let strict: DemoRouter;
  beforeAll(async () => {
    strict = await place.demoRouter({ like: 'openwrt-secure' });
  });

  test('refuses low ports, in plain words', async () => {
    const { code, stdout } = await place.run(['open', '443/tcp', ...strict.upnp]);
    expect(code).toBe(1);
    expect(stdout).toContain('refused  443/tcp  Your router doesn’t allow opening port 443/TCP');
    expect(stdout).toContain('Many routers keep ports below 1024 for themselves.');
  });

  test('refuses other computers, in plain words', async () => {
    const { code, stdout } = await place.run(['open', '40050/tcp@127.0.0.50', ...strict.upnp]);
    expect(code).toBe(1);
    expect(stdout).toContain('Your router doesn’t let this computer open port 40050/TCP for 127.0.0.50.');
    expect(stdout).toContain('Run Portkeeper on 127.0.0.50, or add this rule on the router’s settings page.');
  });
});

describe('an end that nobody planned', () => {
  test('after kill -9 the next start closes what nobody wants anymore', async () => {
    const held = place.start(['open', '40060/tcp', '40061/tcp', '--json', ...router.upnp]);
    await held.until('ready', ({ open }) => open === 2);
    await held.process.end('SIGKILL');
    expect(router.table).toEqual([FOREIGN, '40060/tcp', '40061/tcp']);
    const next = place.start(['open', '40061/tcp', '--json', ...router.upnp]);
    await next.until('closed', ({ wantedPort, leftover }) => wantedPort === 40_060 && leftover === true);
    await next.until('ready', ({ open, waiting }) => open === 1 && waiting === 0);
    expect(router.table).toEqual([FOREIGN, '40061/tcp']);
    expect((await next.interrupt()).code).toBe(0);
    expect(router.table).toEqual([FOREIGN]);
  });

  test('of the router: ports it did not confirm as closed are reported, exit 1', async () => {
    const other = await place.demoRouter();
    const list = await place.write('left.csv', 'address;port;protocol;duration;comment\n;40081;TCP;3600;left\n');
    const pid = place.path('left.pid');
    const run = ['run', '--foreground', '--file', list, '--close-ports-on-exit', '--pid-file', pid, '--json'];
    // Each with an engine of its own.
    const apart = ['--data-dir', place.path('apart')];
    const holding = [
      place.start(['open', '40080/tcp', '--json', ...apart, ...other.upnp]),
      place.start([...run, ...other.upnp]),
    ];
    for (const held of holding) await held.until('ready', ({ open }) => open === 1);
    await other.stop();
    for (const [index, held] of holding.entries()) {
      const { code } = await held.interrupt();
      expect(held.said.at(-1)).toMatchObject({ event: 'not-closed', wantedPort: 40_080 + index });
      expect(code).toBe(1);
    }
  });

  test('a second Ctrl-C right after the first is the same one; a later one ends at once', async () => {
    const slow = await place.demoRouter({ like: 'slow' });
    const held = place.start(['open', '40070-40072/tcp', '--json', ...slow.upnp]);
    await held.until('mapping', ({ status }) => status === 'open');
    held.process.signal('SIGINT');
    held.process.signal('SIGINT');
    await held.note(/^Closing/);
    expect(held.process.running).toBe(true);
    await held.note(/^Closing… \(5 s, \d left\)/);
    const { code } = await held.interrupt();
    expect(code).toBe(130);
    expect(held.said.filter(({ event }) => event === 'closed').length).toBeLessThan(3);
  });

  test('when nobody reads any more, the ports are closed as after Ctrl-C', async () => {
    const command = [...PORTKEEPER, 'open', '40062/tcp', '40063/tcp', '--data-dir', place.path('data'), ...router.upnp];
    const words = command.map((word) => `'${word}'`).join(' ');
    const { stdout } = await place.spawn(['bash', '-c', `${words} | true; echo "$PIPESTATUS"`]).ended();
    expect(stdout).toBe('0');
    expect(router.table).toEqual([FOREIGN]);
  });
});

/** Over a bare socket, so that nothing is pooled or retried. */
function statusLine(host: string, port: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ host, port }).once('error', reject);
  socket.once('close', () => reject(new Error('ended without an answer')));
  socket.once('data', (bytes) => {
    socket.destroy();
    resolve(bytes.toString('latin1'));
  });
  socket.write(`GET /rootDesc.xml HTTP/1.1\r\nHost: ${host}:${port}\r\nConnection: close\r\n\r\n`);
  return promise;
}
