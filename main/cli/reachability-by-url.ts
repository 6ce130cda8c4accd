/** Asks a port checker on the web, such as people use by hand, whether a port answers. */
import * as v from 'valibot';
import { endpointText } from '../contract/address.ts';
import type { Millis } from '../contract/units.ts';
import type { Reachability } from '../engine/loop/reachability.ts';
import type { System } from '../system/system.ts';
import { badValue } from './output/fault.ts';

const PATIENCE = 15_000;
const Answer = v.object({ open: v.boolean() });

/** Bytes of an answer, unpacked; it is a word or two. */
const MOST_BYTES = 1000;

/**
 * `template` is fetched with {port}, {transport} and {address} replaced; the answer is `1`, `open`, `true` or
 * `{"open": true}`, or their opposites. Anything else counts as "cannot tell".
 * @param isInsecure may it be asked over http, though it is not on this computer?
 * @throws InputFault when it is no http or https URL, or names no {port}
 */
export function reachabilityByUrl(
  template: string,
  every: Millis,
  isInsecure = false,
): (system: System) => Reachability {
  if (!URL.canParse(template) || !/^https?:/i.test(template) || !template.includes('{port}')) {
    throw badValue(
      '--check-url',
      template,
      'Use a web address that contains {port}, such as https://example.net/{port}',
    );
  }
  const { protocol, hostname } = new URL(template);
  const isHere = /^(?:localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
  if (protocol === 'http:' && !isHere && !isInsecure) {
    throw badValue(
      '--check-url',
      template,
      'Over http, anyone on the way could answer in its place. Use https, or add --check-insecure.',
    );
  }
  return ({ log }) => ({
    every,
    async ask({ transport, address, port }, signal) {
      const url = template
        .replaceAll('{port}', String(port))
        .replaceAll('{transport}', transport)
        .replaceAll('{address}', address);
      try {
        const response = await fetch(url, {
          headers: { 'Accept-Encoding': 'identity' },
          // It would tell another, perhaps over http, what is open here.
          redirect: 'error',
          signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]),
        });
        if (!response.ok) throw new Error(`HTTP ${response.status}`);
        return readAnswer(await beginningOf(response));
      } catch (error) {
        signal.throwIfAborted();
        log.write('info', 'the port checker did not answer', {
          port: endpointText({ address, port }),
          error: String(error),
        });
        return undefined;
      }
    },
  });
}

/** What comes after it is neither read nor unpacked. */
async function beginningOf({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let read = 0;
  // Leaving the loop hangs up.
  for await (const bytes of body ?? []) {
    text += decoder.decode(bytes.subarray(0, MOST_BYTES - read), { stream: true });
    read += bytes.length;
    if (read >= MOST_BYTES) break;
  }
  return text;
}

export function readAnswer(text: string): 'open' | 'closed' | undefined {
  const word = text.trim().toLowerCase();
  if (['1', 'open', 'true', 'yes'].includes(word)) return 'open';
  if (['0', 'closed', 'false', 'no'].includes(word)) return 'closed';
  try {
    const parsed = v.safeParse(Answer, JSON.parse(text));
    return parsed.success ? (parsed.output.open ? 'open' : 'closed') : undefined;
  } catch {
    return undefined;
  }
}
