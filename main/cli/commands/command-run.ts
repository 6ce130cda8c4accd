/** Replaces the Rust upnp-daemon: keeps the ports in a file open, and follows the file. */
import { createHash } from 'node:crypto';
import type { CloseTarget } from '../../contract/commands.ts';
import { inSeconds, type Millis } from '../../contract/units.ts';
import { openingQuestions, type Confirmed } from '../../contract/profiles/opening-questions.ts';
import { FILES_EN } from '../../contract/words/faults-en.ts';
import { networksAround } from '../../engine/profiles/guard.ts';
import type { PortEntry } from '../../engine/profiles/ports-file.ts';
import type { ProgramParts } from '../../connect/program.ts';
import type { NetworkState } from '../../system/system.ts';
import { isInBackground, logConsole, runInBackground, takePidFile, tellParent } from '../daemon.ts';
import { closeTargets } from './command-close.ts';
import { endOf } from './command-open.ts';
import type { Console } from '../output/console.ts';
import { confirmedBy, confirmQuestions, personAtTerminal } from '../options/confirm.ts';
import { followSource, forwardsOfEntries, readPorts, readSource, type PortsSource } from '../options/ports-source.ts';
import { badValue, EXIT, Interrupted, type ExitCode } from '../output/fault.ts';
import { wholeNumber, type GlobalOptions } from '../options/global-options.ts';
import { Holding } from '../holding.ts';
import { interruptible } from '../interruptions.ts';
import { countsOf, outcomeOf } from '../output/outcome.ts';
import { paused } from '../output/report.ts';
import { programOf } from '../session.ts';
import path from 'node:path';

interface RunOptions {
  readonly file: string;
  readonly format: string;
  readonly csvDelimiter: string;
  readonly foreground?: boolean;
  readonly oneshot?: boolean;
  readonly interval: string;
  readonly closePortsOnExit?: boolean;
  readonly onlyClosePorts?: boolean;
  readonly pidFile: string;
  readonly yes?: boolean;
}

interface Plan {
  readonly source: PortsSource;
  readonly interval: Millis;
  readonly pidFile: string;
}

/** The longest that fits a timer of Node is 24 days. */
const LONGEST_INTERVAL = 2_000_000;

/** @throws InputFault */
async function planOf(given: RunOptions, options: GlobalOptions, console: Console): Promise<Plan> {
  const { format } = given;
  if (format !== 'csv' && format !== 'json') throw badValue('--format', format, 'Use csv or json.');
  const delimiter = given.csvDelimiter === '\\t' ? '\t' : given.csvDelimiter;
  if (!/^[^"\r\n]$/u.test(delimiter)) {
    throw badValue(
      '--csv-delimiter',
      delimiter,
      'Use a single character such as ; or , but no quote or line break. \\t is a tab.',
    );
  }
  const range = { from: 1, to: LONGEST_INTERVAL, unit: 'a whole number of seconds' };
  const interval = inSeconds(wholeNumber(given.interval, '--interval', range));
  if (!path.isAbsolute(given.pidFile)) {
    throw badValue('--pid-file', given.pidFile, 'Use an absolute path, such as /run/portkeeper.pid.');
  }
  const isInput = given.file === '-';
  const { system } = programOf({ options, console, purpose: 'hold' });
  return {
    source: {
      format,
      delimiter,
      networks: await networksAround(system, options.search.manual),
      name: isInput ? 'standard input' : given.file,
      path: isInput ? undefined : path.resolve(given.file),
    },
    interval,
    pidFile: given.pidFile,
  };
}

export async function run(options: GlobalOptions, console: Console, given: RunOptions): Promise<ExitCode> {
  const plan = await planOf(given, options, console);
  // Read before going to the background, so that a mistake is reported to whoever typed the command.
  const text = await readSource(plan.source);
  const entries = readPorts(text, plan.source);
  const isClosing = given.onlyClosePorts === true;
  const isAsked = given.yes !== true && !isInBackground() && !isClosing;
  const confirmed = isAsked ? await confirmList(entries, plan.source) : confirmedBy(given.yes);
  if (given.foreground !== true && process.platform !== 'win32') {
    const more = confirmed.length > 0 && given.yes !== true ? ['--yes'] : [];
    return runInBackground(plan.source.path === undefined ? text : undefined, more, console);
  }
  // One log for each pid file: several instances may be meant.
  const place = path.join('run', createHash('sha256').update(plan.pidFile).digest('hex').slice(0, 16));
  const logFile = isInBackground() ? path.join(options.dataFolder, place, 'portkeeper.log') : undefined;
  const output = logFile === undefined ? console : logConsole(logFile);
  const instance = await takePidFile(plan.pidFile);
  try {
    return await interruptible(async (interrupted) => {
      const program = programOf({ options, console: output, purpose: 'hold', logFile });
      if (isClosing) {
        const { routes } = program.system;
        const targets = targetsOf(entries, await routes.read(interrupted));
        return await closeTargets(program, targets, false, { options, console: output, interrupted }, () =>
          tellParent({ portkeeper: 'running', log: logFile ?? '' }),
        );
      }
      const holding = new Holding({
        program,
        options,
        console: output,
        from: 'file',
        label: plan.source.name,
        afterwards: given.closePortsOnExit === true ? 'close' : 'keep',
        waits: true,
        confirmed,
      });
      try {
        await holding.begin(interrupted);
        tellParent({ portkeeper: 'running', log: logFile ?? '' });
        return await hold({ ...plan, text, entries, holding, program, interrupted, console: output }, given);
      } finally {
        await holding.leave();
      }
    });
  } finally {
    await instance.release();
  }
}

/** Before anything runs in the background, where nobody is asked. @throws InputFault, RefusedFault, Interrupted */
async function confirmList(entries: readonly PortEntry[], { networks }: PortsSource): Promise<Confirmed> {
  const listed = entries.map(({ port, transport, address }) => ({
    transports: [transport],
    external: { first: port, last: port },
    internal: { first: port, ...(address === undefined ? {} : { client: address }) },
  }));
  const questions = openingQuestions(listed, networks);
  if (questions.length > 0) await confirmQuestions(questions, personAtTerminal());
  return questions.map(({ key }) => key);
}

function targetsOf(entries: readonly PortEntry[], network: NetworkState): readonly CloseTarget[] {
  return forwardsOfEntries(entries, network).forwards.flatMap(({ transports, external, internal, label }) =>
    transports.map((transport) => ({
      transport,
      external: external.first,
      ...(internal.client === undefined ? {} : { client: internal.client }),
      description: label,
    })),
  );
}

interface Job extends Plan {
  readonly text: string;
  readonly entries: readonly PortEntry[];
  readonly holding: Holding;
  readonly program: ProgramParts;
  readonly interrupted: AbortSignal;
  readonly console: Console;
}

async function hold(job: Job, given: RunOptions): Promise<ExitCode> {
  const { source, interval, text, entries, holding, program, interrupted, console } = job;
  const want = wanting(job);
  const leave = async (): Promise<ExitCode> =>
    (await holding.release(given.closePortsOnExit !== true)) ? EXIT.ok : EXIT.failed;
  const done = new AbortController();
  const first = want(entries);
  const { clock } = program.system;
  const apply = async (next: readonly PortEntry[] | undefined): Promise<void> => {
    await first;
    await want(next);
  };
  const following =
    given.oneshot === true
      ? Promise.resolve()
      : followSource({ source, text, interval, clock, apply, console }, done.signal);
  // The await below sees why it ended.
  following.catch(() => undefined);
  try {
    await first;
    const snapshot = holding.view;
    const counts = countsOf(snapshot);
    console.record({ event: 'ready', ...counts });
    if (given.oneshot === true) {
      const left = await leave();
      return left === EXIT.ok ? outcomeOf(snapshot) : left;
    }
    const { open, refused, waiting } = counts;
    if (holding.isPaused) console.note(paused());
    console.note(
      `Open: ${open}, refused: ${refused}, waiting: ${waiting}. Changes to ${source.name} are applied immediately. Ctrl-C ${given.closePortsOnExit === true ? 'closes and exits' : 'exits and keeps the ports open'}.`,
    );
    const end = await Promise.race([endOf(holding, interrupted), following]);
    done.abort();
    await following;
    if (end !== 'released') return await leave();
    await holding.released();
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    return await leave();
  } finally {
    done.abort();
  }
}

/** Holds what of the list applies to this computer now, when that has changed. */
function wanting({
  source,
  holding,
  program: { system },
  interrupted,
  console,
}: Job): (next: readonly PortEntry[] | undefined) => Promise<void> {
  let entries: readonly PortEntry[] = [];
  let applied = '';
  return async (next) => {
    if (next !== undefined) entries = next;
    const { forwards, elsewhere } = forwardsOfEntries(entries, await system.routes.read(interrupted));
    const text = JSON.stringify(forwards);
    if (text === applied) return;
    for (const { place, network } of elsewhere) {
      if (network === undefined) continue;
      console.note(
        `${source.name}, ${FILES_EN.place(place)}: skipped, because this computer has no address in ${network.address}/${network.prefix} now.`,
      );
    }
    await holding.hold(forwards, interrupted);
    applied = text;
  };
}
