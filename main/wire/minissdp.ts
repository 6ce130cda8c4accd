/**
 * The protocol of minissdpd's local socket: a daemon that has listened to SSDP since boot and answers at once
 * (miniupnp.free.fr/minissdpd.html). Each string comes after its length, in groups of seven bits, highest first.
 */
import { decodeText, encodeText, GrowingBytes } from './bytes.ts';
import { WireError } from './wire-error.ts';

export interface MinissdpdEntry {
  /** Untrusted (D20, D21). */
  readonly location: string;
  readonly target: string;
  readonly usn: string;
}

const BY_TYPE = 1;
const ALL = 3;

/** @param target a device or service type as in SSDP; `ssdp:all` asks for everything */
export function encodeMinissdpdQuery(target: string): Uint8Array {
  const text = encodeText(target);
  return Uint8Array.of(target === 'ssdp:all' ? ALL : BY_TYPE, ...encodedLength(text.length), ...text);
}

function encodedLength(length: number): number[] {
  const groups = [length & 0x7f];
  for (let rest = length >>> 7; rest > 0; rest >>>= 7) groups.unshift((rest & 0x7f) | 0x80);
  return groups;
}

const MAX_STRING = 4096;
const MAX_BYTES = 1024 * 1024;
const MAX_LENGTH_GROUPS = 5;

/** One answer; the daemon keeps the connection open after it. */
export class MinissdpdReader {
  readonly #bytes = new GrowingBytes();
  readonly #strings: string[] = [];
  #at = 1;
  #progress: 'more' | 'done' | WireError = 'more';

  push(bytes: Uint8Array): 'more' | 'done' | WireError {
    if (this.#progress !== 'more') return this.#progress;
    this.#bytes.append(bytes.subarray(0, MAX_BYTES + 1 - this.#bytes.length));
    this.#progress = this.#read();
    return this.#progress;
  }

  /** The daemon has closed the connection: whole entries count. */
  end(): 'done' | WireError {
    if (this.#progress instanceof WireError) return this.#progress;
    const final = this.#bytes.length === 0 ? new WireError('minissdpd closed without an answer') : 'done';
    this.#progress = final;
    return final;
  }

  /** So far; complete once the reader is done. */
  get entries(): readonly MinissdpdEntry[] {
    const entries: MinissdpdEntry[] = [];
    for (let index = 0; index + 2 < this.#strings.length; index += 3) {
      const [location = '', target = '', usn = ''] = this.#strings.slice(index, index + 3);
      entries.push({ location, target, usn });
    }
    return entries;
  }

  #read(): 'more' | 'done' | WireError {
    const bytes = this.#bytes.view();
    if (bytes[0] === undefined) return 'more';
    const expected = 3 * bytes[0];
    while (this.#strings.length < expected) {
      const next = readString(bytes, this.#at);
      if (next instanceof WireError) return next;
      if (next === undefined) {
        return bytes.length > MAX_BYTES ? new WireError('answer of minissdpd too long', bytes) : 'more';
      }
      this.#strings.push(next.text);
      this.#at = next.end;
    }
    return 'done';
  }
}

/** `undefined` when more bytes are needed. */
function readString(bytes: Uint8Array, from: number): { text: string; end: number } | WireError | undefined {
  let length = 0;
  for (let at = from; at < from + MAX_LENGTH_GROUPS; at += 1) {
    const group = bytes[at];
    if (group === undefined) return undefined;
    length = length * 128 + (group & 0x7f);
    if (length > MAX_STRING) return new WireError('string of minissdpd too long', bytes);
    if (group < 0x80) {
      const end = at + 1 + length;
      return end > bytes.length ? undefined : { text: decodeText(bytes.subarray(at + 1, end)), end };
    }
  }
  return new WireError('length of minissdpd too long', bytes);
}
