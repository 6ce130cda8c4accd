import type { Random } from '../../main/system/system.ts';

/** sfc32 (Chris Doty-Humphrey, PractRand): small, fast and good enough for a simulation. Never for secrets. */
export class SeededRandom implements Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number, stream = '') {
    // FNV-1a keeps streams of one seed apart by name, so that a new consumer does not shift the others' values.
    let hash = 0x811c_9dc5;
    for (let at = 0; at < stream.length; at += 1) hash = Math.imul(hash ^ stream.charCodeAt(at), 0x0100_0193);
    this.#a = seed >>> 0;
    this.#b = hash >>> 0;
    this.#c = Math.floor(seed / 0x1_0000_0000) >>> 0;
    for (let warmUp = 0; warmUp < 15; warmUp += 1) this.#next();
  }

  #next(): number {
    const sum = (this.#a + this.#b + this.#counter) >>> 0;
    this.#counter = (this.#counter + 1) >>> 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) >>> 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) >>> 0;
    return sum;
  }

  unit(): number {
    return this.#next() / 0x1_0000_0000;
  }

  bytes(count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    for (let at = 0; at < count; at += 1) bytes[at] = this.#next() >>> 24;
    return bytes;
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.unit() * (most - least + 1));
  }

  chance(percent: number): boolean {
    return percent > 0 && this.unit() * 100 < percent;
  }
}
