import path from 'node:path';
import type { LogLevel } from '../../system.ts';
import { createLog } from './log.ts';
import type { RecentLog } from './recent-log.ts';
import { createRecentLog } from './recent-log.ts';

/** Of a program that runs for long: to standard error what the person wants to see, and for a report of a fault in memory
 * and in the data folder. */
export function createProgramLog(dataFolder: string, level: LogLevel): RecentLog {
  const terminal = createLog({ level, stderr: true });
  const file = createLog({ level: 'info', file: { path: path.join(dataFolder, 'portkeeper.log') } });
  return createRecentLog({
    write(...entry) {
      terminal.write(...entry);
      file.write(...entry);
    },
  });
}
