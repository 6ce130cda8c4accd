/**
 * One sample, in a process of its own so that every sample starts as cold as the last. Built as the command line is shipped,
 * and run in the client's namespace with the folder of what was compiled before:
 *
 *   node sample.mjs '{"who":"raw","protocol":"pcp","memory":"none","ports":[20000],…}' FOLDER
 *
 * Prints {"ms":…}.
 */
import path from 'node:path';
import { keepCompiled } from '../../main/cli/compiled-code.ts';

async function start(): Promise<void> {
  const [request = '{}', folder = ''] = process.argv.slice(2);
  keepCompiled(folder, path.join(import.meta.dirname, 'code'));
  const { main } = await import('./sample-work.ts');
  await main(request);
}

void start();
