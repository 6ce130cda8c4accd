/** Days of a home as fast-check invents them: what happens, and the promises that hold whatever does. */
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { ip } from '../../../main/contract/address.ts';
import type { Forward } from '../../../main/contract/model.ts';
import type { MappingView } from '../../../main/contract/snapshot.ts';
import { inMinutes, inSeconds, millis, port } from '../../../main/contract/units.ts';
import { personality, type PersonalityName } from '../../../main/simulator/personalities/personalities.ts';
import { EngineHome, forward, isOpen } from '../../support/engine-home.ts';

export const FORWARDS: readonly Forward[] = [
  forward('minecraft', 25_565, { transports: ['tcp', 'udp'] }),
  forward('factorio', 34_197, { transports: ['udp'] }),
  forward('web', 8080, { internal: { first: port(80) } }),
  forward('games', 27_015, {
    external: { first: port(27_015), last: port(27_017) },
  }),
];
const PORTS = [25_565, 34_197, 8080, 27_015, 27_016];

const PLAIN = [
  'reboot',
  'restart-daemon',
  'reboot-keeping',
  'restart-keeping',
  'off',
  'on',
  'unplug',
  'plug',
  'crash',
  'wipe',
  'retry',
] as const;

export type Happening =
  | { readonly does: 'want'; readonly which: readonly number[] }
  | { readonly does: (typeof PLAIN)[number] }
  | { readonly does: 'address' | 'readdress'; readonly last: number }
  | { readonly does: 'theirs' | 'not-theirs'; readonly port: number }
  | { readonly does: 'sleep' | 'jump'; readonly minutes: number }
  | { readonly does: 'loss'; readonly percent: number };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ does: fc.constant('want' as const), which: fc.subarray([0, 1, 2, 3]) }) },
  {
    weight: 5,
    arbitrary: fc.record({ does: fc.constantFrom(...PLAIN) }),
  },
  fc.record({ does: fc.constantFrom('address', 'readdress'), last: fc.integer({ min: 20, max: 29 }) }),
  fc.record({ does: fc.constantFrom('theirs', 'not-theirs'), port: fc.constantFrom(...PORTS) }),
  fc.record({ does: fc.constantFrom('sleep', 'jump'), minutes: fc.integer({ min: 1, max: 200 }) }),
  fc.record({ does: fc.constant('loss' as const), percent: fc.constantFrom(0, 2, 30, 100) }),
);

export const day = fc.array(
  fc.record({
    what: happening,
    pause: fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 400_000 })),
  }),
  { minLength: 1, maxLength: 14 },
);

const HINDRANCES: ReadonlySet<Happening['does']> = new Set(['unplug', 'plug', 'off', 'on', 'reboot', 'loss']);

/** A home in which things happen, with its promises. */
export class Day {
  readonly at: EngineHome;
  readonly broken: string[] = [];
  /** Ports over TCP that another device has. */
  readonly #theirs = new Set<number>();
  #wanted: readonly Forward[] = [];
  /** Since when they have been wanted by the address that we have. */
  #since = 0;
  /** Since when what leaves arrives. */
  #passesSince = 0;
  #address = '192.168.1.10';

  private constructor(at: EngineHome) {
    this.at = at;
    this.#watch();
    at.home.router.onMapping((change, { transport, externalPort, internalClient, internalPort }, cause) => {
      const line = `${transport} ${externalPort} -> ${internalClient}:${internalPort}`;
      if (change === 'removed' && cause === 'asked' && this.#isHeld(line)) this.broken.push(`cut what works: ${line}`);
      if (
        internalClient === '192.168.1.11' &&
        change === 'removed' &&
        at.home.router.powered &&
        this.#theirs.has(externalPort)
      )
        this.broken.push(`deleted what is theirs: ${transport} ${externalPort}`);
    });
  }

  static async begin(seed: number, router: PersonalityName): Promise<Day> {
    return new Day(await EngineHome.start({ seed, router: personality(router), world: { splitStreams: false } }));
  }

  #watch(): void {
    this.at.engine.watch(({ at, mappings }) => {
      for (const { id, status } of mappings) {
        if (isOpen(status) && 'lease' in status && status.lease.expiresAt !== 'never' && status.lease.expiresAt <= at)
          this.broken.push(`${id} is said to be open past its end`);
      }
    });
  }

  #hinder(until: number): void {
    this.#passesSince = Math.max(this.#passesSince, until);
  }

  /** Wanted for long enough that nothing of a former wish is still being closed. */
  #isHeld(line: string): boolean {
    // An earlier request may reach the router only now.
    const since = Math.max(this.#since, this.#passesSince);
    const isSettled = this.at.world.timeline.now - since > inMinutes(6);
    return isSettled && this.#wanted.some((wish) => this.#linesOf(wish).includes(line));
  }

  async live(what: Happening, pause: number): Promise<void> {
    this.#happen(what);
    const { counters } = this.at.home.router;
    const before = counters.total - counters.of('M-SEARCH');
    await this.at.world.run(millis(pause));
    const asked = counters.total - counters.of('M-SEARCH') - before;
    // The visible budget, and what one look-up, list or ladder of requests may add to it.
    const most = (Math.floor(pause / 60_000) + 2) * 300;
    if (asked > most) this.broken.push(`${asked} requests in ${pause} ms`);
  }

  #happen(what: Happening): void {
    if (HINDRANCES.has(what.does) || !this.at.home.router.powered) this.#hinder(this.at.world.timeline.now);
    const { client, router } = this.at.home;
    const eth0 = client.interface('eth0');
    switch (what.does) {
      case 'want':
        this.#wanted = what.which.flatMap((n) => FORWARDS[n] ?? []);
        this.#since = this.at.world.timeline.now;
        this.at.engine.want(this.#wanted);
        return;
      case 'reboot':
        this.#forgetTheirs();
        router.reboot();
        return;
      case 'restart-daemon':
        this.#forgetTheirs();
        router.restartDaemon();
        return;
      case 'reboot-keeping':
        router.reboot({ keepTable: true });
        return;
      case 'restart-keeping':
        router.restartDaemon({ keepTable: true });
        return;
      case 'off':
        this.#forgetTheirs();
        router.powerOff();
        return;
      case 'on':
        router.powerOn();
        return;
      case 'unplug':
        eth0?.setPlugged(false);
        return;
      case 'plug':
        eth0?.setPlugged(true);
        return;
      case 'crash':
        this.at.restart();
        this.#watch();
        this.at.engine.want(this.#wanted);
        return;
      case 'wipe':
        // Theirs are gone as well, and miniupnpd shows that once it changes a rule (L20).
        for (const port of this.#theirs) this.#removeTheirs(port);
        router.wipeFirewall();
        return;
      case 'retry':
        this.at.engine.retry();
        return;
      case 'address':
        router.changeExternalAddress(ip(`11.22.33.${what.last}`));
        return;
      case 'readdress':
        this.#address = `192.168.1.${what.last}`;
        this.#since = this.at.world.timeline.now;
        this.at.home.readdress(client, ip(this.#address));
        return;
      case 'theirs':
        if (router.table().some(({ transport, externalPort }) => transport === 'tcp' && externalPort === what.port))
          return;
        this.#theirs.add(what.port);
        router.addMapping({
          transport: 'tcp',
          externalPort: what.port,
          internalClient: ip('192.168.1.11'),
          internalPort: what.port,
          description: 'theirs',
          expiresAt: 'never',
          owner: 'igd',
        });
        return;
      case 'not-theirs':
        this.#removeTheirs(what.port);
        return;
      case 'sleep':
        if (client.clock.asleep) return;
        client.clock.suspend(inMinutes(what.minutes));
        this.#hinder(this.at.world.timeline.now + inMinutes(what.minutes));
        return;
      case 'jump':
        client.clock.jump(inMinutes(what.minutes));
        return;
      case 'loss':
        this.at.world.network.segment('lan').lossPercent = what.percent;
    }
  }

  #forgetTheirs(): void {
    this.#theirs.clear();
  }

  #removeTheirs(port: number): void {
    if (!this.#theirs.delete(port)) return;
    this.at.home.router.removeMapping('tcp', port);
  }

  /** Nothing stands in the way any more: in the end the table is what is wanted, and theirs. */
  async end(): Promise<void> {
    const { home, world } = this.at;
    this.#hinder(world.timeline.now);
    home.client.interface('eth0')?.setPlugged(true);
    world.network.segment('lan').lossPercent = 0;
    home.router.powerOn();
    if (home.router.wanAddress === 'none') home.router.changeExternalAddress(ip('11.22.33.44'));
    while (home.client.clock.asleep) await world.run(inMinutes(5));
    const theirs = [...this.#theirs].map((port) => `tcp ${port} -> 192.168.1.11:${port}`);
    for (const line of theirs) expect(this.at.table, 'what is theirs').toContain(line);
    for (const port of this.#theirs) this.#removeTheirs(port);
    // A person retries the forwards refused because of them.
    this.at.engine.retry();
    const lines = this.#wanted.flatMap((wish) => this.#linesOf(wish));
    // A former address of ours may be the only one that may close what leads to it: its leases run out.
    await world.until(() => this.at.holds(...lines), inMinutes(130), `the table being ${lines.join(', ')}`);
    // A forward that only a former address of ours may close is shown as closing until its lease ends.
    const isDone = ({ status }: MappingView): boolean => isOpen(status) || status.at === 'closing';
    await this.at.until(({ mappings }) => mappings.every(isDone), inSeconds(65), 'all being open');
    this.#wanted = [];
    this.at.engine.want([]);
    await world.until(() => this.at.table.length === 0, inSeconds(65), 'the table being empty');
    await world.run(inSeconds(5));
    expect(this.broken).toEqual([]);
    await this.at.stop();
    expect(home.client.logged.filter(({ level }) => level === 'error')).toEqual([]);
  }

  #linesOf(wish: Forward): readonly string[] {
    const { external, internal, transports } = wish;
    return transports.flatMap((transport) =>
      Array.from(
        { length: external.last - external.first + 1 },
        (_, n) => `${transport} ${external.first + n} -> ${this.#address}:${internal.first + n}`,
      ),
    );
  }
}
