/** A simulated router with all its packets, for days that are full of faults; what it suffers is scripted.
 * Its personality is changed while it runs: it must be nobody else's. */
import { ip, type IpAddress } from '../../main/contract/address.ts';
import type { Transport } from '../../main/contract/model.ts';
import { inSeconds, seconds, type Millis } from '../../main/contract/units.ts';
import type { Personality } from '../../main/simulator/router/personality.ts';
import type { SimMapping } from '../../main/simulator/router/router-table.ts';
import type { Home } from '../world/home.ts';
import type { DurationRange } from '../world/timeline.ts';
import type { Entry, SimulatedGateway } from './simulated-gateway.ts';

const DISORDER: DurationRange = { least: inSeconds(0), most: inSeconds(4) };

export class RoutedGateway implements SimulatedGateway {
  readonly canLook: boolean;
  readonly #home: Home;
  readonly #usual: { readonly latency: DurationRange; readonly traits: Personality };
  #isOurFault = false;
  #awayUntil = 0;
  onCut: (entry: Entry) => void = () => undefined;
  /** An entry was made: packets may be late. */
  onMade: (entry: Entry) => void = () => undefined;

  constructor(home: Home) {
    this.#home = home;
    const { router, world } = home;
    const traits = structuredClone(router.personality);
    this.#usual = { latency: world.network.segment('lan').latency, traits };
    this.canLook = traits.protocols.igd;
    router.onMapping((change, mapping, cause) => {
      if (change === 'removed' && cause === 'asked' && !this.#isOurFault) this.onCut(entryOf(mapping));
      if (change === 'added') this.onMade(entryOf(mapping));
    });
  }

  get isAway(): boolean {
    return this.#home.world.now < this.#awayUntil;
  }

  /** A request may arrive twice, and be carried out late the second time. */
  get repeats(): boolean {
    return this.#home.world.network.segment('lan').duplicatePercent > 0;
  }

  get requests(): number {
    const { counters } = this.#home.router;
    return counters.total - counters.of('M-SEARCH');
  }

  table(): readonly Entry[] {
    return this.#home.router.table().map(entryOf);
  }

  entry(transport: Transport, externalPort: number): Entry | undefined {
    return this.table().find((one) => one.transport === transport && one.externalPort === externalPort);
  }

  discover(): undefined {
    return undefined;
  }

  // ── what it suffers ──

  away(duration: Millis): void {
    this.#awayUntil = this.#home.world.now + duration;
    this.#home.router.reboot({ keepTable: true, downFor: duration });
  }

  restart(keepsTable: boolean, away: Millis): void {
    if (away > 0) this.#home.router.reboot({ keepTable: keepsTable, downFor: away });
    else this.#home.router.restartDaemon({ keepTable: keepsTable });
  }

  loses(duration: Millis): void {
    this.#for(duration, { lossPercent: 20 }, { lossPercent: 0 });
  }

  isSlow(duration: Millis): void {
    this.#for(duration, { latency: { least: inSeconds(0.05), most: inSeconds(1) } }, { latency: this.#usual.latency });
  }

  /** Packets overtake one another, and come late. */
  disorders(duration: Millis): void {
    this.#for(duration, { latency: DISORDER }, { latency: this.#usual.latency });
  }

  get isLate(): boolean {
    return this.#home.world.network.segment('lan').latency === DISORDER;
  }

  duplicates(duration: Millis): void {
    this.#for(duration, { duplicatePercent: 60 }, { duplicatePercent: 0 });
  }

  /** Answers that end in the middle. */
  breaks(duration: Millis): void {
    this.#for(duration, { breakPercent: 15 }, { breakPercent: 0 });
  }

  toils(duration: Millis): void {
    this.#for(duration, { toil: { least: inSeconds(0.1), most: inSeconds(0.9) } }, { toil: undefined });
  }

  #for(duration: Millis, then: object, afterwards: object): void {
    const { world } = this.#home;
    const segment = world.network.segment('lan');
    Object.assign(segment, then);
    world.after(duration, () => void Object.assign(segment, afterwards));
  }

  /** @param entries that it has room for */
  refuses(duration: Millis, entries = 0): void {
    const { mapping } = this.#home.router.personality;
    const { capacity } = this.#usual.traits.mapping;
    Object.assign(mapping, { capacity: { entries, whenFull: 728 } });
    this.#home.world.after(duration, () => void Object.assign(mapping, { capacity }));
  }

  givesShortLeases(duration: Millis): void {
    const { lease, pxp } = this.#home.router.personality;
    for (const each of [lease, pxp]) Object.assign(each, { longest: seconds(180) });
    this.#home.world.after(duration, () => {
      Object.assign(lease, { longest: this.#usual.traits.lease.longest });
      Object.assign(pxp, { longest: this.#usual.traits.pxp.longest });
    });
  }

  get externalAddress(): IpAddress | 'none' {
    return this.#home.router.wanAddress;
  }

  set externalAddress(address: IpAddress | 'none') {
    this.#home.router.changeExternalAddress(address);
  }

  forget({ transport, externalPort }: Entry): void {
    this.#isOurFault = true;
    this.#home.router.removeMapping(transport, externalPort);
    this.#isOurFault = false;
  }

  take(transport: Transport, externalPort: number): boolean {
    const { router } = this.#home;
    if (!router.powered || this.entry(transport, externalPort) !== undefined) return false;
    router.addMapping({
      transport,
      externalPort,
      internalClient: ip('192.168.1.11'),
      internalPort: externalPort,
      description: 'theirs',
      expiresAt: 'never',
      owner: 'igd',
    });
    return true;
  }
}

const entryOf = ({ transport, externalPort, internalClient, internalPort, expiresAt }: SimMapping): Entry => ({
  transport,
  externalPort,
  client: internalClient,
  internalPort,
  expiresAt: expiresAt === 'never' ? Infinity : expiresAt,
});
