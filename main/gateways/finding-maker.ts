/** Turns what a leg of the search has found into findings, and keeps count of what each gateway already offers. */
import { familyOf } from '../contract/address.ts';
import type { IpAddress } from '../contract/address.ts';
import type { GatewayId } from '../contract/model.ts';
import type { System } from '../system/system.ts';
import { fingerprintOf, gatewayIdOf } from './gateway-identity.ts';
import type { Finding } from './gateway.ts';
import { isDefaultRouter } from './links.ts';
import type { Link } from './links.ts';
import type { PortControl } from './port-control.ts';
import type { SearchLedger } from './search-ledger.ts';

export type Found = Omit<Finding, 'gateway' | 'interfaceName' | 'isDefault' | 'fingerprint' | 'foundIn'> & {
  readonly link: Link;
};

export interface MakerOptions {
  readonly system: System;
  readonly ledger: SearchLedger;
  readonly deliver: (finding: Finding) => void;
}

export class FindingMaker {
  readonly system: System;
  readonly ledger: SearchLedger;
  readonly #deliver: (finding: Finding) => void;
  readonly #well = new Set<string>();

  constructor(options: MakerOptions) {
    this.system = options.system;
    this.ledger = options.ledger;
    this.#deliver = options.deliver;
  }

  /** Has a control of this kind been reported that its gateway shows in good health? */
  hasWell(gateway: GatewayId, kind: PortControl['kind']): boolean {
    return this.#well.has(`${gateway} ${kind}`);
  }

  /** The gateway that the host belongs to: a router's further IPv6 addresses are told by its hardware address. */
  async gatewayOf(link: Link, address: IpAddress): Promise<GatewayId> {
    return gatewayIdOf(link, await this.#routerAt(link, address));
  }

  async fingerprint(link: Link, address: IpAddress, model: string): Promise<string> {
    const mac = await this.system.routes.neighbour(address);
    return fingerprintOf({ mac, gateway: gatewayIdOf(link, address), model });
  }

  /** A second control of a kind that the gateway already has, and that looks well, is dropped (D12). */
  async report({ link, ...found }: Found, signal: AbortSignal): Promise<void> {
    const router = await this.#routerAt(link, found.address);
    const gateway = gatewayIdOf(link, router);
    const fingerprint = await this.fingerprint(link, found.address, found.model);
    const { foundBy, detail, control } = found;
    if (signal.aborted || this.hasWell(gateway, control.kind)) return;
    if (looksWell(found)) this.#well.add(`${gateway} ${control.kind}`);
    const foundIn = this.ledger.elapsed();
    this.system.log.write('info', 'found a way to open ports', {
      gateway,
      kind: control.kind,
      foundBy,
      foundIn,
      detail,
    });
    const isDefault = isDefaultRouter(link, router);
    this.#deliver({ ...found, gateway, interfaceName: link.name, isDefault, fingerprint, foundIn });
  }

  async #routerAt(link: Link, address: IpAddress): Promise<IpAddress> {
    if (familyOf(address) === 'ipv4' || link.routers.includes(address)) return address;
    const mac = await this.system.routes.neighbour(address);
    if (mac === undefined) return address;
    for (const router of link.routers) if ((await this.system.routes.neighbour(router)) === mac) return router;
    return address;
  }
}

/** Hints only (N1): one that does not look well is reported all the same, and so is the next of its kind. */
function looksWell({ control, vitals }: Pick<Finding, 'control' | 'vitals'>): boolean {
  if (control.kind !== 'igd') return true;
  if (vitals.externalAddress === undefined) return vitals.connected === true;
  return vitals.externalAddress !== 'none';
}
