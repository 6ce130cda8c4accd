/**
 * Questions and answers over UDP with one server: retransmission, matching, pacing. Each question has a connected socket,
 * and with it a port, of its own until it has its answer: what comes late for one cannot reach another (P11). RFC 6886
 * and RFC 6887 ask for no source port; servers distinguish their clients by address.
 */
import { familyOf, scopeOf, type Endpoint, type IpAddress } from '../../contract/address.ts';
import { millis, type Millis } from '../../contract/units.ts';
import { NetworkError, type System, type UdpSocket } from '../../system/system.ts';
import { WireError, type Decoded } from '../../wire/wire-error.ts';
import { Malformed, REASON_OF_FAULT, Unreachable } from '../failure.ts';
import { Turns } from '../waiting.ts';
import { Pace, waits, type Schedule } from './retransmission.ts';

/** `undefined` for another question's answer, an error for one that contradicts the question. A better one is awaited in
 * both cases: repetition confirms nothing. */
export type Reading<Found> = Found | WireError | undefined;

export interface Question<Answer, Found> {
  readonly bytes: Uint8Array;
  /** Must not throw. */
  readonly read: (answer: Answer) => Reading<Found>;
}

/** A PCP or NAT-PMP server, and its client. */
export interface PxpOptions {
  readonly network: Pick<System, 'udp' | 'clock' | 'random' | 'log'>;
  readonly server: Endpoint;
  /** Ours, towards the server: sent from. A link-local one is not bound: the system knows the interface. */
  readonly localAddress: IpAddress;
  /** Our address as the server sees it: part of every PCP request (P17). Mappings point to it, and are of its family.
   * `localAddress` when absent. */
  readonly seenAs?: IpAddress;
  /** For one question, all retransmissions together; 10 s when absent. */
  readonly patience?: Millis;
}

/** Where mappings lead. */
export const ownAddress = ({ localAddress, seenAs = localAddress }: PxpOptions): IpAddress => seenAs;

export interface ExchangeOptions<Answer> extends Partial<Pick<PxpOptions, 'localAddress' | 'patience'>> {
  readonly network: Pick<System, 'udp' | 'clock' | 'random'>;
  readonly server: Endpoint;
  readonly schedule: Schedule;
  readonly decode: (bytes: Uint8Array) => Decoded<Answer>;
  /** Questions outstanding at most, however well the server keeps up. */
  readonly most: number;
}

/** Once a server has answered, this many sends in a row must meet a fault before it counts as gone: one refused
 * datagram is a hiccup (P4), and a daemon that restarts is back after 1.3 s (measured with miniupnpd). */
const FAULTS_TO_GIVE_UP = 4;

/** An abort without a reason makes an exception, stack and all, each time. */
const HUNG_UP = 'the socket was closed';
const ENDED = 'the wait is over';

interface Line {
  readonly socket: Promise<UdpSocket>;
  readonly cut: AbortController;
}

export class Exchange<Answer> {
  readonly #options: ExchangeOptions<Answer>;
  readonly #pace: Pace;
  readonly #turns = new Turns(() => this.parallel);
  #hasAnswered = false;

  constructor(options: ExchangeOptions<Answer>) {
    this.#options = options;
    this.#pace = new Pace(options.schedule.first);
  }

  /** Questions that may be outstanding now, at least 1. More wait in line, without losing patience. */
  get parallel(): number {
    return this.#pace.window(this.#options.most);
  }

  /** @throws Unreachable when nothing came back, at once when a server never heard of refuses (P3); Malformed when only
   * nonsense came back; the signal's reason */
  async ask<Found>(question: Question<Answer, Found>, signal: AbortSignal): Promise<Found> {
    await this.#turns.take(signal);
    const conversation = new Conversation();
    const hangUp = (): void => conversation.over.abort(signal.reason);
    signal.addEventListener('abort', hangUp, { once: true });
    try {
      signal.throwIfAborted();
      let found: { readonly value: Found } | undefined;
      const offer = (answer: Answer): WireError | undefined => {
        const reading = question.read(answer);
        if (reading instanceof WireError) return reading;
        if (reading === undefined) return undefined;
        found = { value: reading };
        this.#learnPace(conversation);
        conversation.end();
        return undefined;
      };
      await this.#converse(conversation, question.bytes, signal, offer);
      if (found !== undefined) return found.value;
      this.#pace.forget();
      throw conversation.failure();
    } finally {
      signal.removeEventListener('abort', hangUp);
      hangUpOn(conversation);
      this.#turns.giveBack();
    }
  }

  async #converse(
    conversation: Conversation,
    bytes: Uint8Array,
    signal: AbortSignal,
    offer: (answer: Answer) => WireError | undefined,
  ): Promise<void> {
    const { schedule, network, patience = schedule.patience } = this.#options;
    for (const wait of waits({ ...schedule, first: this.#pace.firstWait, patience }, network.random)) {
      conversation.beforeSend(this.#now, wait);
      try {
        const socket = await this.#dial(conversation, offer).socket;
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
        this.#pace.timedOut(conversation.sentAt, this.#now);
      } catch (error) {
        signal.throwIfAborted();
        if (!conversation.over.signal.aborted) throw error;
        return;
      }
    }
  }

  #learnPace({ sends, sentAt, wait }: Conversation): void {
    if (sends === 1) this.#pace.answered(millis(this.#now - sentAt), this.#options.most);
    else this.#pace.answeredAtLast(wait);
  }

  get #now(): Millis {
    return this.#options.network.clock.monotonic();
  }

  #dial(conversation: Conversation, offer: (answer: Answer) => WireError | undefined): Line {
    if (conversation.line !== undefined) return conversation.line;
    const { network, server, localAddress } = this.#options;
    const socket = network.udp.open({
      family: familyOf(server.address),
      connectTo: server,
      ...(localAddress !== undefined && scopeOf(localAddress) !== 'link-local' ? { localAddress } : {}),
    });
    const line: Line = { socket, cut: new AbortController() };
    conversation.line = line;
    void this.#listen(conversation, line, offer);
    return line;
  }

  async #listen(
    conversation: Conversation,
    line: Line,
    offer: (answer: Answer) => WireError | undefined,
  ): Promise<void> {
    try {
      const socket = await line.socket;
      while (!line.cut.signal.aborted) {
        try {
          const datagram = await socket.receive(line.cut.signal);
          if (this.#isServer(datagram.from)) this.#hear(conversation, datagram.bytes, offer);
        } catch (error) {
          if (line.cut.signal.aborted || !(error instanceof NetworkError)) throw error;
          conversation.fault(error, this.#hasAnswered);
          // ICMP leaves the socket usable; anything else does not, and the next send dials again.
          if (error.fault !== 'refused' && error.fault !== 'unreachable') throw error;
        }
      }
    } catch {
      // The sender learns it there.
      hangUpOn(conversation, line);
    }
  }

  #isServer(from: Endpoint): boolean {
    return from.address === this.#options.server.address && from.port === this.#options.server.port;
  }

  #hear(conversation: Conversation, bytes: Uint8Array, offer: (answer: Answer) => WireError | undefined): void {
    if (conversation.over.signal.aborted) return;
    const answer = this.#options.decode(bytes);
    const isGarbled = answer instanceof WireError;
    if (!isGarbled) {
      this.#hasAnswered = true;
      conversation.faults = 0;
    }
    conversation.garbled = (isGarbled ? answer : offer(answer)) ?? conversation.garbled;
  }
}

function hangUpOn(conversation: Conversation, line = conversation.line): void {
  if (line === undefined) return;
  if (conversation.line === line) conversation.line = undefined;
  line.cut.abort(HUNG_UP);
  line.socket.then(
    (socket) => socket.close(),
    () => undefined,
  );
}

/** One question's wait for its answer. */
class Conversation {
  /** Aborted when the wait is over, for whatever reason. */
  readonly over = new AbortController();
  line: Line | undefined;
  sends = 0;
  sentAt: Millis = millis(0);
  /** After the latest send. */
  wait: Millis = millis(0);
  garbled: WireError | undefined;
  /** Sends in a row that met a fault. */
  faults = 0;
  #lastFault: NetworkError | undefined;
  #counted = false;

  beforeSend(now: Millis, wait: Millis): void {
    this.sends += 1;
    this.sentAt = now;
    this.wait = wait;
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
      return new Unreachable(cause.fault === 'closed' ? 'no-route' : REASON_OF_FAULT[cause.fault], cause.message, {
        cause,
      });
    }
    if (this.garbled !== undefined)
      return new Malformed(this.garbled.message, this.garbled.capture, { cause: this.garbled });
    return new Unreachable('timeout', 'no answer');
  }
}
