/** Turns what a leg of the search has found into findings, and keeps count of what each gateway already offers. */
import { familyOf, type Family, type IpAddress } from '../../contract/address.ts';
import type { GatewayId } from '../../contract/model.ts';
import { millis, type Millis } from '../../contract/units.ts';
import { NetworkError, type System } from '../../system/system.ts';
import { Unreachable } from '../failure.ts';
import type { Finding, SearchSummary, WrongUrlGiven } from '../gateway.ts';
import type { PortControl } from '../port-control.ts';
import { joinPcpFamilies } from '../pxp/pcp.ts';
import { addressOfGateway, fingerprintOf, gatewayIdOf, isDefaultRouter, localAddressTo, type Link } from './links.ts';

/** The request is recorded before it leaves. */
const HEAD_START = millis(100);

/** `address` and `localAddress` are those that the control itself talks between. */
export type FoundControl = Omit<Finding, 'gateway' | 'interfaceName' | 'isDefault' | 'fingerprint' | 'foundIn'> & {
  readonly link: Link;
};

type Side = Pick<Finding, 'control' | 'detail' | 'remember'>;

export class FindingMaker {
  readonly system: System;
  readonly ledger: SearchLedger;
  readonly #deliver: (finding: Finding) => void;
  readonly #well = new Set<string>();
  readonly #pcp = new Map<GatewayId, Partial<Record<Family, Side>>>();
  readonly #macs = new Map<IpAddress, Promise<string | undefined>>();

  constructor(system: System, ledger: SearchLedger, deliver: (finding: Finding) => void) {
    this.system = system;
    this.ledger = ledger;
    this.#deliver = deliver;
  }

  /** Has a control of this kind been reported that its gateway shows in good health? */
  hasWell(gateway: GatewayId, kind: PortControl['kind'], family: Family): boolean {
    return this.#well.has(`${gateway} ${kind} ${family}`);
  }

  /** The gateway that the host belongs to: a router's further IPv6 addresses are recognised by its hardware address. */
  async gatewayOf(link: Link, address: IpAddress): Promise<GatewayId> {
    return gatewayIdOf(link, await this.#routerAt(link, address));
  }

  /** Hardware address; once known it is kept, because on some systems looking it up takes a process. May be called early, to
   * have it at hand. */
  async macOf(address: IpAddress): Promise<string | undefined> {
    const known = this.#macs.get(address);
    if (known !== undefined) return await known;
    const asked = this.system.routes.neighbour(address);
    this.#macs.set(address, asked);
    const mac = await asked;
    // Before the first datagram nobody knows it.
    if (mac === undefined) this.#macs.delete(address);
    return mac;
  }

  async fingerprint(link: Link, address: IpAddress, model: string): Promise<string> {
    const mac = await this.macOf(address);
    return fingerprintOf({ mac, gateway: gatewayIdOf(link, address), model });
  }

  /** For a first request, which goes before whatever is asked of the control to see that it is there. */
  async reportUntried(found: FoundControl, signal: AbortSignal): Promise<void> {
    await this.report({ ...found, isUntried: true }, signal);
    await this.system.clock.sleep(HEAD_START, signal);
  }

  /** A second control of a kind that the gateway already has, and that looks well, is dropped (D12). */
  async report({ link, ...found }: FoundControl, signal: AbortSignal): Promise<void> {
    const router = await this.#routerAt(link, found.address);
    const gateway = gatewayIdOf(link, router);
    const fingerprint = await this.fingerprint(link, found.address, found.model);
    const family = familyOf(found.localAddress);
    const { kind } = found.control;
    if (signal.aborted || this.hasWell(gateway, kind, family)) return;
    if (found.isUntried !== true && looksWell(found)) this.#well.add(`${gateway} ${kind} ${family}`);
    const foundIn = this.ledger.elapsed();
    const { foundBy, detail } = found;
    this.system.log.write('debug', 'found a control', { gateway, kind, foundBy, foundIn, detail });
    const address = addressOfGateway(link, router);
    this.#deliver({
      ...found,
      ...(kind === 'pcp' ? this.#joined(gateway, family, found) : {}),
      gateway,
      address,
      localAddress: link.seenAs ?? localAddressTo(link, address) ?? found.localAddress,
      interfaceName: link.name,
      isDefault: isDefaultRouter(link, address),
      fingerprint,
      foundIn,
      ...(this.ledger.wrongUrl === undefined ? {} : { wrongUrl: this.ledger.wrongUrl }),
    });
  }

  /** One control for both families, once the gateway has been found by both; IPv4 is where to look first next time. */
  #joined(gateway: GatewayId, family: Family, found: Side): Side {
    const known = { ...this.#pcp.get(gateway), [family]: found };
    this.#pcp.set(gateway, known);
    const { ipv4, ipv6 } = known;
    if (ipv4 === undefined || ipv6 === undefined) return found;
    return {
      control: joinPcpFamilies({ ipv4: ipv4.control, ipv6: ipv6.control }),
      detail: `${ipv4.detail}, ${ipv6.detail}`,
      remember: ipv4.remember,
    };
  }

  async #routerAt(link: Link, address: IpAddress): Promise<IpAddress> {
    if (familyOf(address) === 'ipv4' || link.routers.includes(address)) return address;
    const mac = await this.macOf(address);
    if (mac === undefined) return address;
    for (const router of link.routers) if ((await this.macOf(router)) === mac) return router;
    return address;
  }
}

/** Hints only (N1): one that does not look well is reported all the same, and so is the next of its kind. */
function looksWell({ control, vitals }: Pick<Finding, 'control' | 'vitals'>): boolean {
  if (control.kind !== 'igd') return true;
  if (vitals.externalAddress === undefined) return vitals.connected === true;
  return vitals.externalAddress !== 'none' && vitals.externalAddress !== 'unknown';
}

/** A house full of lamps; beyond it nobody reads the list. */
const MOST_PASSED_OVER = 64;

/** Facts that one search learns beside its findings. */
export class SearchLedger {
  readonly #system: System;
  readonly #start: Millis;
  readonly #alive = new Set<string>();
  readonly #guarded = new Set<string>();
  wrongUrl: WrongUrlGiven | undefined;
  readonly #passedOver = new Map<string, SearchSummary['passedOver'][number]>();
  #denied = false;
  #localNetworkDenied = false;

  constructor(system: System) {
    this.#system = system;
    this.#start = system.clock.monotonic();
  }

  elapsed(): Millis {
    return millis(this.#system.clock.monotonic() - this.#start);
  }

  /** Something came back from there, if only a refusal. */
  heardFrom(interfaceName: string, address: IpAddress): void {
    this.#alive.add(`${interfaceName}/${address}`);
  }

  /** It asked for a password where its description is (X37). */
  guarded(interfaceName: string, address: IpAddress): void {
    this.#guarded.add(`${interfaceName}/${address}`);
  }

  hasHeard({ address, interfaceName }: Pick<SearchSummary['routers'][number], 'address' | 'interfaceName'>): boolean {
    return this.#alive.has(`${interfaceName}/${address}`);
  }

  passOver(from: IpAddress, why: string): void {
    if (this.#passedOver.size >= MOST_PASSED_OVER) return;
    const entry = `${from} ${why}`;
    if (this.#passedOver.has(entry)) return;
    this.#passedOver.set(entry, { from, why });
    this.#system.log.write('debug', 'ignored', { from, why });
  }

  /** Keeps what an error of a socket or a conversation says about this machine (H1, H4). */
  note(error: unknown): void {
    const fault = error instanceof NetworkError ? error.fault : error instanceof Unreachable ? error.why : undefined;
    if (fault === 'denied') this.#denied = true;
    if (fault === 'local-network') this.#localNetworkDenied = true;
  }

  /** About the routers of these links, or about the one that a person named. */
  async summary(
    links: readonly Link[],
    named: { readonly address: IpAddress; readonly link: Link } | undefined,
  ): Promise<SearchSummary> {
    const routers =
      named === undefined
        ? links.flatMap((link) => link.routers.map((address) => ({ address, interfaceName: link.name })))
        : [{ address: named.address, interfaceName: named.link.name }];
    return {
      routers: await Promise.all(
        routers.map(async ({ address, interfaceName }) => ({
          address,
          interfaceName,
          // A router that ignored every question has at least answered for its hardware address.
          alive:
            this.#alive.has(`${interfaceName}/${address}`) ||
            (await this.#system.routes.neighbour(address)) !== undefined,
          ...(this.#guarded.has(`${interfaceName}/${address}`) ? { guarded: true } : {}),
        })),
      ),
      noNetwork: links.length === 0,
      denied: this.#denied,
      localNetworkDenied: this.#localNetworkDenied,
      ...(this.wrongUrl === undefined ? {} : { wrongUrl: this.wrongUrl }),
      passedOver: [...this.#passedOver.values()],
    };
  }
}
