import { appendFileSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { plainJson, withEscapes } from '../../../contract/words/hidden.ts';
import type { Log, LogLevel } from '../../system.ts';
import { makeFolders, ownerOnly } from './whole-file.ts';

interface LogOptions {
  /** Entries less important are not written. */
  readonly level: LogLevel;
  readonly stderr?: boolean;
  readonly file?: {
    readonly path: string;
    /** Size in bytes at which a new file is begun; 1 MiB when absent. */
    readonly maxBytes?: number;
    /** Former files kept, as `path.1` (the newest) and so on; 3 when absent. */
    readonly keep?: number;
  };
}

const ranks: Readonly<Record<LogLevel, number>> = { error: 0, warn: 1, info: 2, debug: 3, trace: 4 };

const isAtLeast = (level: LogLevel, least: LogLevel): boolean => ranks[level] <= ranks[least];

/** A field longer than this is cut: routers are among the authors. */
const fieldLimit = 512;

/**
 * One line per entry: moment, level, message, fields as `key=value`. A log that cannot be written never stops the
 * program; what was lost meanwhile is counted in the next line that can be.
 */
export function createLog(options: LogOptions): Log {
  const file = options.file === undefined ? undefined : new RotatingFile(options.file);
  return {
    write(level, message, fields = {}) {
      if (!isAtLeast(level, options.level)) return;
      const line = logLine(new Date(), level, message, fields);
      if (options.stderr === true) writeToStderr(line);
      file?.append(line);
    },
  };
}

/** Not opened before: a program that has nothing to say starts sooner. */
function writeToStderr(line: string): void {
  if (!process.stderr.listeners('error').includes(ignore)) process.stderr.on('error', ignore);
  process.stderr.write(line);
}

/** The reader of our stderr may have gone (EPIPE), which must not end the program. */
function ignore(): void {}

export function logLine(
  moment: Date,
  level: LogLevel,
  message: string,
  fields: Readonly<Record<string, unknown>>,
): string {
  const words = Object.entries(fields).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${fieldText(value)}`],
  );
  return `${[moment.toISOString(), level.padEnd(5), withEscapes(message), ...words].join(' ')}\n`;
}

function fieldText(value: unknown): string {
  const text = plainText(value);
  const cut = text.length > fieldLimit ? `${text.slice(0, fieldLimit)}…` : text;
  return /^[\w.:/@%+,*()[\]-]+$/.test(cut) ? cut : plainJson(cut);
}

function plainText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Error) return errorText(value);
  if (typeof value === 'object' && value !== null) {
    try {
      return JSON.stringify(value);
    } catch {
      return '[cannot be shown]';
    }
  }
  return String(value);
}

function errorText(error: Error): string {
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return `${error.name}: ${error.message}${cause}`;
}

class RotatingFile {
  readonly #path: string;
  readonly #maxBytes: number;
  readonly #keep: number;
  #size: number | undefined;
  #lost = 0;

  constructor(options: NonNullable<LogOptions['file']>) {
    this.#path = options.path;
    this.#maxBytes = options.maxBytes ?? 1024 * 1024;
    this.#keep = options.keep ?? 3;
  }

  append(line: string): void {
    try {
      const text =
        this.#lost === 0
          ? line
          : `${logLine(new Date(), 'warn', 'log entries were lost', { count: this.#lost })}${line}`;
      const bytes = Buffer.byteLength(text);
      this.#size ??= this.#open();
      if (this.#size > 0 && this.#size + bytes > this.#maxBytes) this.#rotate();
      appendFileSync(this.#path, text, { mode: ownerOnly });
      this.#size += bytes;
      this.#lost = 0;
    } catch {
      this.#size = undefined;
      this.#lost += 1;
    }
  }

  #open(): number {
    makeFolders(path.resolve(path.dirname(this.#path)));
    return statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
  }

  #rotate(): void {
    if (this.#keep === 0) rmSync(this.#path, { force: true });
    for (let age = this.#keep; age > 0; age -= 1) {
      const from = age === 1 ? this.#path : `${this.#path}.${age - 1}`;
      if (statSync(from, { throwIfNoEntry: false }) !== undefined) renameSync(from, `${this.#path}.${age}`);
    }
    this.#size = 0;
  }
}

export interface RecentLog extends Log {
  /** Newest last, without their line ends. */
  readonly recent: () => readonly string[];
}

/** Lines that are kept. */
const MOST = 500;
/** Characters of one line. */
const LONGEST = 2000;

/** Passes everything on, and keeps the latest of what matters. */
export function createRecentLog(next: Log): RecentLog {
  const lines: string[] = [];
  return {
    write(level, message, fields = {}) {
      next.write(level, message, fields);
      if (!isAtLeast(level, 'info')) return;
      lines.push(logLine(new Date(), level, message, fields).trimEnd().slice(0, LONGEST));
      lines.splice(0, lines.length - MOST);
    },
    recent: () => [...lines],
  };
}

/** Log of a long-running program: to standard error what the person wants to see, and for a bug report in memory
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
