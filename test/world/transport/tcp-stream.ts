import type { Endpoint } from '../../../main/contract/address.ts';
import { type Connection, NetworkError } from '../../../main/system/system.ts';
import type { PacketContent } from '../packet.ts';
import type { Program } from '../program.ts';
import type { SimHost } from '../sim-host.ts';
import { TcpOutbox } from './tcp-outbox.ts';

/** Bytes that the peer's program may have left unread before a writer waits. */
const WINDOW = 65_536;
/** Ethernet's segment size over IPv4. */
const LONGEST_SEGMENT = 1460;
/** One end of a TCP connection: ordered bytes, arriving in pieces that have nothing to do with the writes. */
export class TcpStream implements Connection {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly #host: SimHost;
  readonly #program: Program;
  /** Forgotten by the host's table: nothing more can arrive. */
  readonly #onGone: () => void;
  readonly #outbox: TcpOutbox;
  #state: 'connecting' | 'open' | 'gone';
  #fault: NetworkError | undefined;
  #closed = false;
  #finished = false;
  readonly #inbox: Uint8Array[] = [];
  #unread = 0;
  #taken = 0;
  #reported = 0;
  #expected = 0;
  #nextSequence = 0;
  #sent = 0;
  #takenByPeer = 0;
  readonly #wakeReaders = new Set<() => void>();
  readonly #wakeWriters = new Set<() => void>();
  #onOpen: ((error: NetworkError | undefined) => void) | undefined;

  constructor(
    host: SimHost,
    program: Program,
    ends: { readonly local: Endpoint; readonly remote: Endpoint },
    state: 'connecting' | 'open',
    onGone: () => void,
  ) {
    this.#host = host;
    this.#program = program;
    this.local = ends.local;
    this.remote = ends.remote;
    this.#state = state;
    this.#onGone = onGone;
    this.#outbox = new TcpOutbox(host, {
      ...ends,
      onTaken: () => {
        if (this.#closed && this.#outbox.idle) this.#end(undefined);
      },
      onFailed: (error) => this.#end(error),
    });
  }

  /** Says hello; `onOpen` gets the outcome, once. */
  start(onOpen: (error: NetworkError | undefined) => void): void {
    this.#onOpen = onOpen;
    this.#outbox.send({ kind: 'syn' });
  }

  /** Answers a hello. */
  acknowledge(): void {
    this.#outbox.send({ kind: 'syn-ack' });
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#program.wait<void>(undefined, (resolve, reject) => {
      const error = this.#writeError();
      if (error !== undefined) {
        reject(error);
        return () => {};
      }
      const copy = bytes.slice();
      for (const piece of this.#cut(copy)) this.#outbox.send({ kind: 'data', sequence: this.#number(), bytes: piece });
      this.#sent += copy.length;
      const check = (): void => {
        const failure = this.#writeError();
        if (failure === undefined && this.#sent - this.#takenByPeer > WINDOW) return;
        this.#wakeWriters.delete(check);
        if (failure === undefined) resolve();
        else reject(failure);
      };
      this.#wakeWriters.add(check);
      check();
      return () => this.#wakeWriters.delete(check);
    });
  }

  read(signal: AbortSignal): Promise<Uint8Array | undefined> {
    return this.#program.wait<Uint8Array | undefined>(signal, (resolve, reject) => {
      const check = (): void => {
        const piece = this.#closed ? undefined : this.#nextPiece();
        const ready = piece !== undefined || this.#closed || this.#fault !== undefined || this.#finished;
        if (!ready) return;
        this.#wakeReaders.delete(check);
        if (piece !== undefined) {
          this.#take(piece.length);
          resolve(piece);
        } else if (this.#closed) reject(new NetworkError('closed', 'this connection is closed'));
        else if (this.#finished) resolve(undefined);
        else reject(this.#fault);
      };
      this.#wakeReaders.add(check);
      check();
      return () => this.#wakeReaders.delete(check);
    });
  }

  /** With unread bytes the peer is reset, as by Linux (RFC 2525 §2.17); otherwise it reads what was written, then the end. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#state === 'connecting') this.#end(undefined);
    else if (this.#unread > 0) this.reset();
    else if (this.#state === 'open') this.#outbox.send({ kind: 'fin', sequence: this.#number() });
    this.#wake();
  }

  /** Breaks the connection: the peer is notified. */
  reset(): void {
    if (this.#state === 'gone') return;
    this.#outbox.reset();
    this.#end(new NetworkError('reset', 'the connection was broken'));
  }

  /** The host lost its power: nobody is notified. */
  vanish(): void {
    this.#end(new NetworkError('reset', 'the host is gone'));
  }

  /** @returns whether it was next in order */
  take(content: PacketContent): boolean {
    switch (content.kind) {
      case 'syn-ack':
        if (this.#state === 'connecting') {
          this.#state = 'open';
          this.#opened(undefined);
        }
        return true;
      case 'rst':
        this.#end(
          this.#state === 'connecting'
            ? new NetworkError('refused', `nobody listens on ${this.remote.address} port ${this.remote.port}`)
            : new NetworkError('reset', 'the peer broke the connection'),
        );
        return true;
      case 'taken':
        this.#takenByPeer = Math.max(this.#takenByPeer, content.bytes);
        this.#wake();
        return true;
      case 'data':
      case 'fin':
        return this.#takeInOrder(content);
      case 'syn':
      case 'datagram':
      case 'port-unreachable':
        return false;
    }
  }

  #takeInOrder(content: Extract<PacketContent, { sequence: number }>): boolean {
    if (this.#state === 'connecting') return false;
    if (content.sequence !== this.#expected) return content.sequence < this.#expected;
    this.#expected += 1;
    if (content.kind === 'fin') {
      this.#finished = true;
      if (this.#closed && this.#outbox.idle) this.#end(undefined);
    } else if (this.#closed) {
      this.reset();
    } else {
      this.#inbox.push(content.bytes);
      this.#unread += content.bytes.length;
    }
    this.#wake();
    return true;
  }

  #take(count: number): void {
    this.#unread -= count;
    this.#taken += count;
    if (this.#taken - this.#reported < WINDOW / 2 || this.#state !== 'open') return;
    this.#reported = this.#taken;
    this.#outbox.report(this.#taken);
  }

  /** Received data, sometimes several pieces as one: a read ends where no write did. */
  #nextPiece(): Uint8Array | undefined {
    if (this.#inbox.length < 2 || !this.#host.splitsStreams || this.#host.pieceLength(2) === 1)
      return this.#inbox.shift();
    const all = new Uint8Array(this.#unread);
    let at = 0;
    for (const piece of this.#inbox.splice(0)) {
      all.set(piece, at);
      at += piece.length;
    }
    return all;
  }

  #number(): number {
    this.#nextSequence += 1;
    return this.#nextSequence - 1;
  }

  #writeError(): NetworkError | undefined {
    if (this.#closed) return new NetworkError('closed', 'this connection is closed');
    return this.#fault;
  }

  *#cut(bytes: Uint8Array): Iterable<Uint8Array> {
    let rest = bytes;
    while (rest.length > 0) {
      const most = Math.min(rest.length, LONGEST_SEGMENT);
      const length = this.#host.splitsStreams ? this.#host.pieceLength(most) : most;
      yield rest.subarray(0, length);
      rest = rest.subarray(length);
    }
  }

  #opened(error: NetworkError | undefined): void {
    const onOpen = this.#onOpen;
    this.#onOpen = undefined;
    onOpen?.(error);
  }

  #end(fault: NetworkError | undefined): void {
    if (this.#state === 'gone') return;
    this.#state = 'gone';
    this.#fault ??= fault;
    this.#outbox.stop();
    this.#onGone();
    if (this.#onOpen !== undefined) this.#opened(fault ?? new NetworkError('closed', 'this connection was closed'));
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#wakeReaders) wake();
    for (const wake of this.#wakeWriters) wake();
  }
}
