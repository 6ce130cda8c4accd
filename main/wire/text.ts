/** Bytes to text, whatever the charset label says (X5). */
const utf8 = new TextDecoder('utf-8', { fatal: true });
const latin1 = new TextDecoder('latin1');
const encoder = new TextEncoder();

/** UTF-8, or Latin-1 where it is not that; a byte order mark is dropped. */
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
