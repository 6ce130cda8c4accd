/** One run of a router's daemon: its servers, from start to end. */
import type { Family } from '../../contract/address.ts';
import { IgdServer } from '../servers/igd-server.ts';
import { PxpServer } from '../servers/pxp-server.ts';
import { SsdpServer } from '../servers/ssdp-server.ts';
import type { RouterState } from './router-state.ts';

export interface RouterPorts {
  /** 0 or absent: a free one at each start, as miniupnpd does (D14). */
  readonly http?: number;
  /** 5351 when absent (RFC 6886 §3, RFC 6887 §19.1), 0 for a free one. */
  readonly pxp?: number;
  /** `false`: no SSDP, the description is found by its URL only. */
  readonly ssdp?: boolean;
}

export class RouterDaemon {
  readonly #state: RouterState;
  readonly #life = new AbortController();
  readonly #igd: IgdServer | undefined;
  readonly #ssdp: SsdpServer | undefined;
  readonly #pxp: PxpServer;

  constructor(state: RouterState, ports: RouterPorts) {
    this.#state = state;
    const { igd } = state.personality.protocols;
    const server = igd ? new IgdServer(state, ports.http ?? 0, this.#life.signal) : undefined;
    this.#igd = server;
    this.#ssdp =
      server === undefined || ports.ssdp === false
        ? undefined
        : new SsdpServer(state, (family) => server.location(family));
    this.#pxp = new PxpServer(state, ports.pxp ?? 5351);
  }

  /** Resolves once every server listens, or it was closed meanwhile. @throws NetworkError when a port cannot be had */
  async start(): Promise<void> {
    const { signal } = this.#life;
    try {
      await this.#pxp.start(signal);
      await this.#igd?.start();
      await this.#ssdp?.start(signal);
    } catch (error) {
      this.close();
      throw error;
    }
    if (signal.aborted) {
      this.close();
      return;
    }
    void this.#state.table.run(signal);
    void this.#state.pinholes.run(signal);
    this.#pxp.announce(signal);
  }

  /** The description's URL; `undefined` when it is not served to that family. */
  location(family: Family): string | undefined {
    return this.#igd?.location(family);
  }

  /** UDP port of PCP and NAT-PMP; `undefined` while nobody listens there. */
  get pxpPort(): number | undefined {
    return this.#pxp.port;
  }

  /** RFC 6886 §3.2.1: the external address is another. */
  announceAddress(): void {
    this.#pxp.announce(this.#life.signal);
    this.changed();
  }

  /** Something that is evented may be different now. */
  changed(): void {
    this.#igd?.changed();
  }

  /** Said before an orderly end. */
  async byebye(): Promise<void> {
    await this.#ssdp?.byebye();
  }

  /** At once and without a word; idempotent. */
  close(): void {
    this.#life.abort();
    this.#igd?.close();
    this.#ssdp?.close();
    this.#pxp.close();
  }
}
