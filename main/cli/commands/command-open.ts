import type { Forward, MappingView, Snapshot } from '../../contract/model.ts';
import { inSeconds, seconds } from '../../contract/units.ts';
import { confirmRanges } from '../options/confirm-ranges.ts';
import type { Console } from '../output/console.ts';
import { EXIT, Interrupted } from '../output/fault.ts';
import type { ExitCode } from '../output/fault.ts';
import { notOurGateway } from '../find-gateway.ts';
import { follow } from '../output/follow.ts';
import { followLeftovers } from '../output/follow-leftovers.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import { leaseSeconds, wholeNumber } from '../options/global-options.ts';
import { blockingProblems, countsOf, outcomeOf } from '../output/outcome.ts';
import type { ForwardDefaults } from '../options/port-spec.ts';
import { forwardsOf, refuseOverlaps } from '../options/port-spec.ts';
import { presetForwards, presetNamed } from '../options/preset-forwards.ts';
import { reachabilityByUrl } from '../reachability-by-url.ts';
import { mappingLines, notClosedRecord, notClosedText } from '../output/report.ts';
import type { Session } from '../session.ts';
import { startSession, whileClosing, withProgress } from '../session.ts';

export interface OpenOptions {
  readonly preset?: readonly string[];
  readonly label?: string;
  readonly lease?: string;
  readonly anyPort?: boolean;
  readonly keep?: boolean;
  readonly once?: boolean;
  readonly wait?: boolean;
  readonly yes?: boolean;
  readonly checkUrl?: string;
  readonly checkEvery?: string;
}

/** A router that does not answer does not keep the command from ending (X35). */
const CLOSING = inSeconds(15);

export async function open(
  ports: readonly string[],
  given: OpenOptions,
  options: GlobalOptions,
  console: Console,
): Promise<ExitCode> {
  const lease = given.lease === undefined ? undefined : leaseSeconds(given.lease);
  const presets = (given.preset ?? []).map(presetNamed);
  const defaults: ForwardDefaults = {
    label: given.label ?? '',
    families: options.families,
    lease: lease === undefined || lease === 'permanent' ? lease : seconds(lease),
    ifTaken: given.anyPort === true ? 'next-free' : 'fail',
    gateway: options.gatewayName,
    interfaceName: undefined,
  };
  const forwards = [...presetForwards(presets, defaults), ...forwardsOf(ports, defaults)];
  refuseOverlaps(forwards);
  await confirmRanges(forwards, given.yes === true);
  const every = wholeNumber(given.checkEvery ?? '600', '--check-every', { from: 1, to: 86_400, unit: 'seconds' });
  const { checkUrl } = given;
  for (const { name, note } of presets) if (note !== undefined) console.note(`${name}: ${note.en}`);
  const session = await startSession({
    options,
    console,
    purpose: 'hold',
    waits: given.wait === true,
    ...(checkUrl === undefined ? {} : { reachability: reachabilityByUrl(checkUrl, inSeconds(every)) }),
  });
  try {
    return await hold(session, forwards, given, console);
  } finally {
    await session.stop();
  }
}

async function hold(
  session: Session,
  forwards: readonly Forward[],
  given: OpenOptions,
  console: Console,
): Promise<ExitCode> {
  const { engine, interrupted } = session;
  engine.want(forwards);
  const unfollow = follow((listener) => engine.watch(listener), console);
  const unfollowLeftovers = followLeftovers(engine, console);
  const leave = async (): Promise<boolean> => {
    if (given.keep !== true && given.once !== true) return close(session, console);
    unfollow();
    await keepOpen(session);
    return true;
  };
  try {
    const snapshot = await withProgress(session, console, 'Opening', (signal) => engine.settled(signal));
    const outcome = outcomeOf(snapshot);
    announce(snapshot, given, console);
    if (given.once === true) explainWaiting(snapshot, console);
    const { open: opened, refused, waiting } = countsOf(snapshot);
    const other = notOurGateway(forwards.find(({ gateway }) => gateway !== undefined)?.gateway, snapshot);
    const isHopeless =
      outcome === EXIT.noGateway || other !== undefined || (opened === 0 && waiting === 0 && refused > 0);
    if (isHopeless && given.wait !== true) {
      if (other !== undefined) console.problem(other);
      return other === undefined ? outcome : EXIT.noGateway;
    }
    if (given.once === true) {
      await leave();
      return outcome;
    }
    await Promise.race([session.ended, untilAborted(interrupted)]);
    const held = outcomeOf(engine.snapshot);
    if (!(await leave())) return EXIT.failed;
    return held === EXIT.ok ? EXIT.ok : EXIT.partly;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    await leave();
    return EXIT.interrupted;
  } finally {
    unfollow();
    unfollowLeftovers();
  }
}

function announce(snapshot: Snapshot, given: OpenOptions, console: Console): void {
  const { open: opened, refused, waiting } = countsOf(snapshot);
  console.record({ event: 'ready', open: opened, refused, waiting });
  if (opened === 0) {
    if (given.wait === true) console.note('Nothing is open yet; it is tried again by itself. Ctrl-C ends.');
    return;
  }
  const others = [
    refused === 0 ? '' : `, ${refused} refused`,
    waiting === 0 ? '' : `, ${waiting} ${waiting === 1 ? 'waits' : 'wait'} for the router`,
  ].join('');
  const count = opened === 1 ? 'One port is open' : `${opened} ports are open`;
  const [it, its] = opened === 1 ? ['It stays', 'its lease ends'] : ['They stay', 'their leases end'];
  const end =
    given.once === true
      ? `${it} so until ${its}, or until: portkeeper close --all`
      : given.keep === true
        ? 'Ctrl-C ends renewing and leaves what is open.'
        : 'Ctrl-C closes.';
  console.note(`${count}${others}. ${end}`);
}

/** What still waits has no other chance to be explained. */
function explainWaiting(snapshot: Snapshot, console: Console): void {
  if (blockingProblems(snapshot).length > 0) return;
  for (const mapping of snapshot.mappings) {
    const { status } = mapping;
    if (status.at !== 'waiting' || status.problem !== undefined) continue;
    for (const line of mappingLines(mapping, snapshot)) console.line(line);
  }
}

/** Says what may stay open; true when nothing does. */
export async function close(session: Session, console: Console): Promise<boolean> {
  const { engine } = session;
  engine.want([]);
  const isClosing = ({ status }: MappingView): boolean => status.at === 'closing';
  await withProgress(
    session,
    console,
    'Closing',
    () => whileClosing(session, CLOSING, (late) => engine.settled(late)),
    () => engine.snapshot.mappings.filter(isClosing).length,
  );
  let isClosed = true;
  for (const mapping of engine.snapshot.mappings) {
    if (mapping.status.at !== 'closing') continue;
    isClosed = false;
    console.note(notClosedText(mapping, mapping.status.lease.expiresAt));
    console.record(notClosedRecord(mapping, mapping.status.lease.expiresAt));
  }
  return isClosed;
}

export async function keepOpen(session: Session): Promise<void> {
  session.engine.keep();
  await whileClosing(session, CLOSING, (late) => session.engine.settled(late));
}

export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
