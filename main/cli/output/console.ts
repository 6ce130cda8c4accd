/** What the command line says: results to standard output, everything else to standard error. */
import type { Problem, Sentences } from '../../contract/problems.ts';
import { plainJson, withoutHidden } from '../../contract/words/hidden.ts';
import { explain } from '../../contract/words/problems.ts';

export interface Console {
  readonly json: boolean;
  /** Columns of the terminal that results go to; `undefined` when they go to a file or another program. */
  readonly columns: number | undefined;
  /** One line of the result, for people. */
  line(text: string): void;
  /** One line of the result, for programs. */
  record(value: unknown): void;
  /** For people who wait. */
  note(text: string): void;
  problem(problem: Problem): void;
}

export interface ConsoleOutput {
  /** Called with whole lines. */
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  readonly columns?: number | undefined;
}

export function createConsole(json: boolean, { out, err, columns }: ConsoleOutput): Console {
  const print = (text: string): void => out(harmless(text));
  const tell = (text: string): void => err(harmless(text));
  return {
    json,
    columns,
    line: (text) => json || print(text),
    record: (value) => json && out(plainJson(value)),
    note: tell,
    problem: (problem) => {
      if (json) out(plainJson({ event: 'problem', ...problemRecord(problem) }));
      else for (const line of sentenceLines(explain(problem))) tell(line);
    },
  };
}

/** Routers and their users write names and descriptions: none may speak to a terminal, look like two lines, turn the
 * direction of the text around, or look like another. */
function harmless(text: string): string {
  return withoutHidden(text.replaceAll(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '\uFFFD'));
}

export function problemRecord(problem: Problem): Record<string, unknown> {
  const { code, severity, parameters, forward } = problem;
  return { code, severity, ...(forward === undefined ? {} : { forward }), parameters, ...explain(problem) };
}

/** What happened on the first line, why and what to do indented below. */
export function sentenceLines({ what, why, todo }: Sentences): readonly string[] {
  return [what, ...[why, todo].filter((line) => line !== '').map((line) => `    ${line}`)];
}

/** Columns as wide as their widest cell; the last one is cut where the terminal ends. */
export function table(rows: readonly (readonly string[])[], columns?: number): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, at) => (widths[at] = Math.max(widths[at] ?? 0, cell.length)));
  return rows.map((row) => {
    const line = row
      .map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd();
    return columns === undefined || line.length <= columns ? line : `${line.slice(0, Math.max(columns - 1, 20))}…`;
  });
}
