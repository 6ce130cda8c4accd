/** One HTTP request to a router and its answer, on a connection of its own. */
import type { IpAddress } from '../../contract/address.ts';
import { inSeconds, type Millis } from '../../contract/units.ts';
import { NetworkError, type Clock, type Connection, type System } from '../../system/system.ts';
import { encodeRequest, HttpResponseReader, type HttpRequest, type HttpResponse } from '../../wire/http.ts';
import { hostOf, type HttpUrl } from '../../wire/url.ts';
import { withDeadline as deadline } from '../../system/deadline.ts';
import { WireError } from '../../wire/wire-error.ts';
import { Malformed, REASON_OF_FAULT, Unreachable } from '../failure.ts';

/** X35: slow routers take 5 s and more. */
const CALL_TIME = inSeconds(10);
/** X35: deleting is slower still. */
export const DELETE_TIME = inSeconds(15);

export type HttpNetwork = Pick<System, 'tcp' | 'clock' | 'addressesOf' | 'signIns'>;

export interface ExchangeLimits {
  /** From connecting to the last byte of the answer; {@link CALL_TIME} when absent. */
  readonly time?: Millis | undefined;
  /** Local address to call from (V1); the routing table's choice when absent. */
  readonly localAddress?: IpAddress | undefined;
}

/** Runs `work` with a signal that also aborts once `time` is over.
 * @throws Unreachable with `timeout` then, else what `work` throws */
export async function withDeadline<Value>(
  clock: Clock,
  time: Millis,
  what: string,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const late = (): Unreachable => new Unreachable('timeout', `${what}: no answer within ${time} ms`);
  return await deadline(clock, time, signal, work, late);
}

/** One for the challenge, one for the answer, one for a nonce that has become too old. */
const MOST_TRIES = 3;

/**
 * As {@link exchangeOnce}; where the person has signed in to the router, it is answered when it asks for a password.
 * @throws Unreachable, Malformed, or the signal's reason
 */
export async function exchange(
  network: HttpNetwork,
  url: HttpUrl,
  request: Omit<HttpRequest, 'target' | 'host'>,
  limits: ExchangeLimits,
  signal: AbortSignal,
): Promise<HttpResponse> {
  const session = await network.signIns?.at(url.address);
  if (session === undefined) return await exchangeOnce(network, url, request, limits, signal);
  for (let tries = 1; ; tries++) {
    const sent = session.authorization(request.method, url.target);
    const headers = sent === undefined ? request.headers : [...request.headers, ['Authorization', sent] as const];
    const response = await exchangeOnce(network, url, { ...request, headers }, limits, signal);
    const challenge = response.headers.get('www-authenticate') ?? '';
    const next = session.answered(sent, { status: response.status, challenge });
    if (next === 'done' || tries === MOST_TRIES) return response;
  }
}

/**
 * Sends one request to the literal address of `url` and reads the whole answer. The request leaves in one write (X19),
 * the connection is never half-closed (X20) nor kept (X33), redirects are not followed (D21).
 * @throws Unreachable, Malformed, or the signal's reason
 */
async function exchangeOnce(
  network: HttpNetwork,
  url: HttpUrl,
  request: Omit<HttpRequest, 'target' | 'host'>,
  limits: ExchangeLimits,
  signal: AbortSignal,
): Promise<HttpResponse> {
  const host = hostOf(url);
  const what = `${request.method} http://${host}${url.target}`;
  // X17: the port is always part of Host, X38: the address is literal.
  const bytes = encodeRequest({ ...request, host, target: url.target });
  return withDeadline(network.clock, limits.time ?? CALL_TIME, what, signal, async (inTime) => {
    const connection = await translated(what, () =>
      network.tcp.connect(
        { address: url.address, port: url.port, ...(url.zone === undefined ? {} : { zone: url.zone }) },
        limits.localAddress === undefined ? {} : { localAddress: limits.localAddress },
        inTime,
      ),
    );
    try {
      return await translated(what, async () => {
        await connection.write(bytes);
        return await readResponse(what, connection, inTime);
      });
    } finally {
      connection.close();
    }
  });
}

async function readResponse(what: string, connection: Connection, signal: AbortSignal): Promise<HttpResponse> {
  const reader = new HttpResponseReader();
  let received = 0;
  for (let state: 'more' | 'done' | WireError = 'more'; state !== 'done';) {
    if (state instanceof WireError) {
      const saysNo = reader.status >= 300;
      throw new Malformed(`${what}: ${state.message}`, state.capture, { cause: state, saysNo });
    }
    const chunk = await connection.read(signal);
    if (chunk === undefined) {
      if (received === 0) throw new Unreachable('reset', `${what}: the connection ended without an answer`);
      state = reader.end();
    } else {
      received += chunk.length;
      state = reader.push(chunk);
    }
  }
  const { response } = reader;
  if (response.status >= 300 && response.status < 400)
    throw new Malformed(`${what}: redirects are not followed`, `HTTP ${response.status}`, { saysNo: true });
  return response;
}

async function translated<Value>(what: string, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    throw new Unreachable(REASON_OF_FAULT[error.fault], `${what}: ${error.message}`, { cause: error });
  }
}
