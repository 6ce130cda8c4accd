/**
 * The persisted record of everything asked of gateways and not known to be closed, written before the request leaves:
 * a crash at any await leaves nothing unknown (DESIGN §4).
 */
import * as v from 'valibot';
import { parseIp } from '../contract/address.ts';
import { asGatewayId } from '../contract/model.ts';
import type { EpochMs } from '../contract/units.ts';
import { epochMs, isPort } from '../contract/units.ts';
import type { RecoveredLease } from '../core/events.ts';
import type { Lease, LeftoverKey } from '../core/state.ts';
import { leftoverKeyOf } from '../core/state.ts';
import type { Log, RecordLog } from '../system/system.ts';

const Address = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const address = parseIp(dataset.value);
    if (address !== undefined) return address;
    addIssue({ message: 'not an IP address' });
    return NEVER;
  }),
);
const PortNumber = v.custom<Lease['external']['port']>(isPort, 'not a port');
const Moment = v.pipe(v.number(), v.finite(), v.transform(epochMs));

const LeaseRecord = v.object({
  gateway: v.pipe(v.string(), v.maxLength(300), v.transform(asGatewayId)),
  network: v.pipe(v.string(), v.maxLength(300)),
  control: v.picklist(['pcp', 'nat-pmp', 'igd', 'pinhole']),
  family: v.picklist(['ipv4', 'ipv6']),
  transport: v.picklist(['tcp', 'udp']),
  external: v.object({ port: PortNumber }),
  internal: v.object({ client: Address, port: PortNumber }),
  handle: v.object({
    nonce: v.exactOptional(v.pipe(v.string(), v.regex(/^[0-9a-f]{24}$/))),
    pinholeId: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535))),
  }),
  grantedAt: Moment,
  expiresAt: v.union([Moment, v.literal('never')]),
});

const Held = v.object({
  op: v.literal('held'),
  lease: LeaseRecord,
  label: v.pipe(v.string(), v.maxLength(200)),
  kept: v.boolean(),
});
const Gone = v.object({ op: v.literal('gone'), key: v.pipe(v.string(), v.maxLength(1000)) });
const Entry = v.variant('op', [Held, Gone]);
type HeldEntry = v.InferOutput<typeof Held>;

/** Rewritten when it has grown this many records beyond four times what is alive. */
const SLACK = 500;

export class Journal {
  readonly #records: RecordLog;
  readonly #log: Log;
  readonly #alive = new Map<string, HeldEntry>();
  #written = 0;

  constructor(records: RecordLog, log: Log) {
    this.#records = records;
    this.#log = log;
  }

  /** What earlier runs left; entries that make no sense are dropped and logged.
   * @throws StorageError */
  async load(now: EpochMs): Promise<readonly RecoveredLease[]> {
    let dropped = 0;
    const records = await this.#records.load();
    this.#written = records.length;
    for (const record of records) {
      const parsed = v.safeParse(Entry, record);
      if (!parsed.success) dropped += 1;
      else if (parsed.output.op === 'gone') this.#alive.delete(parsed.output.key);
      else this.#alive.set(leftoverKeyOf(parsed.output.lease), parsed.output);
    }
    if (dropped > 0) this.#log.write('warn', 'journal records made no sense and were dropped', { count: dropped });
    for (const [key, { lease }] of this.#alive) {
      if (lease.expiresAt !== 'never' && lease.expiresAt <= now) this.#alive.delete(key);
    }
    return [...this.#alive.values()].map(({ lease, label, kept }) => ({
      lease: { ...lease, renewAt: now, evidence: 'asked', renewals: 0, recreate: false },
      label,
      kept,
    }));
  }

  has(key: LeftoverKey): boolean {
    return this.#alive.has(key);
  }

  /** Durable once resolved. @throws StorageError */
  async held(
    entries: readonly { readonly lease: Lease; readonly label: string; readonly kept: boolean }[],
  ): Promise<void> {
    const records = entries.map(({ lease, label, kept }): HeldEntry => {
      const { gateway, network, control, family, transport, internal, handle, grantedAt, expiresAt } = lease;
      const external = { port: lease.external.port };
      return {
        op: 'held',
        lease: { gateway, network, control, family, transport, external, internal, handle, grantedAt, expiresAt },
        label: label.slice(0, 200),
        kept,
      };
    });
    for (const record of records) this.#alive.set(leftoverKeyOf(record.lease), record);
    await this.#append(records);
  }

  /** @throws StorageError */
  async gone(keys: readonly LeftoverKey[]): Promise<void> {
    const known = keys.filter((key) => this.#alive.delete(key));
    if (known.length > 0) await this.#append(known.map((key) => ({ op: 'gone', key })));
  }

  async #append(records: readonly unknown[]): Promise<void> {
    this.#written += records.length;
    if (this.#written > 4 * this.#alive.size + SLACK) {
      this.#written = this.#alive.size;
      await this.#records.rewrite([...this.#alive.values()]);
    } else {
      await this.#records.append(records);
    }
  }
}
