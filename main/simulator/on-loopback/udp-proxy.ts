import { endpointText, familyOf, type Endpoint } from '../../contract/address.ts';
import { inMinutes, type Millis } from '../../contract/units.ts';
import { NetworkError, type Datagram, type System, type UdpSocket } from '../../system/system.ts';
import type { ForwardingRule } from '../router/router-plane.ts';
import type { Proxy } from './loopback-plane.ts';

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
