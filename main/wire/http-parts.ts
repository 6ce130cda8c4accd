/**
 * The parts of HTTP/1.x and SSDP messages: start line and headers, read leniently (X24), and the body, whose end is found
 * by length, by chunks, or by the end of the connection or of the XML (X23).
 */
import { GrowingBytes } from './bytes.ts';

export interface BodyReader {
  /** @returns whether the body is complete */
  push(bytes: Uint8Array): boolean;
  /** The connection has ended. @returns whether anything is missing that was announced */
  end(): boolean;
  readonly body: GrowingBytes;
}

const TAIL = 256;
const COMPLETE = /<\/(?:[\w.-]{1,64}:)?(?:Envelope|propertyset|root|scpd)\s*>[\s\0]*$/i;
const latin1 = new TextDecoder('latin1');

/** Does the text end with the end tag of a UPnP document? Then nothing is worth waiting for. */
function endsDocument(body: GrowingBytes): boolean {
  const tail = body.view(Math.max(0, body.length - TAIL));
  const last = tail.findLast((byte) => byte > 0x20);
  return last === 0x3e && COMPLETE.test(latin1.decode(tail));
}

export function bodyUntilClose(): BodyReader {
  const body = new GrowingBytes();
  return {
    body,
    push(bytes) {
      body.append(bytes);
      return endsDocument(body);
    },
    end: () => false,
  };
}

export function bodyOfLength(length: number): BodyReader {
  const body = new GrowingBytes();
  return {
    body,
    push(bytes) {
      body.append(bytes.subarray(0, length - body.length));
      return body.length >= length || endsDocument(body);
    },
    end: () => body.length < length,
  };
}

const LINE_FEED = 0x0a;
const SEMICOLON = 0x3b;
const MAX_SIZE_LINE = 256;
const MAX_DIGITS = 8;

/** Is it one of the blanks and line ends that may stand in front of a chunk's size? */
const isBlank = (byte: number | undefined): boolean =>
  byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === LINE_FEED;

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** The size that the line begins with; a chunk extension may follow. `undefined` when there is none. */
function chunkSize(line: Uint8Array): number | undefined {
  let size = 0;
  let digits = 0;
  for (let digit = hexDigit(line[0] ?? 0); digit >= 0; digit = hexDigit(line[digits] ?? 0)) {
    size = size * 16 + digit;
    digits += 1;
    if (digits > MAX_DIGITS) return undefined;
  }
  if (digits === 0) return undefined;
  let rest = digits;
  while (isBlank(line[rest])) rest += 1;
  return rest === line.length || line[rest] === SEMICOLON ? size : undefined;
}

/** RFC 9112 §7.1; from where the framing breaks, or when there is none at all, the bytes are taken as they are. */
export class ChunkedBody implements BodyReader {
  readonly body = new GrowingBytes();
  readonly #line = new GrowingBytes();
  #left = 0;
  #broken = false;

  push(bytes: Uint8Array): boolean {
    let at = 0;
    while (at < bytes.length && !this.#broken) {
      if (this.#left > 0) {
        const piece = bytes.subarray(at, at + this.#left);
        this.body.append(piece);
        this.#left -= piece.length;
        at += piece.length;
        continue;
      }
      // The line that ends a chunk is empty; so may any number of others be.
      if (this.#line.length === 0) while (isBlank(bytes[at])) at += 1;
      if (at === bytes.length) break;
      const feed = bytes.indexOf(LINE_FEED, at);
      const end = feed < 0 ? bytes.length : feed + 1;
      this.#line.append(bytes.subarray(at, Math.min(end, at + MAX_SIZE_LINE)));
      at = Math.min(end, at + MAX_SIZE_LINE);
      if (this.#line.length > MAX_SIZE_LINE) this.#break();
      else if (feed >= 0 && at === end && this.#takeSizeLine()) return true;
    }
    if (this.#broken) this.body.append(bytes.subarray(at));
    return endsDocument(this.body);
  }

  end(): boolean {
    if (chunkSize(this.#line.view()) === undefined) this.#break();
    return this.#left > 0;
  }

  /** @returns whether it was the last chunk's */
  #takeSizeLine(): boolean {
    const size = chunkSize(this.#line.view());
    if (size === undefined) {
      this.#break();
      return false;
    }
    this.#line.clear();
    this.#left = size;
    return size === 0;
  }

  #break(): void {
    this.#broken = true;
    this.body.append(this.#line.view());
    this.#line.clear();
  }
}

const MAX_HEADERS = 256;
const encoder = new TextEncoder();

export type Header = readonly [name: string, value: string];

export interface MessageHead {
  readonly startLine: string;
  /** By lower-case name; of a repeated header the first counts. */
  readonly headers: ReadonlyMap<string, string>;
}

/** Lines may end in CR LF or LF; continued lines are joined, lines without a colon passed over. */
export function parseHead(text: string): MessageHead {
  // Trimmed by the engine's own function: a pattern would be tried at every blank, and blanks are cheap to send.
  const lines = text.split('\n');
  const first = lines.findIndex((line) => line.trim() !== '');
  /** Joined at the end, so that a header of many lines is not copied for each of them. */
  const values = new Map<string, string[]>();
  let last: string[] | undefined;
  for (const line of lines.slice(first + 1)) {
    if (line.trim() === '') break;
    const colon = line.indexOf(':');
    if (/^[ \t]/.test(line) && last !== undefined) {
      last.push(line.trim());
    } else if (colon > 0) {
      const name = line.slice(0, colon).trim().toLowerCase();
      last = values.has(name) || values.size >= MAX_HEADERS ? undefined : [line.slice(colon + 1).trim()];
      if (last !== undefined) values.set(name, last);
    }
  }
  const headers = new Map([...values].map(([name, pieces]) => [name, pieces.join(' ').trim()]));
  return { startLine: (lines[first] ?? '').trim(), headers };
}

/**
 * Start line, headers as given (X16) and body in one buffer (X19). Targets and header values come from routers'
 * descriptions: characters that would end a line are left out.
 */
export function encodeMessage(startLine: string, headers: readonly Header[], body = ''): Uint8Array {
  const lines = [startLine, ...headers.map(([name, value]) => `${name}: ${value}`)].map((line) =>
    line.replaceAll(/[\x00-\x08\x0a-\x1f\x7f]/g, ''),
  );
  return encoder.encode(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
