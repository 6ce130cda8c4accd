import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ip } from '../../main/contract/address.ts';
import { inSeconds } from '../../main/contract/units.ts';
import { askEcho, startEcho } from '../world/echo.ts';
import { type DemoRouter, startDemoRouter } from '../../main/simulator/on-loopback/demo-router.ts';
import { personality } from '../../main/simulator/personalities/personalities.ts';
import { createNodeSystem } from '../../main/system/node/node-system.ts';
import type { Log } from '../../main/system/system.ts';
import { freePort } from '../support/free-port.ts';

const LOOPBACK = ip('127.0.0.1');
const quiet: Log = { write: () => {} };
const system = createNodeSystem({ log: quiet });

let stop: AbortController;
let demo: DemoRouter;
let lines: string[];
let internalPort: number;

beforeEach(async () => {
  stop = new AbortController();
  lines = [];
  demo = await startDemoRouter({ log: (line) => lines.push(line) }, system, stop.signal);
  internalPort = await freePort();
  for (const transport of ['tcp', 'udp'] as const)
    await startEcho(system, `${transport} client`, { transport, address: LOOPBACK, port: internalPort }, stop.signal);
});

afterEach(async () => {
  await demo.stop();
  stop.abort();
});

function map(transport: 'tcp' | 'udp', externalPort: number): void {
  demo.router.addMapping({
    transport,
    externalPort,
    internalClient: LOOPBACK,
    internalPort,
    description: 'by hand',
    expiresAt: 'never',
    owner: 'manual',
  });
}

async function ask(transport: 'tcp' | 'udp', externalPort: number): Promise<string | undefined> {
  const at = await demo.reachedAt(transport, externalPort);
  return at === undefined ? undefined : askEcho(system, transport, at, inSeconds(10));
}

describe('the router on loopback', () => {
  test.each(['tcp', 'udp'] as const)(
    'really carries %s to the client while the mapping is there',
    async (transport) => {
      const externalPort = await freePort();
      expect(await ask(transport, externalPort)).toBeUndefined();
      map(transport, externalPort);
      const at = await demo.reachedAt(transport, externalPort);
      expect(await ask(transport, externalPort)).toBe(`${transport} client`);
      demo.router.removeMapping(transport, externalPort);
      expect(await demo.reachedAt(transport, externalPort)).toBeUndefined();
      if (at === undefined) throw new Error('the mapping was never carried');
      expect(await askEcho(system, transport, at, inSeconds(2))).toBeUndefined();
      expect(lines.map((line) => line.split(' ')[0])).toEqual(['opened', 'closed']);
    },
  );

  test('ends open connections with their mapping', async () => {
    const externalPort = await freePort();
    map('tcp', externalPort);
    const at = await demo.reachedAt('tcp', externalPort);
    if (at === undefined) throw new Error('the mapping was never carried');
    const connection = await system.tcp.connect(at, {}, stop.signal);
    await connection.write(new TextEncoder().encode('half a line'));
    const ended = connection.read(stop.signal).then(
      (bytes) => bytes ?? 'ended',
      () => 'ended',
    );
    demo.router.removeMapping('tcp', externalPort);
    expect(await ended).toBe('ended');
    connection.close();
  });

  test('says where a port is reached when its number is taken by another program', async () => {
    await demo.stop();
    demo = await startDemoRouter({ outside: LOOPBACK, log: (line) => lines.push(line) }, system, stop.signal);
    const holder = await system.tcp.listen({ address: LOOPBACK });
    map('tcp', holder.local.port);
    const at = await demo.reachedAt('tcp', holder.local.port);
    expect(at?.port).not.toBe(holder.local.port);
    expect(await ask('tcp', holder.local.port)).toBe('tcp client');
    expect(lines.join()).toContain(`reached at ${at?.address}:${at?.port}`);
    holder.close();
  });

  test('carries nothing while the line is down or the power off', async () => {
    const externalPort = await freePort();
    map('tcp', externalPort);
    demo.router.changeExternalAddress('none');
    expect(await ask('tcp', externalPort)).toBeUndefined();
    demo.router.changeExternalAddress(ip('11.22.33.45'));
    expect(await ask('tcp', externalPort)).toBe('tcp client');
    demo.router.powerOff({ keepTable: true });
    expect(await ask('tcp', externalPort)).toBeUndefined();
    demo.router.powerOn();
    await demo.router.ready();
    expect(await ask('tcp', externalPort)).toBe('tcp client');
  });

  test('plays any personality', async () => {
    const other = await startDemoRouter(
      { log: () => {}, personality: personality('pxp-only'), wan: ip('81.2.69.160') },
      system,
      stop.signal,
    );
    expect(other.location).toBe('');
    expect(other.router.wanAddress).toBe('81.2.69.160');
    await other.stop();
  });

  test('is refused by a port that is taken, and leaves nothing behind', async () => {
    const port = Number(new URL(demo.location).port);
    await expect(startDemoRouter({ log: () => {}, httpPort: port }, system, stop.signal)).rejects.toMatchObject({
      fault: 'in-use',
    });
    await demo.stop();
    const again = await startDemoRouter({ log: () => {}, httpPort: port, pxpPort: demo.pxp.port }, system, stop.signal);
    expect(again.location).toBe(demo.location);
    await again.stop();
  });
});
