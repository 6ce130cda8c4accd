/** The demo router as the program around the engine hands it to it. */
import type { System } from '../../system/system.ts';
import { startDemoRouter } from './demo-router.ts';

export interface DemoStarter {
  /** Ends with the signal. @returns the URL of its description @throws NetworkError when no port can be had */
  start(signal: AbortSignal): Promise<string>;
}

/** @param log told of each port that it opens and closes, and where that is reached; the system's log when absent */
export function createDemoStarter(system: System, log?: (line: string) => void): DemoStarter {
  const tell = log ?? ((line: string) => system.log.write('info', `simulated router: ${line}`));
  return {
    async start(signal) {
      const { location } = await startDemoRouter({ log: tell }, system, signal);
      return location;
    },
  };
}
