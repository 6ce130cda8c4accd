#!/usr/bin/env node
/** The `portkeeper` command, from its start until `main.ts` reads the command line. */
import { mkdir } from 'node:fs/promises';
import module from 'node:module';
import manifest from '../../package.json' with { type: 'json' };

/** Keeps V8's compiled program for the next start. It runs whatever it finds there. */
async function keepCompiled(): Promise<void> {
  const { codeCacheFolder, mustBePrivate } = await import('../system/node/files/data-folder.ts');
  const folder = codeCacheFolder();
  await mustBePrivate(folder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // Absent in an Electron whose Node is older than 22.1.
  const { enableCompileCache }: Partial<typeof module> = module;
  enableCompileCache?.(folder);
}

const [asked, ...more] = process.argv.slice(2);
if ((asked === '--version' || asked === '-V') && more.length === 0) process.stdout.write(`${manifest.version}\n`);
else {
  // Without it the start takes longer, and that is all.
  await keepCompiled().catch(() => undefined);
  // Called here: what a command loads imports that module, and would wait for what it awaits itself.
  const { main } = await import('./main.ts');
  await main();
}
