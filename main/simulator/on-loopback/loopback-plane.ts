/** Carries real traffic of a router that lives on loopback: a real socket for each mapped port, proxied to the client. */
import { endpointText, ip, type Endpoint, type IpAddress } from '../../contract/address.ts';
import { NetworkError, type System } from '../../system/system.ts';
import type { ForwardingRule, RouterPlane } from '../router/router-state.ts';
import { serveTcp, serveUdp, type Proxy } from './proxies.ts';

/** Ports that are carried at once; a table may hold more, they are listed only. */
const MOST_RULES = 256;

export interface LoopbackPlaneOptions {
  readonly system: System;
  /** Where mapped ports are reached, with their external number where it can be had. */
  readonly outside: IpAddress;
  readonly log: (line: string) => void;
}

interface ProxiedConnection {
  readonly rule: ForwardingRule;
  proxy: Proxy | undefined;
  gone: boolean;
}

export class LoopbackPlane implements RouterPlane {
  readonly #options: LoopbackPlaneOptions;
  readonly #carried = new Map<string, ProxiedConnection>();
  #powered = false;
  #line = true;
  #rules: readonly ForwardingRule[] = [];
  /** Sockets are opened one after the other, so that a port that is closed and opened again is free again. */
  #opening: Promise<void> = Promise.resolve();

  constructor(options: LoopbackPlaneOptions) {
    this.#options = options;
  }

  forward(rules: () => readonly ForwardingRule[]): void {
    this.#rules = rules();
    this.#apply();
  }

  /** The address itself is only reported; without one nothing is carried. */
  setExternalAddress(address: IpAddress | 'none'): void {
    this.#line = address !== 'none';
    this.#apply();
  }

  setPower(on: boolean): void {
    this.#powered = on;
    this.#apply();
  }

  /** Where a mapped port is really reached; `undefined` when it is not. Settled once the sockets asked for are open. */
  async reachedAt(transport: ForwardingRule['transport'], externalPort: number): Promise<Endpoint | undefined> {
    await this.#opening;
    for (const { rule, proxy } of this.#carried.values())
      if (rule.transport === transport && rule.external.port === externalPort && rule.family === 'ipv4')
        return proxy?.at;
    return undefined;
  }

  #apply(): void {
    const rules = this.#powered && this.#line ? this.#rules.filter(({ family }) => family === 'ipv4') : [];
    const wanted = new Map(rules.slice(0, MOST_RULES).map((rule) => [JSON.stringify(rule), rule]));
    for (const [key, carried] of this.#carried) {
      if (wanted.has(key)) continue;
      this.#carried.delete(key);
      carried.gone = true;
      carried.proxy?.close();
      if (carried.proxy !== undefined) this.#options.log(`closed ${ruleText(carried.rule)}`);
    }
    for (const [key, rule] of wanted) {
      if (this.#carried.has(key)) continue;
      const carried: ProxiedConnection = { rule, proxy: undefined, gone: false };
      this.#carried.set(key, carried);
      this.#opening = this.#opening.then(() => this.#open(carried));
    }
  }

  async #open(carried: ProxiedConnection): Promise<void> {
    if (carried.gone) return;
    const { rule } = carried;
    const text = ruleText(rule);
    try {
      const proxy = await this.#firstFree(rule);
      if (carried.gone) {
        proxy.close();
        return;
      }
      carried.proxy = proxy;
      this.#options.log(`opened ${text}, reached at ${endpointText(proxy.at)}`);
    } catch (error) {
      const why = error instanceof NetworkError ? error.message : String(error);
      this.#options.log(`listed only, not carried: ${text}: ${why}`);
    }
  }

  /** The external port where it can be had: another program may hold it, a low one may be forbidden, and not every
   * system has 127.0.0.2. */
  async #firstFree(rule: ForwardingRule): Promise<Proxy> {
    const { outside, system } = this.#options;
    const places = [
      { address: outside, port: rule.external.port },
      { address: outside, port: 0 },
      { address: ip('127.0.0.1'), port: 0 },
    ];
    let last: unknown;
    for (const place of places) {
      try {
        return rule.transport === 'tcp' ? await serveTcp(system, rule, place) : await serveUdp(system, rule, place);
      } catch (error) {
        last = error;
      }
    }
    throw last;
  }
}

function ruleText({ transport, external, internal }: ForwardingRule): string {
  return `${transport} ${external.port} to ${endpointText({ address: internal.client, port: internal.port })}`;
}
