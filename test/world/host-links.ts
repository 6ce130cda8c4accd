import { type IpAddress, familyOf, ip } from '../../main/contract/address.ts';
import { type DefaultRoute, NetworkError, type NetworkState, type Routes } from '../../main/system/system.ts';
import { scopeOfMemo } from './address-memo.ts';
import type { Program } from './program.ts';
import type { SimInterface } from './sim-interface.ts';

/** A host's interfaces, routes and neighbours: which way packets go, and what its programs can read of it. */
export class HostLinks {
  readonly #host: string;
  readonly #links: SimInterface[] = [];
  readonly #neighbours = new Map<IpAddress, { readonly mac: string; readonly link: SimInterface }>();
  readonly #watchers = new Set<() => void>();
  #defaultRoutes: readonly DefaultRoute[] = [];

  constructor(host: string) {
    this.#host = host;
  }

  get all(): readonly SimInterface[] {
    return this.#links;
  }

  add(link: SimInterface): void {
    this.#links.push(link);
    this.changed();
  }

  find(name: string): SimInterface | undefined {
    return this.#links.find((link) => link.name === name);
  }

  get defaultRoutes(): readonly DefaultRoute[] {
    return this.#defaultRoutes
      .filter((route) => this.find(route.interfaceName)?.up === true)
      .toSorted((one, other) => one.metric - other.metric);
  }

  setDefaultRoutes(routes: readonly DefaultRoute[]): void {
    this.#defaultRoutes = routes;
    this.changed();
  }

  owns(address: IpAddress): boolean {
    return scopeOfMemo(address) === 'loopback' || this.#links.some((link) => link.owns(address));
  }

  /** Where a packet leaves and who gets it next. `interfaceName` decides for link-local addresses only. */
  wayTo(
    address: IpAddress,
    interfaceName?: string,
  ): { readonly link: SimInterface; readonly nextHop: IpAddress } | undefined {
    if (scopeOfMemo(address) === 'link-local') {
      const link = this.#links.find((each) => each.up && each.name === interfaceName);
      return link === undefined ? undefined : { link, nextHop: address };
    }
    let best: { link: SimInterface; length: number } | undefined;
    for (const link of this.#links) {
      const length = link.onLink(address);
      if (length !== undefined && (best === undefined || length > best.length)) best = { link, length };
    }
    if (best !== undefined) return { link: best.link, nextHop: address };
    const route = this.defaultRoutes.find(({ family }) => family === familyOf(address));
    const link = route === undefined ? undefined : this.find(route.interfaceName);
    return route === undefined || link === undefined ? undefined : { link, nextHop: route.gateway };
  }

  /** Where multicast leaves. */
  linkFor(group: IpAddress, interfaceName?: string): SimInterface | undefined {
    if (interfaceName !== undefined) return this.#links.find((link) => link.up && link.name === interfaceName);
    const route = this.defaultRoutes.find(({ family }) => family === familyOf(group));
    return route === undefined ? this.#links.find((link) => link.up) : this.find(route.interfaceName);
  }

  /** @throws NetworkError with fault `unreachable` */
  sourceFor(address: IpAddress, interfaceName?: string): IpAddress {
    if (this.owns(address)) return address;
    const link =
      scopeOfMemo(address) === 'multicast'
        ? this.linkFor(address, interfaceName)
        : this.wayTo(address, interfaceName)?.link;
    const source = link?.sourceFor(address);
    if (source === undefined) throw new NetworkError('unreachable', `${this.#host} has no route to ${address}`);
    return source;
  }

  /** The neighbour's hardware address was learnt (ARP). */
  met(address: IpAddress, mac: string, link: SimInterface): void {
    if (mac !== 'none') this.#neighbours.set(address, { mac, link });
  }

  /** As one run of the host's programs sees it. */
  of(program: Program): Routes {
    return {
      read: (signal) =>
        program.wait<NetworkState>(signal, (resolve) => {
          resolve(this.#state());
          return () => {};
        }),
      neighbour: (address) => program.done(this.#neighbours.get(address)?.mac),
      neighbours: () => program.done([...this.#neighbours.keys()].filter((address) => familyOf(address) === 'ipv4')),
      changed: (signal) =>
        program.wait<void>(signal, (resolve) => {
          const watcher = (): void => resolve();
          this.#watchers.add(watcher);
          return () => this.#watchers.delete(watcher);
        }),
    };
  }

  #state(): NetworkState {
    const loopback = { address: ip('127.0.0.1'), prefix: 8, temporary: false };
    const loopback6 = { address: ip('::1'), prefix: 128, temporary: false };
    return {
      interfaces: [
        { name: 'lo', addresses: [loopback, loopback6], loopback: true, virtual: false },
        ...this.#links.filter((link) => link.up).map((link) => link.state()),
      ],
      defaultRoutes: this.defaultRoutes,
    };
  }

  /** Wakes whoever waits for a change. Neighbours are forgotten with their link. */
  changed(): void {
    for (const [address, { link }] of this.#neighbours) if (!link.up) this.#neighbours.delete(address);
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const watcher of watchers) watcher();
  }
}
