/** Collects one HTTP/1.x message from a stream, bounded in size. What its start line means is left to the caller. */
import { GrowingBytes } from './bytes.ts';
import { bodyUntilClose, parseHead, type BodyReader, type MessageHead } from './http-parts.ts';
import { WireError, type Decoded } from './wire-error.ts';

export interface MessageLimits {
  /** Bytes of the body; 1 MiB when absent. */
  readonly maxBody?: number;
  /** Bytes of start line and headers; 32 KiB when absent. */
  readonly maxHead?: number;
}

/** `done` and errors are final: later bytes are ignored. */
export type Progress = 'more' | 'done' | WireError;

/** The kind of body that a head announces: a reader, `none`, or `skip` when it is only provisional (1xx). */
export type Framing = BodyReader | 'none' | 'skip';

const LINE_FEED = 0x0a;
const BLANK = 0x20;
const LESS_THAN = 0x3c;
const latin1 = new TextDecoder('latin1');
/** A chunk of one byte takes six. */
const FRAMING_OVERHEAD = 8;
/** Heads that are only provisional; one is usual, and each costs as much as a whole message. */
const MAX_PROVISIONAL = 16;

export interface MessageKind {
  /** @returns how the body is framed */
  readonly frame: (head: MessageHead) => Decoded<Framing>;
  /** May a document stand where the head should be, as in HTTP/0.9? */
  readonly mayLackHead: boolean;
}

/** Half an address is another address: what is missing was announced by the length, and no document has ended before. */
const cutOff = (kept: GrowingBytes): WireError => new WireError('the HTTP message was cut off', kept.view());

export class MessageReader {
  readonly #maxBody: number;
  readonly #maxHead: number;
  readonly #kind: MessageKind;
  readonly #head = new GrowingBytes();
  /** Bytes of the head that were looked at, and whether the current line, and any line, holds something. */
  #searched = 0;
  #lineHasText = false;
  #headHasText = false;
  #headBytes = 0;
  #provisional = 0;
  #bodyBytes = 0;
  #reader: BodyReader | undefined;
  #progress: Progress = 'more';

  constructor(kind: MessageKind, limits: MessageLimits) {
    this.#kind = kind;
    this.#maxBody = limits.maxBody ?? 1024 * 1024;
    this.#maxHead = limits.maxHead ?? 32 * 1024;
  }

  push(bytes: Uint8Array): Progress {
    if (this.#progress === 'more') {
      this.#progress = this.#reader === undefined ? this.#pushHead(bytes) : this.#pushBody(this.#reader, bytes);
    }
    return this.#progress;
  }

  /** The peer has ended the connection: the bytes so far must do. */
  end(): 'done' | WireError {
    if (this.#progress !== 'more') return this.#progress;
    const final = this.#finish();
    this.#progress = final;
    return final;
  }

  get isDone(): boolean {
    return this.#progress === 'done';
  }

  get body(): Uint8Array {
    return this.#reader?.body.copy() ?? new Uint8Array();
  }

  #finish(): 'done' | WireError {
    if (this.#reader === undefined) {
      if (!this.#headHasText) return new WireError('the connection ended without an HTTP message');
      const framed = this.#kind.frame(parseHead(latin1.decode(this.#head.view())));
      if (framed instanceof WireError) return framed;
      if (framed === 'skip') return new WireError('the connection ended after a provisional response');
      return framed !== 'none' && framed.end() ? cutOff(this.#head) : 'done';
    }
    return this.#reader.end() ? cutOff(this.#reader.body) : 'done';
  }

  #pushHead(bytes: Uint8Array): Progress {
    let rest = bytes;
    for (;;) {
      const before = this.#head.length;
      this.#head.append(rest.subarray(0, Math.max(0, this.#maxHead - this.#headBytes) + 1));
      const end = this.#findEnd();
      if (end === 'no head') return this.#pushBody(this.#begin(bodyUntilClose()), rest);
      if (end === undefined) {
        return this.#headBytes + this.#head.length > this.#maxHead
          ? new WireError('HTTP headers too long', this.#head.view())
          : 'more';
      }
      const framed = this.#kind.frame(parseHead(latin1.decode(this.#head.view().subarray(0, end))));
      if (framed instanceof WireError) return framed;
      if (framed === 'none') return 'done';
      rest = rest.subarray(end - before);
      if (framed !== 'skip') return this.#pushBody(this.#begin(framed), rest);
      this.#provisional += 1;
      if (this.#provisional > MAX_PROVISIONAL) return new WireError('too many provisional HTTP responses', rest);
      this.#nextHead(end);
    }
  }

  #begin(reader: BodyReader): BodyReader {
    this.#reader = reader;
    return reader;
  }

  #nextHead(bytes: number): void {
    this.#headBytes += bytes;
    this.#head.clear();
    this.#searched = 0;
    this.#lineHasText = false;
    this.#headHasText = false;
  }

  /**
   * @returns the index after the empty line that ends the head (empty lines before it do not count), or that there is
   * none
   */
  #findEnd(): number | 'no head' | undefined {
    const head = this.#head.view();
    for (; this.#searched < head.length; this.#searched += 1) {
      const byte = head[this.#searched] ?? 0;
      if (byte === LINE_FEED) {
        if (this.#headHasText && !this.#lineHasText) return this.#searched + 1;
        this.#lineHasText = false;
      } else if (byte > BLANK) {
        if (byte === LESS_THAN && !this.#headHasText && this.#kind.mayLackHead) return 'no head';
        this.#lineHasText = true;
        this.#headHasText = true;
      }
    }
    return undefined;
  }

  #pushBody(reader: BodyReader, bytes: Uint8Array): Progress {
    this.#bodyBytes += bytes.length;
    if (reader.push(bytes)) return reader.body.length > this.#maxBody ? this.#tooLong(reader) : 'done';
    const tooLong = reader.body.length > this.#maxBody || this.#bodyBytes > FRAMING_OVERHEAD * this.#maxBody + 1024;
    return tooLong ? this.#tooLong(reader) : 'more';
  }

  #tooLong(reader: BodyReader): WireError {
    return new WireError('HTTP body too long', reader.body.view());
  }
}
