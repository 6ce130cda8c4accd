/** What Electron hears of the computer's sleep and end. */
import { powerMonitor } from 'electron';

export interface PowerParts {
  /** It was asleep, or away: what was open may not be so any more, and the network may be another. */
  readonly woke: () => void;
  /** The system ends, as soon as we let it. */
  readonly ends: () => void;
}

/** Once Electron is ready. */
export function followPower({ woke, ends }: PowerParts): void {
  powerMonitor.on('resume', woke);
  powerMonitor.on('unlock-screen', woke);
  // Linux and macOS wait for us then, and not for long.
  // Electron's types leave out the event, its documentation does not.
  powerMonitor.on('shutdown', (...given: readonly { preventDefault(): void }[]) => {
    given[0]?.preventDefault();
    ends();
  });
}
