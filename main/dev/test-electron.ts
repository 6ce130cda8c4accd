/** `npm run test:electron`: drives the packaged app that PORTKEEPER_APP names, as a person does. */
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '../..');

const EXAMPLES: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  win32: 'dist/win-unpacked/Portkeeper.exe',
  darwin: 'dist/mac-arm64/Portkeeper.app/Contents/MacOS/Portkeeper',
};
const EXAMPLE = EXAMPLES[process.platform] ?? 'dist/linux-unpacked/portkeeper-desktop';

/** The reason why the tests cannot run here. */
function obstacle(program: string | undefined): string | undefined {
  if (program === undefined || program === '') {
    return `PORTKEEPER_APP must name a packaged app. After "npm run dist -- --dir" that is, for example:\n  PORTKEEPER_APP=${EXAMPLE} npm run test:electron`;
  }
  try {
    accessSync(path.resolve(program), constants.X_OK);
  } catch (error) {
    return `PORTKEEPER_APP names no program: ${error instanceof Error ? error.message : String(error)}`;
  }
  // As main/dev/bootstrap.mjs found.
  const { electron: missing = [] }: { readonly electron?: readonly string[] } = Object(
    JSON.parse(process.env['PORTKEEPER_LACKING'] ?? '{}'),
  );
  return process.platform === 'linux' && missing.length > 0
    ? `Missing: apt-get install ${missing.join(' ')}`
    : undefined;
}

const found = obstacle(process.env['PORTKEEPER_APP']);
if (found === undefined) {
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
  const args = ['run', '--project', 'electron', ...process.argv.slice(2)];
  const child = spawn(process.execPath, [vitest, ...args], { cwd: root, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  child.once('exit', (code) => (process.exitCode = code ?? 1));
} else {
  process.stderr.write(`${found}\n`);
  process.exitCode = 1;
}
