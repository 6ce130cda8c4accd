/** What the command line says: results to standard output, everything else to standard error. */
import type { Problem } from '../contract/problems.ts';
import type { Sentences } from '../contract/words.ts';
import { explain } from '../contract/words.ts';

export interface Console {
  readonly json: boolean;
  /** One line of the result, for people. */
  line(text: string): void;
  /** One line of the result, for programs. */
  record(value: unknown): void;
  /** For people who wait. */
  note(text: string): void;
  problem(problem: Problem): void;
}

/** @param write called with whole lines */
export function createConsole(
  json: boolean,
  write: { readonly out: (line: string) => void; readonly err: (line: string) => void },
): Console {
  return {
    json,
    line: (text) => json || write.out(text),
    record: (value) => json && write.out(JSON.stringify(value)),
    note: (text) => write.err(text),
    problem: (problem) => {
      const sentences = explain(problem);
      if (json) write.out(JSON.stringify({ event: 'problem', ...problemRecord(problem) }));
      else for (const line of sentenceLines(sentences)) write.err(line);
    },
  };
}

export function problemRecord(problem: Problem): Record<string, unknown> {
  const { code, severity, parameters, forward } = problem;
  return { code, severity, ...(forward === undefined ? {} : { forward }), parameters, ...explain(problem) };
}

/** What happened on the first line, why and what to do indented below. */
export function sentenceLines({ what, why, todo }: Sentences): readonly string[] {
  return [what, ...[why, todo].filter((line) => line !== '').map((line) => `    ${line}`)];
}

/** Columns as wide as their widest cell. */
export function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, at) => (widths[at] = Math.max(widths[at] ?? 0, cell.length)));
  return rows.map((row) =>
    row
      .map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
