/**
 * The contract on a socket that only its owner can open: see answering.ts; and `POST /hold/ID` holds a profile for as
 * long as its connection lasts.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LINES_TYPE } from '../contract/window-protocol.ts';
import type { Dispatch } from '../engine/dispatch.ts';
import type { Log } from '../system/system.ts';
import type { RemoteServer } from './answering.ts';
import {
  HttpFault,
  answerContract,
  bodyOf,
  boundedServer,
  listening,
  mustBe,
  nameAfter,
  sendJson,
  untilClosed,
} from './answering.ts';
import { HELLO_PATH, HOLD_PATH, HOST } from './protocol.ts';

export interface RemoteServerOptions {
  readonly dispatch: Dispatch;
  readonly log: Log;
}

/** @param address path of a Unix socket, or name of a pipe @throws Error of `listen` */
export async function serveOn(address: string, { dispatch, log }: RemoteServerOptions): Promise<RemoteServer> {
  const server = boundedServer((request, response) => answer(request, response, dispatch), log);
  return await listening(server, (done) => server.listen(address, done), log);
}

async function answer(request: IncomingMessage, response: ServerResponse, dispatch: Dispatch): Promise<void> {
  // Others are whoever was made to ask by a page or a name that rebinds.
  if (request.headers.host !== HOST) throw new HttpFault(403, 'this Host is not answered');
  const path = request.url ?? '';
  if (path === HELLO_PATH) {
    mustBe(['GET'], request);
    sendJson(response, 200, {});
  } else if (path.startsWith(HOLD_PATH)) {
    mustBe(['POST'], request);
    await bodyOf(request);
    const answered = await dispatch.hold(nameAfter(HOLD_PATH, path), untilClosed(response));
    if (response.destroyed) return;
    response.writeHead(200, { 'Content-Type': LINES_TYPE }).write(`${JSON.stringify(answered)}\n`);
    if (!answered.ok) response.end();
  } else if (!(await answerContract(path, request, response, dispatch))) {
    throw new HttpFault(404, 'there is nothing here');
  }
}
