/** Returned by a decoder for invalid bytes; never thrown. */
export class WireError extends Error {
  override readonly name = 'WireError';
  /** Printable start of the input, at most 512 characters. */
  readonly capture: string;
  constructor(message: string, input: Uint8Array | string = '') {
    super(message);
    this.capture = printable(input);
  }
}

export type Decoded<Value> = Value | WireError;

function printable(input: Uint8Array | string): string {
  const text =
    typeof input === 'string' ? input.slice(0, 512) : new TextDecoder('latin1').decode(input.subarray(0, 512));
  // eslint-disable-next-line no-control-regex -- control characters are what must not reach a terminal or a log
  return text.replaceAll(/[^\x20-\x7e\n]/g, '.');
}
