/** Bodies of answers, whole or line by line, within bounds. */
import type { IncomingMessage } from 'node:http';
import { MOST_OUTPUT } from './protocol.ts';

const TOO_MUCH = `an answer has ${MOST_OUTPUT} bytes at most`;

/** @throws RangeError when it is too long, or what the stream throws */
export async function wholeText(stream: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MOST_OUTPUT) throw new RangeError(TOO_MUCH);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Without the stream's end being one: whoever stops reading leaves it as it is.
 * @throws RangeError when one is too long, or what the stream throws */
export async function* linesOf(stream: IncomingMessage): AsyncGenerator<string> {
  const parts: string[] = [];
  let size = 0;
  stream.setEncoding('utf8');
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    const [first = '', ...others] = String(chunk).split('\n');
    parts.push(first);
    size += first.length;
    for (const next of others) {
      yield parts.splice(0).join('');
      parts.push(next);
      size = next.length;
    }
    if (size > MOST_OUTPUT) throw new RangeError(TOO_MUCH);
  }
}
