/**
 * Which code of the product a run reaches, as V8 counts it: no instrumentation, and no tool beyond Node. Taking the counts
 * costs about a millisecond, so it is done for many runs at once, and for single ones only where those reached something new.
 */
import { Session, type Profiler } from 'node:inspector';
import path from 'node:path';

const PRODUCT = `${path.join(import.meta.dirname, '../../../main')}/`;

export type Run = readonly Profiler.ScriptCoverage[];

export class Coverage {
  readonly #session = new Session();
  /** By script: a byte for each character that was reached. */
  readonly #reached = new Map<string, Uint8Array>();

  constructor() {
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  close(): void {
    this.#session.disconnect();
  }

  /** Code that has run since the last call. */
  take(): Run {
    let scripts: Run = [];
    // The inspector of one's own thread answers before `post` returns.
    this.#session.post('Profiler.takePreciseCoverage', (error, { result }) => {
      if (error !== null) throw error;
      scripts = result.filter(({ url }) => url.includes(PRODUCT));
    });
    return scripts;
  }

  /** Characters that ran then and in no run that was learnt. */
  newsIn(run: Run): number {
    return this.#count(run, false);
  }

  learn(run: Run): void {
    this.#count(run, true);
  }

  get size(): number {
    let size = 0;
    for (const reached of this.#reached.values()) for (const byte of reached) size += byte;
    return size;
  }

  #count(scripts: Run, isLearnt: boolean): number {
    let news = 0;
    for (const { url, functions } of scripts) {
      const reached = this.#reachedIn(url, functions);
      for (const { ranges } of functions) {
        const [whole, ...blocks] = ranges;
        if (whole === undefined || whole.count === 0) continue;
        // Inner ranges come after those around them.
        const runs = new Uint8Array(whole.endOffset - whole.startOffset).fill(1);
        for (const { startOffset, endOffset, count } of blocks)
          runs.fill(count > 0 ? 1 : 0, startOffset - whole.startOffset, endOffset - whole.startOffset);
        for (const [at, isRun] of runs.entries()) {
          if (isRun === 0 || reached[whole.startOffset + at] === 1) continue;
          news += 1;
          if (isLearnt) reached[whole.startOffset + at] = 1;
        }
      }
    }
    return news;
  }

  #reachedIn(url: string, functions: readonly Profiler.FunctionCoverage[]): Uint8Array {
    const end = Math.max(0, ...functions.map(({ ranges }) => ranges[0]?.endOffset ?? 0));
    const known = this.#reached.get(url);
    if (known !== undefined && known.length >= end) return known;
    const reached = new Uint8Array(end);
    if (known !== undefined) reached.set(known);
    this.#reached.set(url, reached);
    return reached;
  }
}
