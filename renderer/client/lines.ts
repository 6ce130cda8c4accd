/** Lines of a stream, as they come in. */

/** Characters of a line: a snapshot of thousands of forwards is far smaller. */
const LONGEST_LINE = 32 * 1024 * 1024;

/** The whole lines of whatever came at once. Leaving it cancels the stream.
 * @throws RangeError when one is too long, or what the stream throws */
export async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<readonly string[]> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let parts: string[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const [first = '', ...others] = decoder.decode(value, { stream: true }).split('\n');
      parts.push(first);
      size += first.length;
      const rest = others.pop();
      if (rest !== undefined) {
        yield [parts.join(''), ...others];
        parts = [rest];
        size = rest.length;
      }
      if (size > LONGEST_LINE) throw new RangeError(`a line has ${LONGEST_LINE} characters at most`);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
