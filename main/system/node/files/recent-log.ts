/** The latest lines of a log, for who looks for what went wrong. */
import type { Log, LogLevel } from '../../system.ts';
import { isAtLeast, logLine } from './log.ts';

export interface RecentLog extends Log {
  /** Newest last, without their line ends. */
  readonly recent: () => readonly string[];
}

export interface RecentLogOptions {
  /** Less important entries are passed on only; `info` when absent. */
  readonly level?: LogLevel;
  /** Lines that are kept; 500 when absent. The oldest go first. */
  readonly most?: number;
}

/** Characters of one line. */
const LONGEST = 2000;

/** Passes everything on, and keeps the latest. */
export function createRecentLog(next: Log, { level = 'info', most = 500 }: RecentLogOptions = {}): RecentLog {
  const lines: string[] = [];
  return {
    write(severity, message, fields = {}) {
      next.write(severity, message, fields);
      if (!isAtLeast(severity, level)) return;
      lines.push(logLine(new Date(), severity, message, fields).trimEnd().slice(0, LONGEST));
      if (lines.length > most) lines.splice(0, lines.length - most);
    },
    recent: () => [...lines],
  };
}
