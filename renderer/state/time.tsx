/** The window's time: moments and delays come in through here, so that tests can give their own. */
import { createContext, type ComponentChildren, type VNode } from 'preact';
import { useContext, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { epochMs, type EpochMs, type Millis } from '../../main/contract/units.ts';

export interface WindowTime {
  now(): EpochMs;
  /** Returns what cancels it. */
  after(delay: Millis, work: () => void): () => void;
  /** Each second while the window can be seen, and at once when it comes back into sight. Returns what ends it. */
  eachSecond(work: () => void): () => void;
}

export const browserTime: WindowTime = {
  now: () => epochMs(Date.now()),
  after(delay, work) {
    const timer = setTimeout(work, delay);
    return () => clearTimeout(timer);
  },
  eachSecond(work) {
    let timer: ReturnType<typeof setInterval> | undefined;
    const look = (): void => {
      clearInterval(timer);
      timer = undefined;
      if (document.visibilityState === 'hidden') return;
      timer = setInterval(work, 1000);
      work();
    };
    document.addEventListener('visibilitychange', look);
    look();
    return () => {
      document.removeEventListener('visibilitychange', look);
      clearInterval(timer);
    };
  },
};

const TimeContext = createContext<WindowTime>(browserTime);
export const useTime = (): WindowTime => useContext(TimeContext);

class Ticker {
  readonly #time: WindowTime;
  readonly #listeners = new Set<() => void>();
  #stop: (() => void) | undefined;
  #now: EpochMs;

  constructor(time: WindowTime) {
    this.#time = time;
    this.#now = time.now();
  }

  /** The same for everybody until the next tick. */
  get now(): EpochMs {
    if (this.#stop === undefined) this.#now = this.#time.now();
    return this.#now;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    this.#stop ??= this.#time.eachSecond(() => {
      this.#now = this.#time.now();
      for (const each of this.#listeners) each();
    });
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#stop?.();
      this.#stop = undefined;
    };
  }
}

const NowContext = createContext<Ticker | undefined>(undefined);

interface TimeProviderProperties {
  readonly time: WindowTime;
  readonly children: ComponentChildren;
}

export function TimeProvider({ time, children }: TimeProviderProperties): VNode {
  const ticker = useMemo(() => new Ticker(time), [time]);
  return (
    <TimeContext.Provider value={time}>
      <NowContext.Provider value={ticker}>{children}</NowContext.Provider>
    </TimeContext.Provider>
  );
}

/**
 * The result of `look` for the present moment; the component is drawn again only when that changes: a text
 * that changes each minute costs nothing in between. Give plain values, not objects.
 */
export function useMoment<Value extends string | number | boolean>(look: (now: EpochMs) => Value): Value {
  const ticker = useContext(NowContext);
  if (ticker === undefined) throw new Error('a TimeProvider is missing');
  const [, drawAgain] = useState(0);
  const value = look(ticker.now);
  const latest = useRef({ look, value });
  latest.current = { look, value };
  useEffect(
    () =>
      ticker.subscribe(() => {
        if (latest.current.look(ticker.now) !== latest.current.value) drawAgain((count) => count + 1);
      }),
    [ticker],
  );
  return value;
}
