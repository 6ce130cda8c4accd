/** The little HTTP server that a gateway's event notifications come to. */
import type { IpAddress } from '../../contract/address.ts';
import { inSeconds } from '../../contract/units.ts';
import { NetworkError, type Connection, type Listener, type System } from '../../system/system.ts';
import { decodeEvent } from '../../wire/gena.ts';
import { encodeResponse, HttpRequestReader, type ReceivedRequest } from '../../wire/http.ts';
import { WireError } from '../../wire/wire-error.ts';
import { isFailure } from '../failure.ts';
import { withDeadline } from './http-exchange.ts';

export interface CallbackOptions {
  readonly network: Pick<System, 'clock' | 'log'>;
  readonly listener: Listener;
  /** The only address that is listened to. */
  readonly gateway: IpAddress;
  /** The only path that is known. */
  readonly target: string;
  readonly isKnown: (sid: string) => boolean;
}

/** From the connection to the last byte of a notification. */
const CALL_TIME = inSeconds(5);
const MAX_BODY = 64 * 1024;
/** A gateway sends its events one after the other. */
const MOST_AT_ONCE = 8;

/** Serves until the listener is closed or the signal aborts. @throws the signal's reason */
export async function receiveEvents(
  options: CallbackOptions,
  onEvent: (properties: ReadonlyMap<string, string>) => void,
  signal: AbortSignal,
): Promise<void> {
  let open = 0;
  for (;;) {
    let connection: Connection;
    try {
      connection = await options.listener.accept(signal);
    } catch (error) {
      if (error instanceof NetworkError && error.fault === 'closed') return;
      if (!(error instanceof NetworkError)) throw error;
      // A connection that broke before it was taken.
      await options.network.clock.sleep(inSeconds(1), signal);
      continue;
    }
    if (connection.remote.address !== options.gateway || open >= MOST_AT_ONCE) {
      connection.close();
      continue;
    }
    open += 1;
    void serve(options, connection, onEvent, signal).finally(() => {
      open -= 1;
    });
  }
}

async function serve(
  options: CallbackOptions,
  connection: Connection,
  onEvent: (properties: ReadonlyMap<string, string>) => void,
  signal: AbortSignal,
): Promise<void> {
  const { network } = options;
  try {
    await withDeadline(network.clock, CALL_TIME, 'event notification', signal, async (inTime) => {
      const request = await readRequest(connection, inTime);
      const verdict = request instanceof WireError ? { status: 400 } : judge(options, request);
      if (verdict.properties !== undefined) onEvent(verdict.properties);
      await connection.write(encodeResponse({ status: verdict.status, reason: verdict.status === 200 ? 'OK' : 'No' }));
    });
  } catch (error) {
    if (!isFailure(error) && !(error instanceof NetworkError) && !signal.aborted)
      network.log.write('error', 'events: the callback failed', { error: String(error) });
  } finally {
    connection.close();
  }
}

async function readRequest(connection: Connection, signal: AbortSignal): Promise<ReceivedRequest | WireError> {
  const reader = new HttpRequestReader({ maxBody: MAX_BODY });
  for (;;) {
    const chunk = await connection.read(signal);
    const progress = chunk === undefined ? reader.end() : reader.push(chunk);
    if (progress instanceof WireError) return progress;
    if (progress === 'done') return reader.request;
  }
}

/** UPnP DA 2.0 §4.3.2: 412 tells the gateway that nobody has subscribed so. */
function judge(
  options: CallbackOptions,
  request: ReceivedRequest,
): { readonly status: number; readonly properties?: ReadonlyMap<string, string> } {
  if (request.target !== options.target) return { status: 404 };
  const event = decodeEvent(request);
  if (event instanceof WireError) return { status: 400 };
  return options.isKnown(event.sid) ? { status: 200, properties: event.properties } : { status: 412 };
}
