/** Whatever happens, in whatever order: fast-check invents it, and prints what breaks a promise. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inSeconds, millis } from '../../../main/contract/units.ts';
import { personality, type PersonalityName } from '../../../main/simulator/personalities/personalities.ts';
import { EngineHome } from '../../support/engine-home.ts';
import { Day, day, FORWARDS } from './invented-day.ts';

/** More by hand: `RUNS=500 vitest run test/engine/loop/properties.test.ts`. */
const RUNS = Number(process.env['RUNS'] ?? 60);

const ROUTERS: readonly PersonalityName[] = [
  'miniupnpd',
  'upnp-only',
  'pcp-only',
  'pcp-answers-version-0',
  'miniupnpd-igd1',
  'resets-now-and-then',
];

describe('whatever happens in a home', () => {
  test.for(ROUTERS)(
    'the table ends as what is wanted, nothing of theirs is touched, nothing is claimed or asked too much (%s)',
    { timeout: 1_800_000 },
    async (router) => {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 1_000_000 }), day, async (seed, steps) => {
          const there = await Day.begin(seed, router);
          for (const { what, pause } of steps) await there.live(what, pause);
          await there.end();
        }),
        { numRuns: Math.ceil(RUNS / ROUTERS.length) },
      );
    },
  );
});

describe('kill -9 at any moment', () => {
  test.for(ROUTERS)(
    'leaves nothing that the next run does not know of (%s)',
    { timeout: 1_800_000 },
    async (router) => {
      const moments = fc.array(fc.double({ min: 0, max: 300, noNaN: true }), { minLength: 1, maxLength: 4 });
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 1_000_000 }),
          moments,
          fc.subarray([0, 1, 2, 3]),
          async (seed, after, keeps) => {
            const at = await EngineHome.start({ seed, router: personality(router), world: { splitStreams: false } });
            for (const [n, wait] of after.entries()) {
              at.engine.want(n % 2 === 0 ? FORWARDS : []);
              await at.world.run(millis(wait));
              at.restart();
            }
            const wanted = keeps.flatMap((n) => FORWARDS[n] ?? []);
            await at.want(...wanted);
            await at.world.run(inSeconds(20));
            const count = wanted.reduce(
              (sum, { external, transports }) => sum + (external.last - external.first + 1) * transports.length,
              0,
            );
            expect(at.table).toHaveLength(count);
            if (count > 0) expect(at.allOpen).toBe(true);
            await at.want();
            await at.world.run(inSeconds(20));
            expect(at.table).toEqual([]);
            expect(at.engine.leftovers).toEqual([]);
            await at.stop();
          },
        ),
        { numRuns: Math.ceil(RUNS / ROUTERS.length) * 2 },
      );
    },
  );
});
