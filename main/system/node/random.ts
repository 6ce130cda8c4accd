import { randomBytes } from 'node:crypto';
import type { Random } from '../system.ts';

/** The operating system's generator: nonces and source ports must not be guessable (RFC 6887 §11.2). */
export function createNodeRandom(): Random {
  return {
    bytes: (count) => Uint8Array.from(randomBytes(count)),
    unit: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
  };
}
