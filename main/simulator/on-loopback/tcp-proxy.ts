import type { Endpoint } from '../../contract/address.ts';
import { inSeconds } from '../../contract/units.ts';
import { NetworkError, type Connection, type System } from '../../system/system.ts';
import type { ForwardingRule } from '../router/router-plane.ts';
import type { Proxy } from './loopback-plane.ts';

/** Connections that one rule carries at once; more are closed at once. */
const MOST_CONNECTIONS = 64;
const CLIENT_ANSWERS_WITHIN = inSeconds(10);
/** For the answer to one who has said all (a half-closed connection, which `Connection` cannot pass on). */
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
