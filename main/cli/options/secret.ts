import { Interrupted } from '../output/fault.ts';

/** Characters. */
const LONGEST = 4096;

/**
 * A line that is not shown while it is typed; where nobody types, the first line of standard input.
 * @param question to the person, on standard error
 * @throws Interrupted, or the signal's reason
 */
export async function readSecret(question: string, signal: AbortSignal): Promise<string> {
  const { stdin, stderr } = process;
  const isTyped = stdin.isTTY;
  if (isTyped) {
    stderr.write(question);
    stdin.setRawMode(true);
  }
  let text = '';
  try {
    stdin.setEncoding('utf8');
    for await (const chunk of stdin) {
      signal.throwIfAborted();
      for (const character of String(chunk)) {
        if (character === '\n' || character === '\r') return text;
        if (!isTyped) text += character;
        else if (character === '\u0003') throw new Interrupted();
        else if (character === '\u0004') return text;
        else if (character === '\u007f' || character === '\b') text = text.replace(/.$/u, '');
        else if (character >= ' ') text += character;
        if (text.length > LONGEST) return text;
      }
    }
    return text;
  } finally {
    if (isTyped) {
      stdin.setRawMode(false);
      stderr.write('\n');
    }
    stdin.pause();
  }
}

/** Where a password that was typed is now. */
export function storedText(place: 'system' | 'file' | 'nowhere'): string {
  switch (place) {
    case 'system':
      return 'The password is stored in this computer’s keyring.';
    case 'file':
      return 'The password is stored unencrypted, in a file that only you can read: this computer offers no keyring.';
    case 'nowhere':
      return 'The password is forgotten when Portkeeper quits.';
  }
}
