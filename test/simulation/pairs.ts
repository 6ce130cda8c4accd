/**
 * `npm run simulate -- pairs`: every two personalities that one router can have at once, over everything it speaks and over
 * UPnP alone. Ports are opened, held over a renewal, listed and closed. What works with each alone works with both.
 */
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Command, Option } from 'commander';
import * as v from 'valibot';
import { isFailure } from '../../main/gateways/failure.ts';
import { inMinutes, inSeconds } from '../../main/contract/units.ts';
import {
  miniupnpd,
  personality,
  personalityNames,
  type PersonalityName,
} from '../../main/simulator/personalities/personalities.ts';
import type { Personality } from '../../main/simulator/router/personality.ts';
import { EngineHome, forward, isOpen, THEIR_LINE, THEIRS } from '../support/engine-home.ts';

export type Pair = readonly [PersonalityName, PersonalityName];

type Protocols = Personality['protocols'];

const PROTOCOLS = ['igd', 'natPmp', 'pcp'] as const satisfies readonly (keyof Protocols)[];
const ONLY_UPNP: Protocols = { igd: true, natPmp: false, pcp: false };

const spoken = (protocols: Protocols): readonly (keyof Protocols)[] => PROTOCOLS.filter((one) => protocols[one]);

/**
 * Can be known what came of a request? A table that shows nothing neither contradicts a yes that is not kept, nor says what
 * an answer was that cannot be read.
 */
const isKnowable = ({ list, lease, mapping, soap }: Personality): boolean =>
  list.lists ||
  !(lease.dropsLeased || mapping.transports === 'second-replaces' || soap.add !== 'answered' || soap.emptySuccess);

/** The outcome, as far as it can be compared. */
export interface PairOutcome {
  /** For each mapping: `open`, the code of its problem or of one that concerns all, or `unexplained`. */
  readonly states: readonly string[];
  /** Which protocols hold them. */
  readonly holders: string;
  /** See {@link isKnowable}. */
  readonly isKnowable: boolean;
  /** Nothing was taken away that was wanted. */
  readonly isUncut: boolean;
  /** Every entry of ours was listed. */
  readonly isListed: boolean;
  readonly isClosed: boolean;
  /** Faults that must never be, whatever the router. */
  readonly faults: readonly string[];
}

/** Requests of an hour and a half: six a minute while nothing happens (docs/architecture.md), and as many again. */
const MOST_REQUESTS = 12 * 90;

/** Switches that a personality sets. */
function switchesOf(one: Personality): ReadonlyMap<string, string> {
  const switches = new Map<string, string>();
  for (const [subject, values] of Object.entries(one)) {
    if (subject === 'name' || subject === 'device') continue;
    const usual = Object.entries(miniupnpd).find(([name]) => name === subject)?.[1];
    for (const [name, value] of Object.entries(values)) {
      const text = JSON.stringify(value) ?? 'none';
      if (text !== (JSON.stringify(Object.entries(Object(usual)).find(([key]) => key === name)?.[1]) ?? 'none'))
        switches.set(`${subject}.${name}`, text);
    }
  }
  return switches;
}

/** Nothing is so in one and otherwise in the other, and something is left to speak. */
export function canOccurTogether([one, other]: Pair): boolean {
  if (!Object.values(personality(one, other).protocols).includes(true)) return false;
  const theirs = switchesOf(personality(other));
  return [...switchesOf(personality(one))].every(([name, value]) => (theirs.get(name) ?? value) === value);
}

export const allPairs: readonly Pair[] = personalityNames
  .flatMap((one, at) => personalityNames.slice(at + 1).map((other) => [one, other] as const))
  .filter(canOccurTogether);

/** Over UPnP alone, unless one of them is about PCP or NAT-PMP, which otherwise do the work in the place of UPnP. */
const protocolsFor = (names: readonly PersonalityName[]): Protocols =>
  names.some((name) => [...switchesOf(personality(name)).keys()].some((key) => /^(?:pxp|protocols)\./.test(key)))
    ? personality(...names).protocols
    : ONLY_UPNP;

/** @param names one or two */
export async function play(names: readonly PersonalityName[], protocols: Protocols): Promise<PairOutcome> {
  const router = personality(...names, { protocols });
  const at = await EngineHome.start({ router, ipv6: false });
  const { home } = at;
  home.router.addMapping(THEIRS);
  const faults: string[] = [];
  const ifTaken = 'next-free';
  at.engine.want([
    forward('minecraft', 25_565, { transports: ['tcp', 'udp'], ifTaken }),
    forward('factorio', 34_197, { transports: ['udp'], ifTaken }),
  ]);
  await at.settle(inMinutes(10)).catch(() => faults.push('did not settle within ten minutes'));
  await at.world.run(inMinutes(1));
  const states = statesOf(at);
  let isUncut = true;
  const unwatch = home.router.onMapping((change) => {
    if (change === 'removed') isUncut = false;
  });
  const { counters } = home.router;
  const before = counters.total;
  await at.world.run(inMinutes(90));
  unwatch();
  const later = statesOf(at);
  const isKnown = isKnowable(router);
  // Of several true reasons another may come to the fore.
  if (later.map(isOpenState).join() !== states.map(isOpenState).join())
    faults.push(`from ${states.join(' ')} to ${later.join(' ')}`);
  if (later.includes('unexplained')) faults.push('without a word why');
  const asked = counters.total - counters.of('M-SEARCH') - before;
  if (asked > MOST_REQUESTS) faults.push(`${asked} requests in 90 minutes`);
  for (const { budget } of at.snapshot.gateways)
    if (budget.used > budget.perMinute) faults.push(`budget: ${budget.used} of ${budget.perMinute}`);
  for (const line of isKnown ? shownOpen(at) : [])
    if (!at.table.includes(line)) faults.push(`shown as open, and is not: ${line}`);
  const holders = holdersOf(at);
  const isListed = await listsOurs(at, faults);
  await at.want();
  await at.world.run(inMinutes(2));
  if (!at.table.includes(THEIR_LINE)) faults.push('an entry of another device is gone');
  const isClosed = at.table.length <= 1;
  await at.stop();
  for (const { level, message, fields } of home.client.logged)
    if (level === 'error') faults.push(`logged: ${message} ${JSON.stringify(fields)}`);
  return { states: later, holders, isKnowable: isKnown, isUncut, isListed, isClosed, faults };
}

const isOpenState = (state: string): boolean => state === 'open';

const holdersOf = ({ snapshot }: EngineHome): string =>
  [...new Set(snapshot.mappings.map(({ status }) => ('lease' in status ? status.lease.control : 'none')))]
    .toSorted()
    .join(' ');

function statesOf({ snapshot }: EngineHome): readonly string[] {
  const [cause] = snapshot.problems;
  return snapshot.mappings.map(({ status }) => {
    if (isOpen(status)) return 'open';
    return ('problem' in status ? status.problem?.code : undefined) ?? cause?.code ?? 'unexplained';
  });
}

const shownOpen = ({ snapshot }: EngineHome): readonly string[] =>
  snapshot.mappings.flatMap(({ status, transport, internal, family }) =>
    family === 'ipv4' && status.at === 'open'
      ? [`${transport} ${status.lease.external.port} -> ${internal.client ?? '?'}:${internal.port}`]
      : [],
  );

/** Does the router's own list, as far as it has one that can be read, show what is open? */
async function listsOurs(at: EngineHome, faults: string[]): Promise<boolean> {
  const [gateway] = at.snapshot.gateways;
  const open = shownOpen(at);
  if (gateway === undefined || !at.engine.canList(gateway.id)) return false;
  const listed: string[] = [];
  const told = (entry: Parameters<Parameters<EngineHome['engine']['onDemand']['readTable']>[1]>[0]): void => {
    const { transport, external, internal } = entry;
    listed.push(`${transport} ${external.port} -> ${internal.client ?? '?'}:${internal.port}`);
  };
  const reading = at.engine.onDemand.readTable(gateway.id, told, new AbortController().signal);
  try {
    await at.world.finish(reading, inSeconds(600));
  } catch (error) {
    if (!isFailure(error)) faults.push(`listing: ${String(error)}`);
  }
  for (const line of listed) if (!at.table.includes(line)) faults.push(`listed, and not there: ${line}`);
  return open.every((line) => listed.includes(line));
}

/**
 * Faults of the two together; empty where all is well.
 * @param ways of speaking to the router, for each what comes of the one and of the other alone: all protocols of the two
 *   first, then each of these protocols alone. A port can be expected to be open where one protocol does it for both.
 */
export function judge(both: PairOutcome, ways: readonly (readonly PairOutcome[])[]): readonly string[] {
  const wrong = [...both.faults];
  const isExpected = (is: (outcome: PairOutcome) => boolean): boolean => ways.every((way) => way.every(is));
  const isOpen = ({ states }: PairOutcome): boolean => states.every(isOpenState);
  const isAllOpen = isOpen(both);
  const [whole = [], ...single] = ways;
  const opens = (single.length === 0 ? [whole] : single).some((way) => way.every(isOpen));
  if (opens && whole.every(isOpen) && !isAllOpen && both.isKnowable)
    wrong.push(`open with each alone, with both: ${both.states.join(' ')}`);
  // Another protocol that does the work has other gaps.
  const isHeldAlike = whole.every(({ holders }) => holders === both.holders);
  if (isAllOpen && isHeldAlike && both.isKnowable && !both.isUncut && isExpected(({ isUncut }) => isUncut))
    wrong.push('cut with both alone');
  if (isAllOpen && !both.isListed && isExpected(({ isListed }) => isListed)) wrong.push('not listed with both alone');
  if (!both.isClosed && isExpected(({ isClosed }) => isClosed)) wrong.push('not closed with both alone');
  return wrong;
}

const Work = v.array(v.tuple([v.string(), v.string()]));

/** Plays each personality of the pairs alone first. @returns what is wrong, a line each */
export async function playPairs(pairs: readonly Pair[]): Promise<readonly string[]> {
  const wrong: string[] = [];
  const singles = new Map<string, PairOutcome>();
  const alone = async (name: PersonalityName, protocols: Protocols): Promise<PairOutcome> => {
    const key = `${name} (${spoken(protocols).join(', ')})`;
    const known = singles.get(key);
    if (known !== undefined) return known;
    const outcome = await play([name], protocols);
    singles.set(key, outcome);
    wrong.push(...outcome.faults.map((what) => `${key}: ${what}`));
    return outcome;
  };
  for (const pair of pairs) {
    const protocols = protocolsFor(pair);
    const names = spoken(protocols);
    const each = names.map((one) => ({ igd: false, natPmp: false, pcp: false, [one]: true }));
    const ways: PairOutcome[][] = [];
    for (const way of each.length > 1 ? [protocols, ...each] : [protocols])
      ways.push([await alone(pair[0], way), await alone(pair[1], way)]);
    const found = judge(await play(pair, protocols), ways);
    wrong.push(...found.map((what) => `${pair.join(' + ')} (${names.join(', ')}): ${what}`));
  }
  return wrong;
}

export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('simulate pairs')
    .addOption(new Option('--with <NAME>', 'only pairs with this one').choices(personalityNames))
    .addOption(new Option('--every <N>', 'only every N-th pair').argParser(Number).default(1))
    .addOption(new Option('--jobs <N>', 'processor cores').argParser(Number).default(availableParallelism()))
    .parse(argv, { from: 'user' });
  const {
    with: name,
    every,
    jobs,
  } = v.parse(v.object({ with: v.optional(v.string()), every: v.number(), jobs: v.number() }), program.opts());
  const pairs = allPairs.filter(
    (pair, at) => at % every === 0 && (name === undefined || pair.some((one) => one === name)),
  );
  const began = performance.now();
  process.stdout.write(`${pairs.length} of ${allPairs.length} pairs\n`);
  // Neighbours share a personality, which is then played alone once.
  const size = Math.ceil(pairs.length / jobs);
  const shares = Array.from({ length: jobs }, (_, job) => pairs.slice(job * size, (job + 1) * size));
  const wrong = [...new Set((await Promise.all(shares.map((share) => inWorker(share)))).flat())];
  const took = ((performance.now() - began) / 1000).toFixed(0);
  process.stdout.write(`${took} s, ${wrong.length} faults\n${wrong.map((line) => `${line}\n`).join('')}`);
  if (wrong.length > 0) process.exitCode = 1;
}

function inWorker(pairs: readonly Pair[]): Promise<readonly string[]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>();
  const worker = new Worker(new URL(import.meta.url), { workerData: { pairs }, argv: [] });
  worker.once('message', resolve).once('error', reject);
  return promise;
}

if (!isMainThread && v.is(Work, Object(workerData).pairs)) {
  const given = v.parse(Work, Object(workerData).pairs);
  parentPort?.postMessage(
    await playPairs(allPairs.filter((pair) => given.some((one) => one.join() === pair.join()))),
    [],
  );
}
