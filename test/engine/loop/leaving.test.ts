/** A network that is left while its router is being asked. */
import { expect, test } from 'vitest';
import { inMinutes, inSeconds } from '../../../main/contract/units.ts';
import { personality } from '../../../main/simulator/personalities/personalities.ts';
import type { Traits } from '../../../main/simulator/router/personality.ts';
import { EngineHome, forward } from '../../support/engine-home.ts';
import { addOtherNetwork } from '../../support/other-network.ts';

const WEB = forward('web', 8080);
const AT_HOME = 'tcp 8080 -> 192.168.1.10:8080';

const ONLY: Record<'upnp' | 'pcp' | 'nat-pmp', Traits> = {
  upnp: { protocols: { pcp: false, natPmp: false }, http: { latency: inSeconds(2) } },
  pcp: { protocols: { igd: false, natPmp: false } },
  'nat-pmp': { protocols: { igd: false, pcp: false } },
};

test('an opening that is under way does not keep the next network waiting, and is closed on return', async () => {
  const at = await EngineHome.start({ router: personality(ONLY.upnp) });
  const cafe = await addOtherNetwork(at.home, personality('upnp-only'));
  at.engine.want([WEB]);
  await at.world.until(() => at.home.router.counters.of('AddPortMapping') === 1, inMinutes(1));
  cafe.enter();
  await at.world.until(() => cafe.router.table().length === 1, inSeconds(1.5), 'the forward in the café');
  await at.until(() => at.allOpen, inSeconds(1.5), 'being told so');
  expect(at.table).toEqual([AT_HOME]);
  at.engine.want([]);
  await at.world.run(inSeconds(2));
  cafe.leave();
  await at.world.until(() => at.table.length === 0, inSeconds(30), 'the forward at home being closed');
  await at.stop();
});

test.for(['upnp', 'pcp', 'nat-pmp'] as const)(
  'a renewal that a dead router (%s) never answers does not keep the next network waiting',
  async (kind) => {
    const at = await EngineHome.start({ router: personality(ONLY[kind]) });
    const cafe = await addOtherNetwork(at.home, personality('upnp-only'));
    await at.want(WEB);
    at.home.router.powerOff();
    at.engine.want([forward('web', 8080, { lease: 'permanent' })]);
    await at.world.run(inSeconds(0.5));
    cafe.enter();
    await at.world.until(() => cafe.router.table().length === 1, inSeconds(1.5), 'the forward in the café');
    await at.world.run(inMinutes(2));
    expect(at.allOpen).toBe(true);
    await at.stop();
  },
);

test('the same network left and met again at once has all as before', async () => {
  const at = await EngineHome.start({ router: personality(ONLY.upnp) });
  const cafe = await addOtherNetwork(at.home, personality('upnp-only'));
  await at.want(WEB);
  at.engine.want([forward('web', 8080, { lease: 'permanent' })]);
  await at.world.run(inSeconds(0.1));
  cafe.enter();
  await at.world.run(inSeconds(0.1));
  cafe.leave();
  await at.until(() => at.allOpen, inSeconds(30), 'the forward being open');
  expect(at.table).toEqual([AT_HOME]);
  await at.want();
  expect(at.table).toEqual([]);
  await at.stop();
});
