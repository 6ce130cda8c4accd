/** Asks a port checker on the web, such as people use by hand, whether a port answers. */
import * as v from 'valibot';
import type { IpAddress } from '../../contract/address.ts';
import type { Transport } from '../../contract/model.ts';
import { inSeconds, type Port } from '../../contract/units.ts';
import { forAtMost } from '../../system/deadline.ts';
import { NetworkError, type System } from '../../system/system.ts';

const PATIENCE = inSeconds(15);
const Answer = v.object({ open: v.boolean() });

/**
 * `template` is fetched with {port}, {transport} and {address} replaced; the answer is `1`, `open`, `true` or
 * `{"open": true}`, or their opposites.
 * @returns nothing when it does not answer, or says anything else
 * @throws the signal's reason
 */
export async function askPortChecker(
  { web, clock, log }: Pick<System, 'web' | 'clock' | 'log'>,
  template: string,
  target: { readonly transport: Transport; readonly address: IpAddress | undefined; readonly port: Port },
  signal: AbortSignal,
): Promise<'open' | 'closed' | undefined> {
  const { transport, address, port } = target;
  const url = template
    .replaceAll('{port}', String(port))
    .replaceAll('{transport}', transport)
    .replaceAll('{address}', address ?? '');
  try {
    const answer = await forAtMost(clock, PATIENCE, signal, async (inTime) =>
      web?.ask({ method: 'GET', url, headers: {} }, inTime),
    );
    return answer?.status === 200 ? readAnswer(answer.body) : undefined;
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    log.write('info', 'the port checker did not answer', { ...target, error: error.message });
    return undefined;
  }
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
