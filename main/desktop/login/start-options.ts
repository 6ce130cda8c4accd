/** The command line of the app itself; everything else is for the `portkeeper` command, or Chromium's. */
import { HIDDEN } from './login-entry.ts';

export interface StartOptions {
  /** Started by the system at login: without its window. */
  readonly hidden: boolean;
  /** Ends the one that runs, as a person would; `portkeeper-desktop --quit`, for scripts and uninstallers. */
  readonly quit: boolean;
}

export function startOptions(args: readonly string[]): StartOptions {
  return { hidden: args.includes(HIDDEN), quit: args.includes('--quit') };
}

/** `npm start -- --demo`: an engine of ours begins with a simulated router in the place of the real ones. */
export const isDemo = (args: readonly string[]): boolean => args.includes('--demo');
