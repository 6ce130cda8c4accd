/** `npm run simulate`: a month of holding forwards on a virtual clock, or as many days: `npm run simulate -- 365`. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const root = path.join(import.meta.dirname, '../..');
const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
const [days = '30'] = process.argv.slice(2);
const { status } = spawnSync(process.execPath, [vitest, 'run', '--project', 'unit', 'loop/holding-for-days'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PORTKEEPER_SIMULATED_DAYS: days },
});
process.exitCode = status ?? 1;
