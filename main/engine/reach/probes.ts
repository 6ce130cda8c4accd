/** Tests of open ports from outside, when a person asks or from time to time: one at a time for each mapping, the latest of
 * each kept. */
import { familyOf, inNetwork, ip, parseIp, scopeOf, type IpAddress } from '../../contract/address.ts';
import type { ForwardId, MappingId } from '../../contract/model.ts';
import {
  parseTester,
  type ProbesView,
  type ProbeVerdict,
  type ProbeView,
  type Tester,
  type UntestedBecause,
} from '../../contract/probe.ts';
import type { Settings } from '../../contract/settings.ts';
import { problemOf, type Problem } from '../../contract/problems.ts';
import { isShareable } from '../../contract/profiles/sharing.ts';
import type { GatewayView, Snapshot } from '../../contract/snapshot.ts';
import {
  inHours,
  inMinutes,
  inSeconds,
  seconds,
  secondsToMillis,
  type Millis,
  type Port,
} from '../../contract/units.ts';
import { askProbe, type ProbeAnswer, type ProbeQuestion } from '../../probe/ask.ts';
import { LONGEST_SECRET, secretIn, SHORTEST_SECRET } from '../../probe/proof.ts';
import { homeRouterBeyond } from '../../diagnose/checks/line.ts';
import { openStandIn, type StandIn } from '../../probe/stand-in.ts';
import { forAtMost } from '../../system/deadline.ts';
import { NetworkError, StorageError, type InterfaceAddress, type System } from '../../system/system.ts';
import { CommandError } from '../command-error.ts';
import { isListenedTo } from '../listening.ts';
import type { Engine } from '../loop/engine.ts';
import { Joined } from '../routers/readings.ts';
import { dueTests, openMappings, type OpenMapping } from './due-tests.ts';
import { askPortChecker } from './port-checker.ts';
import { verdictOf, type AtThePort } from './verdict.ts';

/** Both may be others from one test to the next. */
interface Probed {
  readonly system: System;
  readonly engine: Engine;
  readonly profiles: { readonly settings: Settings };
  readonly isDemo: boolean;
}

/** A file of the person's; `undefined` when there is none. @throws StorageError */
export type ReadFile = (path: string) => Promise<Uint8Array | undefined>;

/** As many at once as a server allows to one address, with room for another home behind it. */
const AT_ONCE = 2;
/** For the connection to a device at home. */
const LOCAL_TRY = inSeconds(2);
/** Another try where the server says that it has too much to do. */
const MOST_WAITS = 12;
/** Between a negative answer and the second look at it. */
const LOOK_AGAIN = inSeconds(1);

const INTERVALS: Readonly<Record<Settings['probeEvery'], Millis | undefined>> = {
  never: undefined,
  '10min': inMinutes(10),
  hour: inHours(1),
  day: inHours(24),
};

/** Options of a command line for tests; they override the settings. */
export interface GivenTests {
  /** See {@link parseTester}. */
  readonly tester: string;
  readonly every: Millis;
}

type Outside =
  | {
      readonly is: 'server';
      readonly addresses: readonly IpAddress[];
      readonly port: Port;
      readonly secret: Uint8Array | undefined;
    }
  | Extract<Tester, { readonly is: 'checker' }>;

/** Asks the tester; the stand-in learns what to expect. */
type Ask = (standIn: StandIn | undefined, signal: AbortSignal) => Promise<ProbeAnswer>;

/** Tests of one command. */
interface Run {
  readonly targets: readonly OpenMapping[];
  readonly found: Map<MappingId, ProbeView>;
}

export class Probes {
  readonly #app: Probed;
  readonly #readFile: ReadFile | undefined;
  readonly #given: GivenTests | undefined;
  readonly #changed: () => void;
  readonly #joined = new Joined<MappingId, ProbeView>();
  readonly #latest = new Map<MappingId, ProbeView>();
  readonly #runs = new Set<Run>();

  /** How automatic tests are set up, and what resolves when that changes. */
  #wayBefore = '';
  #wayChanged = Promise.withResolvers<void>();

  /** @param changed called when {@link view} is another than before */
  constructor(
    app: Probed,
    { readFile, tests }: { readonly readFile?: ReadFile | undefined; readonly tests?: GivenTests | undefined },
    changed: () => void,
  ) {
    this.#app = app;
    this.#readFile = readFile;
    this.#given = tests;
    this.#changed = changed;
  }

  /** Tests of wanted forwards; with the simulated router, none of the real one. */
  view({ forwards, mappings }: Snapshot): ProbesView {
    if (this.#app.isDemo) return { running: [], latest: [] };
    const wanted = new Set(forwards.map(({ id }) => id));
    for (const [id, { forward }] of this.#latest) if (!wanted.has(forward)) this.#latest.delete(id);
    const running = [...this.#runs].flatMap(({ targets, found }) =>
      targets.map(({ forward, id }) => ({ forward, isDone: found.has(id) })),
    );
    return {
      running: [...Map.groupBy(running, ({ forward }) => forward)]
        .map(([forward, each]) => ({ forward, done: each.filter(({ isDone }) => isDone).length, of: each.length }))
        .filter(({ done, of }) => done < of),
      latest: mappings.flatMap(({ id }) => this.#latest.get(id) ?? []),
    };
  }

  /** Problems of routers that only tests have revealed. */
  problems({ gateways, mappings }: Snapshot): readonly Problem[] {
    return gateways.flatMap(({ id, name, upstream }) => {
      for (const mapping of openMappings({ mappings })) {
        const { at, verdict } = this.#latest.get(mapping.id) ?? {};
        if (mapping.lease.gateway !== id || at === undefined || verdict?.is !== 'shut') continue;
        const { beyond, reported } = verdict;
        if (beyond === undefined || reported === undefined || beyond === upstream?.address) continue;
        const parameters = { gateway: name, external: reported, beyond };
        return [problemOf('behind-another-nat', parameters, at, { severity: 'warning', gateway: id })];
      }
      return [];
    });
  }

  /**
   * Tests the first and the last port of a range. Ends when nobody waits for it any more.
   * @throws CommandError when there is nobody to ask, or nothing to ask about; or the signal's reason
   */
  async probe(which: 'all' | readonly ForwardId[], signal: AbortSignal): Promise<readonly ProbeView[]> {
    const { isDemo, engine } = this.#app;
    if (isDemo) throw cannot('probe-demo');
    const tester = this.#tester;
    if (tester === undefined) throw cannot('no-probe-server');
    const targets = endsOf(openMappings(engine.snapshot), which);
    if (targets.length === 0) throw cannot('nothing-open');
    const outside = await this.#outside(tester, signal);
    const run: Run = { targets, found: new Map() };
    this.#runs.add(run);
    this.#changed();
    try {
      const waiting = [...targets];
      const work = async (): Promise<void> => {
        for (let target = waiting.shift(); target !== undefined; target = waiting.shift()) {
          const { id } = target;
          const open = target;
          run.found.set(id, await this.#joined.join(id, (inTime) => this.#probe(open, outside, inTime), signal));
          this.#changed();
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      return targets.flatMap(({ id }) => run.found.get(id) ?? []);
    } finally {
      this.#runs.delete(run);
      this.#changed();
    }
  }

  /** Settings may be others than before, or the simulated router in the place of the real one. */
  settingsChanged(): void {
    const way = this.#way;
    if (way === this.#wayBefore) return;
    this.#wayBefore = way;
    this.#wayChanged.resolve();
    this.#wayChanged = Promise.withResolvers();
  }

  /** Tests open ports from time to time, where that is wanted, until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { system } = this.#app;
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => end(), { once: true });
    while (!signal.aborted) {
      this.#wayBefore = this.#way;
      const every = this.#every;
      const own = new AbortController();
      const changed = Promise.race([this.#wayChanged.promise, ended]).then(() => own.abort());
      if (every !== undefined) {
        await this.#testAll(every, own.signal).catch((error: unknown) => {
          if (!own.signal.aborted) system.log.write('error', 'no more tests from outside', { error: String(error) });
        });
      }
      await changed;
    }
  }

  /** @throws the signal's reason */
  async #testAll(every: Millis, signal: AbortSignal): Promise<void> {
    const { clock } = this.#app.system;
    for await (const due of dueTests({ every, clock }, () => this.#app.engine.snapshot, signal)) {
      await this.#probeDue(due, signal);
    }
  }

  async #probeDue(due: OpenMapping, signal: AbortSignal): Promise<void> {
    const tester = this.#tester;
    if (tester === undefined) return;
    try {
      const outside = await this.#outside(tester, signal);
      await this.#joined.join(due.id, (inTime) => this.#probe(due, outside, inTime), signal);
      this.#changed();
    } catch (error) {
      // A fault in the settings is reported to anyone who asks for a test.
      if (!(error instanceof CommandError)) throw error;
    }
  }

  get #tester(): Tester | undefined {
    const text = this.#given?.tester ?? this.#app.profiles.settings.probeServer;
    return text === null ? undefined : parseTester(text);
  }

  get #every(): Millis | undefined {
    if (this.#app.isDemo || this.#tester === undefined) return undefined;
    return this.#given?.every ?? INTERVALS[this.#app.profiles.settings.probeEvery];
  }

  get #way(): string {
    return JSON.stringify([this.#every, this.#tester]);
  }

  async #outside(tester: Tester, signal: AbortSignal): Promise<Outside> {
    if (tester.is === 'checker') return tester;
    const { probeSecretFile } = this.#app.profiles.settings;
    const secret = probeSecretFile === null ? undefined : await this.#secretIn(probeSecretFile);
    return { is: 'server', addresses: await this.#addressesOf(tester.host, signal), port: tester.port, secret };
  }

  async #probe(target: OpenMapping, outside: Outside, signal: AbortSignal): Promise<ProbeView> {
    const { id, forward, family, transport, internal, lease } = target;
    const verdict = await this.#judge(target, outside, signal);
    const { system, engine } = this.#app;
    const view = { forward, family, transport, external: lease.external.port, internal, verdict };
    const probe: ProbeView = { ...view, at: system.clock.now() };
    this.#latest.set(id, probe);
    // A proof counts for the engine, too: a rule that lets nothing in is made again.
    if (verdict.is === 'reachable' || (verdict.is === 'no-program' && verdict.door === 'open')) engine.probed(id, true);
    if (verdict.is === 'shut' && verdict.why === 'filtered') engine.probed(id, false);
    return probe;
  }

  async #judge(target: OpenMapping, outside: Outside, signal: AbortSignal): Promise<ProbeVerdict> {
    const { family, transport, lease, internal } = target;
    const { system, engine } = this.#app;
    const { interfaces } = await system.routes.read(signal);
    const own = interfaces.flatMap(({ addresses }) => addresses);
    const gateway = engine.snapshot.gateways.find(({ id }) => id === lease.gateway);
    const reported = lease.external.address ?? parseIp(gateway?.externalAddress ?? '');
    const client = internal.client ?? gateway?.localAddress;
    const isOwn = own.some((each) => each.address === client);
    const way =
      outside.is === 'checker'
        ? this.#byChecker(target, outside.url, family === 'ipv6' ? client : reported)
        : this.#byServer(target, outside, { own, reported, gateway, client, isOwn });
    if (typeof way === 'string') return { is: 'untested', why: way };
    const ask = async (): Promise<ProbeVerdict> => {
      const { answer, at } = await this.#asked(way, target, client, isOwn, signal);
      return verdictOf({ family, transport, answer, at, reported });
    };
    const verdict = await ask();
    if (verdict.is !== 'shut') return verdict;
    // One negative answer may be the network's fault.
    await system.clock.sleep(LOOK_AGAIN, signal);
    const again = await ask();
    const last = again.is === 'untested' ? verdict : again;
    if (last.is !== 'shut' || last.why !== 'filtered' || family === 'ipv6') return last;
    // Some routers report the outermost address instead of their own.
    const beyond = await homeRouterBeyond(system, signal);
    return beyond === undefined || beyond === gateway?.upstream?.address
      ? last
      : { ...last, why: 'double-nat', beyond };
  }

  #byServer(
    { family, transport, lease }: OpenMapping,
    { addresses, port, secret }: Extract<Outside, { readonly is: 'server' }>,
    around: {
      readonly own: readonly InterfaceAddress[];
      readonly reported: IpAddress | undefined;
      readonly gateway: GatewayView | undefined;
      readonly client: IpAddress | undefined;
      readonly isOwn: boolean;
    },
  ): Ask | UntestedBecause {
    const { own, reported, gateway, client, isOwn } = around;
    if (addresses.length === 0) return 'no-such-name';
    const address = addresses.find((each) => familyOf(each) === family);
    if (address === undefined) return 'other-family';
    if (isHere(address, own) || address === reported) return 'same-network';
    if (family === 'ipv6' && !isOwn) return 'other-device';
    const from = family === 'ipv6' ? client : gateway?.localAddress;
    const question = { server: { address, port }, from, transport, port: lease.external.port, secret };
    return (standIn, signal) => this.#answerTo({ ...question, standIn }, signal);
  }

  #byChecker({ transport, lease }: OpenMapping, url: string, address: IpAddress | undefined): Ask | UntestedBecause {
    if (transport === 'udp' && !url.includes('{transport}')) return 'tcp-only';
    if (url.includes('{address}') && (address === undefined || !isShareable(address))) return 'no-address';
    const target = { transport, address, port: lease.external.port };
    return async (_standIn, signal) => {
      const answer = await askPortChecker(this.#app.system, url, target, signal);
      const outcome = answer === undefined ? 'no-answer' : answer === 'open' ? 'echoed' : 'refused';
      return { outcome, retryAfter: seconds(0) };
    };
  }

  async #asked(
    ask: Ask,
    { transport, internal: { port } }: OpenMapping,
    client: IpAddress | undefined,
    isOwn: boolean,
    signal: AbortSignal,
  ): Promise<{ readonly answer: ProbeAnswer; readonly at: AtThePort }> {
    const { system } = this.#app;
    if (!isOwn || client === undefined) {
      const answer = await ask(undefined, signal);
      if (transport === 'udp' || client === undefined) return { answer, at: { is: 'device' } };
      return { answer, at: { is: 'device', listens: await accepts(system, client, port, signal) } };
    }
    const who = await whoListens(system, transport, client, port, signal);
    if (who === 'program' || who === 'nobody') return { answer: await ask(undefined, signal), at: { is: who } };
    try {
      const answer = await ask(who, signal);
      // A port checker shows nothing but that somebody answered.
      return { answer, at: { is: 'stand-in', hasArrived: who.hasArrived || answer.outcome === 'echoed' } };
    } finally {
      who.close();
    }
  }

  /** Waits where the server has too much to do. @throws the signal's reason */
  async #answerTo(question: ProbeQuestion, signal: AbortSignal): Promise<ProbeAnswer> {
    const { system } = this.#app;
    for (let waits = 0; ; waits += 1) {
      const answer = await askProbe(system, question, signal);
      if (answer.outcome !== 'busy' || waits >= MOST_WAITS) return answer;
      await system.clock.sleep(secondsToMillis(answer.retryAfter), signal);
    }
  }

  /** @throws CommandError */
  async #secretIn(path: string): Promise<Uint8Array | undefined> {
    const file = await this.#readFile?.(path).catch((error: unknown) => {
      if (!(error instanceof StorageError)) throw error;
      const parameters = { path, why: error.fault };
      throw new CommandError('storage', '', { code: 'secret-unreadable', parameters }, { cause: error });
    });
    if (file === undefined) throw new CommandError('not-here', '', { code: 'no-secret-file', parameters: { path } });
    const secret = secretIn(file);
    if (secret !== undefined) return secret;
    const parameters = { path, least: SHORTEST_SECRET, most: LONGEST_SECRET };
    throw new CommandError('not-here', '', { code: 'secret-length', parameters });
  }

  /** None: nobody knows the name. @throws the signal's reason */
  async #addressesOf(host: string, signal: AbortSignal): Promise<readonly IpAddress[]> {
    const address = parseIp(host);
    if (address !== undefined) return [address];
    return (await this.#app.system.addressesOf?.(host, signal)) ?? [];
  }
}

const cannot = (code: 'probe-demo' | 'no-probe-server' | 'nothing-open'): CommandError =>
  new CommandError('not-here', '', { code, parameters: {} });

/** Ports of a range are opened alike: the ends stand for the rest. */
function endsOf(open: readonly OpenMapping[], which: 'all' | readonly ForwardId[]): readonly OpenMapping[] {
  const meant = which === 'all' ? open : open.filter(({ forward }) => which.includes(forward));
  const alike = Map.groupBy(meant, ({ forward, family, transport }) => `${forward} ${family} ${transport}`);
  return [...alike.values()].flatMap((each) => {
    const sorted = each.toSorted((a, b) => a.internal.port - b.internal.port);
    return [...new Set([sorted.at(0), sorted.at(-1)])].filter((end) => end !== undefined);
  });
}

const isHere = (address: IpAddress, own: readonly InterfaceAddress[]): boolean =>
  scopeOf(address) === 'loopback' || own.some((each) => inNetwork(address, each));

/** @returns somebody who listens in the program's place, where there is none; `nobody` where that is not allowed */
async function whoListens(
  system: System,
  transport: ProbeQuestion['transport'],
  client: IpAddress,
  port: Port,
  signal: AbortSignal,
): Promise<'program' | 'nobody' | StandIn> {
  const { listeners } = system;
  if (listeners !== undefined) {
    const sockets = await listeners(signal).catch(() => []);
    if (isListenedTo(sockets, transport, { first: port, last: port })) return 'program';
  } else if (transport === 'tcp' && (await accepts(system, client, port, signal))) return 'program';
  // Where the listener is unknown, some systems would let us take the very address from a program that has them all.
  const anywhere = familyOf(client) === 'ipv4' ? ip('0.0.0.0') : ip('::');
  try {
    return await openStandIn(system, transport, { address: listeners === undefined ? anywhere : client, port });
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    return error.fault === 'in-use' ? 'program' : 'nobody';
  }
}

/** Does somebody accept a connection there, asked from this computer? */
async function accepts(
  system: Pick<System, 'tcp' | 'clock'>,
  address: IpAddress,
  port: Port,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const connection = await forAtMost(system.clock, LOCAL_TRY, signal, (inTime) =>
      system.tcp.connect({ address, port }, {}, inTime),
    );
    connection?.close();
    return connection !== undefined;
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    return false;
  }
}
