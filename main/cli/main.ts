/** Reads the command line, runs one command, ends with its exit code. */
import { CommanderError } from 'commander';
import { interruptQuietly } from './interruptions.ts';
import { createConsole, screenOf } from './output/console.ts';
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
  let code: number = EXIT.ok;
  try {
    // Named, or commander takes the installed command, which Electron runs as Node, for a packaged app without a script.
    const args = withRouter(process.argv);
    await commandTree(console_, (ended) => (code = ended), args).parseAsync(args, { from: 'node' });
  } catch (error) {
    if (!(error instanceof CommanderError)) code = await failed(error);
    else if (error.exitCode !== 0) {
      const fault = usageFault(error);
      code = fault === undefined ? EXIT.usage : await failed(fault);
    }
  }
  process.exitCode = isUnheard && code === EXIT.interrupted ? EXIT.ok : code;
}

async function failed(error: unknown): Promise<ExitCode> {
  const { endingOf } = await import('./output/ending.ts');
  const { pointAt } = await import('./output/typed.ts');
  const { text, code, at } = endingOf(error);
  if (text !== '') {
    const [what = '', ...rest] = text.split('\n');
    console_.note(what, 'failure');
    const place = at === undefined || console_.json ? [] : pointAt(at, withRouter(process.argv.slice(2)));
    for (const line of [...place, ...rest]) console_.note(line);
    console_.record({ event: 'error', message: text, exitCode: code });
  }
  // Reports the failure to the process that started this in the background.
  if (process.send !== undefined) (await import('./daemon.ts')).tellParent({ portkeeper: 'failed', text, code });
  return code;
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
