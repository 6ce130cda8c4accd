/**
 * `npm run bench -- recovery`: how long a hundred ports stay shut on real gateways when something happens to them, and how
 * often a router is asked on a day on which nothing does. Needs root.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Transport } from '../../main/contract/model.ts';
import { WIDEST_RANGE } from '../../main/contract/profiles/profile.ts';
import { inHours } from '../../main/contract/units.ts';
import { personality } from '../../main/simulator/personalities/personalities.ts';
import type { LabGateway } from '../peers/lab/gateway.ts';
import { startHome, type Home } from '../peers/lab/home.ts';
import { portkeeper, type Portkeeper } from '../peers/lab/portkeeper.ts';
import { EngineHome, forward } from '../support/engine-home.ts';
import { median, msText, table } from './statistics.ts';

export const RECOVERY_FLAVOURS = ['igd2', 'upnp-only', 'pxp-only'] as const;
export type RecoveryFlavour = (typeof RECOVERY_FLAVOURS)[number];

/** Those that the simulated router has in their place. */
const SIMULATED = { igd2: 'miniupnpd', 'upnp-only': 'upnp-only', 'pxp-only': 'pxp-only' } as const;

export interface RecoveryOptions {
  readonly flavours: readonly RecoveryFlavour[];
  /** Forwards that are opened at once, each count for itself. */
  readonly many: readonly number[];
  /** Nothing but those. */
  readonly onlyMany: boolean;
}

const FIRST = 20_000;
const HELD = 100;
/** Two heartbeats: a restart that follows another one sooner does not show in the router's uptime. */
const SETTLED = 40_000;
/** The kernel may have dropped a report when it is busy: from then on the rules are counted as well. */
const COUNTED_AFTER = 60_000;
/** The longest that is waited for. */
const NEVER = 300_000;
const OTHER_WAN = '11.22.33.55';

export interface RecoveryRow {
  readonly what: string;
  readonly flavour: RecoveryFlavour;
  readonly text: string;
}

/** Milliseconds until the kernel's reports are listened to. */
const LISTENING = 1000;

/** The rules of a gateway as they come and go, from when it has none on, each at the moment at which the kernel reports it. */
class RuleWatch {
  /** Places by the rules' handles. */
  readonly #rules = new Map<string, string>();
  readonly #gateway: LabGateway;
  readonly #since = new Map<string, number>();
  readonly #cuts = new Map<string, number>();
  #changed = Promise.withResolvers<void>();

  constructor(gateway: LabGateway) {
    this.#gateway = gateway;
  }

  static async start(gateway: LabGateway): Promise<RuleWatch> {
    const monitor = gateway.spawn(['nft', '-a', 'monitor', 'rules']);
    const watch = new RuleWatch(gateway);
    // Called for each line as it comes; the home's end is the monitor's.
    monitor.line((line) => watch.#note(line), { timeoutMs: 2 ** 31 - 1 }).catch(() => undefined);
    await sleep(LISTENING);
    return watch;
  }

  forgetCuts(): void {
    this.#cuts.clear();
    this.#since.clear();
  }

  /** Milliseconds that each of the ports was shut for, the longest time of each. */
  get cuts(): readonly number[] {
    const cuts = [...this.#cuts.values()].toSorted((a, b) => a - b);
    return [...Array.from({ length: Math.max(0, HELD - cuts.length) }, () => 0), ...cuts];
  }

  /** Resolves once a rule has gone, of so many; what a new daemon clears is reported a little later. */
  async lost(count: number): Promise<void> {
    for (let left = LISTENING; left > 0 && new Set(this.#rules.values()).size >= count; left -= 10) await sleep(10);
  }

  /** @returns the seconds from `start` until so many are there; nothing when they are not in time */
  async until(count: number, start: number): Promise<number | undefined> {
    for (;;) {
      const passed = performance.now() - start;
      if (new Set(this.#rules.values()).size === count) return passed / 1000;
      if (passed > COUNTED_AFTER && (await this.#gateway.nftRules()).length === count) return passed / 1000;
      const left = NEVER - passed;
      if (left <= 0) return undefined;
      this.#changed = Promise.withResolvers();
      await Promise.race([this.#changed.promise, sleep(Math.min(left, 1000))]);
    }
  }

  #note(line: string): undefined {
    const [, what, rest = '', handle = ''] =
      /^(add|delete) rule inet filter prerouting_miniupnpd (.*)handle (\d+)$/.exec(line) ?? [];
    if (what === undefined) return;
    const now = performance.now();
    const place = what === 'add' ? /@nh,72,8 0x(?:6|11)\b.* dport \d+ /.exec(rest)?.[0] : this.#rules.get(handle);
    if (place === undefined) return;
    if (what === 'delete') {
      this.#rules.delete(handle);
      if (![...this.#rules.values()].includes(place)) this.#since.set(place, now);
    } else {
      this.#rules.set(handle, place);
      const since = this.#since.get(place);
      if (since !== undefined) this.#cuts.set(place, Math.max(this.#cuts.get(place) ?? 0, now - since));
      this.#since.delete(place);
    }
    this.#changed.resolve();
  }
}

interface Scene {
  readonly gateway: LabGateway;
  readonly rules: RuleWatch;
}

type Happening = (scene: Scene) => Promise<string>;

const secondsText = (seconds: number | undefined): string =>
  seconds === undefined ? `not in ${NEVER / 1000} s` : `${seconds.toFixed(1)} s`;

/** Everything is forgotten while it is away for so long. Counted from the start of its daemon. */
const reboot =
  (awayMs: number): Happening =>
  async ({ gateway, rules }) => {
    await gateway.kill();
    await gateway.daemon.forget();
    await sleep(awayMs);
    const start = performance.now();
    await gateway.start();
    await rules.lost(HELD);
    return secondsText(await rules.until(HELD, start));
  };

const cutBy =
  (happens: (gateway: LabGateway) => Promise<void>): Happening =>
  async ({ gateway, rules }) => {
    rules.forgetCuts();
    await happens(gateway);
    await sleep(30_000);
    const { cuts } = rules;
    return `${msText(median(cuts))} / ${msText(cuts.at(-1) ?? 0)} ms`;
  };

const HEARD: Readonly<Record<string, Happening>> = {
  'reboot (5 s), heard': reboot(5000),
  'flush, heard': reboot(0),
  '30 s away, heard': reboot(30_000),
  'daemon restarts, rules and table intact: cut, median / max': cutBy((gateway) => gateway.restart({ abrupt: true })),
  'silent for 40 s: cut, median / max': cutBy(async (gateway) => {
    await gateway.losePackets(100);
    await sleep(40_000);
    await gateway.losePackets(0);
  }),
  'WAN address moves: cut, median / max': cutBy((gateway) => gateway.changeWanAddress(OTHER_WAN)),
  'rules wiped, table still listed': async ({ gateway, rules }) => {
    const start = performance.now();
    await gateway.wipeFirewallRules();
    return secondsText(await rules.until(HELD, start));
  },
};

const BLOCKED: Readonly<Record<string, Happening>> = {
  'reboot (5 s), announcements blocked': reboot(5000),
  'flush, blocked': reboot(0),
  '30 s away, blocked': reboot(30_000),
};

const LONG_BLOCKED: Readonly<Record<string, Happening>> = { '5 min away, blocked': reboot(300_000) };

async function hold(home: Home): Promise<Portkeeper> {
  const program = portkeeper(home.client, ['open', `${FIRST}-${FIRST + HELD / 2 - 1}`, '--yes', '--json']);
  const ready = await program.until(({ event }) => event === 'ready');
  if (ready['open'] !== HELD) throw new Error(`not all are open: ${JSON.stringify(ready)}`);
  return program;
}

/** One after the other happens to a home of their own. */
async function happenings(
  flavour: RecoveryFlavour,
  all: Readonly<Record<string, Happening>>,
  isBlocked: boolean,
  tell: (row: RecoveryRow) => void,
): Promise<void> {
  const home = await startHome(flavour);
  try {
    const { gateway } = home;
    if (isBlocked) await gateway.silenceAnnouncements();
    const rules = await RuleWatch.start(gateway);
    const program = await hold(home);
    for (const [what, happens] of Object.entries(all)) {
      await sleep(SETTLED);
      await rules.until(HELD, performance.now());
      tell({ what, flavour, text: await happens({ gateway, rules }) });
    }
    await program.interrupt();
  } finally {
    await home.stop();
  }
}

function rangesOf(ports: number): readonly string[] {
  return Array.from({ length: Math.ceil(ports / WIDEST_RANGE) }, (_, at) => {
    const first = FIRST + at * WIDEST_RANGE;
    return `${first}-${Math.min(first + WIDEST_RANGE, FIRST + ports) - 1}`;
  });
}

/** As many as `count` forwards, half of them TCP: opened, back after a reboot, closed. Seconds each. */
async function manyText(flavour: RecoveryFlavour, count: number): Promise<string> {
  const home = await startHome(flavour);
  try {
    const { gateway } = home;
    const rules = await RuleWatch.start(gateway);
    const opened = performance.now();
    const program = portkeeper(home.client, ['open', ...rangesOf(count / 2), '--yes', '--json']);
    const opening = await rules.until(count, opened);
    await sleep(SETTLED);
    await gateway.kill();
    await gateway.daemon.forget();
    const back = performance.now();
    await gateway.start();
    await rules.lost(count);
    const recovering = await rules.until(count, back);
    await sleep(SETTLED);
    const closed = performance.now();
    program.process.signal('SIGINT');
    const closing = await rules.until(0, closed);
    await program.process.exited;
    return [opening, recovering, closing].map((seconds) => secondsText(seconds)).join(' / ');
  } finally {
    await home.stop();
  }
}

/** Requests of a day on which nothing happens, on a virtual clock. */
async function idleDayText(flavour: RecoveryFlavour): Promise<string> {
  const at = await EngineHome.start({ router: personality(SIMULATED[flavour]), world: { splitStreams: false } });
  const both: readonly Transport[] = ['tcp', 'udp'];
  await at.want(...Array.from({ length: HELD / 2 }, (_, n) => forward(`f${n}`, FIRST + n, { transports: both })));
  const { counters } = at.home.router;
  counters.reset();
  await at.world.run(inHours(24));
  const asked = counters.total - counters.of('M-SEARCH');
  await at.stop();
  return `${asked} (1/${((HELD * 24 * 60) / asked).toFixed(0)})`;
}

/** @param tell called with each result as it is there */
export async function measureRecovery(
  { flavours, many, onlyMany }: RecoveryOptions,
  tell: (row: RecoveryRow) => void,
): Promise<readonly RecoveryRow[]> {
  const rows: RecoveryRow[] = [];
  const add = (row: RecoveryRow): void => {
    rows.push(row);
    tell(row);
  };
  for (const flavour of flavours) {
    if (!onlyMany) {
      const text = await idleDayText(flavour);
      add({ what: 'idle day, requests (of one who asks again each minute)', flavour, text });
      await Promise.all([
        happenings(flavour, HEARD, false, add),
        happenings(flavour, BLOCKED, true, add),
        happenings(flavour, LONG_BLOCKED, true, add),
      ]);
    }
    for (const count of many) {
      add({ what: `${count} opened / back / closed`, flavour, text: await manyText(flavour, count) });
    }
  }
  return rows;
}

export function recoveryReport(rows: readonly RecoveryRow[]): string {
  const flavours = RECOVERY_FLAVOURS.filter((flavour) => rows.some((row) => row.flavour === flavour));
  const whats = [...new Set(rows.map(({ what }) => what))];
  const textOf = (what: string, flavour: RecoveryFlavour): string =>
    rows.find((row) => row.what === what && row.flavour === flavour)?.text ?? '';
  return [
    table([['', ...flavours], ...whats.map((what) => [what, ...flavours.map((flavour) => textOf(what, flavour))])], 1),
    '',
    `${HELD} ports held, half of them TCP, by the command line on miniupnpd in a network namespace. Until the last rule is`,
    'back, from the start of the daemon; cuts are the time for which a rule was out of the firewall, as the kernel reports',
    'it. Three homes of a kind at once: heard, announcements blocked, and away for five minutes.',
  ].join('\n');
}
