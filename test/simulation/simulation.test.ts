/** A share of `npm run simulate`, and what its promises are worth: each is broken by the fault of the engine that it is for. */
import { describe, expect, test } from 'vitest';
import type { EngineOptions } from '../../main/engine/loop/engine.ts';
import type { Discover } from '../../main/engine/loop/searching.ts';
import type { PortControl } from '../../main/gateways/port-control.ts';
import { FAULT_NAMES, scriptOf, SimulatedHome, type Happening, type Invariant } from './simulated-home.ts';

const HOUR = 3_600_000;

describe.for(['pcp', 'igd'] as const)('a home with %s', (kind) => {
  test('keeps its promises whatever goes wrong', async () => {
    for (let seed = 1; seed <= 3; seed += 1) {
      const days = 3;
      const { violations } = await SimulatedHome.run({
        seed,
        kind,
        days,
        script: scriptOf(seed, days, FAULT_NAMES, 8),
      });
      expect(violations, `npm run simulate -- --seed ${seed} --seeds 1 --days ${days} --per-day 8`).toEqual([]);
    }
  });

  test('is the same for the same seed', async () => {
    const run = (seed: number) =>
      SimulatedHome.run({ seed, kind, days: 1, script: scriptOf(seed, 1, FAULT_NAMES, 20) });
    expect(await run(7)).toEqual(await run(7));
    expect((await run(8)).digest).not.toBe((await run(7)).digest);
  });
});

/** The engine with controls that do something else. */
const withControls =
  (change: (control: PortControl) => Partial<PortControl>) =>
  (options: EngineOptions): EngineOptions => {
    const { discover } = options;
    if (discover === undefined) throw new TypeError('a scripted gateway is found by its script');
    const changed: Discover = async function* (...given) {
      const search = discover(...given);
      for (;;) {
        const next = await search.next();
        if (next.done === true) return next.value;
        const { control } = next.value;
        yield { ...next.value, control: { ...control, ...change(control) } };
      }
    };
    return { ...options, discover: changed };
  };

const MUTATIONS: Readonly<Record<string, { breaks: Invariant; mutate: (options: EngineOptions) => EngineOptions }>> = {
  'does not renew': {
    breaks: 'open',
    mutate: withControls((control) => {
      const granted = new Map<number, ReturnType<PortControl['open']>>();
      return {
        open: async (wish, signal) => {
          const grant = granted.get(wish.external.port) ?? control.open(wish, signal);
          granted.set(wish.external.port, grant);
          return await grant;
        },
      };
    }),
  },
  'closes what is wanted': {
    breaks: 'uncut',
    mutate: withControls((control) => {
      let heartbeats = 0;
      let close: ((signal: AbortSignal) => Promise<void>) | undefined;
      return {
        open: async (wish, signal) => {
          close = (until) => control.close(wish, until);
          return await control.open(wish, signal);
        },
        vitals: async (signal) => {
          heartbeats += 1;
          if (heartbeats === 30) await close?.(signal);
          return await control.vitals(signal);
        },
      };
    }),
  },
  'closes nothing': { breaks: 'closed', mutate: withControls(() => ({ close: async () => undefined })) },
  'writes no journal': {
    breaks: 'journalled',
    mutate: (options) => ({ ...options, journal: { ...options.journal, append: async () => undefined } }),
  },
  'asks all the time': {
    breaks: 'paced',
    mutate: withControls((control) => ({
      vitals: async (signal) => {
        for (let more = 0; more < 200; more += 1) await control.vitals(signal);
        return await control.vitals(signal);
      },
    })),
  },
  'does not notice a restart': {
    breaks: 'truthful',
    mutate: withControls((control) => ({
      vitals: async (signal) => {
        const { externalAddress } = await control.vitals(signal);
        return externalAddress === undefined ? {} : { externalAddress };
      },
      open: async (wish, signal) => {
        const { epoch: _unseen, ...grant } = await control.open(wish, signal);
        return grant;
      },
    })),
  },
};

const script: readonly Happening[] = [
  { at: 60_000, what: 'want', draw: 0.99 },
  { at: 2 * HOUR, what: 'flush', draw: 0.5 },
  { at: 4 * HOUR, what: 'want', draw: 0.6 },
];

test('an engine without a fault passes the script below', async () => {
  expect((await SimulatedHome.run({ seed: 1, kind: 'pcp', days: 1, script })).violations).toEqual([]);
});

test.for(Object.entries(MUTATIONS))('an engine that %s is found out', async ([, { breaks, mutate }]) => {
  const { violations } = await SimulatedHome.run({ seed: 1, kind: 'pcp', days: 1, script, mutate });
  expect(violations.map(({ invariant }) => invariant)).toContain(breaks);
});
