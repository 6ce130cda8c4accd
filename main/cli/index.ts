#!/usr/bin/env node
/** The `portkeeper` command, from its start until `main.ts` reads the command line. */
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import manifest from '../../package.json' with { type: 'json' };

/** New objects stay in 1 MB, which is as quick; opening a thousand ports would make 32 MB of it. Before anything is compiled,
 * since V8 takes kept code only under the flags that it was kept under. Electron may have its flags frozen. */
function keepSmall(): void {
  if (process.versions['electron'] === undefined) setFlagsFromString('--semi-space-growth-factor=1');
}

async function keepCode(): Promise<void> {
  if (process.env['NODE_DISABLE_COMPILE_CACHE'] === '1') return;
  const { codeCacheFolder, mustBePrivate } = await import('../system/node/files/data-folder.ts');
  const { keepCompiled } = await import('./compiled-code.ts');
  const folder = codeCacheFolder();
  mustBePrivate(folder);
  keepCompiled(folder, path.join(import.meta.dirname, 'code'));
}

async function start(): Promise<void> {
  keepSmall();
  // Without it the start takes longer, and that is all.
  await keepCode().catch(() => undefined);
  // Called here: what a command loads imports that module, and would wait for what it awaits itself.
  const { main } = await import('./main.ts');
  await main();
}

const [asked, ...more] = process.argv.slice(2);
if ((asked === '--version' || asked === '-V') && more.length === 0) process.stdout.write(`${manifest.version}\n`);
else void start();
