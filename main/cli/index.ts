#!/usr/bin/env node
/** The `portkeeper` command, from its start until `main.ts` reads the command line. */
import path from 'node:path';
import manifest from '../../package.json' with { type: 'json' };

async function keepCode(): Promise<void> {
  if (process.env['NODE_DISABLE_COMPILE_CACHE'] === '1') return;
  const { codeCacheFolder, mustBePrivate } = await import('../system/node/files/data-folder.ts');
  const { keepCompiled } = await import('./compiled-code.ts');
  const folder = codeCacheFolder();
  mustBePrivate(folder);
  keepCompiled(folder, path.join(import.meta.dirname, 'code'));
}

async function start(): Promise<void> {
  // Without it the start takes longer, and that is all.
  await keepCode().catch(() => undefined);
  // Called here: what a command loads imports that module, and would wait for what it awaits itself.
  const { main } = await import('./main.ts');
  await main();
}

const [asked, ...more] = process.argv.slice(2);
if ((asked === '--version' || asked === '-V') && more.length === 0) process.stdout.write(`${manifest.version}\n`);
else void start();
