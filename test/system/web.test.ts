/** Servers on the web, and a provider of dynamic DNS that is a real one. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PROVIDERS } from '../../main/engine/address/providers.ts';
import { ip } from '../../main/contract/address.ts';
import { createNodeWeb } from '../../main/system/node/network/web.ts';

const never = new AbortController().signal;
const web = createNodeWeb();

let answer: (request: IncomingMessage, response: ServerResponse) => void;
let asked: string[];
let server: ReturnType<typeof createServer>;
let place: string;

beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`);
    answer(request, response);
  });
  const listening = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', () => listening.resolve());
  await listening.promise;
  const address = server.address();
  place = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/nic/update`;
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
});

const get = (signal = never) => web.ask({ method: 'GET', url: place, headers: {} }, signal);

describe('a server', () => {
  test('is asked, and its answer read to the 64th KiB', async () => {
    answer = (_, response) => response.writeHead(429, { 'Retry-After': '60' }).end('x'.repeat(1_000_000));
    const got = await get();
    expect(got).toMatchObject({ status: 429, retryAfter: '60' });
    expect(got.body).toHaveLength(64 * 1024);
  });

  test('does not lead elsewhere', async () => {
    answer = (_, response) => response.writeHead(302, { Location: '/elsewhere' }).end();
    expect(await get()).toMatchObject({ status: 302 });
    expect(asked).toHaveLength(1);
  });

  test('that says nothing is waited for no longer than the caller wants', async () => {
    answer = () => undefined;
    await expect(get(AbortSignal.timeout(50))).rejects.toThrow(/time/i);
  });

  test('that is not there is said by a code, and the address, which may be secret, is not repeated', async () => {
    const gone = Promise.withResolvers<void>();
    server.close(() => gone.resolve());
    await gone.promise;
    const url = `${place}?key=s3cr3t`;
    const fault = await web.ask({ method: 'GET', url, headers: {} }, never).catch((error: unknown) => error);
    expect(fault).toMatchObject({ name: 'NetworkError', fault: 'refused', message: 'ECONNREFUSED' });
  });
});

test('a dyndns2 server gets what the protocol says', async () => {
  answer = (_, response) => response.end('good 11.22.33.44\n');
  const account = { name: 'home.example.org', user: 'alice', secret: 'pä:ss', server: place };
  const outcome = await PROVIDERS.dyndns2.update(account, { ipv4: ip('11.22.33.44') }, (request) =>
    web.ask(request, never),
  );
  expect(outcome).toEqual({ is: 'good' });
  const basic = Buffer.from('alice:pä:ss').toString('base64');
  expect(asked).toEqual([`GET /nic/update?hostname=home.example.org&myip=11.22.33.44 Basic ${basic}`]);
});
