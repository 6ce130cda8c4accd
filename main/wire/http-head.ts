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
  const lines = text.split('\n').map((line) => line.replaceAll(/\r+$/g, ''));
  const first = lines.findIndex((line) => line.trim() !== '');
  const headers = new Map<string, string>();
  let last: string | undefined;
  for (const line of lines.slice(first + 1)) {
    if (line.trim() === '') break;
    const colon = line.indexOf(':');
    if (/^[ \t]/.test(line) && last !== undefined) {
      headers.set(last, `${headers.get(last) ?? ''} ${line.trim()}`.trim());
    } else if (colon > 0) {
      const name = line.slice(0, colon).trim().toLowerCase();
      last = headers.has(name) || headers.size >= MAX_HEADERS ? undefined : name;
      if (last !== undefined) headers.set(last, line.slice(colon + 1).trim());
    }
  }
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
