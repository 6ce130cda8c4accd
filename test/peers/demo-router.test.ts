/** Other people's clients against the demo router on loopback. No namespaces, no root: only the tools are needed. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ip } from '../../main/contract/address.ts';
import type { Transport } from '../../main/contract/model.ts';
import { inSeconds } from '../../main/contract/units.ts';
import { askEcho, startEcho } from '../world/echo.ts';
import { type DemoRouter, startDemoRouter } from '../../main/simulator/on-loopback/demo-router.ts';
import { createNodeSystem } from '../../main/system/node/node-system.ts';
import { freePort } from '../support/free-port.ts';

const run = promisify(execFile);
const LOOPBACK = ip('127.0.0.1');
const system = createNodeSystem({ log: { write: () => {} } });

let stop: AbortController;
let demo: DemoRouter;
let internalPort: number;
let externalPort: number;

beforeEach(async () => {
  stop = new AbortController();
  internalPort = await freePort();
  externalPort = await freePort();
  for (const transport of ['tcp', 'udp'] as const)
    await startEcho(system, `${transport} client`, { transport, address: LOOPBACK, port: internalPort }, stop.signal);
});

afterEach(async () => {
  await demo.stop();
  stop.abort();
});

async function whoAnswers(transport: Transport): Promise<string | undefined> {
  const at = await demo.reachedAt(transport, externalPort);
  return at === undefined ? undefined : askEcho(system, transport, at, inSeconds(10));
}

describe('upnpc', () => {
  test('opens a port by the URL of the description, lists it and closes it', async () => {
    demo = await startDemoRouter({ log: () => {} }, system, stop.signal);
    const upnpc = async (...words: string[]): Promise<string> =>
      (await run('upnpc', ['-u', demo.location, ...words], { timeout: 60_000 })).stdout;
    const [inside, outside] = [`${internalPort}`, `${externalPort}`];
    expect(await upnpc('-e', 'demo', '-a', LOOPBACK, inside, outside, 'tcp', '3600')).toContain(
      `external 11.22.33.44:${outside} TCP is redirected to internal 127.0.0.1:${inside}`,
    );
    expect(await upnpc('-l')).toMatch(new RegExp(`TCP +${outside}->127\\.0\\.0\\.1:${inside} +'demo'`));
    expect(await whoAnswers('tcp')).toBe('tcp client');
    expect(await upnpc('-d', outside, 'tcp')).toContain('UPNP_DeletePortMapping() returned : 0');
    expect(await whoAnswers('tcp')).toBeUndefined();
  });
});

describe('natpmpc', () => {
  test('opens a port and reads the public IP address', async () => {
    // It knows port 5351 only: an address of 127.0.0.0/8 of our own has that free whatever else runs here.
    const address = ip(`127.${(process.pid >> 8) & 0xff}.${process.pid & 0xff}.77`);
    demo = await startDemoRouter({ log: () => {}, address, pxpPort: 5351 }, system, stop.signal);
    const words = ['-g', address, '-a', `${externalPort}`, `${internalPort}`, 'udp', '120'];
    const { stdout } = await run('natpmpc', words, { timeout: 60_000 });
    expect(stdout).toContain('Public IP address : 11.22.33.44');
    expect(stdout).toContain(`Mapped public port ${externalPort} protocol UDP to local port ${internalPort}`);
    expect(await whoAnswers('udp')).toBe('udp client');
  });
});
