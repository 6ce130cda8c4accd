import { NetworkError, type Web } from '../../system.ts';
import { codeOf, faultOf } from './network-fault.ts';

/** Bytes of an answer, unpacked. */
const MOST_BODY = 64 * 1024;

export function createNodeWeb(): Web {
  return {
    async ask({ method, url, headers, body }, signal) {
      try {
        const response = await fetch(url, {
          method,
          headers: { ...headers, 'Accept-Encoding': 'identity' },
          // A redirect would reveal to another server what only this one is to know.
          redirect: 'manual',
          signal,
          ...(body === undefined ? {} : { body }),
        });
        const retryAfter = response.headers.get('retry-after');
        const text = await beginningOf(response);
        return { status: response.status, body: text, ...(retryAfter === null ? {} : { retryAfter }) };
      } catch (error) {
        signal.throwIfAborted();
        throw webError(error);
      }
    },
  };
}

/** The rest is neither read nor unpacked. */
async function beginningOf({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let read = 0;
  // Leaving the loop hangs up.
  for await (const bytes of body ?? []) {
    text += decoder.decode(bytes.subarray(0, MOST_BODY - read), { stream: true });
    read += bytes.length;
    if (read >= MOST_BODY) break;
  }
  return text;
}

/** `fetch` says only that it failed; what is beneath has a code, of TLS or of the system. The address is not repeated: it
 * may hold a secret. */
function webError(error: unknown): NetworkError {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = codeOf(cause);
  const fault =
    code === 'ENOTFOUND' || code === 'EAI_AGAIN' ? 'unreachable' : faultOf(code, { platform: process.platform });
  return new NetworkError(fault, code === '' ? 'connection failed' : code);
}
