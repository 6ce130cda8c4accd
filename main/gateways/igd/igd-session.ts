/** Everything that one IGD control has seen and granted since it was made. */
import type { IpAddress } from '../../contract/address.ts';
import type { MappingKey, MappingWish } from '../../contract/mapping.ts';
import {
  elapsed,
  inMinutes,
  millis,
  secondsToMillis,
  type EpochMs,
  type Millis,
  type Seconds,
} from '../../contract/units.ts';
import type { Clock } from '../../system/system.ts';
import { Unreachable } from '../failure.ts';
import type { TraitMemory } from '../port-control.ts';
import type { ServiceClient } from '../upnp/soap-call.ts';
import { isSameText, keyText, leadsTo, type EntryKey, type TableEntry, type Target } from './igd-entry.ts';
import { IgdList } from './igd-list.ts';
import { HostNames } from './host-names.ts';
import { IgdTable, type AddRequest } from './igd-table.ts';
import type { HttpNetwork } from '../upnp/http-exchange.ts';

/** After a ladder of request shapes was climbed in vain it is left alone this long (L17, X43). */
const LADDER_REST = inMinutes(10);

interface SessionMoment {
  readonly wall: EpochMs;
  readonly monotonic: Millis;
}

export interface GrantRecord {
  /** The request that the gateway accepted. */
  readonly request: AddRequest;
  readonly at: SessionMoment;
  readonly lease: Seconds | 'permanent';
  /** As the gateway listed the entry, when it was read back (C25). */
  readonly listed: Pick<TableEntry, 'description' | 'lease'> | undefined;
}

const isTarget = ({ request }: GrantRecord, target: Target): boolean =>
  request.internal.client === target.client && request.internal.port === target.port;

const twinText = ({ transport, external }: EntryKey): string =>
  keyText({ transport: transport === 'tcp' ? 'udp' : 'tcp', external });

export class IgdSession {
  readonly traits: TraitMemory;
  readonly clock: Clock;
  readonly localAddress: IpAddress;
  readonly list: IgdList;
  readonly services: readonly IgdTable[];
  readonly #grants = new Map<string, GrantRecord>();
  /** The service in use. */
  table: IgdTable;
  #ladderRestsUntil = millis(Number.MIN_SAFE_INTEGER);

  /** The next grant is read back: none has been yet, or the engine has its doubts. */
  distrusted = true;
  /** A renewal was seen to restart the lease's clock (L8). */
  clockProven = false;
  /** AddAnyPortMapping was declared and then not known (C29). */
  addAnyBroken = false;
  /** The last AddPortMapping got no readable answer: repeating it at once, or waiting for its entry, gains nothing. */
  addsUnread = false;
  /** Leases below are refused (L16). */
  leaseFloor: Seconds | undefined;
  /** Long descriptions are refused (C25). */
  shortText = false;
  /** Do TCP and UDP of one port live side by side (C16)? */
  twins: 'yes' | 'no' | 'unknown' = 'unknown';
  /** External ports that were refused to one transport for no visible reason while the other had them. */
  readonly twinsRefused = new Set<number>();
  readonly #opening = new Set<string>();
  /** A permanent mapping was seen to be one (L7). */
  permanentProven = false;
  /** C7. */
  onePerInternalPort = false;
  thirdParty: 'yes' | 'no' | 'unknown' = 'unknown';

  /** @param listCap most entries of a listing; 2000 when absent (E2) */
  constructor(
    [first, ...others]: readonly [ServiceClient, ...ServiceClient[]],
    network: HttpNetwork,
    { traits, localAddress }: { readonly traits: TraitMemory; readonly localAddress: IpAddress },
    listCap: number | undefined,
  ) {
    this.traits = traits;
    this.clock = network.clock;
    this.localAddress = localAddress;
    const names = new HostNames(network, localAddress);
    const usual = new IgdTable(first, names);
    this.services = [usual, ...others.map((client) => new IgdTable(client, names))];
    const preferred = traits.get().soap?.service;
    this.table = this.services.find((table) => table.serviceType === preferred) ?? usual;
    this.list = new IgdList(() => this.table, traits, network.clock, listCap);
  }

  get mayClimb(): boolean {
    return this.clock.monotonic() >= this.#ladderRestsUntil;
  }

  restLadder(): void {
    this.#ladderRestsUntil = millis(this.clock.monotonic() + LADDER_REST);
  }

  /** Must the next grant be seen in the table? */
  readsBack(request: AddRequest): boolean {
    const traits = this.traits.get();
    if (traits.listing === 'unreliable') return false;
    // L7: a router's "permanent" is verified, not believed.
    const isNewPermanent = request.lease === 0 && !this.permanentProven && traits.longestLease === undefined;
    return this.distrusted || isNewPermanent || traits.unreliableSuccess === true;
  }

  /** A gateway that was away may have lost everything (L13). @throws what `work` throws */
  async watch<Value>(work: Promise<Value>): Promise<Value> {
    try {
      return await work;
    } catch (error) {
      if (error instanceof Unreachable) this.distrusted = true;
      throw error;
    }
  }

  /** The larger of wall and monotonic difference: the one jumps, the other stands still in sleep. */
  age(record: GrantRecord): Millis {
    const { wall, monotonic } = record.at;
    return millis(Math.max(elapsed(wall, this.clock.now()), this.clock.monotonic() - monotonic));
  }

  remember(record: Omit<GrantRecord, 'at'>): void {
    this.#grants.set(keyText(record.request), {
      ...record,
      at: { wall: this.clock.now(), monotonic: this.clock.monotonic() },
    });
  }

  forget(key: EntryKey): void {
    this.#grants.delete(keyText(key));
  }

  /** Our grant of this entry, as long as its lease must still run. */
  running(key: EntryKey, target: Target): GrantRecord | undefined {
    const record = this.#grants.get(keyText(key));
    return record !== undefined && isTarget(record, target) && this.#runs(record) ? record : undefined;
  }

  /** C16: our running grant of the same external port for the other transport. */
  twin(key: EntryKey): GrantRecord | undefined {
    const record = this.#grants.get(twinText(key));
    return record !== undefined && this.#runs(record) ? record : undefined;
  }

  /** C16: the other transport has the port, or is just getting it: a renewal may delete it for a moment (L8). */
  hasTwin(key: EntryKey): boolean {
    return this.#opening.has(twinText(key)) || this.twin(key) !== undefined;
  }

  /** @throws what `work` throws */
  async whileOpening<Value>(key: EntryKey, work: () => Promise<Value>): Promise<Value> {
    this.#opening.add(keyText(key));
    try {
      return await work();
    } finally {
      this.#opening.delete(keyText(key));
    }
  }

  #runs(record: GrantRecord): boolean {
    return record.lease === 'permanent' || this.age(record) < secondsToMillis(record.lease);
  }

  /** C7: does another entry of ours forward to the same internal port? */
  hasSibling(key: EntryKey, target: Target): boolean {
    return [...this.#grants].some(
      ([name, record]) =>
        name !== keyText(key) && record.request.transport === key.transport && isTarget(record, target),
    );
  }

  /**
   * C1, C28: target and text must agree; where routers change texts (C25), what they listed after our grant counts.
   * @param description as we ask for it; without it only an entry that we have granted is proven to be ours
   */
  isOurs(
    entry: TableEntry,
    key: Pick<MappingKey, 'transport' | 'external' | 'internal'>,
    description?: string,
  ): boolean {
    if (!leadsTo(entry, key.internal)) return false;
    const record = this.running(key, key.internal);
    if (record !== undefined && (record.listed === undefined || record.listed.description === entry.description))
      return true;
    return description !== undefined && isSameText(entry.description, description);
  }

  /** Is the entry what a wish asks for? One that forwards to this machine's own address and the very port is, whoever
   * wrote its text: PCP and NAT-PMP leave the router's words there (P26). */
  serves(entry: TableEntry, wish: Pick<MappingWish, 'transport' | 'external' | 'internal' | 'description'>): boolean {
    if (wish.internal.client !== this.localAddress) return this.isOurs(entry, wish, wish.description);
    return leadsTo(entry, wish.internal);
  }
}
