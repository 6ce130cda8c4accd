/** A router that an earlier run knew: what the first port waits for. */
import { describe, expect, test } from 'vitest';
import { inMinutes, inSeconds } from '../../../main/contract/units.ts';
import { personality } from '../../../main/simulator/personalities/personalities.ts';
import { EngineHome, forward } from '../../support/engine-home.ts';

const web = forward('web', 8080);

/** Of an engine whose router was used before, and is known by its hardware address. */
async function again(
  options: Parameters<typeof EngineHome.start>[0],
  meanwhile: (at: EngineHome) => void = () => undefined,
): Promise<EngineHome> {
  const at = await EngineHome.start(options);
  await at.want(forward('other', 9090));
  await at.want();
  await at.world.run(inSeconds(20));
  at.restart();
  await at.world.run(inSeconds(20));
  meanwhile(at);
  at.restart();
  return at;
}

describe('a remembered router', () => {
  test.for(['pcp', 'natpmp', 'upnp'] as const)('opens a port by its first request over %s', async (protocol) => {
    const at = await again({ search: { protocol } });
    const { counters } = at.home.router;
    const asked = (): number => counters.total - counters.of('M-SEARCH');
    const before = asked();
    at.engine.want([web]);
    await at.world.until(() => at.table.length > 0, inSeconds(5), 'the port open');
    expect(asked() - before).toBe(1);
    // Controls found later join it.
    await at.until(
      ({ gateways }) => gateways[0]?.externalAddress === '11.22.33.44',
      inSeconds(5),
      'the public address',
    );
    await at.stop();
  });

  test('that is gone is reported within seconds, and used when it is back', async () => {
    const at = await again({ router: personality('pxp-only') }, ({ home }) => home.router.powerOff());
    at.engine.want([web]);
    await at.until(({ problems }) => problems.some(({ code }) => code === 'gateway-away'), inSeconds(4), 'the reason');
    await at.settle();
    at.home.router.powerOn();
    await at.until(() => at.allOpen, inMinutes(2), 'the port open');
    await at.stop();
  });
});
