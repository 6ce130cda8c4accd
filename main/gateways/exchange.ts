/**
 * Questions and answers over UDP with one server: retransmission, matching, pacing. All questions outstanding share one
 * connected socket, which is there only while there are any, so that late answers find nobody (P11).
 */
import { familyOf, scopeOf, type Endpoint, type IpAddress } from '../contract/address.ts';
import type { UnreachableReason } from '../contract/mapping.ts';
import { millis, type Millis } from '../contract/units.ts';
import { NetworkError, type NetworkFault, type System, type UdpSocket } from '../system/system.ts';
import { WireError, type Decoded } from '../wire/wire-error.ts';
import { Malformed, Unreachable } from './failure.ts';
import { Pace } from './pace.ts';
import { waits, type Schedule } from './retransmission.ts';

/** What a question makes of an answer: `undefined` is not its own. One that is not `sure` counts when it comes again,
 * or when nothing better does: it may be a late answer to an earlier question. */
export type Reading<Found> = { readonly found: Found; readonly sure: boolean } | undefined;

export interface Question<Answer, Found> {
  readonly bytes: Uint8Array;
  /** `alone`: no other question is outstanding. Must not throw. */
  readonly read: (answer: Answer, alone: boolean) => Reading<Found>;
}

export interface ExchangeOptions<Answer> {
  readonly network: Pick<System, 'udp' | 'clock' | 'random'>;
  readonly server: Endpoint;
  /** To send from (P17); link-local ones are left to the system, which knows the interface. */
  readonly localAddress?: IpAddress;
  readonly schedule: Schedule;
  readonly decode: (bytes: Uint8Array) => Decoded<Answer>;
  /** Questions outstanding at most, however well the server keeps up; asked anew each time. */
  readonly most: () => number;
}

/** Once a server has answered, this many sends in a row must meet a fault before it counts as gone: one refused
 * datagram is a hiccup (P4), and a daemon that restarts is back after 1.3 s (measured with miniupnpd). */
const FAULTS_TO_GIVE_UP = 4;

/** An abort without a reason makes an exception, stack and all, each time. */
const HUNG_UP = 'nothing is outstanding';
const ENDED = 'the wait is over';

interface Line {
  readonly socket: Promise<UdpSocket>;
  readonly cut: AbortController;
}

export class Exchange<Answer> {
  readonly #options: ExchangeOptions<Answer>;
  /** With what each makes of an answer: was it its own? */
  readonly #outstanding = new Map<Conversation, (answer: Answer) => boolean>();
  readonly #queue: (() => void)[] = [];
  readonly #pace: Pace;
  #running = 0;
  #line: Line | undefined;
  #hasAnswered = false;

  constructor(options: ExchangeOptions<Answer>) {
    this.#options = options;
    this.#pace = new Pace(options.schedule.first);
  }

  /** Questions that may be outstanding now, at least 1. More wait in line, without losing patience. */
  get parallel(): number {
    return this.#pace.window(this.#options.most());
  }

  /** @throws Unreachable when nothing came back, at once when a server never heard of refuses (P3); Malformed when only
   * nonsense came back; the signal's reason */
  async ask<Found>(question: Question<Answer, Found>, signal: AbortSignal): Promise<Found> {
    signal.throwIfAborted();
    await this.#turn(signal);
    const conversation = new Conversation();
    const hangUp = (): void => conversation.over.abort(signal.reason);
    signal.addEventListener('abort', hangUp, { once: true });
    try {
      let found: { readonly value: Found } | undefined;
      const offer = (answer: Answer): boolean => {
        const reading = question.read(answer, this.#outstanding.size === 1);
        if (reading === undefined) return false;
        const again = found !== undefined;
        found = { value: reading.found };
        conversation.isHeard = true;
        if (reading.sure || again) {
          if (conversation.sends === 1)
            this.#pace.answered(millis(this.#now - conversation.sentAt), this.#options.most());
          this.#outstanding.delete(conversation);
          conversation.end();
        }
        return true;
      };
      signal.throwIfAborted();
      this.#outstanding.set(conversation, offer);
      await this.#converse(conversation, question.bytes, signal);
      if (found !== undefined) return found.value;
      this.#pace.forget();
      throw conversation.failure();
    } finally {
      signal.removeEventListener('abort', hangUp);
      this.#outstanding.delete(conversation);
      this.#next();
    }
  }

  async #converse(conversation: Conversation, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const { schedule, network } = this.#options;
    for (const wait of waits({ ...schedule, first: this.#pace.firstWait }, network.random)) {
      conversation.beforeSend(this.#now);
      try {
        const socket = await this.#dial().socket;
        signal.throwIfAborted();
        await socket.send(bytes);
      } catch (error) {
        if (!(error instanceof NetworkError)) throw error;
        conversation.fault(error, this.#hasAnswered);
      }
      signal.throwIfAborted();
      if (conversation.over.signal.aborted) return;
      try {
        await network.clock.sleep(wait, conversation.over.signal);
        if (!conversation.isHeard) this.#pace.timedOut(conversation.sentAt, this.#now);
      } catch (error) {
        signal.throwIfAborted();
        if (!conversation.over.signal.aborted) throw error;
        return;
      }
    }
  }

  get #now(): Millis {
    return this.#options.network.clock.monotonic();
  }

  /** A slot is handed to the first in line, so that nobody overtakes. */
  async #turn(signal: AbortSignal): Promise<void> {
    if (this.#queue.length === 0 && this.#running < this.parallel) {
      this.#running += 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const go = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        this.#queue.splice(this.#queue.indexOf(go), 1);
        reject(signal.reason);
      };
      this.#queue.push(go);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  #next(): void {
    this.#running -= 1;
    while (this.#running < this.parallel) {
      const go = this.#queue.shift();
      if (go === undefined) break;
      this.#running += 1;
      go();
    }
    if (this.#running === 0) this.#hangUp();
  }

  #dial(): Line {
    if (this.#line !== undefined) return this.#line;
    const { network, server, localAddress } = this.#options;
    const socket = network.udp.open({
      family: familyOf(server.address),
      connectTo: server,
      ...(localAddress !== undefined && scopeOf(localAddress) !== 'link-local' ? { localAddress } : {}),
    });
    const line: Line = { socket, cut: new AbortController() };
    this.#line = line;
    void this.#listen(line);
    return line;
  }

  #hangUp(line = this.#line): void {
    if (line === undefined) return;
    if (this.#line === line) this.#line = undefined;
    line.cut.abort(HUNG_UP);
    line.socket.then(
      (socket) => socket.close(),
      () => undefined,
    );
  }

  async #listen(line: Line): Promise<void> {
    try {
      const socket = await line.socket;
      while (!line.cut.signal.aborted) {
        try {
          const datagram = await socket.receive(line.cut.signal);
          if (this.#isServer(datagram.from)) this.#hear(datagram.bytes);
        } catch (error) {
          if (line.cut.signal.aborted || !(error instanceof NetworkError)) throw error;
          for (const conversation of this.#outstanding.keys()) conversation.fault(error, this.#hasAnswered);
          // ICMP leaves the socket usable; anything else does not, and the next send dials anew.
          if (error.fault !== 'refused' && error.fault !== 'unreachable') throw error;
        }
      }
    } catch {
      // Whoever sends learns it there.
      this.#hangUp(line);
    }
  }

  #isServer(from: Endpoint): boolean {
    return from.address === this.#options.server.address && from.port === this.#options.server.port;
  }

  #hear(bytes: Uint8Array): void {
    const answer = this.#options.decode(bytes);
    if (answer instanceof WireError) {
      for (const conversation of this.#outstanding.keys()) conversation.garbled = answer;
      return;
    }
    this.#hasAnswered = true;
    for (const conversation of this.#outstanding.keys()) conversation.faults = 0;
    for (const offer of this.#outstanding.values()) if (offer(answer)) return;
    this.#pace.repeated();
  }
}

/** One question's wait for its answer. */
class Conversation {
  /** Aborted when the wait is over, for whatever reason. */
  readonly over = new AbortController();
  sends = 0;
  sentAt: Millis = millis(0);
  /** Something came that may be the answer. */
  isHeard = false;
  garbled: WireError | undefined;
  /** Sends in a row that met a fault. */
  faults = 0;
  #lastFault: NetworkError | undefined;
  #counted = false;

  beforeSend(now: Millis): void {
    this.sends += 1;
    this.sentAt = now;
    if (!this.#counted) this.faults = 0;
    this.#counted = false;
  }

  fault(error: NetworkError, hasAnswered: boolean): void {
    this.#lastFault = error;
    if (!this.#counted) this.faults += 1;
    this.#counted = true;
    if (!hasAnswered || this.faults >= FAULTS_TO_GIVE_UP) this.end();
  }

  end(): void {
    this.over.abort(ENDED);
  }

  failure(): Unreachable | Malformed {
    if (this.#lastFault !== undefined && this.faults > 0) {
      const cause = this.#lastFault;
      return new Unreachable(unreachableReason(cause.fault), cause.message, { cause });
    }
    if (this.garbled !== undefined)
      return new Malformed(this.garbled.message, this.garbled.capture, { cause: this.garbled });
    return new Unreachable('timeout', 'no answer');
  }
}

function unreachableReason(fault: NetworkFault): UnreachableReason {
  switch (fault) {
    case 'refused':
    case 'denied':
    case 'reset':
    case 'local-network':
      return fault;
    case 'unreachable':
    case 'in-use':
    case 'closed':
    case 'other':
      return 'no-route';
  }
}
