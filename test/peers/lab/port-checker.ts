/**
 * A port checker as there are on the web, for the internet side of a home:
 *
 *   node test/peers/lab/port-checker.ts PORT        GET /TRANSPORT/ADDRESS/PORT answers "open" or "closed"
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isTransport, probe } from './echo.ts';

const PATIENCE = 2000;

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, transport, address = '', port] = decodeURIComponent(request.url ?? '').split('/');
  if (!isTransport(transport)) {
    response.writeHead(404).end();
    return;
  }
  const who = await probe(transport, address, Number(port), PATIENCE);
  response.end(who === undefined ? 'closed' : 'open');
}

const server = createServer((request, response) => void answer(request, response));
const [port] = process.argv.slice(2);
server.listen(Number(port), () => console.log('ready'));
