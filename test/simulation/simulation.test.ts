/** A share of `npm run simulate`, and what its promises are worth: each is broken by the fault of the engine that it is for. */
import { describe, expect, test } from 'vitest';
import type { EngineOptions } from '../../main/engine/loop/engine.ts';
import type { Discover } from '../../main/engine/loop/searching.ts';
import type { PortControl } from '../../main/gateways/port-control.ts';
import {
  CONTROL_FAULTS,
  FAULT_NAMES,
  ROUTER_KINDS,
  scriptOf,
  SimulatedHome,
  type Happening,
  type Invariant,
} from './simulated-home.ts';

const HOUR = 3_600_000;

describe.for(['pcp', 'igd'] as const)('a home with %s', (kind) => {
  test('keeps its promises whatever goes wrong', async () => {
    for (let seed = 1; seed <= 2; seed += 1) {
      const days = 3;
      const { violations } = await SimulatedHome.run({
        seed,
        kind,
        days,
        script: scriptOf(seed, days, CONTROL_FAULTS, 8),
      });
      expect(violations, `npm run simulate -- --seed ${seed} --seeds 1 --days ${days} --per-day 8`).toEqual([]);
    }
  });

  test('is the same for the same seed', async () => {
    const run = (seed: number) =>
      SimulatedHome.run({ seed, kind, days: 1, script: scriptOf(seed, 1, CONTROL_FAULTS, 20) });
    const first = await run(7);
    expect(await run(7)).toEqual(first);
    expect((await run(8)).digest).not.toBe(first.digest);
  });
});

describe('with every packet', () => {
  test.for(ROUTER_KINDS.map((kind, n) => [kind, n + 10 * ROUTER_KINDS.length] as const))(
    'a home with %s keeps its promises in hours full of faults',
    async ([kind, seed]) => {
      const script = scriptOf(seed, 1 / 4, FAULT_NAMES, 60);
      expect((await SimulatedHome.run({ seed, kind, days: 1 / 4, script })).violations).toEqual([]);
    },
  );

  test('is the same for the same seed', async () => {
    const script = scriptOf(3, 1 / 24, FAULT_NAMES, 60);
    const run = () => SimulatedHome.run({ seed: 3, kind: 'miniupnpd', days: 1 / 24, script });
    expect(await run()).toEqual(await run());
  });

  // Found by it.
  test.for<readonly [string, (typeof ROUTER_KINDS)[number], readonly Happening[]]>([
    [
      'a router that gives shorter leases from now on: its entries are renewed in place (L6)',
      'upnp-only',
      [
        { at: 3.2538 * HOUR, what: 'want', draw: 0.568276 },
        { at: 3.458 * HOUR, what: 'short-leases', draw: 0.927948 },
      ],
    ],
  ])('%s', async ([, kind, happenings]) => {
    expect((await SimulatedHome.run({ seed: 6, kind, days: 1 / 5, script: happenings })).violations).toEqual([]);
  });

  test('an engine that deletes over PCP before it maps is found out', async () => {
    const script: readonly Happening[] = [
      { at: 60_000, what: 'want', draw: 0.99 },
      { at: HOUR, what: 'restart-intact', draw: 0.5 },
    ];
    const run = (mutate?: (options: EngineOptions) => EngineOptions) =>
      SimulatedHome.run({ seed: 1, kind: 'pcp-only', days: 1 / 12, script, mutate });
    expect((await run()).violations).toEqual([]);
    expect((await run(deletingBefore)).violations.map(({ invariant }) => invariant)).toContain('uncut');
  });
});

/** RFC 6887 §11.1: each renewal is preceded by a request with the lifetime 0. */
function deletingBefore(options: EngineOptions): EngineOptions {
  const { udp } = options.system;
  const nonces = new Set<string>();
  const isRenewal = (bytes: Uint8Array): boolean => {
    if (bytes[0] !== 2 || bytes[1] !== 1) return false;
    const nonce = bytes.slice(24, 36).join();
    return nonces.has(nonce) || nonces.add(nonce).size === 0;
  };
  const open: typeof udp.open = async (asked) => {
    const socket = await udp.open(asked);
    return {
      local: socket.local,
      receive: (signal) => socket.receive(signal),
      close: () => socket.close(),
      send: async (bytes, to) => {
        if (isRenewal(bytes)) await socket.send(bytes.slice().fill(0, 4, 8), to);
        await socket.send(bytes, to);
      },
    };
  };
  return { ...options, system: { ...options.system, udp: { open } } };
}

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
