import { LONGEST_LINE } from '../../contract/profile.ts';

/** Any text as a name or a label: one line, and not too long. No character is cut in two. */
export function oneLine(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
  if (line.length <= LONGEST_LINE) return line;
  return line
    .slice(0, LONGEST_LINE)
    .replace(/[\uD800-\uDBFF]$/u, '')
    .trim();
}
