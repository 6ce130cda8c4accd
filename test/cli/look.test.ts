/** Commands that only look, against a demo router. */
import { createSocket } from 'node:dgram';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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

afterAll(() => place.close());

describe('discover', () => {
  test('shows the router, what it speaks, how it was found, and the public IP', async () => {
    const { code, stdout } = await place.run(['discover', ...router.upnp]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Simulated router \(127\.0\.0\.1\)$/m);
    expect(stdout).toMatch(/^ {4}public IP {6}11\.22\.33\.44$/m);
    expect(stdout).toMatch(/^ {4}UPnP {11}found at the address you gave in \d+ ms$/m);
    expect(stdout).toContain('urn:schemas-upnp-org:service:WANIPConnection:2');
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(stdout).not.toContain('{');
  });

  test('for programs it is one JSON value', async () => {
    const { code, stdout, said } = await place.run(['discover', '--json', ...router.upnp]);
    expect(code).toBe(0);
    expect(stdout.split('\n')).toHaveLength(1);
    expect(said[0]).toMatchObject({
      gateways: [
        {
          name: 'Simulated router',
          address: '127.0.0.1',
          externalAddress: '11.22.33.44',
          protocols: [{ protocol: 'igd', foundBy: 'manual', foundInMs: expect.any(Number) }],
        },
      ],
      problems: [],
      ms: expect.any(Number),
    });
  });

  test('finds PCP and NAT-PMP at the same router', async () => {
    const { code, said } = await place.run(['discover', '--json', ...router.pxp]);
    expect(code).toBe(0);
    expect(said[0]).toMatchObject({
      gateways: [{ protocols: expect.arrayContaining([expect.objectContaining({ protocol: 'pcp' })]) }],
    });
    expect(JSON.stringify(said)).toContain('"protocol":"nat-pmp"');
  });

  test('asks by the one protocol that was named', async () => {
    const { said } = await place.run(['discover', '--json', '--protocol', 'natpmp', ...router.pxp]);
    expect(said[0]).toMatchObject({ gateways: [{ protocols: [{ protocol: 'nat-pmp' }] }] });
    expect(JSON.stringify(said)).not.toContain('"pcp"');
  });

  test('takes a host name in the URL', async () => {
    const { code, stdout } = await place.run(['discover', '--gateway', router.url.replace('127.0.0.1', 'localhost')]);
    expect(code).toBe(0);
    expect(stdout).toContain('Simulated router (127.0.0.1)');
  });

  test('Ctrl-C ends a search without a word of errors', async () => {
    const silent = await silentPort();
    const looking = place.start(['discover', '--gateway', '127.0.0.1', '--pxp-port', `${silent.port}`]);
    await looking.note(/^Looking for your router…$/);
    const { code, stdout, stderr } = await looking.interrupt();
    silent.close();
    expect(code).toBe(130);
    expect(stdout).toBe('');
    expect(stderr).not.toMatch(/error|\bat /i);
  });
});

describe('discover without a usable address ends with 3, and claims no more than is known', () => {
  test('a router behind the provider’s own NAT', async () => {
    const behind = await place.demoRouter({ like: 'maps-behind-cgnat' });
    const { code, stdout, stderr } = await place.run(['discover', ...behind.upnp]);
    expect(code).toBe(3);
    expect(stdout).toMatch(/^ {4}public IP {6}100\.72\.3\.4, not reachable from the internet$/m);
    expect(stderr).toContain('can’t be reached from the internet');
    expect((await place.run(['discover', '--json', ...behind.upnp])).code).toBe(3);
  });

  test('a router that keeps such an address to itself', async () => {
    const silent = await place.demoRouter({ like: 'cgnat-wan' });
    const { code, stdout } = await place.run(['discover', ...silent.pxp]);
    expect(code).toBe(3);
    expect(stdout).toMatch(/^ {4}public IP {6}none that is reachable from the internet$/m);
  });
});

describe('list', () => {
  test('shows the whole table, whose it is, and marks ours', async () => {
    await place.run(['open', '40001/tcp', '--once', '--label', 'my server', ...router.upnp]);
    const { code, stdout } = await place.run(['list', ...router.upnp]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {5}PORT +FORWARDS TO +EXPIRES IN +LABEL$/m);
    expect(stdout).toMatch(/^ {5}3074\/tcp +127\.0\.0\.99:3074 +(?:1 h|\d+ min) +xbox$/m);
    expect(stdout).toMatch(/^ {2}\* {2}40001\/tcp +this computer:40001 +(?:1 h|\d+ min) +my server$/m);
    expect(stdout).toMatch(/^ {2}\* opened by Portkeeper$/m);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    const { said } = await place.run(['list', '--json', ...router.upnp]);
    expect(said).toMatchObject([
      {
        gateway: '127.0.0.1',
        whole: true,
        mappings: [
          { externalPort: 3074, internalClient: '127.0.0.99', description: 'xbox', ours: false },
          { externalPort: 40_001, transport: 'tcp', leaseSeconds: expect.any(Number), ours: true },
        ],
      },
    ]);
    expect((await place.run(['close', '40001/tcp', ...router.upnp])).code).toBe(0);
  });

  test('says that PCP and NAT-PMP cannot list', async () => {
    const { code, stderr, stdout } = await place.run(['list', '--protocol', 'natpmp', ...router.pxp]);
    expect(code).toBe(1);
    expect(stderr).toContain('supports NAT-PMP, which can’t list open ports. Turn on UPnP');
    expect(stdout).toBe('');
  });

  test('a reader that goes away is not an error', async () => {
    const command = [...PORTKEEPER, 'list', '--data-dir', place.path('data'), ...router.upnp];
    const words = command.map((word) => `'${word}'`).join(' ');
    // The reader is gone before the first line.
    const { stdout, stderr } = await place.spawn(['bash', '-c', `${words} | true; echo "$PIPESTATUS"`]).ended();
    expect(stdout).toBe('0');
    expect(stderr).not.toMatch(/EPIPE|error/i);
  });
});

describe('external-address', () => {
  test('prints the address and nothing else', async () => {
    expect(await place.run(['external-address', ...router.upnp])).toMatchObject({ code: 0, stdout: '11.22.33.44' });
    const { said } = await place.run(['external-address', '--json', ...router.pxp]);
    expect(said).toMatchObject([{ externalAddress: '11.22.33.44', gateway: { address: '127.0.0.1' } }]);
  });

  test('a private one gets a warning', async () => {
    const behind = await place.demoRouter({ like: 'maps-behind-cgnat' });
    const { code, stdout, stderr } = await place.run(['external-address', ...behind.upnp]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^100\.\d+\.\d+\.\d+$/);
    expect(stderr).toContain('can’t be reached from the internet');
  });
});

// Each waits for an answer that does not come: all at once, and each with an engine of its own.
describe.concurrent('no router', () => {
  let folders = 0;
  const run = (...args: readonly string[]) => place.run([...args, '--data-dir', place.path(`apart-${(folders += 1)}`)]);

  test('nothing answers: no router answered, exit 3', async () => {
    const silent = await silentPort();
    const there = ['--gateway', '127.0.0.1', '--protocol', 'natpmp', '--pxp-port', `${silent.port}`];
    const { code, stderr } = await run('discover', ...there);
    silent.close();
    expect(code).toBe(3);
    expect(stderr).toContain('No router answered.');
    expect(stderr).toContain('127.0.0.1 didn’t answer. It may be off');
    expect(stderr).toMatch(/^Looking for your router/m);
  });

  test('a router that lets nobody open ports is reported as such, exit 3', async () => {
    const there = ['--gateway', '127.0.0.1', '--protocol', 'natpmp', '--pxp-port', `${await freePort()}`];
    const { code, stderr } = await run('open', '40002/tcp', ...there);
    expect(code).toBe(3);
    expect(stderr).toContain('Your router (127.0.0.1) doesn’t let programs open ports.');
    expect(stderr).toContain('turn on UPnP');
  });

  test('for programs the problem is a JSON line', async () => {
    const gone = `http://127.0.0.1:${await freePort()}/rootDesc.xml`;
    const { code, said } = await run('list', '--json', '--gateway', gone);
    expect(code).toBe(3);
    expect(said).toMatchObject([{ event: 'problem', code: 'router-url', todo: expect.any(String) }]);
  });

  test('a URL that is not the description: says so, and goes on with the router', async () => {
    const page = new URL('/', router.url).href;
    const { code, stdout, stderr } = await run('list', '--router', page);
    expect(code).toBe(0);
    expect(stdout).toContain('Simulated router (127.0.0.1)');
    expect(stderr).toContain(`There is nothing at ${page}.`);
    expect(stderr).toContain('Enter just the router’s address, 127.0.0.1');
  });

  test('one of another name is not the one that was wanted', async () => {
    const { code, stderr } = await run('discover', '--gateway', '127.0.0.1:80');
    expect(code).toBe(2);
    expect(stderr).toContain('Leave the port out, as in 127.0.0.1');
  });
});

/** Takes datagrams and never answers. */
function silentPort(): Promise<{ readonly port: number; readonly close: () => void }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ port: number; close: () => void }>();
  const socket = createSocket('udp4').once('error', reject);
  socket.bind(0, '127.0.0.1', () => resolve({ port: socket.address().port, close: () => socket.close() }));
  return promise;
}
