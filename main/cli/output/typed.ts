/** Command lines as people type them: where a mistake is in one, and one to type next. */
import path from 'node:path';
import type { TypedPlace } from './fault.ts';

/** Characters of a line, with its indent. */
const WIDTH = 80;
const INDENT = '    ';
/** Characters before the mistake, where not all can be shown. */
const BEFORE = 24;

/** The command line with a mark below the mistake; nothing where it cannot be found. @param args without node and script */
export function pointAt(
  { word, option, at = 0, length = word.length }: TypedPlace,
  args: readonly string[],
): readonly string[] {
  const found = args.findIndex((arg, index) =>
    option === undefined
      ? arg === word || (word.startsWith('-') && arg.startsWith(`${word}=`))
      : arg === `${option}=${word}` || (arg === word && args[index - 1] === option),
  );
  const arg = args[found];
  if (arg === undefined) return [];
  const before = ['portkeeper', ...args.slice(0, found)].map(asTyped).join(' ');
  const [start, shift] = [before.length + 1, arg.indexOf(word) + (asTyped(arg).startsWith("'") ? 1 : 0)];
  let from = start + shift + at;
  let line = [before, ...args.slice(found).map(asTyped)].join(' ');
  if (from > WIDTH / 2) {
    line = `…${line.slice(from - BEFORE)}`;
    from = BEFORE + 1;
  }
  const room = WIDTH - INDENT.length;
  if (line.length > room) line = `${line.slice(0, room - 1)}…`;
  return [`${INDENT}${line}`, `${INDENT}${' '.repeat(from)}${'^'.repeat(Math.min(Math.max(length, 1), room - from))}`];
}

/** As a shell takes it. */
const asTyped = (arg: string): string => (/^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg}'`);

/**
 * A command for another terminal that reaches the same Portkeeper as this one does: in its data folder, and from the checkout
 * that it may run from. @param command as in `portkeeper status` @param args of this one, without node and script
 */
export function hint(command: string): string {
  const args = process.argv.slice(2);
  const end = args.indexOf('--');
  const own = end < 0 ? args : args.slice(0, end);
  const at = own.findLastIndex((arg) => arg === '--data-dir' || arg.startsWith('--data-dir='));
  const folder = own[at] === '--data-dir' ? own[at + 1] : own[at]?.slice('--data-dir='.length);
  const isCheckout = path.basename(process.argv[1] ?? '') === 'index.ts';
  return [
    isCheckout ? command.replace(/^portkeeper/, 'npm start --') : command,
    ...(folder === undefined || folder === '' ? [] : ['--data-dir', asTyped(path.resolve(folder))]),
  ].join(' ');
}
