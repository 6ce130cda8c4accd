/** Lines of a stream as it comes in, when only the newest matters. */

/** Characters of a line: a snapshot of thousands of forwards is far smaller. */
const LONGEST_LINE = 32 * 1024 * 1024;

/** The last whole line of whatever came at once; those before it are out of date already. Leaving it cancels the stream.
 * @throws RangeError when one is too long, or what the stream throws */
export async function* lastLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let parts: string[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const text = decoder.decode(value, { stream: true });
      const end = text.lastIndexOf('\n');
      if (end >= 0) {
        const start = text.lastIndexOf('\n', end - 1) + 1;
        const before = start === 0 ? parts.join('') : '';
        parts = [];
        size = 0;
        yield before + text.slice(start, end);
      }
      const rest = text.slice(end + 1);
      parts.push(rest);
      size += rest.length;
      if (size > LONGEST_LINE) throw new RangeError(`a line has ${LONGEST_LINE} characters at most`);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
