/** Holds while one engine takes over from another. */
import { expect, test } from 'vitest';
import type { AppSnapshot, HoldEnd } from '../../main/contract/commands.ts';
import { HoldKeeper } from '../../main/connect/hold-keeper.ts';
import type { EngineSession } from '../../main/connect/program.ts';
import { inSeconds } from '../../main/contract/units.ts';
import { exampleSnapshots } from '../support/example-snapshots.ts';

const never = new AbortController().signal;
const at = (revision: number): AppSnapshot => ({ ...exampleSnapshots.empty, revision });

interface Engine {
  readonly session: EngineSession;
  readonly tell: () => void;
  readonly lose: () => void;
  /** Calls of `leave` and `end`. */
  readonly calls: readonly string[];
}

/** Its client has taken the hold by the second snapshot; `tell` brings that. @param isSlow it never settles */
function engine(isSlow = false): Engine {
  const calls: string[] = [];
  let tell = (): void => undefined;
  let end: (why: HoldEnd) => void = () => undefined;
  const client = {
    ask: () => Promise.reject(new Error('nothing is asked')),
    watch: (listener: (snapshot: AppSnapshot) => void) => {
      listener(at(1));
      tell = () => listener(at(2));
      return () => undefined;
    },
    hold: (_input: unknown, signal: AbortSignal, ended: (why: HoldEnd) => void = () => undefined) => {
      end = ended;
      if (isSlow)
        return new Promise<never>((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        });
      return Promise.resolve({ ok: true, value: { forwards: [], revision: 2 } } as const);
    },
  };
  const session: EngineSession = {
    client,
    app: undefined,
    window: undefined,
    over: new Promise(() => undefined),
    leave: async () => void calls.push('leave'),
    end: async () => void calls.push('end'),
  };
  return { session, tell: () => tell(), lose: () => end('lost'), calls };
}

function keeperOf(engines: Engine[], moved?: () => void, delayed: Promise<void> = Promise.resolve()): HoldKeeper {
  return new HoldKeeper({
    meet: async (isTakeover) => {
      if (isTakeover) await delayed;
      const next = engines.shift();
      if (next === undefined) throw new Error('no more engines');
      return next.session;
    },
    input: () => ({
      what: 'forwards',
      forwards: [],
      from: 'terminal',
      label: 'Game',
      hold: 'open-1',
      afterwards: 'close',
    }),
    ...(moved === undefined ? {} : { moved }),
  });
}

test('a snapshot of the next engine before it has taken the hold does not end the hold', async () => {
  const engines = [engine(), engine()];
  const [first, second] = engines;
  const moved = Promise.withResolvers<void>();
  const seen: number[] = [];
  const keeper = keeperOf(engines, () => moved.resolve());
  await keeper.begin(never);
  keeper.watch(({ revision }) => seen.push(revision));
  const held = keeper.hold(never);
  await new Promise(setImmediate);
  first?.tell();
  await held;
  expect(seen).toEqual([1, 2]);
  first?.lose();
  await moved.promise;
  expect(seen).toEqual([1, 2]);
  second?.tell();
  expect(seen).toEqual([1, 2, 2]);
});

/** Its engine quits once it has the hold. */
async function holdAndLose(keeper: HoldKeeper, first: Engine): Promise<void> {
  await keeper.begin(never);
  const held = keeper.hold(never);
  await new Promise(setImmediate);
  first.tell();
  await held;
  first.lose();
}

test('an engine that is let go of while it takes the hold over is left and ended', async () => {
  const [first, second] = [engine(), engine(true)];
  const keeper = keeperOf([first, second]);
  await holdAndLose(keeper, first);
  await new Promise(setImmediate);
  await keeper.leave(inSeconds(0.05));
  expect(second.calls).toEqual(['leave', 'end']);
});

test('an engine that is met once there is no more time is left and ended, and asked to hold nothing', async () => {
  const [first, second] = [engine(), engine(true)];
  const met = Promise.withResolvers<void>();
  const keeper = keeperOf([first, second], undefined, met.promise);
  await holdAndLose(keeper, first);
  const left = keeper.leave(inSeconds(0.05));
  setTimeout(() => met.resolve(), 150);
  await left;
  expect(second.calls).toEqual(['leave', 'end']);
});
