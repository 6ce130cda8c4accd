/** Several commands side by side, on a real gateway: the one that has the engine ends, and another takes over. */
import { describe, expect, test } from 'vitest';
import { PUBLIC_WAN, type Flavour } from './lab/flavours.ts';
import { reached } from './lab/holding.ts';
import type { Home } from './lab/home.ts';
import { homeFor, opened } from './lab/opening.ts';
import { portkeeperOnce } from './lab/portkeeper.ts';

const FLAVOURS = ['igd2', 'upnp-only', 'pxp-only'] as const satisfies readonly Flavour[];

/** `25565/tcp`, sorted. */
async function rules(home: Home): Promise<readonly string[]> {
  return (await home.gateway.nftRules()).map(({ external, transport }) => `${external}/${transport}`).toSorted();
}

const emptied = (home: Home) => expect.poll(() => rules(home), { interval: 250 });

/** The daemon's own log of removals of this port; a renewal also removes a timestamp. */
async function deletions(home: Home, port: number): Promise<readonly string[]> {
  const lines = (await home.gateway.daemon.log()).split('\n');
  const asked = lines.filter((line) => /delet|remov|lifetime 0\b/i.test(line) && !line.includes('timestamp entry'));
  return asked.filter((line) => new RegExp(`\\b${port}\\b`).test(line));
}

describe.each(FLAVOURS)('%s', (flavour) => {
  test.each(['Ctrl-C', 'kill -9'] as const)('%s of the first: what the second holds is never removed', async (end) => {
    const home = await homeFor(flavour, { debugLog: true });
    await home.client.echo.tcp(27_015);
    const first = await opened(home, '25565/tcp');
    const second = await opened(home, '27015/tcp');
    expect(await rules(home)).toEqual(['25565/tcp', '27015/tcp']);
    await (end === 'Ctrl-C' ? first.program.interrupt() : first.program.crash());
    await emptied(home).toEqual(['27015/tcp']);
    const place = { transport: 'tcp', address: PUBLIC_WAN.address, port: 27_015 } as const;
    // The daemon takes a rule out to renew it, for milliseconds (L23).
    expect(await reached(home, [place])).toEqual(['client']);
    expect(await deletions(home, 27_015)).toEqual([]);
    expect(await deletions(home, 25_565)).not.toEqual([]);

    // It has taken over before it has asked the router for what it holds.
    await expect
      .poll(async () => (await portkeeperOnce(home.client, ['status'])).stdout, { interval: 250 })
      .toMatch(/^Opened from a terminal: 27015\/tcp\nopen {5}27015\/tcp/m);
    await second.program.interrupt();
    expect(await rules(home)).toEqual([]);
  });
});
