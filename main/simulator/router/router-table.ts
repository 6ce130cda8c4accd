/** The port mappings of a simulated router: what it lists, and which of it really forwards. */
import type { IpAddress } from '../../contract/address.ts';
import type { Transport } from '../../contract/model.ts';
import { after, elapsed, secondsToMillis, type EpochMs, type Millis } from '../../contract/units.ts';
import type { Clock } from '../../system/system.ts';
import { Alarm, soonest } from './alarm.ts';
import type { Personality } from './personality.ts';

export interface SimMapping {
  readonly transport: Transport;
  /** 1 … 65535. */
  readonly externalPort: number;
  readonly internalClient: IpAddress;
  readonly internalPort: number;
  readonly description: string;
  readonly expiresAt: EpochMs | 'never';
  readonly owner: 'igd' | 'pcp' | 'nat-pmp' | 'manual';
  /** PCP mapping nonce, hexadecimal. */
  readonly nonce?: string;
  /** As the UPnP client wrote it; empty or absent for any. */
  readonly remoteHost?: string;
}

/** `rule-died`: listed as before, but nothing passes (L11, L20). */
export type MappingChange = 'added' | 'removed' | 'renewed' | 'rule-died';
/** Somebody wanted it so; its lease ended, or the router cleaned up; the router lost it. */
export type ChangeCause = 'asked' | 'expired' | 'forgotten';
export type MappingListener = (change: MappingChange, mapping: SimMapping, cause: ChangeCause) => void;

interface TableRow {
  mapping: SimMapping;
  readonly addedAt: EpochMs;
  grantedFor: Millis | 'never';
  forwards: boolean;
  readonly dies: EpochMs | 'never';
  /** Since the last round of cleaning. */
  used: boolean;
}

export interface TableEntry {
  readonly mapping: SimMapping;
  readonly addedAt: EpochMs;
  /** As granted; `never` for a permanent one. */
  readonly grantedFor: Millis | 'never';
}

const keyOf = (transport: Transport, port: number): string => `${transport}/${port}`;

type Internal = Pick<SimMapping, 'transport' | 'internalClient' | 'internalPort'>;
const internalKey = ({ transport, internalClient, internalPort }: Internal): string =>
  `${transport}/${internalClient}/${internalPort}`;

export class RouterTable {
  readonly #clock: Clock;
  readonly #alarm: Alarm;
  readonly #traits: Personality['lease'];
  readonly #entries = new Map<string, TableRow>();
  readonly #listeners = new Set<MappingListener>();
  /** By what a PCP or NAT-PMP request names; oldest first. */
  readonly #byInternal = new Map<string, Set<TableRow>>();
  /** No lease ends and no rule dies before; thousands of entries are not looked through for each request. */
  #due: EpochMs | 'never' = 'never';
  /** Entries that are listed only. */
  #dead = 0;
  #listedSinceWipe = false;

  constructor(clock: Clock, traits: Personality['lease']) {
    this.#clock = clock;
    this.#alarm = new Alarm(clock);
    this.#traits = traits;
  }

  get size(): number {
    this.#expire();
    return this.#entries.size;
  }

  /** Newest first, as miniupnpd lists. */
  entries(): readonly TableEntry[] {
    this.#expire();
    return [...this.#entries.values()].toReversed();
  }

  mappings(): readonly SimMapping[] {
    return this.entries().map((entry) => entry.mapping);
  }

  get(transport: Transport, externalPort: number): TableEntry | undefined {
    this.#expire();
    return this.#entries.get(keyOf(transport, externalPort));
  }

  /** Newest first. */
  forInternal(internal: Internal): readonly SimMapping[] {
    this.#expire();
    return [...(this.#byInternal.get(internalKey(internal)) ?? [])].toReversed().map(({ mapping }) => mapping);
  }

  /** A packet came for this port: the rule that forwards it, `false` when it is only listed (L11, L20). */
  lookup(transport: Transport, externalPort: number): SimMapping | false | undefined {
    this.#expire();
    const entry = this.#entries.get(keyOf(transport, externalPort));
    if (entry === undefined) return undefined;
    if (!this.#isForwarding(entry)) return false;
    entry.used = true;
    return entry.mapping;
  }

  /** Adds, or replaces the entry of the same transport and port. */
  put(mapping: SimMapping): void {
    this.#expire();
    const key = keyOf(mapping.transport, mapping.externalPort);
    const now = this.#clock.now();
    const known = this.#entries.get(key);
    const grantedFor = mapping.expiresAt === 'never' ? 'never' : elapsed(now, mapping.expiresAt);
    if (known === undefined) {
      const { ruleDiesAfter } = this.#traits;
      const dies = ruleDiesAfter === undefined ? 'never' : after(now, secondsToMillis(ruleDiesAfter));
      this.#readRules();
      const row: TableRow = { mapping, addedAt: now, grantedFor, forwards: true, dies, used: true };
      this.#entries.set(key, row);
      this.#index(row);
      this.#due = soonest([this.#due, mapping.expiresAt, dies]);
      this.#tell('added', mapping);
    } else {
      const restarted = this.#traits.renewalRestartsClock || mapping.owner !== 'igd';
      this.#unindex(known);
      known.mapping = restarted ? mapping : { ...mapping, expiresAt: known.mapping.expiresAt };
      this.#index(known);
      if (restarted) known.grantedFor = grantedFor;
      this.#due = soonest([this.#due, known.mapping.expiresAt, known.dies]);
      if (this.#repairs(mapping.owner)) this.#setForwards(known, true);
      this.#tell('renewed', known.mapping);
    }
    this.#alarm.wake();
  }

  remove(transport: Transport, externalPort: number): boolean {
    this.#expire();
    const isRemoved = this.#drop(keyOf(transport, externalPort), 'asked');
    if (isRemoved) this.#readRules();
    return isRemoved;
  }

  clear(): void {
    for (const key of this.#entries.keys()) this.#drop(key, 'forgotten');
  }

  /** L20: once miniupnpd has changed a rule it reads them all again, and lists no more than there are. */
  #readRules(): void {
    if (this.#dead === 0 || this.#traits.overwriteRepairs !== 'until-listed') return;
    for (const [key, entry] of this.#entries) if (!entry.forwards) this.#drop(key, 'forgotten');
  }

  /** The firewall's rules are gone, the list is not (L20). */
  wipeRules(): void {
    this.#listedSinceWipe = false;
    for (const entry of this.#entries.values()) {
      if (!entry.forwards) continue;
      this.#setForwards(entry, false);
      this.#tell('rule-died', entry.mapping, 'forgotten');
    }
  }

  /** A client has read the table: from now on an add over a wiped entry no longer makes its rule (L20). */
  noteListed(): void {
    this.#listedSinceWipe = true;
  }

  onChange(listener: MappingListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Lets leases end and rules die at their moment, and cleans early (L10), until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    let cleanAt = this.#nextCleaning();
    const act = (): void => {
      this.#expire();
      if (cleanAt !== 'never' && cleanAt <= this.#clock.now()) {
        this.#clean();
        cleanAt = this.#nextCleaning();
      }
      this.#killRules();
    };
    await this.#alarm.run(() => soonest([cleanAt, this.#due]), act, signal);
  }

  /** Mappings that forward now; fewer than listed (L11, L20). */
  forwarding(): readonly SimMapping[] {
    this.#expire();
    return [...this.#entries.values()].filter((entry) => this.#isForwarding(entry)).map((entry) => entry.mapping);
  }

  *#moments(): Iterable<EpochMs | 'never'> {
    for (const entry of this.#entries.values()) {
      yield entry.mapping.expiresAt;
      if (entry.forwards) yield entry.dies;
    }
  }

  #isDue(): boolean {
    return this.#due !== 'never' && this.#due <= this.#clock.now();
  }

  #killRules(): void {
    if (!this.#isDue()) return;
    const now = this.#clock.now();
    for (const entry of this.#entries.values()) {
      if (entry.forwards && entry.dies !== 'never' && entry.dies <= now) {
        this.#setForwards(entry, false);
        this.#tell('rule-died', entry.mapping, 'expired');
      }
    }
    this.#due = soonest(this.#moments());
  }

  #nextCleaning(): EpochMs | 'never' {
    const { cleaning } = this.#traits;
    return cleaning === undefined ? 'never' : after(this.#clock.now(), secondsToMillis(cleaning.every));
  }

  #clean(): void {
    const crowded = this.#entries.size >= (this.#traits.cleaning?.from ?? Infinity);
    for (const [key, entry] of this.#entries) {
      if (crowded && !entry.used && entry.mapping.owner === 'igd') this.#drop(key, 'expired');
      entry.used = false;
    }
  }

  #repairs(owner: SimMapping['owner']): boolean {
    if (this.#traits.overwriteRepairs === 'always') return true;
    if (this.#traits.overwriteRepairs === 'never') return false;
    return owner !== 'igd' || !this.#listedSinceWipe;
  }

  #isForwarding(entry: TableRow): boolean {
    return entry.forwards && (entry.dies === 'never' || this.#clock.now() < entry.dies);
  }

  #expire(): void {
    if (!this.#isDue()) return;
    const now = this.#clock.now();
    for (const [key, { mapping }] of this.#entries) {
      if (mapping.expiresAt !== 'never' && mapping.expiresAt <= now) this.#drop(key, 'expired');
    }
    // A rule that dies now is among them until `run` has reported it.
    this.#due = soonest(this.#moments());
  }

  #setForwards(row: TableRow, forwards: boolean): void {
    if (row.forwards !== forwards) this.#dead += forwards ? -1 : 1;
    row.forwards = forwards;
  }

  #index(row: TableRow): void {
    const key = internalKey(row.mapping);
    const rows = this.#byInternal.get(key);
    if (rows === undefined) this.#byInternal.set(key, new Set([row]));
    else rows.add(row);
  }

  #unindex(row: TableRow): void {
    const key = internalKey(row.mapping);
    const rows = this.#byInternal.get(key);
    rows?.delete(row);
    if (rows?.size === 0) this.#byInternal.delete(key);
  }

  #drop(key: string, cause: ChangeCause): boolean {
    const entry = this.#entries.get(key);
    if (entry === undefined) return false;
    this.#entries.delete(key);
    this.#unindex(entry);
    if (!entry.forwards) this.#dead -= 1;
    this.#tell('removed', entry.mapping, cause);
    return true;
  }

  #tell(change: MappingChange, mapping: SimMapping, cause: ChangeCause = 'asked'): void {
    for (const listener of this.#listeners) listener(change, mapping, cause);
  }
}
