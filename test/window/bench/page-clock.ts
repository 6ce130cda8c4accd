/**
 * Measures the window from within its page: in place of the preload script it hands snapshots over, and it
 * shows when the page has painted the result of an action.
 */
import type { AppSnapshot } from '../../../main/contract/commands.ts';

/** Milliseconds. */
export interface Painted {
  /** From what happened until its frame was painted. */
  readonly took: number;
  /** Frames that were not painted meanwhile, because the page was busy. */
  readonly missed: number;
}

export interface PageClock {
  /** Length of a frame: the median of many while nothing happens. */
  frame(): Promise<number>;
  /** Takes a snapshot to be handed over, as it comes from outside. */
  bring(snapshot: string): void;
  /** Hands over what was brought, just after a frame. */
  handOver(): Promise<Painted>;
  /** Measures the next key press. */
  nextKey(): Promise<Painted>;
  /** Moments of all frames until `end` is called. */
  watchFrames(): { end(): readonly number[] };
}

export interface PageWithClock {
  readonly bench: PageClock;
}

export interface PageClockOptions {
  /** The name that the bridge has in the page. */
  readonly bridge: string;
  /** Start time of the page's clock, so that leases are as far from their end as they were made. */
  readonly now: number;
}

/** Goes into the page as a text: it knows nothing of this module. */
export function installPageClock({ bridge, now }: PageClockOptions): void {
  const offset = now - Date.now();
  const real = Date.now.bind(Date);
  Date.now = () => real() + offset;

  let frameLength = 0;
  let brought = '';
  let show: ((snapshot: AppSnapshot) => void) | undefined;

  /** When the next frame began, and when it was painted: what follows a frame's callbacks runs after its paint. */
  const nextFrame = async (): Promise<{ readonly begun: number; readonly painted: number }> => {
    const { promise, resolve } = Promise.withResolvers<{ readonly begun: number; readonly painted: number }>();
    requestAnimationFrame((begun) => {
      const { port1, port2 } = new MessageChannel();
      port1.addEventListener('message', () => resolve({ begun, painted: performance.now() }), { once: true });
      port1.start();
      port2.postMessage('');
    });
    return await promise;
  };

  const paintedSince = async (start: number): Promise<Painted> => {
    const took = (await nextFrame()).painted - start;
    // Work begun just after a frame is painted with the next one, a frame's length later.
    return { took, missed: Math.max(0, Math.floor(took / frameLength) - 1) };
  };

  const clock: PageClock = {
    async frame() {
      const moments: number[] = [];
      for (let count = 0; count < 90; count++) moments.push((await nextFrame()).begun);
      const lengths = moments.slice(1).map((moment, at) => moment - (moments[at] ?? moment));
      frameLength = lengths.toSorted((a, b) => a - b)[lengths.length >> 1] ?? 0;
      return frameLength;
    },
    bring(snapshot) {
      brought = snapshot;
    },
    async handOver() {
      await nextFrame();
      const start = performance.now();
      show?.(JSON.parse(brought) as AppSnapshot);
      return await paintedSince(start);
    },
    async nextKey() {
      const { promise, resolve } = Promise.withResolvers<number>();
      addEventListener(
        'keydown',
        ({ timeStamp }) => addEventListener('input', () => resolve(timeStamp), { once: true, capture: true }),
        { once: true, capture: true },
      );
      return await paintedSince(await promise);
    },
    watchFrames() {
      const moments: number[] = [];
      let isOver = false;
      const note = (moment: number): void => {
        moments.push(moment);
        if (!isOver) requestAnimationFrame(note);
      };
      requestAnimationFrame(note);
      return {
        end: () => {
          isOver = true;
          return moments;
        },
      };
    },
  };

  Object.assign(globalThis, {
    bench: clock,
    [bridge]: {
      ask: async () => ({ ok: true, value: {} }),
      abort: () => undefined,
      watch: (listener: (snapshot: AppSnapshot) => void) => {
        show = listener;
        return () => undefined;
      },
    },
  });
}
