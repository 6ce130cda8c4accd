/** The real sockets of mapped ports, and what passes through them. */
import { endpointText, familyOf, type Endpoint } from '../../contract/address.ts';
import { inMinutes, inSeconds, type Millis } from '../../contract/units.ts';
import { NetworkError, type Connection, type Datagram, type System, type UdpSocket } from '../../system/system.ts';
import type { ForwardingRule } from '../router/router-state.ts';

/** A rule's real socket; `close` ends everything that it carries. */
export interface Proxy {
  readonly at: Endpoint;
  close(): void;
}

/** Connections that one rule carries at once; more are closed at once. */
const MOST_CONNECTIONS = 64;
const CLIENT_ANSWERS_WITHIN = inSeconds(10);
/** Time for the answer to a peer that has said all (half-closed, which `Connection` cannot pass on). */
const LAST_WORDS = inSeconds(3);

/** Listens at `place` and carries each connection to the rule's client. @throws NetworkError */
export async function serveTcp(system: System, rule: ForwardingRule, place: Endpoint): Promise<Proxy> {
  const listener = await system.tcp.listen(place);
  const life = new AbortController();
  void acceptAll();
  return {
    at: listener.local,
    close: () => {
      life.abort();
      listener.close();
    },
  };

  async function acceptAll(): Promise<void> {
    let open = 0;
    while (!life.signal.aborted) {
      let outer: Connection;
      try {
        outer = await listener.accept(life.signal);
      } catch (error) {
        if (error instanceof NetworkError && error.fault !== 'closed') continue;
        return;
      }
      const welcome = rule.remote?.address === undefined || rule.remote.address === outer.remote.address;
      if (!welcome || open >= MOST_CONNECTIONS) {
        outer.close();
        continue;
      }
      open += 1;
      void carry(system, rule, outer, life.signal).finally(() => {
        open -= 1;
      });
    }
  }
}

/** Both ways until the client has finished, or either end has broken. */
async function carry(system: System, rule: ForwardingRule, outer: Connection, life: AbortSignal): Promise<void> {
  const over = new AbortController();
  const signal = AbortSignal.any([life, over.signal]);
  let inner: Connection | undefined;
  try {
    inner = await connectInside(system, rule, signal);
    const asked = pump(outer, inner, signal).then(() => 'asked' as const);
    const answered = pump(inner, outer, signal).then(() => 'answered' as const);
    const first = await Promise.race([asked, answered]);
    if (first === 'asked') await Promise.race([answered, system.clock.sleep(LAST_WORDS, signal)]);
  } catch {
    // Broken, refused or taken back: the other end learns it by the close below.
  } finally {
    over.abort();
    inner?.close();
    outer.close();
  }
}

async function connectInside(system: System, rule: ForwardingRule, signal: AbortSignal): Promise<Connection> {
  const patience = new AbortController();
  const timer = system.clock.sleep(CLIENT_ANSWERS_WITHIN, AbortSignal.any([signal, patience.signal])).then(
    () => patience.abort(),
    () => undefined,
  );
  try {
    const to = { address: rule.internal.client, port: rule.internal.port };
    return await system.tcp.connect(to, {}, AbortSignal.any([signal, patience.signal]));
  } finally {
    patience.abort();
    await timer;
  }
}

async function pump(from: Connection, to: Connection, signal: AbortSignal): Promise<void> {
  for (;;) {
    const bytes = await from.read(signal);
    if (bytes === undefined) return;
    await to.write(bytes);
  }
}

/** Peers that one rule carries at once; the one that was silent longest makes room. */
const MOST_PEERS = 64;
/** RFC 4787 REQ-5: not below 2 minutes. */
const IDLE_FOR: Millis = inMinutes(3);

interface Session {
  readonly inner: UdpSocket;
  lastUsed: number;
}

/** Binds `place` and carries each peer's datagrams to the rule's client from a socket of its own, and answers back.
 * @throws NetworkError */
export async function serveUdp(system: System, rule: ForwardingRule, place: Endpoint): Promise<Proxy> {
  const outer = await system.udp.open({
    family: familyOf(place.address),
    localAddress: place.address,
    localPort: place.port,
  });
  const life = new AbortController();
  const sessions = new Map<string, Session>();
  void receiveAll();
  void forgetIdle();
  return {
    at: outer.local,
    close: () => {
      life.abort();
      outer.close();
      for (const { inner } of sessions.values()) inner.close();
    },
  };

  async function receiveAll(): Promise<void> {
    while (!life.signal.aborted) {
      const datagram = await nextDatagram(outer, life.signal);
      if (datagram === 'over') return;
      if (datagram === 'fault') continue;
      if (rule.remote?.address !== undefined && rule.remote.address !== datagram.from.address) continue;
      const session = await sessionFor(datagram.from).catch(() => undefined);
      // The network loses datagrams; so may this.
      await session?.inner.send(datagram.bytes).catch(() => undefined);
    }
  }

  async function sessionFor(peer: Endpoint): Promise<Session> {
    const key = endpointText(peer);
    const known = sessions.get(key);
    if (known !== undefined) {
      known.lastUsed = system.clock.monotonic();
      return known;
    }
    if (sessions.size >= MOST_PEERS) dropOldest();
    const { client, port } = rule.internal;
    const inner = await system.udp.open({ family: familyOf(client), connectTo: { address: client, port } });
    if (life.signal.aborted) {
      inner.close();
      throw new NetworkError('closed', 'this rule is gone');
    }
    const session: Session = { inner, lastUsed: system.clock.monotonic() };
    sessions.set(key, session);
    void answerBack(session, peer);
    return session;
  }

  async function answerBack(session: Session, peer: Endpoint): Promise<void> {
    for (;;) {
      const datagram = await nextDatagram(session.inner, life.signal);
      if (datagram === 'over') return;
      if (datagram === 'fault') continue;
      session.lastUsed = system.clock.monotonic();
      await outer.send(datagram.bytes, peer).catch(() => undefined);
    }
  }

  async function forgetIdle(): Promise<void> {
    while (!life.signal.aborted) {
      await system.clock.sleep(IDLE_FOR, life.signal).catch(() => undefined);
      const now = system.clock.monotonic();
      for (const [key, session] of sessions) if (now - session.lastUsed >= IDLE_FOR) drop(key, session);
    }
  }

  function dropOldest(): void {
    const oldest = [...sessions].toSorted(([, one], [, other]) => one.lastUsed - other.lastUsed)[0];
    if (oldest !== undefined) drop(...oldest);
  }

  function drop(key: string, session: Session): void {
    sessions.delete(key);
    session.inner.close();
  }
}

/** `fault`: nobody listened at the other end (ICMP), worth another try. */
async function nextDatagram(socket: UdpSocket, signal: AbortSignal): Promise<Datagram | 'fault' | 'over'> {
  try {
    return await socket.receive(signal);
  } catch (error) {
    return error instanceof NetworkError && error.fault !== 'closed' ? 'fault' : 'over';
  }
}
