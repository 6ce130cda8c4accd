/** Autostart entries of freedesktop.org (Desktop Entry Specification 1.5, Autostart Specification 0.5). */
import type { LoginEntry } from './login-entry.ts';
import { HIDDEN, textOf } from './login-entry.ts';

/**
 * One argument of `Exec`, quoted: a path may hold blanks and worse. First as an argument, then as a string of the file
 * (which doubles backslashes), and `%` stands for itself only when doubled.
 */
export function execArgument(text: string): string {
  const argument = `"${text.replaceAll(/["`$\\]/g, '\\$&')}"`;
  return argument.replaceAll('\\', '\\\\').replaceAll('%', '%%');
}

export function autostartEntry(file: string, program: string): LoginEntry {
  const wanted = `${execArgument(program)} ${HIDDEN}`;
  return {
    async state() {
      const values = entryOf(await textOf(file));
      if (values === undefined || values.get('Hidden') === 'true') return 'absent';
      // Switched off in GNOME's own settings.
      if (values.get('X-GNOME-Autostart-enabled') === 'false') return 'absent';
      return values.get('Exec') === wanted ? 'here' : 'elsewhere';
    },
  };
}

function entryOf(text: string | undefined): ReadonlyMap<string, string> | undefined {
  if (text === undefined) return undefined;
  const values = new Map<string, string>();
  let isEntry = false;
  for (const line of text.split('\n')) {
    const trimmed = line.trim();
    if (trimmed.startsWith('[')) isEntry = trimmed === '[Desktop Entry]';
    const at = trimmed.indexOf('=');
    if (isEntry && at > 0 && !trimmed.startsWith('#')) {
      values.set(trimmed.slice(0, at).trim(), trimmed.slice(at + 1).trim());
    }
  }
  return values;
}
