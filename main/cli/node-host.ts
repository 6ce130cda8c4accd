/** The program around the App where there is no desktop: `portkeeper serve`. */
import os from 'node:os';
import path from 'node:path';
import type { Host } from '../engine/host.ts';
import { createDemoStarter } from '../simulator/on-loopback/demo-host.ts';
import { createLog } from '../system/node/log.ts';
import type { RecentLog } from '../system/node/recent-log.ts';
import { createRecentLog } from '../system/node/recent-log.ts';
import type { LogLevel, System } from '../system/system.ts';
import { VERSION } from './version.ts';

/** To standard error as the person asked, and for a report of a fault in memory and in the data folder. */
export function createServiceLog(dataFolder: string, level: LogLevel): RecentLog {
  const terminal = createLog({ level, stderr: true });
  const file = createLog({ level: 'info', file: { path: path.join(dataFolder, 'portkeeper.log') } });
  return createRecentLog({
    write(...entry) {
      terminal.write(...entry);
      file.write(...entry);
    },
  });
}

export function createNodeHost(system: System, log: Pick<RecentLog, 'recent'>, dataFolder: string): Host {
  return {
    kind: 'service',
    version: VERSION,
    platform: `${process.platform} ${os.release()}`,
    dataFolder,
    demo: createDemoStarter(system),
    recentLog: log.recent,
  };
}
