/**
 * Fuzzing of what reads bytes: inputs are changed, and those that reach code that none reached before are kept and changed
 * further. The corpus of a target holds such inputs, as small as they can be, one to a line.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { SeededRandom } from '../../world/seeded-random.ts';
import { Coverage } from './coverage.ts';

export interface ByteTarget {
  readonly name: string;
  /** Valid messages. */
  readonly seeds: readonly Uint8Array[];
  /** The parts of its grammar. */
  readonly pieces: readonly string[];
  /** Throws when something is wrong. */
  readonly run: (bytes: Uint8Array) => unknown;
}

export interface Fault {
  /** As small as it was got. */
  readonly input: Uint8Array;
  readonly error: unknown;
}

export interface FuzzResult {
  readonly cases: number;
  /** Kept, as they reach what nothing before them does. */
  readonly kept: readonly Uint8Array[];
  /** Characters of the product that were reached. */
  readonly reached: number;
  readonly fault: Fault | undefined;
}

/** Coverage is taken for so many runs at once. */
const BATCH = 500;
const LONGEST = 16_384;
/** Longer ones are not for the repository. */
const LONGEST_KEPT = 4096;
const MOST_CUTS = 300;

/** Stops at the first fault. Without `isGuided` only the corpus is changed: for tests, which have no time to learn. */
export function fuzz(
  target: ByteTarget,
  options: { readonly seed: number; readonly isGuided: boolean; readonly isOver: (cases: number) => boolean },
): FuzzResult {
  const random = new SeededRandom(options.seed, target.name);
  const pool = [...target.seeds, ...readCorpus(target.name)];
  for (const input of pool) {
    const error = faultOf(target, input);
    if (error !== undefined) return { cases: 0, kept: [], reached: 0, fault: shrunk(target, input) };
  }
  const guide = options.isGuided ? new Guide(target, pool) : undefined;
  let cases = 0;
  let fault: Fault | undefined;
  while (fault === undefined && !options.isOver(cases)) {
    const batch: Uint8Array[] = [];
    while (batch.length < BATCH && fault === undefined && !options.isOver(cases)) {
      const input = changed(pool, target.pieces, random);
      batch.push(input);
      cases += 1;
      if (faultOf(target, input) !== undefined) fault = shrunk(target, input);
    }
    if (fault === undefined) pool.push(...(guide?.interestingIn(batch) ?? []));
  }
  const reached = guide?.end() ?? 0;
  return { cases, kept: guide?.kept ?? [], reached, fault };
}

class Guide {
  readonly kept: Uint8Array[] = [];
  readonly #target: ByteTarget;
  readonly #coverage = new Coverage();

  constructor(target: ByteTarget, known: readonly Uint8Array[]) {
    this.#target = target;
    for (const input of known) target.run(input);
    this.#coverage.learn(this.#coverage.take());
  }

  /** Of inputs that have just been run. */
  interestingIn(batch: readonly Uint8Array[]): readonly Uint8Array[] {
    const together = this.#coverage.take();
    if (this.#coverage.newsIn(together) === 0) return [];
    const found = this.#narrowed(batch);
    // V8 does not draw the borders of blocks alike each time: what no single one reaches is none of theirs.
    this.#coverage.learn(together);
    this.kept.push(...found.filter(({ length }) => length <= LONGEST_KEPT));
    return found;
  }

  #narrowed(batch: readonly Uint8Array[]): readonly Uint8Array[] {
    const news = this.#newsOf(batch);
    if (news === 0) return [];
    if (batch.length > 1) {
      const middle = Math.ceil(batch.length / 2);
      return [...this.#narrowed(batch.slice(0, middle)), ...this.#narrowed(batch.slice(middle))];
    }
    return batch.map((input) => {
      const small = cutDown(input, (bytes) => this.#newsOf([bytes]) >= news);
      this.#target.run(small);
      this.#coverage.learn(this.#coverage.take());
      return small;
    });
  }

  /** @returns what was reached */
  end(): number {
    this.#coverage.close();
    return this.#coverage.size;
  }

  #newsOf(inputs: readonly Uint8Array[]): number {
    this.#coverage.take();
    for (const input of inputs) this.#target.run(input);
    return this.#coverage.newsIn(this.#coverage.take());
  }
}

function faultOf(target: ByteTarget, input: Uint8Array): unknown {
  try {
    target.run(input);
    return undefined;
  } catch (error) {
    return error ?? new Error('thrown: nothing');
  }
}

function shrunk(target: ByteTarget, input: Uint8Array): Fault {
  const small = cutDown(input, (bytes) => faultOf(target, bytes) !== undefined);
  return { input: small, error: faultOf(target, small) };
}

/** Without what is not needed to be as `isStill` says, within some tries. */
function cutDown(input: Uint8Array, isStill: (bytes: Uint8Array) => boolean): Uint8Array {
  let small = input;
  let tries = 0;
  for (let size = Math.ceil(small.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < small.length && tries < MOST_CUTS;) {
      const shorter = joined(small.subarray(0, at), small.subarray(at + size));
      tries += 1;
      if (isStill(shorter)) small = shorter;
      else at += size;
    }
  }
  return small;
}

const encoder = new TextEncoder();
const NUMBERS = ['0', '1', '-1', '65535', '65536', '4294967295', '4294967296', '99999999999999999999', '1e9', '0x10'];
const BYTES = [0, 1, 9, 10, 13, 32, 0x7f, 0x80, 0xc0, 0xe2, 0xff];

type Change = (bytes: Uint8Array, random: SeededRandom, other: Uint8Array, pieces: readonly string[]) => Uint8Array;

const CHANGES: readonly Change[] = [
  (bytes, random) => bytes.subarray(0, random.between(0, bytes.length)),
  (bytes, random) => replaced(bytes, placeIn(bytes, random), 1, Uint8Array.of(random.between(0, 255))),
  (bytes, random) => replaced(bytes, placeIn(bytes, random), 1, Uint8Array.of(pick(BYTES, random) ?? 0)),
  (bytes, random) => replaced(bytes, placeIn(bytes, random), random.between(1, 64), new Uint8Array()),
  (bytes, random) => replaced(bytes, placeIn(bytes, random), 0, random.bytes(random.between(1, 8))),
  (bytes, random, _other, pieces) =>
    replaced(bytes, placeIn(bytes, random), random.between(0, 4), encoder.encode(pick(pieces, random) ?? '')),
  (bytes, random) => {
    const at = placeIn(bytes, random);
    const part = bytes.slice(at, at + random.between(1, 64));
    const times = random.chance(5) ? random.between(2, 100) : 1;
    return replaced(bytes, at, 0, joined(...Array.from({ length: times }, () => part)));
  },
  (bytes, random, other) => joined(bytes.subarray(0, placeIn(bytes, random)), other.subarray(placeIn(other, random))),
  (bytes, random, other) => {
    const from = placeIn(other, random);
    return replaced(
      bytes,
      placeIn(bytes, random),
      random.between(0, 16),
      other.slice(from, from + random.between(1, 64)),
    );
  },
  (bytes, random) => {
    const from = placeIn(bytes, random);
    const at = bytes.findIndex((byte, index) => index >= from && byte >= 0x30 && byte <= 0x39);
    if (at < 0) return bytes;
    const digits = bytes.subarray(at).findIndex((byte) => byte < 0x30 || byte > 0x39);
    return replaced(bytes, at, digits < 0 ? bytes.length : digits, encoder.encode(pick(NUMBERS, random) ?? '0'));
  },
];

function changed(pool: readonly Uint8Array[], pieces: readonly string[], random: SeededRandom): Uint8Array {
  if (random.chance(3)) {
    const parts = Array.from({ length: random.between(0, 60) }, () =>
      random.chance(70) ? encoder.encode(pick(pieces, random) ?? '') : random.bytes(random.between(0, 6)),
    );
    return joined(...parts);
  }
  // The latest findings lead further.
  const recent = pool.slice(-Math.ceil(pool.length / 4));
  let bytes = pick(random.chance(50) ? recent : pool, random) ?? new Uint8Array();
  for (let steps = random.between(1, 6); steps > 0; steps -= 1) {
    const other = pick(pool, random) ?? bytes;
    bytes = (pick(CHANGES, random)?.(bytes, random, other, pieces) ?? bytes).subarray(0, LONGEST);
  }
  return bytes.slice();
}

const placeIn = (bytes: Uint8Array, random: SeededRandom): number => random.between(0, bytes.length);

const pick = <Item>(items: readonly Item[], random: SeededRandom): Item | undefined =>
  items[random.between(0, items.length - 1)];

const replaced = (bytes: Uint8Array, at: number, length: number, by: Uint8Array): Uint8Array =>
  joined(bytes.subarray(0, at), by, bytes.subarray(at + length));

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const corpusFile = (target: string): string => path.join(import.meta.dirname, 'corpus', `${target}.txt`);

/** A line is a JSON string, a character for each byte. */
function readCorpus(target: string): readonly Uint8Array[] {
  const file = corpusFile(target);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => Buffer.from(String(JSON.parse(line)), 'latin1'));
}

export function addToCorpus(target: string, inputs: readonly Uint8Array[]): void {
  if (inputs.length === 0) return;
  const text = (bytes: Uint8Array): string =>
    // Editors and git take the file for text.
    JSON.stringify(Buffer.from(bytes).toString('latin1')).replaceAll(
      /[\u007f-\u00ff]/g,
      (char) => `\\u00${char.charCodeAt(0).toString(16)}`,
    );
  const file = corpusFile(target);
  mkdirSync(path.dirname(file), { recursive: true });
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  writeFileSync(file, `${before}${inputs.map((input) => `${text(input)}\n`).join('')}`);
}
