/** The window's time: moments and delays come in through here, so that tests can give their own. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { EpochMs, Millis } from '../../main/contract/units.ts';
import { epochMs } from '../../main/contract/units.ts';

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
export const TimeProvider = TimeContext.Provider;
export const useTime = (): WindowTime => useContext(TimeContext);
