/** Start line and headers of HTTP/1.x and SSDP messages, read leniently (X24). */
const MAX_HEADERS = 256;
const encoder = new TextEncoder();

export type Header = readonly [name: string, value: string];

export interface MessageHead {
  readonly startLine: string;
  /** By lower-case name; of a repeated header the first counts. */
  readonly headers: ReadonlyMap<string, string>;
}

/** Lines may end in CR LF or LF; continued lines are joined, lines without a colon passed over. */
export function parseHead(text: string): MessageHead {
  // Trimmed by the engine's own function: a pattern would be tried at every blank, and blanks are cheap to send.
  const lines = text.split('\n');
  const first = lines.findIndex((line) => line.trim() !== '');
  /** Joined at the end, so that a header of many lines is not copied for each of them. */
  const values = new Map<string, string[]>();
  let last: string[] | undefined;
  for (const line of lines.slice(first + 1)) {
    if (line.trim() === '') break;
    const colon = line.indexOf(':');
    if (/^[ \t]/.test(line) && last !== undefined) {
      last.push(line.trim());
    } else if (colon > 0) {
      const name = line.slice(0, colon).trim().toLowerCase();
      last = values.has(name) || values.size >= MAX_HEADERS ? undefined : [line.slice(colon + 1).trim()];
      if (last !== undefined) values.set(name, last);
    }
  }
  const headers = new Map([...values].map(([name, pieces]) => [name, pieces.join(' ').trim()]));
  return { startLine: (lines[first] ?? '').trim(), headers };
}

/**
 * Start line, headers as given (X16) and body in one buffer (X19). Targets and header values come from routers'
 * descriptions: characters that would end a line are left out.
 */
export function encodeMessage(startLine: string, headers: readonly Header[], body = ''): Uint8Array {
  const lines = [startLine, ...headers.map(([name, value]) => `${name}: ${value}`)].map((line) =>
    line.replaceAll(/[\x00-\x08\x0a-\x1f\x7f]/g, ''),
  );
  return encoder.encode(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
