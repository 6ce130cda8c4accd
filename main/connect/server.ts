/**
 * The contract on a socket that only its owner can open: see answering.ts; and `forwards.hold`, which lasts as long as its
 * connection: a line with the answer, and a line with the reason if it ends before.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { COMMAND_PATH, LINES_TYPE } from '../contract/window-protocol.ts';
import type { Dispatch } from '../engine/dispatch.ts';
import type { Log } from '../system/system.ts';
import {
  HttpFault,
  answerContract,
  bodyOf,
  boundedServer,
  listening,
  mustBe,
  sendJson,
  untilClosed,
  type RemoteServer,
} from './answering.ts';
import { HELLO_PATH, HOLD, HOST, type HoldEnded } from './protocol.ts';

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
  } else if (path === COMMAND_PATH + HOLD) {
    mustBe(['POST'], request);
    await hold(await bodyOf(request), response, dispatch);
  } else if (!(await answerContract(path, request, response, dispatch))) {
    throw new HttpFault(404, 'there is nothing here');
  }
}

async function hold(input: unknown, response: ServerResponse, dispatch: Dispatch): Promise<void> {
  let ended: HoldEnded | undefined;
  let isAnswered = false;
  const end = (): void => {
    if (isAnswered && ended !== undefined) response.end(`${JSON.stringify(ended)}\n`);
  };
  const answered = await dispatch.hold(input, untilClosed(response), (why) => {
    ended = { ended: why };
    end();
  });
  if (response.destroyed) return;
  response.writeHead(200, { 'Content-Type': LINES_TYPE }).write(`${JSON.stringify(answered)}\n`);
  isAnswered = true;
  if (answered.ok) end();
  else response.end();
}
