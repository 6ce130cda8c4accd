/** Devices that a table lists by name in the place of an address (E17). */
import { familyOf, scopeOf, type IpAddress } from '../../contract/address.ts';
import { inMinutes, inSeconds, millis } from '../../contract/units.ts';
import { forAtMost } from '../../system/deadline.ts';
import type { HttpNetwork } from '../upnp/http-exchange.ts';
import type { TableEntry } from './igd-entry.ts';

/** Names of a home are answered within a few milliseconds. */
const NAME_WITHIN = inSeconds(2);
const NAMES_KEPT = inMinutes(10);
/** A table of lies has no more looked up. */
const MOST_NAMES = 64;
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?)*$/i;

/** Finds their addresses where this machine knows them. */
export class HostNames {
  readonly #network: HttpNetwork;
  /** Ours, towards the gateway. */
  readonly #localAddress: IpAddress;
  readonly #known = new Map<string, IpAddress | undefined>();
  #forgetAt = millis(Number.MIN_SAFE_INTEGER);

  constructor(network: HttpNetwork, localAddress: IpAddress) {
    this.#network = network;
    this.#localAddress = localAddress;
  }

  /** @throws the signal's reason */
  async placed(entry: TableEntry, signal: AbortSignal): Promise<TableEntry> {
    const { name } = entry.internal;
    if (name === undefined) return entry;
    return { ...entry, internal: { ...entry.internal, client: await this.#addressOf(name.toLowerCase(), signal) } };
  }

  async #addressOf(name: string, signal: AbortSignal): Promise<IpAddress | undefined> {
    const { clock, addressesOf } = this.#network;
    if (clock.monotonic() >= this.#forgetAt) {
      this.#known.clear();
      this.#forgetAt = millis(clock.monotonic() + NAMES_KEPT);
    }
    if (this.#known.has(name)) return this.#known.get(name);
    if (addressesOf === undefined || !HOST_NAME.test(name) || this.#known.size >= MOST_NAMES) return undefined;
    const found = await forAtMost(clock, NAME_WITHIN, signal, (inTime) => addressesOf(name, inTime));
    const address = found?.flatMap((each) => this.#atHome(each) ?? [])[0];
    this.#known.set(name, address);
    return address;
  }

  /** Many a machine's own name stands for its loopback address. Other places than homes have no rules. */
  #atHome(address: IpAddress): IpAddress | undefined {
    if (familyOf(address) !== 'ipv4') return undefined;
    const scope = scopeOf(address);
    if (scope === 'loopback') return this.#localAddress;
    return scope === 'private' ? address : undefined;
  }
}
