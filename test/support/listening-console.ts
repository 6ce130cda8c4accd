import { createConsole, type Console } from '../../main/cli/output/console.ts';

export interface Heard {
  readonly console: Console;
  readonly out: string[];
  readonly err: string[];
}

/** A console that keeps what is said. */
export function listening(json = false): Heard {
  const out: string[] = [];
  const err: string[] = [];
  return { out, err, console: createConsole(json, { out: (line) => out.push(line), err: (line) => err.push(line) }) };
}
