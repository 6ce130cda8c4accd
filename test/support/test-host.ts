import type { Host } from '../../main/engine/program/host.ts';

/** The program around an App, as a service has it. */
export function testHost(change: Partial<Host> = {}): Host {
  return {
    kind: 'service',
    version: '1.2.3',
    platform: 'linux 6.1.0',
    dataFolder: '/home/alice/.config/portkeeper',
    recentLog: () => [],
    personal: { computer: 'laptop.home.lan', user: 'alice', homeFolder: '/home/alice' },
    ...change,
  };
}
