/**
 * Tries a port for whoever asks, at the address that the request comes from and at no other: see docs/probe.md. Whoever
 * asks has proven that it is there by a TCP connection, and has sent more than it causes to be sent.
 */
import { endpointText, familyOf, ip, isPublic, type IpAddress } from '../contract/address.ts';
import type { Transport } from '../contract/model.ts';
import { inSeconds, millis, seconds, type Port } from '../contract/units.ts';
import { forAtMost } from '../system/deadline.ts';
import { NetworkError, type Connection, type Listener, type System } from '../system/system.ts';
import {
  ASKER_BYTES,
  decodeAsker,
  decodeSign,
  encodeOffer,
  encodeResult,
  encodeSign,
  NONCE_BYTES,
  PROBE_BYTES,
  sameBytes,
  TOKEN_BYTES,
  type ProbeAsk,
  type ProbeOutcome,
  type ProbeResult,
  type ProbeSign,
} from '../wire/probe.ts';
import { WireError } from '../wire/wire-error.ts';
import { Allowance, placeOf } from './allowance.ts';
import { proofOf, readMessage } from './proof.ts';

export interface ProbeServerOptions {
  readonly system: Pick<System, 'tcp' | 'udp' | 'clock' | 'random' | 'log'>;
  readonly port: Port;
  /** Only whoever knows it is served; anybody when absent. */
  readonly secret?: Uint8Array | undefined;
  /** Called with each probe. */
  readonly probed?: (what: ServedProbe) => void;
}

export interface ServedProbe {
  readonly address: IpAddress;
  readonly transport: Transport;
  readonly port: Port;
  readonly outcome: ProbeOutcome;
}

const EVERYWHERE = [ip('0.0.0.0'), ip('::')];

/** Connections at once, and those of one address. */
export const MOST_CONNECTIONS = 64;
export const MOST_OF_ONE = 4;
/** Ports of one address, which several homes may share (RFC 6598), and of all. */
export const EACH = { burst: 24, every: inSeconds(5) };
export const ALL = { burst: 200, every: millis(100) };
/** For each message of the asker. */
const PATIENCE = inSeconds(5);
/** For a connection to be accepted: the first try, and one more after a second (RFC 6298 §2.1). */
const TCP_TRIES = inSeconds(3);
/** Datagrams are lost now and then: after each, this is waited for an answer. */
const UDP_TRIES = [millis(500), inSeconds(1), millis(1500)];
const ECHO_WITHIN = inSeconds(2);
/** How soon an asker comes back after being turned away because all is taken. */
const CROWDED = seconds(5);

interface Visit {
  readonly connection: Connection;
  readonly place: string;
  /** Until then it may give way to others. */
  isProbing: boolean;
}

export class ProbeServer {
  readonly #options: ProbeServerOptions;
  readonly #listeners: readonly Listener[];
  readonly #allowance: Allowance;
  /** Oldest first. */
  readonly #visits = new Set<Visit>();

  /** Listens over both families, or the one that this machine has. @throws NetworkError */
  static async open(options: ProbeServerOptions): Promise<ProbeServer> {
    const listeners: Listener[] = [];
    const faults: unknown[] = [];
    for (const address of EVERYWHERE) {
      try {
        listeners.push(await options.system.tcp.listen({ address, port: options.port }));
      } catch (error) {
        faults.push(error);
      }
    }
    // Another's port is nobody's fault but one's own; that a family is missing is none.
    const taken = faults.find((fault) => fault instanceof NetworkError && fault.fault === 'in-use');
    const fault = taken ?? (listeners.length === 0 ? faults[0] : undefined);
    if (fault !== undefined) {
      for (const listener of listeners) listener.close();
      throw fault;
    }
    return new ProbeServer(options, listeners);
  }

  private constructor(options: ProbeServerOptions, listeners: readonly Listener[]) {
    this.#options = options;
    this.#listeners = listeners;
    this.#allowance = new Allowance(EACH, ALL, options.system.clock.monotonic());
  }

  get families(): readonly ('ipv4' | 'ipv6')[] {
    return this.#listeners.map(({ local }) => familyOf(local.address));
  }

  /** Until the signal aborts, or it cannot listen any more. @throws NetworkError */
  async serve(signal: AbortSignal): Promise<void> {
    const work = new Set<Promise<void>>();
    try {
      await Promise.all(
        this.#listeners.map(async (listener) => {
          for (;;) {
            const visit = this.#admit(await listener.accept(signal));
            if (visit === undefined) continue;
            const visited = this.#visited(visit, signal);
            work.add(visited);
            void visited.finally(() => work.delete(visited));
          }
        }),
      );
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      for (const listener of this.#listeners) listener.close();
      for (const { connection } of this.#visits) connection.close();
      await Promise.all(work);
    }
  }

  /** The oldest of those that have asked for nothing yet gives way. */
  #admit(connection: Connection): Visit | undefined {
    const place = placeOf(connection.remote.address);
    const visits = [...this.#visits];
    const isOneTooMany = visits.filter((visit) => visit.place === place).length >= MOST_OF_ONE;
    const idle = visits.find(({ isProbing }) => !isProbing);
    if (isOneTooMany || (visits.length >= MOST_CONNECTIONS && idle === undefined)) {
      connection.close();
      return undefined;
    }
    if (visits.length >= MOST_CONNECTIONS && idle !== undefined) {
      this.#visits.delete(idle);
      idle.connection.close();
    }
    const visit = { connection, place, isProbing: false };
    this.#visits.add(visit);
    return visit;
  }

  async #visited(visit: Visit, signal: AbortSignal): Promise<void> {
    const { connection } = visit;
    try {
      await this.#converse(visit, signal);
    } catch (error) {
      // It went away, or we end.
      if (!signal.aborted && !(error instanceof NetworkError)) throw error;
    } finally {
      this.#visits.delete(visit);
      connection.close();
    }
  }

  async #converse(visit: Visit, signal: AbortSignal): Promise<void> {
    const { connection } = visit;
    const { secret, system, probed } = this.#options;
    const { address } = connection.remote;
    const hello = await this.#heard(connection, signal);
    if (hello?.kind !== 'hello') return;
    const refusal = hello.isKnownVersion ? (isPublic(address) ? undefined : 'not-outside') : 'unknown-version';
    if (refusal !== undefined) {
      await connection.write(result(refusal));
      return;
    }
    const token = system.random.bytes(TOKEN_BYTES);
    await connection.write(encodeOffer({ needsSecret: secret !== undefined, token, seen: address }));
    const ask = await this.#heard(connection, signal);
    if (ask?.kind !== 'ask' || !sameBytes(ask.token, token)) return;
    // Before anything else: guesses at the secret count, too.
    const allowed = this.#allowance.spend(address, system.clock.monotonic());
    if (allowed !== 'granted') {
      await connection.write(result('busy', allowed));
      return;
    }
    if (secret !== undefined && !sameBytes(ask.proof, proofOf(secret, ask))) {
      await connection.write(result('wrong-secret'));
      return;
    }
    visit.isProbing = true;
    const outcome = await this.#probe(connection, ask, signal);
    const { transport, port } = ask;
    system.log.write('debug', 'probed', { port: endpointText({ address, port }), transport, outcome });
    probed?.({ address, transport, port, outcome });
    await connection.write(result(outcome));
  }

  /** `undefined`: nothing that makes sense, or nothing in time. */
  async #heard(connection: Connection, signal: AbortSignal) {
    const bytes = await forAtMost(this.#options.system.clock, PATIENCE, signal, (inTime) =>
      readMessage(connection, ASKER_BYTES, inTime),
    );
    const message = bytes === undefined ? undefined : decodeAsker(bytes);
    return message instanceof WireError ? undefined : message;
  }

  async #probe(connection: Connection, ask: ProbeAsk, signal: AbortSignal): Promise<ProbeOutcome> {
    const nonce = this.#options.system.random.bytes(NONCE_BYTES);
    const sign: ProbeSign = { kind: 'probe', token: ask.token, nonce };
    try {
      return ask.transport === 'tcp'
        ? await this.#probeTcp(connection, ask, sign, signal)
        : await this.#probeUdp(connection, ask.port, sign, signal);
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      return error.fault === 'refused' || error.fault === 'reset' ? 'refused' : 'unreachable';
    }
  }

  /** A program is sent nothing; who stands in for it is sent the sign. */
  async #probeTcp(
    { remote, local }: Connection,
    { port, standsIn }: ProbeAsk,
    sign: ProbeSign,
    signal: AbortSignal,
  ): Promise<ProbeOutcome> {
    const { tcp, clock } = this.#options.system;
    const to = { address: remote.address, port };
    const connection = await forAtMost(clock, TCP_TRIES, signal, (inTime) =>
      tcp.connect(to, { localAddress: local.address }, inTime),
    );
    if (connection === undefined) return 'silent';
    try {
      if (!standsIn) return 'connected';
      await connection.write(encodeSign(sign));
      const answer = await forAtMost(clock, ECHO_WITHIN, signal, (inTime) =>
        readMessage(connection, PROBE_BYTES, inTime),
      );
      return answer !== undefined && isEcho(answer, sign) ? 'echoed' : 'connected';
    } catch (error) {
      // It has been accepted, whatever came then.
      if (error instanceof NetworkError) return 'connected';
      throw error;
    } finally {
      connection.close();
    }
  }

  async #probeUdp(
    { remote, local }: Connection,
    port: Port,
    sign: ProbeSign,
    signal: AbortSignal,
  ): Promise<ProbeOutcome> {
    const { udp, clock } = this.#options.system;
    const { address } = remote;
    const socket = await udp.open({
      family: familyOf(address),
      localAddress: local.address,
      connectTo: { address, port },
    });
    try {
      for (const pause of UDP_TRIES) {
        await socket.send(encodeSign(sign));
        const answer = await forAtMost(clock, pause, signal, (inTime) => socket.receive(inTime));
        if (answer !== undefined) return isEcho(answer.bytes, sign) ? 'echoed' : 'answered';
      }
      return 'silent';
    } finally {
      socket.close();
    }
  }
}

function isEcho(bytes: Uint8Array, { token, nonce }: ProbeSign): boolean {
  const answer = decodeSign(bytes);
  return (
    !(answer instanceof WireError) &&
    answer.kind === 'echo' &&
    sameBytes(answer.token, token) &&
    sameBytes(answer.nonce, nonce)
  );
}

const result = (outcome: ProbeResult['outcome'], retryAfter = seconds(0)): Uint8Array =>
  encodeResult({ outcome, retryAfter: outcome === 'busy' && retryAfter === 0 ? CROWDED : retryAfter });
