/** Launch agents (launchd.plist(5)), as auto-launch writes them. */
import type { LoginEntry } from './login-entry.ts';
import { HIDDEN, textOf } from './login-entry.ts';

export const xmlText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

export function launchAgent(file: string, program: string): LoginEntry {
  const wanted = [xmlText(program), HIDDEN];
  return {
    async state() {
      const text = await textOf(file);
      if (text === undefined || /<key>Disabled<\/key>\s*<true\/>/.test(text)) return 'absent';
      const list = /<key>ProgramArguments<\/key>\s*<array>(?<all>[^]*?)<\/array>/.exec(text)?.groups?.['all'] ?? '';
      const found = [...list.matchAll(/<string>(?<text>[^<]*)<\/string>/g)].map((match) => match.groups?.['text']);
      return JSON.stringify(found) === JSON.stringify(wanted) ? 'here' : 'elsewhere';
    },
  };
}
