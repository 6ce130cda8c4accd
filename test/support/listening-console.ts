import { createConsole, type Console, type Screen } from '../../main/cli/output/console.ts';

export interface Heard {
  readonly console: Console;
  readonly out: string[];
  readonly err: string[];
}

/** A console that keeps what is said. @param screen such as a terminal's columns */
export function listening(json = false, screen: Omit<Screen, 'write'> = {}): Heard {
  const out: string[] = [];
  const err: string[] = [];
  const keep = (lines: string[]): Screen => ({ ...screen, write: (line) => void lines.push(line) });
  return { out, err, console: createConsole(json, { out: keep(out), err: keep(err) }) };
}
