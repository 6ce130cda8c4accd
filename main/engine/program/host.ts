/** The program around the App: what only a desktop, or only the composition root, can do. */
import type { HostView, UpdateView } from '../../contract/commands.ts';

export interface DemoHost {
  /** Ends with the signal. @returns the URL of the simulated router's description */
  start(signal: AbortSignal): Promise<string>;
}

export interface Host {
  readonly kind: HostView['kind'];
  readonly version: string;
  readonly platform: string;
  readonly dataFolder: string;
  /** A simulated router, where there is one. */
  readonly demo?: DemoHost;
  /** The latest lines of the log, newest last. */
  readonly recentLog: () => readonly string[];
  readonly personal: PersonalNames;
  /** Only on a desktop. */
  readonly showDataFolder?: () => Promise<void>;
  readonly updates?: UpdateHost;
}

/** Names left out of a bug report; empty where unknown. */
export interface PersonalNames {
  readonly computer: string;
  readonly user: string;
  readonly homeFolder: string;
}

export interface UpdateHost {
  readonly state: UpdateView;
  /** The first call is immediate. Returns what ends it. */
  watch(listener: (state: UpdateView) => void): () => void;
  check(): Promise<void>;
  install(): void;
}
