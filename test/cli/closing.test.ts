/** How long a command that ends waits for its router to close. */
import { expect, test } from 'vitest';
import { whileClosing, withProgress } from '../../main/cli/session.ts';
import { inMinutes, inSeconds, port } from '../../main/contract/units.ts';
import { personality } from '../../main/simulator/personalities/personalities.ts';
import { EngineHome, forward } from '../support/engine-home.ts';
import { listening } from '../support/listening-console.ts';

const PATIENCE = inSeconds(15);
const TEN_PORTS = forward('game', 27_015, { external: { first: port(27_015), last: port(27_024) } });

async function openedAtSlowRouter(): Promise<EngineHome> {
  const at = await EngineHome.start({
    router: personality('miniupnpd', { protocols: { pcp: false, natPmp: false }, http: { latency: inSeconds(2) } }),
  });
  at.engine.want([TEN_PORTS]);
  await at.until(() => at.allOpen, inMinutes(5), 'all being open');
  return at;
}

function closing(at: EngineHome): Promise<void> {
  at.engine.want([]);
  const { engine } = at;
  const { clock } = at.home.client.system;
  const left = (): number => engine.leftovers.length;
  return whileClosing({ clock, watch: (changed) => engine.watch(changed), left }, PATIENCE, (late) =>
    engine.settled(late),
  );
}

test('a router that takes its two seconds and more for each of ten is waited for', async () => {
  const at = await openedAtSlowRouter();
  await at.world.finish(closing(at), inMinutes(5));
  expect(at.table).toEqual([]);
  await at.stop();
});

test('a router that dies meanwhile is not', async () => {
  const at = await openedAtSlowRouter();
  const ended = closing(at);
  await at.world.run(inSeconds(12));
  at.home.router.powerOff();
  await at.world.finish(ended, inSeconds(40));
  expect(at.engine.leftovers.length).toBeGreaterThan(0);
  await at.stop();
});

test('meanwhile it says how many are left', async () => {
  const at = await openedAtSlowRouter();
  const { console, err } = listening();
  const { clock } = at.home.client.system;
  const left = (): number => at.engine.leftovers.length;
  await at.world.finish(
    withProgress({ clock, console }, 'Closing', () => closing(at), left),
    inMinutes(5),
  );
  expect(err.slice(0, 2)).toEqual(['Closing…', expect.stringMatching(/^Closing… \(5 s, [1-9]\d* left\)$/)]);
  await at.stop();
});
