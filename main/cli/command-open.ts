import { inSeconds } from '../contract/units.ts';
import type { Forward, Snapshot } from '../contract/model.ts';
import type { Console } from './console.ts';
import { EXIT, InputFault } from './fault.ts';
import type { ExitCode } from './fault.ts';
import { follow } from './follow.ts';
import type { GlobalOptions } from './global-options.ts';
import { leaseSeconds } from './global-options.ts';
import { blockingProblems, outcomeOf } from './outcome.ts';
import { forwardsOf } from './port-spec.ts';
import { reachabilityByUrl } from './reachability-by-url.ts';
import { seconds } from '../contract/units.ts';
import type { Session } from './session.ts';
import { startSession, withProgress } from './session.ts';

export interface OpenOptions {
  readonly label?: string;
  readonly lease?: string;
  readonly anyPort?: boolean;
  readonly keep?: boolean;
  readonly once?: boolean;
  readonly wait?: boolean;
  readonly checkUrl?: string;
  readonly checkEvery?: string;
}

/** A router that is slow to answer does not keep the command from ending (X35). */
const CLOSING = inSeconds(15);

export async function open(
  ports: readonly string[],
  given: OpenOptions,
  options: GlobalOptions,
  console: Console,
): Promise<ExitCode> {
  const lease = given.lease === undefined ? undefined : leaseSeconds(given.lease);
  const forwards = forwardsOf(ports, {
    label: given.label ?? '',
    families: options.families,
    lease: lease === undefined || lease === 'permanent' ? lease : seconds(lease),
    ifTaken: given.anyPort === true ? 'next-free' : 'fail',
    gateway: options.gatewayName,
    interfaceName: undefined,
  });
  const { checkUrl } = given;
  const every = Number(given.checkEvery ?? 600);
  if (!(every >= 1 && every <= 86_400)) {
    throw new InputFault(`--check-every ${given.checkEvery}: it must be a number of seconds from 1 to 86400.`);
  }
  const session = await startSession({
    options,
    console,
    purpose: 'hold',
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
  try {
    const snapshot = await withProgress(session, console, 'Opening', (signal) => engine.settled(signal));
    const outcome = outcomeOf(snapshot);
    announce(snapshot, given, console);
    if (outcome === EXIT.noGateway && given.wait !== true) {
      if (blockingProblems(snapshot).length === 0) notOurGateway(session, forwards, snapshot, console);
      return outcome;
    }
    if (
      outcome === EXIT.failed &&
      given.wait !== true &&
      snapshot.mappings.every(({ status }) => status.at === 'refused')
    ) {
      return outcome;
    }
    if (given.once === true) {
      await keepOpen(session);
      return outcome;
    }
    await Promise.race([session.ended, untilAborted(interrupted)]);
    if (given.keep === true) await keepOpen(session);
    else await close(session, console);
    return outcomeOf(snapshot) === EXIT.ok ? EXIT.ok : EXIT.partly;
  } catch (error) {
    if (!interrupted.aborted) throw error;
    if (given.keep === true) await keepOpen(session);
    else await close(session, console);
    return EXIT.interrupted;
  } finally {
    unfollow();
  }
}

function announce(snapshot: Snapshot, given: OpenOptions, console: Console): void {
  const open = snapshot.mappings.filter(({ status }) => status.at === 'open').length;
  const refused = snapshot.mappings.filter(({ status }) => status.at === 'refused').length;
  const waiting = snapshot.mappings.length - open - refused;
  console.record({ event: 'ready', open, refused, waiting });
  if (open === 0) return;
  const count = open === 1 ? 'One port is open' : `${open} ports are open`;
  const end =
    given.once === true
      ? 'It stays so until its lease ends, or until: portkeeper close'
      : given.keep === true
        ? 'Ctrl-C ends renewing and leaves what is open.'
        : 'Ctrl-C closes.';
  console.note(`${count}. ${end}`);
}

function notOurGateway(session: Session, forwards: readonly Forward[], snapshot: Snapshot, console: Console): void {
  const wanted = forwards.find(({ gateway }) => gateway !== undefined)?.gateway;
  if (wanted === undefined) return;
  const known = snapshot.gateways.map(({ name, address }) => (name === address ? address : `${name} (${address})`));
  const parameters = { wanted, known };
  console.problem({ code: 'not-our-gateway', parameters, severity: 'error', since: session.system.clock.now() });
}

/** Resolves once everything is closed, or the limit has passed; says what may stay open. */
export async function close(session: Session, console: Console): Promise<void> {
  const { engine } = session;
  engine.want([]);
  const late = new AbortController();
  const limit = new AbortController();
  session.system.clock.sleep(CLOSING, limit.signal).then(
    () => late.abort(),
    () => undefined,
  );
  try {
    await engine.settled(late.signal);
  } catch (error) {
    if (!late.signal.aborted) throw error;
  } finally {
    limit.abort();
  }
  const left = engine.snapshot.mappings.filter(({ status }) => status.at === 'closing');
  for (const { external, transport, status } of left) {
    if (status.at !== 'closing') continue;
    const { expiresAt } = status.lease;
    const until = expiresAt === 'never' ? 'until the router restarts' : `until ${new Date(expiresAt).toISOString()}`;
    console.note(
      `${external.port}/${transport} could not be closed: the router does not answer. It may stay open ${until}. The next start of Portkeeper tries again.`,
    );
    console.record({ event: 'not-closed', transport, wantedPort: external.port, mayBeOpenUntil: expiresAt });
  }
}

export async function keepOpen(session: Session): Promise<void> {
  session.engine.keep();
  await session.engine.settled(new AbortController().signal);
}

export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
