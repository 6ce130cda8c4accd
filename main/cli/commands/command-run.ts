/** The job of the Rust upnp-daemon: hold what a file lists, and follow the file. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { inSeconds } from '../../contract/units.ts';
import type { Millis } from '../../contract/units.ts';
import { FILES_EN } from '../../contract/words/files-en.ts';
import type { PortEntry } from '../../engine/profiles/ports-file.ts';
import { isInBackground, logConsole, runInBackground, tellParent } from '../background.ts';
import { closeTargets } from './command-close.ts';
import { close, keepOpen, untilAborted } from './command-open.ts';
import type { Console } from '../output/console.ts';
import { forwardsOfEntries } from '../options/entry-forwards.ts';
import { EXIT, InputFault, Interrupted } from '../output/fault.ts';
import type { ExitCode } from '../output/fault.ts';
import { follow } from '../output/follow.ts';
import { followLeftovers } from '../output/follow-leftovers.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import { wholeNumber } from '../options/global-options.ts';
import { countsOf, outcomeOf } from '../output/outcome.ts';
import { takePidFile } from '../pid-file.ts';
import { readPorts } from '../options/ports-file.ts';
import type { PortsSource } from '../options/ports-source.ts';
import { followSource, readSource } from '../options/ports-source.ts';
import type { Session } from '../session.ts';
import { startSession, withProgress } from '../session.ts';

export interface RunOptions {
  readonly file: string;
  readonly format: string;
  readonly csvDelimiter: string;
  readonly foreground?: boolean;
  readonly oneshot?: boolean;
  readonly interval: string;
  readonly closePortsOnExit?: boolean;
  readonly onlyClosePorts?: boolean;
  readonly pidFile: string;
}

interface Plan {
  readonly source: PortsSource;
  readonly interval: Millis;
  readonly pidFile: string;
}

/** The longest that fits a timer of Node is 24 days. */
const LONGEST_INTERVAL = 2_000_000;

/** @throws InputFault */
function planOf(given: RunOptions): Plan {
  const { format } = given;
  if (format !== 'csv' && format !== 'json') throw new InputFault(`--format ${format}: it must be csv or json.`);
  const delimiter = given.csvDelimiter === '\\t' ? '\t' : given.csvDelimiter;
  if (!/^[^"\r\n]$/u.test(delimiter)) {
    throw new InputFault(
      `--csv-delimiter ${JSON.stringify(delimiter)}: it must be a single character such as ; or , and neither a quote nor a line break. \\t is a tab.`,
    );
  }
  const range = { from: 1, to: LONGEST_INTERVAL, unit: 'a whole number of seconds' };
  const interval = inSeconds(wholeNumber(given.interval, '--interval', range));
  if (!path.isAbsolute(given.pidFile)) {
    throw new InputFault(`--pid-file ${given.pidFile}: it must be an absolute path, such as /tmp/portkeeper.pid.`);
  }
  const isInput = given.file === '-';
  return {
    source: {
      format,
      delimiter,
      name: isInput ? 'standard input' : given.file,
      path: isInput ? undefined : path.resolve(given.file),
    },
    interval,
    pidFile: given.pidFile,
  };
}

export async function run(given: RunOptions, options: GlobalOptions, console: Console): Promise<ExitCode> {
  const plan = planOf(given);
  // Read before going to the background, so that a mistake is told to whoever typed the command.
  const text = await readSource(plan.source);
  const entries = readPorts(text, plan.source);
  if (given.foreground !== true && process.platform !== 'win32') {
    return runInBackground(plan.source.path === undefined ? text : undefined, console);
  }
  // One journal for each pid file: several instances may be meant.
  const place = path.join('run', createHash('sha256').update(plan.pidFile).digest('hex').slice(0, 16));
  const logFile = isInBackground() ? path.join(options.dataFolder, place, 'portkeeper.log') : undefined;
  const output = logFile === undefined ? console : logConsole(logFile);
  const instance = await takePidFile(plan.pidFile);
  try {
    const session = await startSession({
      options,
      console: output,
      purpose: 'hold',
      waits: true,
      place,
      ...(logFile === undefined ? {} : { logFile }),
    });
    tellParent({ portkeeper: 'running', log: logFile ?? '' });
    try {
      return given.onlyClosePorts === true
        ? await closeTargets(session, await targetsOf(session, entries), options, output)
        : await hold(session, { ...plan, text, entries }, given, options, output);
    } finally {
      await session.stop();
    }
  } finally {
    await instance.release();
  }
}

async function targetsOf(session: Session, entries: readonly PortEntry[]): Promise<Parameters<typeof closeTargets>[1]> {
  const { forwards } = forwardsOfEntries(entries, await session.system.routes.read(session.interrupted));
  return forwards.flatMap(({ transports, external, internal, label }) =>
    transports.map((transport) => ({ transport, port: external.first, client: internal.client, description: label })),
  );
}

interface Job extends Plan {
  readonly text: string;
  readonly entries: readonly PortEntry[];
}

async function hold(
  session: Session,
  { source, interval, text, entries: first }: Job,
  given: RunOptions,
  options: GlobalOptions,
  console: Console,
): Promise<ExitCode> {
  const { engine, interrupted } = session;
  const want = wanting(session, source, options, console);
  await want(first);
  const unfollow = follow((listener) => engine.watch(listener), console);
  const unfollowLeftovers = followLeftovers(engine, console);
  const leave = async (): Promise<ExitCode> => {
    if (given.closePortsOnExit === true) return (await close(session, console)) ? EXIT.ok : EXIT.failed;
    unfollow();
    await keepOpen(session);
    return EXIT.ok;
  };
  const done = new AbortController();
  const following =
    given.oneshot === true
      ? Promise.resolve()
      : followSource({ source, text, interval, clock: session.system.clock, apply: want, console }, done.signal);
  // Whoever awaits it below sees why it ended.
  following.catch(() => undefined);
  try {
    const snapshot = await withProgress(session, console, 'Opening', (signal) => engine.settled(signal));
    const counts = countsOf(snapshot);
    console.record({ event: 'ready', ...counts });
    if (given.oneshot === true) {
      const left = await leave();
      return left === EXIT.ok ? outcomeOf(snapshot) : left;
    }
    const { open, refused, waiting } = counts;
    console.note(
      `Open: ${open}, refused: ${refused}, waiting: ${waiting}. Changes of ${source.name} are applied as they come. Ctrl-C ends${given.closePortsOnExit === true ? ' and closes' : ''}.`,
    );
    await Promise.race([session.ended, following, untilAborted(interrupted)]);
    done.abort();
    await following;
    return await leave();
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    done.abort();
    return await leave();
  } finally {
    done.abort();
    unfollow();
    unfollowLeftovers();
  }
}

/** Tells the engine what of the list applies to this computer now, when that has changed. */
function wanting(
  { engine, system, interrupted }: Session,
  source: PortsSource,
  { gatewayName: gateway }: GlobalOptions,
  console: Console,
): (next: readonly PortEntry[] | undefined) => Promise<void> {
  let entries: readonly PortEntry[] = [];
  let applied = '';
  return async (next) => {
    if (next !== undefined) entries = next;
    const { forwards, elsewhere } = forwardsOfEntries(entries, await system.routes.read(interrupted));
    const wanted = gateway === undefined ? forwards : forwards.map((forward) => ({ ...forward, gateway }));
    const text = JSON.stringify(wanted);
    if (text === applied) return;
    applied = text;
    for (const { place, network } of elsewhere) {
      if (network === undefined) continue;
      console.note(
        `${source.name}, ${FILES_EN.place(place)}: this computer has no address in ${network.address}/${network.prefix} now; it is left out until it has.`,
      );
    }
    engine.want(wanted);
  };
}
