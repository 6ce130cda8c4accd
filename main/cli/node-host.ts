/** The program around the App where there is no desktop. */
import os from 'node:os';
import type { Host } from '../engine/program/host.ts';
import { createDemoStarter } from '../simulator/on-loopback/demo-router.ts';
import type { RecentLog } from '../system/node/files/log.ts';
import { personalNames } from '../system/node/node-system.ts';
import type { System } from '../system/system.ts';
import { VERSION } from './version.ts';

export function createNodeHost(
  system: System,
  log: Pick<RecentLog, 'recent'>,
  dataFolder: string,
  demo: 'with-demo' | 'without-demo',
): Host {
  return {
    kind: 'service',
    version: VERSION,
    platform: `${process.platform} ${os.release()}`,
    dataFolder,
    ...(demo === 'with-demo' ? { demo: createDemoStarter(system) } : {}),
    recentLog: log.recent,
    personal: personalNames(),
  };
}
