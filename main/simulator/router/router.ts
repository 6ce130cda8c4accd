/**
 * A simulated home router: NAT-PMP, PCP and UPnP IGD servers over one table of mappings, on any `System`. The virtual
 * network forwards traffic by `lookup`; the loopback demo by `onMapping`.
 */
import { parseIp, type IpAddress } from '../../contract/address.ts';
import type { Transport } from '../../contract/model.ts';
import { millis, seconds, type EpochMs, type Millis, type Seconds } from '../../contract/units.ts';
import type { System } from '../../system/system.ts';
import type { Personality } from './personality.ts';
import { PinholeTable, type SimPinhole } from './pinhole-table.ts';
import { RouterDaemon, type RouterPorts } from './router-daemon.ts';
import {
  parsePermissionRule,
  RequestCounters,
  RouterIdentity,
  WanLine,
  wholeSecondsSince,
  type ForwardingRule,
  type PermissionRule,
  type RouterLan,
  type RouterPlane,
  type RouterState,
} from './router-state.ts';
import { RouterTable, type MappingListener, type SimMapping } from './router-table.ts';

export interface RouterOptions {
  /** The LAN side. */
  readonly system: System;
  readonly lan: RouterLan;
  readonly wan: { readonly address: IpAddress | 'none' };
  readonly personality: Personality;
  /** Carries the traffic that the rules let through. Absent: whoever wants traffic asks `lookup`. */
  readonly plane?: RouterPlane;
  readonly ports?: RouterPorts;
}

/** How long a reboot takes by default. */
const bootLasts = millis(30_000);
/** A daemon that is restarted in order is back after this (seen in the lab). */
const restartLasts = millis(1300);

export class SimRouter {
  readonly counters = new RequestCounters();
  readonly #options: RouterOptions;
  readonly #personality: Personality;
  readonly #permissions: readonly PermissionRule[];
  readonly #table: RouterTable;
  readonly #pinholes: PinholeTable;
  readonly #line: WanLine;
  readonly #identity: RouterIdentity;
  #daemon: RouterDaemon | undefined;
  #starting: Promise<void> = Promise.resolve();
  /** Ends the wait of a reboot when something else decides. */
  #waiting = new AbortController();
  #powered = false;
  #password: string;
  #epochFrom: EpochMs;

  /** @throws RangeError when a permission rule of the personality is none */
  constructor(options: RouterOptions) {
    const { clock, random } = options.system;
    this.#options = options;
    this.#personality = options.personality;
    this.#password = options.personality.http.signIn?.password ?? '';
    this.#permissions = options.personality.mapping.permissions.map((line) => parsePermissionRule(line));
    this.#table = new RouterTable(clock, options.personality.lease);
    this.#pinholes = new PinholeTable(clock);
    this.#line = new WanLine(clock, options.personality.wan, options.wan.address);
    this.#epochFrom = clock.now();
    this.#identity = new RouterIdentity(random, options.personality);
    this.#table.onChange(() => {
      this.#daemon?.changed();
      this.#tellPlane();
    });
    this.#pinholes.onChange(() => this.#tellPlane());
    options.plane?.setPower(false);
    options.plane?.setExternalAddress(this.#line.address);
  }

  get personality(): Personality {
    return this.#personality;
  }

  get wanAddress(): IpAddress | 'none' {
    return this.#line.address;
  }

  /** Anyone who signs in must know the new password from now on. */
  changePassword(to: string): void {
    this.#password = to;
  }

  /** `false` after `powerOff`, and while it reboots: nothing passes, nothing answers, not even with an error. */
  get powered(): boolean {
    return this.#powered;
  }

  /** Description URL for IPv4 hosts; empty while the router is down or has no UPnP. */
  get location(): string {
    return this.#daemon?.location('ipv4') ?? '';
  }

  /** The same for IPv6 hosts; empty where the LAN has no IPv6. */
  get location6(): string {
    return this.#daemon?.location('ipv6') ?? '';
  }

  /** The UDP port of PCP and NAT-PMP; `undefined` while nobody listens there. */
  get pxpPort(): number | undefined {
    return this.#daemon?.pxpPort;
  }

  /** Resolves once every server listens. @throws NetworkError when a port cannot be had */
  async start(): Promise<void> {
    await this.#powerUp();
  }

  /** An orderly end: byebye, ports closed, the table kept. */
  async stop(): Promise<void> {
    this.#waiting.abort();
    await this.#starting.catch(() => undefined);
    await this.#daemon?.byebye();
    this.#cutPower();
  }

  /** Resolves once the last start that was asked for is done. @throws NetworkError when a port cannot be had */
  async ready(): Promise<void> {
    await this.#starting;
  }

  /** Silently away. What is not kept in NVRAM is lost (L13, L14). */
  powerOff(options: { readonly keepTable?: boolean } = {}): void {
    this.#waiting.abort();
    this.#cutPower();
    if (!(options.keepTable ?? this.#personality.lease.survivesReboot)) this.#forget();
  }

  powerOn(): void {
    this.#waiting.abort();
    this.#later(() => this.#powerUp());
  }

  /** Off, and on again after `downFor` (30 s). */
  reboot(options: { readonly keepTable?: boolean; readonly downFor?: Millis } = {}): void {
    this.powerOff(options);
    this.#powerUpAfter(options.downFor ?? bootLasts);
  }

  /** The UPnP, PCP and NAT-PMP daemon alone, the line stays up; in order, with byebye. Its rules keep forwarding when
   * the table is kept. */
  restartDaemon(options: { readonly keepTable?: boolean } = {}): void {
    this.#waiting.abort();
    this.#later(async () => {
      await this.#daemon?.byebye();
      this.#halt();
      if (options.keepTable !== true) this.#forget();
    });
    this.#powerUpAfter(restartLasts);
  }

  /** A new lease from the provider, or the line lost. */
  changeExternalAddress(address: IpAddress | 'none'): void {
    this.#line.comeUp(address);
    this.#options.plane?.setExternalAddress(address);
    // L21.
    if (this.#personality.pxp.epochPerAddress) this.#epochFrom = this.#options.system.clock.now();
    this.#daemon?.announceAddress();
  }

  /** Newest first. */
  table(): readonly SimMapping[] {
    return this.#table.mappings();
  }

  pinholes(): readonly SimPinhole[] {
    return this.#pinholes.all();
  }

  /** An entry that somebody else made: another host, or a person on the router's own pages. */
  addMapping(mapping: SimMapping): void {
    this.#table.put(mapping);
  }

  removeMapping(transport: Transport, externalPort: number): boolean {
    return this.#table.remove(transport, externalPort);
  }

  /** L20: the entries stay listed, their rules are gone. */
  wipeFirewall(): void {
    this.#table.wipeRules();
  }

  /** A packet came from outside: the rule that takes it in, `false` when an entry is only listed (L20). Counts as
   * traffic for routers that clean up (L10). */
  lookup(transport: Transport, externalPort: number): SimMapping | false | undefined {
    return this.#powered ? this.#table.lookup(transport, externalPort) : undefined;
  }

  /** The opening that lets an IPv6 packet in. @param protocol 6 TCP, 17 UDP */
  lookupPinhole(protocol: 6 | 17, client: IpAddress, port: number): SimPinhole | undefined {
    return this.#powered ? this.#pinholes.lookup(protocol, client, port) : undefined;
  }

  /** @returns a function that ends it */
  onMapping(listener: MappingListener): () => void {
    return this.#table.onChange(listener);
  }

  async #powerUp(): Promise<void> {
    if (this.#daemon !== undefined) return;
    const { system } = this.#options;
    const now = system.clock.now();
    if (!this.#powered) this.#line.comeUp();
    this.#powered = true;
    this.#options.plane?.setPower(true);
    this.#tellPlane();
    this.#line.mend();
    this.#epochFrom = now;
    const daemon = new RouterDaemon(this.#state(), this.#options.ports ?? {});
    this.#daemon = daemon;
    try {
      await daemon.start();
    } catch (error) {
      if (this.#daemon === daemon) this.#daemon = undefined;
      throw error;
    }
  }

  #state(): RouterState {
    const { system, lan } = this.#options;
    return {
      system,
      personality: this.#personality,
      lan,
      table: this.#table,
      pinholes: this.#pinholes,
      permissions: this.#permissions,
      counters: this.counters,
      boot: this.#identity.nextBoot(system.clock.now()),
      wan: () => this.#line.address,
      mappableWan: () => this.#line.mappable,
      epoch: () => this.#told(wholeSecondsSince(system.clock, this.#epochFrom)),
      uptime: () => this.#told(this.#line.uptime),
      password: () => this.#password,
      crash: (downFor) => this.#crash(downFor),
    };
  }

  #told(count: Seconds): Seconds {
    if (!this.#personality.pxp.jumpingClock) return count;
    return seconds(Math.floor(this.#options.system.random.unit() * 1_000_000));
  }

  #crash(downFor: Millis): void {
    this.#halt();
    this.#powerUpAfter(downFor);
  }

  #powerUpAfter(pause: Millis): void {
    this.#waiting = new AbortController();
    const { signal } = this.#waiting;
    this.#later(async () => {
      await this.#options.system.clock.sleep(pause, signal).catch(() => undefined);
      if (!signal.aborted) await this.#powerUp();
    });
  }

  /** One after the other; a failure is logged, and thrown by `ready`. */
  #later(work: () => Promise<void>): void {
    this.#starting = this.#starting.catch(() => undefined).then(work);
    this.#starting.catch((error: unknown) => {
      this.#options.system.log.write('error', 'simulated router: start failed', { error });
    });
  }

  /** The wire goes dead before the sockets close, so that no peer notices. */
  #cutPower(): void {
    this.#powered = false;
    this.#options.plane?.setPower(false);
    this.#halt();
  }

  #tellPlane(): void {
    if (!this.#powered) return;
    this.#options.plane?.forward(() => [
      ...this.#table.forwarding().map((mapping) => ofMapping(mapping)),
      ...this.#pinholes.all().flatMap((pinhole) => ofPinhole(pinhole)),
    ]);
  }

  #halt(): void {
    this.#daemon?.close();
    this.#daemon = undefined;
  }

  #forget(): void {
    this.#table.clear();
    this.#pinholes.clear();
  }
}

function ofMapping(mapping: SimMapping): ForwardingRule {
  // C11: `*` and nothing mean anyone.
  const remote = mapping.remoteHost === undefined ? undefined : parseIp(mapping.remoteHost);
  return {
    family: 'ipv4',
    transport: mapping.transport,
    external: { port: mapping.externalPort },
    internal: { client: mapping.internalClient, port: mapping.internalPort },
    ...(remote === undefined || remote === '0.0.0.0' ? {} : { remote: { address: remote } }),
  };
}

function ofPinhole(pinhole: SimPinhole): readonly ForwardingRule[] {
  const { internalClient: client, internalPort: port, protocol, remoteHost, remotePort } = pinhole;
  const remote = {
    ...(remoteHost === undefined ? {} : { address: remoteHost }),
    ...(remotePort === 0 ? {} : { port: remotePort }),
  };
  const tcp = protocol === 6 || protocol === 65_535;
  const udp = protocol === 17 || protocol === 65_535;
  const transports: readonly Transport[] = [...(tcp ? ['tcp' as const] : []), ...(udp ? ['udp' as const] : [])];
  return transports.map((transport) => ({
    family: 'ipv6',
    transport,
    external: { port },
    internal: { client, port },
    remote,
  }));
}
