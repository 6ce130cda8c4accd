import type { Forward } from '../../contract/model.ts';
import type { Snapshot } from '../../contract/snapshot.ts';
import { inSeconds } from '../../contract/units.ts';
import type { Console } from '../output/console.ts';
import { badValue, EXIT, InputFault, Interrupted, type ExitCode } from '../output/fault.ts';
import { wholeNumber, type GlobalOptions } from '../options/global-options.ts';
import { Holding } from '../holding.ts';
import { interruptible, untilAborted } from '../interruptions.ts';
import { blockingProblems, countsOf, notOurGateway, outcomeOf } from '../output/outcome.ts';
import type { GivenForwardOptions } from '../options/port-spec.ts';
import { askedFor, tellNotes } from './command-presets.ts';
import { parseTester } from '../../contract/probe.ts';
import { isPrivateUrl } from '../../contract/dynamic-dns.ts';
import type { GivenTests } from '../../engine/reach/probes.ts';
import { mappingLines, paused } from '../output/report.ts';
import { hint } from '../output/typed.ts';
import { programOf } from '../session.ts';

interface OpenOptions extends GivenForwardOptions {
  readonly keep?: boolean;
  readonly once?: boolean;
  readonly wait?: boolean;
  readonly test?: string;
  readonly testInsecure?: boolean;
  readonly testEvery?: string;
  /** As they were called before. */
  readonly checkUrl?: string;
  readonly checkInsecure?: boolean;
  readonly checkEvery?: string;
}

export async function open(
  options: GlobalOptions,
  console: Console,
  ports: readonly string[],
  given: OpenOptions,
): Promise<ExitCode> {
  if (ports.length === 0 && given.preset === undefined) {
    throw new InputFault(
      'Which ports? Name them, such as: portkeeper open 25565/tcp\nOr name a program: portkeeper open --preset minecraft',
    );
  }
  const { forwards, presets, confirmed } = askedFor(ports, given, options);
  const tests = testsIn(given);
  tellNotes(presets, console);
  return await interruptible(async (interrupted) => {
    const holding = new Holding({
      program: programOf({ options, console, purpose: 'hold', tests }),
      options,
      console,
      from: 'terminal',
      label: given.label ?? [...presets.map(({ name }) => name), ...ports].join(' '),
      afterwards: given.keep === true || given.once === true ? 'keep' : 'close',
      waits: given.wait === true,
      isBrief: given.once === true && given.wait !== true,
      confirmed,
      needsOwn: tests === undefined ? undefined : '--test',
    });
    try {
      return await hold(holding, forwards, given, console, interrupted);
    } finally {
      await holding.leave();
    }
  });
}

/** @throws InputFault */
function testsIn(given: OpenOptions): GivenTests | undefined {
  const { test: tester = given.checkUrl, testEvery: every = given.checkEvery } = given;
  const isInsecure = given.testInsecure ?? given.checkInsecure ?? false;
  const seconds = wholeNumber(every ?? '600', '--test-every', { from: 1, to: 86_400, unit: 'seconds' });
  if (tester === undefined) return undefined;
  const parsed = parseTester(tester);
  if (parsed === undefined) {
    throw badValue(
      '--test',
      tester,
      'Use the address of a probe server, such as probe.example.net, or a web address that contains {port}, such as https://example.net/{port}',
    );
  }
  if (parsed.is === 'checker' && !isInsecure && !isPrivateUrl(parsed.url)) {
    throw badValue(
      '--test',
      tester,
      'Over http, anyone on the way could answer in its place. Use https, or add --test-insecure.',
    );
  }
  return { tester, every: inSeconds(seconds) };
}

async function hold(
  holding: Holding,
  forwards: readonly Forward[],
  given: OpenOptions,
  console: Console,
  interrupted: AbortSignal,
): Promise<ExitCode> {
  const leave = (): Promise<boolean> => holding.release(given.keep === true || given.once === true);
  try {
    await holding.begin(interrupted);
    await holding.hold(forwards, interrupted);
    const snapshot = holding.view;
    const outcome = outcomeOf(snapshot);
    if (holding.isPaused) console.note(paused());
    announce(snapshot, given, console);
    if (given.once === true) explainWaiting(snapshot, console);
    const { open: opened, refused, waiting } = countsOf(snapshot);
    const other = notOurGateway(snapshot.forwards.find(({ gateway }) => gateway !== undefined)?.gateway, snapshot);
    const isHopeless =
      outcome === EXIT.noGateway || other !== undefined || (opened === 0 && waiting === 0 && refused > 0);
    if (isHopeless && given.wait !== true) {
      if (other !== undefined) console.problem(other);
      return other === undefined ? outcome : EXIT.noGateway;
    }
    if (given.once === true) {
      await leave();
      return holding.isPaused ? EXIT.failed : outcome;
    }
    const end = await endOf(holding, interrupted);
    const held = outcomeOf(holding.view);
    if (end === 'released') {
      await holding.released();
      return EXIT.ok;
    }
    if (!(await leave())) return EXIT.failed;
    return held === EXIT.ok ? EXIT.ok : EXIT.partly;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    await leave();
    return EXIT.interrupted;
  }
}

/** @throws what keeps everybody from holding it any more, after saying what stays open for how long */
export async function endOf(holding: Holding, interrupted: AbortSignal): Promise<'interrupted' | 'released'> {
  try {
    return await Promise.race([
      holding.ended.then(() => 'released' as const),
      untilAborted(interrupted).then(() => 'interrupted' as const),
    ]);
  } catch (error) {
    holding.tellAbandoned();
    throw error;
  }
}

function announce(snapshot: Snapshot, given: OpenOptions, console: Console): void {
  const { open: opened, refused, waiting } = countsOf(snapshot);
  console.record({ event: 'ready', open: opened, refused, waiting });
  if (opened === 0) {
    if (given.wait === true) console.note('No ports are open yet. Portkeeper will try again. Ctrl-C exits.');
    return;
  }
  const others = [
    refused === 0 ? '' : `, ${refused} refused`,
    waiting === 0 ? '' : `, ${waiting} waiting for the router`,
  ].join('');
  const count = opened === 1 ? '1 port open' : `${opened} ports open`;
  const closes = opened === 1 ? 'It closes when its lease expires' : 'They close when their leases expire';
  const end =
    given.once === true
      ? `${closes}, or with: ${hint('portkeeper close --all')}`
      : given.keep === true
        ? 'Ctrl-C exits and keeps them open.'
        : 'Ctrl-C closes and exits.';
  console.note(`${count}${others}. ${end}`);
}

/** A mapping that still waits has no other chance to be explained. */
function explainWaiting(snapshot: Snapshot, console: Console): void {
  if (blockingProblems(snapshot).length > 0) return;
  for (const mapping of snapshot.mappings) {
    const { status } = mapping;
    if (status.at !== 'waiting' || status.problem !== undefined) continue;
    for (const line of mappingLines(mapping, snapshot)) console.line(line);
  }
}
