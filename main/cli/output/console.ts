/** Output of the command line: results to standard output, everything else to standard error. */
import type { WriteStream } from 'node:tty';
import util from 'node:util';
import type { Problem, Sentences } from '../../contract/problems.ts';
import { plainJson, withoutHidden } from '../../contract/words/hidden.ts';
import { explain } from '../../contract/words/problems.ts';

export interface Console {
  readonly json: boolean;
  /** One line of the result, for people. */
  line(text: string): void;
  /** Rows of the result, for people: columns as wide as their widest cell, below their headings if there are any. */
  table(rows: readonly Row[], headings?: Row): void;
  /** One line of the result, for programs. */
  record(value: unknown): void;
  /** For people who wait; `failure` for what ends the command. */
  note(text: string, kind?: 'failure'): void;
  problem(problem: Problem): void;
}

export type Row = readonly string[];

type Style = 'green' | 'red' | 'yellow' | 'dim' | 'bold';

/** Where lines are read. */
export interface Screen {
  readonly write: (line: string) => void;
  /** Width of a terminal; `undefined` for a file or another program. */
  readonly columns?: number | undefined;
  /** Absent where there are no colours. */
  readonly paint?: (style: Style, text: string) => string;
}

/** Absent in an Electron whose Node is older than 20.12. */
const styleText: typeof util.styleText | undefined = util.styleText;

export const painted = (style: Style, text: string, options: util.StyleTextOptions): string =>
  styleText?.(style, text, options) ?? text;

/** A terminal's lines are wrapped between words; it has colours unless NO_COLOR forbids them. FORCE_COLOR asks for them
 * elsewhere, too. */
export const screenOf = (stream: WriteStream): Screen => ({
  write: (line) => {
    stream.write(`${line}\n`);
  },
  get columns() {
    return stream.isTTY && stream.columns >= NARROWEST ? stream.columns : undefined;
  },
  paint: (style, text) => painted(style, text, { stream, validateStream: true }),
});

/** Columns. */
const NARROWEST = 20;

export function createConsole(json: boolean, { out, err }: { readonly out: Screen; readonly err: Screen }): Console {
  const print = (text: string): void => say(out, text);
  return {
    json,
    line: (text) => json || print(text),
    table: (rows, headings) => {
      if (json || rows.length === 0) return;
      const [first, ...others] = tableLines(headings === undefined ? rows : [headings, ...rows], out.columns);
      // They are wrapped already.
      const cut = { ...out, columns: undefined };
      for (const line of first ?? []) say(cut, line, headings === undefined ? undefined : 'bold');
      for (const line of others.flat()) say(cut, line);
    },
    record: (value) => json && out.write(plainJson(value)),
    note: (text, kind) => say(err, text, kind === undefined ? undefined : 'red'),
    problem: (problem) => {
      if (json) out.write(plainJson({ event: 'problem', ...problemRecord(problem) }));
      else {
        const [what = '', ...rest] = sentenceLines(explain(problem));
        say(err, what, problem.severity === 'error' ? 'red' : 'yellow');
        for (const line of rest) say(err, line);
      }
    },
  };
}

/** First words of the lines about ports. */
const STATES: ReadonlyMap<string, Style> = new Map([
  ['open', 'green'],
  ['waiting', 'yellow'],
  ['refused', 'red'],
  ['closed', 'dim'],
]);

function say({ write, columns, paint = (_, text) => text }: Screen, text: string, style?: Style): void {
  for (const line of wrapped(harmless(text), columns)) {
    if (style !== undefined) {
      write(paint(style, line));
      continue;
    }
    const [, state = '', rest = ''] = /^([a-z]+)( {2}.*|)$/s.exec(line) ?? [];
    const own = STATES.get(state);
    write(own === undefined ? line : `${paint(own, state)}${rest}`);
  }
}

/** Between words, and below where the text of the first line begins; a word is never cut: it may be an address. */
export function wrapped(text: string, columns = Number.POSITIVE_INFINITY, below?: number): readonly string[] {
  if (text.length <= columns) return [text];
  const indent = below ?? Math.min(/^(?:.{0,22} {2}|[^\w\s] )? */.exec(text)?.[0].length ?? 0, columns / 2);
  const lines: string[] = [];
  let rest = text;
  while (rest.length > columns) {
    const before = rest.lastIndexOf(' ', columns);
    const cut = before > indent ? before : rest.indexOf(' ', columns);
    if (cut < 0) break;
    lines.push(rest.slice(0, cut).trimEnd());
    rest = `${' '.repeat(indent)}${rest.slice(cut).trimStart()}`;
  }
  return [...lines, rest];
}

/** Routers and their users write names and descriptions: none may speak to a terminal, look like two lines, turn the
 * direction of the text around, or look like another. */
function harmless(text: string): string {
  return withoutHidden(text.replaceAll(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '\uFFFD'));
}

export function problemRecord(problem: Problem): Record<string, unknown> {
  const { code, severity, parameters, forward, front } = problem;
  return { code, severity, forward, front, parameters, ...explain(problem) };
}

/** First line: what happened; indented below: why and what to do. */
export function sentenceLines({ what, why, todo }: Sentences): readonly string[] {
  return [what, ...[why, todo].filter((line) => line !== '').map((line) => `    ${line}`)];
}

/** Share of the terminal's width: longer cells make a line of their own longer, not the column. */
const WIDEST = 0.35;

/** The last column has the rest of the terminal, or lines of its own where that is too little. */
function tableLines(rows: readonly Row[], columns = Number.POSITIVE_INFINITY): readonly (readonly string[])[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, { length }] of row.slice(0, -1).entries()) {
      widths[at] = Math.max(widths[at] ?? 0, length <= columns * WIDEST ? length : 0);
    }
  }
  const start = widths.reduce((sum, width) => sum + width + 2, 0);
  return rows.map((row) => {
    const last = row.at(-1) ?? '';
    const before = row
      .slice(0, -1)
      .map((cell, at) => `${cell.padEnd(widths[at] ?? 0)}  `)
      .join('');
    if (`${before}${last}`.trimEnd().length <= columns) return [`${before}${last}`.trimEnd()];
    const longest = Math.max(...last.split(' ').map(({ length }) => length));
    const indent = ' '.repeat(start + longest > columns ? 4 : start);
    const lines = wrapped(`${indent}${last}`, columns, indent.length);
    return before.length === indent.length
      ? lines.map((line, at) => (at === 0 ? `${before}${line.slice(start)}` : line))
      : [...wrapped(before.trimEnd(), columns), ...lines];
  });
}
