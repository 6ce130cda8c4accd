/** Where a text stops being JSON (RFC 8259): `JSON.parse` says so only now and then, and in words of its own. */

export interface JsonFault {
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
  /** The character that does not belong there; empty at the end of the text. */
  readonly found: string;
}

type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'comma or end' | 'nothing';

const BLANKS = /[ \t\n\r]*/y;
const BARE = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** Nothing when the text is JSON. */
export function jsonFault(text: string): JsonFault | undefined {
  const at = faultIn(text);
  if (at === undefined) return undefined;
  const before = text.slice(0, at);
  const code = text.codePointAt(at);
  return {
    line: before.split('\n').length,
    column: at - before.lastIndexOf('\n'),
    found: code === undefined ? '' : String.fromCodePoint(code),
  };
}

function faultIn(text: string): number | undefined {
  const open: ('{' | '[')[] = [];
  let expected: Expected = 'value';
  let at = 0;
  const afterValue = (): Expected => (open.length === 0 ? 'nothing' : 'comma or end');
  for (;;) {
    at += lengthOf(BLANKS, text, at) ?? 0;
    const found = text[at];
    if (found === undefined) return expected === 'nothing' ? undefined : at;
    if (expected === 'value' || expected === 'value or ]') {
      if (found === '{' || found === '[') {
        open.push(found);
        expected = found === '{' ? 'key or }' : 'value or ]';
        at += 1;
      } else if (found === ']' && expected === 'value or ]') {
        open.pop();
        expected = afterValue();
        at += 1;
      } else {
        const end = found === '"' ? endOfString(text, at) : endOfBare(text, at);
        if (end.isFault) return end.at;
        at = end.at;
        expected = afterValue();
      }
    } else if (expected === 'key' || expected === 'key or }') {
      if (found === '}' && expected === 'key or }') {
        open.pop();
        expected = afterValue();
        at += 1;
      } else {
        if (found !== '"') return at;
        const end = endOfString(text, at);
        if (end.isFault) return end.at;
        at = end.at;
        expected = 'colon';
      }
    } else if (expected === 'colon') {
      if (found !== ':') return at;
      expected = 'value';
      at += 1;
    } else if (expected === 'comma or end') {
      const inside = open.at(-1);
      if (found === ',') expected = inside === '{' ? 'key' : 'value';
      else if (found === (inside === '{' ? '}' : ']')) {
        open.pop();
        expected = afterValue();
      } else return at;
      at += 1;
    } else return at;
  }
}

interface End {
  readonly at: number;
  readonly isFault: boolean;
}

function endOfString(text: string, start: number): End {
  for (let at = start + 1; ;) {
    const code = text.charCodeAt(at);
    if (at >= text.length || code < 0x20) return { at, isFault: true };
    if (code === 0x22) return { at: at + 1, isFault: false };
    if (code === 0x5c) {
      const length = lengthOf(ESCAPE, text, at);
      if (length === undefined) return { at, isFault: true };
      at += length;
    } else at += 1;
  }
}

function endOfBare(text: string, at: number): End {
  const length = lengthOf(BARE, text, at);
  return length === undefined ? { at, isFault: true } : { at: at + length, isFault: false };
}

function lengthOf(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0].length;
}
