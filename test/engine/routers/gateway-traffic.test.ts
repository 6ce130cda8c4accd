import { describe, expect, test } from 'vitest';
import { trafficRate, type TrafficReading } from '../../../main/contract/gateway-table.ts';
import type { GatewayId } from '../../../main/contract/model.ts';
import { inMinutes, inSeconds, port } from '../../../main/contract/units.ts';
import { personality } from '../../../main/simulator/personalities/personalities.ts';
import type { AppHome } from '../../support/app-home.ts';
import { appAtRouter, routerOf } from '../../support/app-router.ts';

/** Counters that the router was asked for so far. */
const asked = ({ home: { router } }: AppHome): number =>
  router.counters.of('GetTotalBytesReceived') + router.counters.of('GetTotalBytesSent');

/** Without letting time pass. @throws what {@link AppHome.do} throws */
async function reading(at: AppHome, gateway: GatewayId): Promise<TrafficReading> {
  const answer = await at.client.ask('gateway.traffic', { gateway });
  if (!answer.ok) throw new Error(answer.fault.message);
  return answer.value;
}

describe('the bytes of the internet connection', () => {
  test('are counted by a router that says so, and their rate is known', async () => {
    const { at, gateway } = await appAtRouter();
    expect(routerOf(at).countsTraffic).toBe(true);
    const before = await at.do('gateway.traffic', { gateway });
    await at.world.run(inSeconds(10));
    const after = await at.do('gateway.traffic', { gateway });
    const rate = trafficRate(before, after);
    expect(rate?.received).toBeGreaterThan(10_000);
    expect(rate?.received).toBeLessThan(200_000);
    expect(rate?.sent).toBeGreaterThan(1000);
    await at.stop();
  });

  test.each([
    ['counters-wrap', 1],
    // It becomes negative there, and still counts on.
    ['counters-signed', 0],
  ] as const)('that wrap around in between give the same rate: %s', async (like, around) => {
    const { at, gateway } = await appAtRouter({ router: personality(like) });
    let latest = await at.do('gateway.traffic', { gateway });
    let wraps = 0;
    for (let n = 0; n < 100; n++) {
      await at.world.run(inSeconds(5));
      const next = await at.do('gateway.traffic', { gateway });
      if (next.received < latest.received || next.sent < latest.sent) wraps += 1;
      expect(trafficRate(latest, next)?.received).toBeLessThan(200_000);
      latest = next;
    }
    expect(wraps).toBeGreaterThanOrEqual(around);
    expect(latest.received).toBeGreaterThan(around === 0 ? 2 ** 31 : 0);
    await at.stop();
  });

  test('are read once for all who ask at the same time, and no more often than is good for a router', async () => {
    const { at, gateway } = await appAtRouter();
    const [one, other] = await at.finish(Promise.all([reading(at, gateway), reading(at, gateway)]));
    expect(one).toBe(other);
    expect(asked(at)).toBe(2);
    for (let n = 0; n < 100; n++) {
      await at.do('gateway.traffic', { gateway });
      await at.world.run(inSeconds(0.1));
    }
    expect(asked(at)).toBeGreaterThanOrEqual(8);
    expect(asked(at)).toBeLessThanOrEqual(18);
    await at.stop();
  });

  test('are within the budget that is shown', async () => {
    const { at, gateway } = await appAtRouter();
    // The beginning of a minute of the engine's.
    await at.world.run(inSeconds(61 - (Math.floor(at.snapshot.engine.at / 1000) % 60)));
    await at.do('gateway.traffic', { gateway });
    expect(routerOf(at).budget.used).toBe(2);
    await at.stop();
  });

  test('are not requested when the budget of the minute is used up', async () => {
    const { at, gateway } = await appAtRouter();
    await at.world.run(inSeconds(61 - (Math.floor(at.snapshot.engine.at / 1000) % 60)));
    for (let n = 1; n <= 125; n++) await at.do('gateway.close', { gateway, transport: 'udp', external: port(n) });
    expect(await at.refused('gateway.traffic', { gateway })).toMatchObject({
      code: 'gateway-failed',
      message: expect.stringMatching(/limits how often it asks .*\. Try again in a minute\./),
    });
    expect(asked(at)).toBe(0);
    const { until } = routerOf(at).budget;
    expect(until).toBeGreaterThan(at.home.client.system.clock.now());
    await at.world.run(inMinutes(1));
    expect(until).toBeLessThanOrEqual(at.home.client.system.clock.now());
    await at.do('gateway.traffic', { gateway });
    await at.stop();
  });

  test('are known to be counted when the router is found where it was', async () => {
    const { at } = await appAtRouter({ router: personality('upnp-only') });
    await at.stop();
    const next = await at.again();
    await next.world.until(() => next.snapshot.engine.gateways.length > 0, inSeconds(30), 'a gateway');
    expect(routerOf(next)).toMatchObject({ countsTraffic: true, controls: [{ foundBy: 'remembered' }] });
    await next.do('gateway.traffic', { gateway: routerOf(next).id });
    await next.stop();
  });
});

describe('a router that does not count', () => {
  test('is asked once, and then known not to', async () => {
    const { at, gateway } = await appAtRouter({ router: personality('counts-no-bytes') });
    expect(routerOf(at).countsTraffic).toBe(true);
    const fault = { code: 'gateway-failed', reason: { code: 'counts-no-traffic' } };
    expect(await at.refused('gateway.traffic', { gateway })).toMatchObject(fault);
    expect(routerOf(at).countsTraffic).toBe(false);
    const before = asked(at);
    await at.world.run(inMinutes(1));
    expect(await at.refused('gateway.traffic', { gateway })).toMatchObject(fault);
    expect(asked(at)).toBe(before);
    // Nor when it is found again.
    await at.do('gateways.search', {});
    await at.world.run(inMinutes(1));
    expect(routerOf(at).countsTraffic).toBe(false);
    await at.stop();
  });

  test('because it has no UPnP is not asked', async () => {
    const { at, gateway } = await appAtRouter({ router: personality('pxp-only') });
    expect(await at.refused('gateway.traffic', { gateway })).toMatchObject({ reason: { code: 'counts-no-traffic' } });
    await at.stop();
  });
});

test('a router that is away is reported, and not asked more often for it', async () => {
  const { at, gateway } = await appAtRouter();
  await at.do('gateway.traffic', { gateway });
  at.home.router.powerOff();
  await at.world.run(inSeconds(3));
  const before = routerOf(at).budget.used;
  const fault = await at.refused('gateway.traffic', { gateway });
  expect(fault).toMatchObject({ code: 'gateway-failed', reason: { code: 'gateway-unreachable' } });
  const used = routerOf(at).budget.used;
  expect(used).toBeGreaterThan(before);
  const again = at.dispatch.command('gateway.traffic', { gateway }, new AbortController().signal);
  expect(await again).toMatchObject({ ok: false, fault });
  expect(routerOf(at).budget.used).toBe(used);
  at.home.router.powerOn();
  await at.world.run(inMinutes(2));
  await at.do('gateway.traffic', { gateway });
  await at.stop();
});

test('a router that nobody knows is refused', async () => {
  const { at } = await appAtRouter();
  expect(await at.refused('gateway.traffic', { gateway: 'x' })).toMatchObject({ code: 'no-such-gateway' });
  await at.stop();
});
