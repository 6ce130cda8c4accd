/** Gateways' tables as people look at them: one reading for all who ask, told how far it is. */
import type { AppSnapshot } from '../../contract/commands.ts';
import type { GatewayTable, TableEntryView } from '../../contract/gateway-table.ts';
import type { FoundMapping } from '../../contract/mapping.ts';
import type { GatewayId } from '../../contract/model.ts';
import type { ProfileId } from '../../contract/profile.ts';
import { isOfProfile } from '../../contract/profile.ts';
import type { Owner } from '../../core/whose.ts';
import { isFailure } from '../../gateways/failure.ts';
import type { Clock } from '../../system/system.ts';
import type { Engine } from '../loop/engine.ts';
import { cannotList, gatewayFailed, gatewayIn } from './gateway-fault.ts';
import { CommandError } from '../command-error.ts';
import { Joined } from './joined.ts';

export interface TableReadingsOptions {
  readonly engine: () => Engine;
  readonly clock: Pick<Clock, 'now'>;
  readonly profiles: () => readonly { readonly id: ProfileId }[];
  /** Called when {@link TableReadings.listing} is another than before. */
  readonly changed: () => void;
}

/** Often enough to see that it goes on. */
const TOLD_EVERY = 20;

export class TableReadings {
  readonly #options: TableReadingsOptions;
  readonly #joined = new Joined<GatewayId, GatewayTable>();
  /** Entries so far, of each reading under way. */
  readonly #running = new Map<GatewayId, number>();

  constructor(options: TableReadingsOptions) {
    this.#options = options;
  }

  /** Of the reading that began first. */
  get listing(): AppSnapshot['listing'] {
    const [first] = this.#running;
    return first === undefined ? null : { gateway: first[0], entries: first[1] };
  }

  /** Ends when nobody waits for it any more. @throws CommandError, or the signal's reason */
  async read(gateway: GatewayId, signal: AbortSignal): Promise<GatewayTable> {
    return await this.#joined.join(gateway, (inTime) => this.#read(gateway, inTime), signal);
  }

  async #read(id: GatewayId, signal: AbortSignal): Promise<GatewayTable> {
    const { clock, changed } = this.#options;
    const engine = this.#options.engine();
    const gateway = gatewayIn(engine.snapshot, id);
    if (!engine.canList(id)) throw new CommandError('gateway-failed', '', cannotList(gateway));
    const entries: TableEntryView[] = [];
    const told = (entry: FoundMapping): void => {
      entries.push(this.#view(entry, engine.ownerOf(id, entry)));
      if (entries.length % TOLD_EVERY !== 0) return;
      this.#running.set(id, entries.length);
      changed();
    };
    let isWhole = true;
    this.#running.set(id, 0);
    changed();
    try {
      await engine.readTable(id, told, signal);
    } catch (error) {
      if (!isFailure(error)) throw error;
      if (entries.length === 0) throw gatewayFailed(gateway, error);
      isWhole = false;
    } finally {
      this.#running.delete(id);
      changed();
    }
    entries.sort((a, b) => a.external.port - b.external.port || a.transport.localeCompare(b.transport));
    return { gateway: id, at: clock.now(), entries, whole: isWhole };
  }

  #view(
    { transport, external, internal, description, enabled, lease, remoteHost }: FoundMapping,
    owner: Owner,
  ): TableEntryView {
    const { client, port } = internal;
    return {
      transport,
      external,
      internal: { port, ...(client === undefined ? {} : { client }) },
      description,
      enabled,
      lease,
      ...(remoteHost === undefined ? {} : { remoteHost }),
      owner: this.#owner(owner),
    };
  }

  #owner(owner: Owner): TableEntryView['owner'] {
    if (owner.is !== 'ours' || owner.forward === undefined) return owner;
    const { forward } = owner;
    const profile = this.#options.profiles().find(({ id }) => isOfProfile(forward, id))?.id;
    return { is: 'ours', forward, ...(profile === undefined ? {} : { profile }) };
  }
}
