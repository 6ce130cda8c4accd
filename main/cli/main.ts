/** Reads the command line, runs one command, ends with its exit code. */
import { CommanderError } from 'commander';
import { interruptQuietly } from './interruptions.ts';
import { createConsole, screenOf, type Console } from './output/console.ts';
import { EXIT, type ExitCode } from './output/fault.ts';
import { commandTree, usageFault } from './program.ts';

/** Before the command line is read, so that its own faults are reported in the right form. */
const console_ = createConsole(isJsonAsked(process.argv), {
  out: screenOf(process.stdout),
  err: screenOf(process.stderr),
});

/** Anything after two hyphens is another command's. */
function isJsonAsked(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end < 0 ? args.length : end).includes('--json');
}

/** The former name of --router still works. */
function withRouter(args: readonly string[]): readonly string[] {
  const end = args.indexOf('--');
  return args.map((arg, at) => (end < 0 || at < end ? arg.replace(/^--gateway(?==|$)/, '--router') : arg));
}

export async function main(): Promise<void> {
  listenForTheEnd();
  const code = await run(process.argv, console_, async (failure) => {
    // To the process that started this in the background.
    if (process.send !== undefined) (await import('./daemon.ts')).tellParent({ portkeeper: 'failed', ...failure });
  });
  process.exitCode = isUnheard && code === EXIT.interrupted ? EXIT.ok : code;
}

interface Failure {
  readonly text: string;
  readonly code: ExitCode;
}

/** @param typed with the program and its script in front, as Node has them
 * @returns the exit code; mistakes have been reported */
export async function run(
  typed: readonly string[],
  console: Console,
  onFailure: (failure: Failure) => Promise<void> = async () => undefined,
): Promise<number> {
  // Named, or commander takes the installed command, which Electron runs as Node, for a packaged app without a script.
  const args = withRouter(typed);
  let code: number = EXIT.ok;
  try {
    await commandTree(console, (ended) => (code = ended), args).parseAsync(args, { from: 'node' });
  } catch (error) {
    const isUsage = error instanceof CommanderError;
    // Help ends so, too.
    if (isUsage && error.exitCode === 0) return code;
    const fault = isUsage ? usageFault(error) : error;
    if (fault === undefined) return EXIT.usage;
    const failure = await reported(fault, args.slice(2), console);
    await onFailure(failure);
    return failure.code;
  }
  return code;
}

async function reported(error: unknown, args: readonly string[], console: Console): Promise<Failure> {
  const { endingOf } = await import('./output/ending.ts');
  const { pointAt } = await import('./output/typed.ts');
  const { text, code, at } = endingOf(error);
  if (text !== '') {
    const [what = '', ...rest] = text.split('\n');
    console.note(what, 'failure');
    const place = at === undefined || console.json ? [] : pointAt(at, args);
    for (const line of [...place, ...rest]) console.note(line);
    console.record({ event: 'error', message: text, exitCode: code });
  }
  return { text, code };
}

let isUnheard = false;

/** A reader that went away (`portkeeper list | head`) is no error; what holds ports ends as after Ctrl-C: nobody watches. */
function listenForTheEnd(): void {
  process.stdout.on('error', () => {
    isUnheard = true;
    interruptQuietly();
  });
  process.stderr.on('error', () => undefined);
}
