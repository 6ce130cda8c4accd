/** Bytes: collected, and as text. */

/** Bytes collected piece by piece, at a cost linear in their number however small the pieces are. */
export class GrowingBytes {
  #store = new Uint8Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(bytes: Uint8Array): void {
    const needed = this.#length + bytes.length;
    if (needed > this.#store.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#store.length));
      larger.set(this.view());
      this.#store = larger;
    }
    this.#store.set(bytes, this.#length);
    this.#length = needed;
  }

  clear(): void {
    this.#length = 0;
  }

  /** Valid until the next change. */
  view(from = 0): Uint8Array {
    return this.#store.subarray(from, this.#length);
  }

  copy(): Uint8Array {
    return this.#store.slice(0, this.#length);
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });
const latin1 = new TextDecoder('latin1');
const encoder = new TextEncoder();

/** Whatever the charset label says (X5): UTF-8, or Latin-1 where it is not that; a byte order mark is dropped. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return latin1.decode(bytes);
  }
}

export function encodeText(text: string): Uint8Array {
  return encoder.encode(text);
}
