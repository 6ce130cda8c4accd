/** Background services of each system: their input, the commands to run, and how their answers are read. */
import { escapeXml } from '../../wire/xml.ts';

/** A program and its arguments, run without a shell. */
export type CommandLine = readonly [program: string, ...args: string[]];

/** Output of a program. @throws Error when it cannot be started or fails */
export type RunCommand = (file: string, args: readonly string[]) => Promise<string>;

export interface Step {
  readonly command: CommandLine;
  /** For people, when it fails: the service is installed or removed all the same. Absent where it must not fail. */
  readonly ifItFails?: string;
}

export type ServiceState = 'not installed' | 'stopped' | 'running' | 'failed';

export interface ServiceManager {
  readonly name: 'systemd' | 'launchd' | 'Task Scheduler';
  /** When it starts, in words that follow "starts". */
  readonly starts: string;
  /** The definition of the service. `isTemporary`: only until the manager has read it. */
  readonly file: {
    readonly path: string;
    readonly text: string;
    readonly encoding: 'utf8' | 'utf16le';
    readonly isTemporary: boolean;
  };
  /** Run in this order once the file is there. */
  readonly install: readonly Step[];
  /** Run in this order before the file goes. */
  readonly stop: readonly Step[];
  /** Run once the file is gone. */
  readonly forget: readonly Step[];
  /** Where to look when it fails. */
  readonly log: string;
  readonly state: (run: RunCommand) => Promise<ServiceState>;
}

export interface ServiceOptions {
  /** The command to run: `portkeeper serve`, as absolute paths, and its options. */
  readonly command: CommandLine;
  readonly home: string;
  /** User who installs it; `undefined` on Windows. */
  readonly uid: number | undefined;
  /** For the whole computer, as this user; absent: for whoever installs it, and as them. */
  readonly systemUser?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Marks the definitions that Portkeeper wrote: one without it was written by hand. */
export const WRITTEN_BY = 'Written by "portkeeper service install"';

export const xmlText = (text: string): string => escapeXml(text).replaceAll('"', '&quot;');
