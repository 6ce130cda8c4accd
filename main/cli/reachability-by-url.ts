/** Asks a port checker on the web, such as people use by hand, whether a port answers. */
import * as v from 'valibot';
import { endpointText } from '../contract/address.ts';
import type { Millis } from '../contract/units.ts';
import type { Reachability } from '../engine/loop/reachability.ts';
import type { System } from '../system/system.ts';
import { badValue } from './output/fault.ts';

const PATIENCE = 15_000;
const Answer = v.object({ open: v.boolean() });

/**
 * `template` is fetched with {port}, {transport} and {address} replaced; the answer is `1`, `open`, `true` or
 * `{"open": true}`, or their opposites. Anything else counts as "cannot tell".
 * @throws InputFault when it is no http or https URL, or names no {port}
 */
export function reachabilityByUrl(template: string, every: Millis): (system: System) => Reachability {
  if (!URL.canParse(template) || !/^https?:/i.test(template) || !template.includes('{port}')) {
    throw badValue(
      '--check-url',
      template,
      'Use a web address that contains {port}, such as https://example.net/{port}',
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
        const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]) });
        if (!response.ok) throw new Error(`HTTP ${response.status}`);
        return readAnswer((await response.text()).slice(0, 1000));
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
