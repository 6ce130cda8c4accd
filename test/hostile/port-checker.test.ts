/** A port checker on the web may answer with anything, and as much as it likes. */
import { createServer, type RequestListener } from 'node:http';
import { createGzip } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { reachabilityByUrl } from '../../main/cli/reachability-by-url.ts';
import { ip } from '../../main/contract/address.ts';
import { inSeconds, port } from '../../main/contract/units.ts';
import { World } from '../world/world.ts';

const MEBIBYTE = 1024 * 1024;
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** What is made of such an answer. */
async function answered(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const bound = server.address();
  const place = typeof bound === 'object' && bound !== null ? bound.port : 0;
  const { system } = new World({ seed: 1 }).network.addHost('client');
  const checker = reachabilityByUrl(`http://127.0.0.1:${place}/{port}`, inSeconds(1))(system);
  const target = { transport: 'tcp', address: ip('11.22.33.44'), port: port(80) } as const;
  return await checker.ask(target, new AbortController().signal);
}

test('an answer without end is read to its thousandth byte', async () => {
  let sent = 0;
  const answer = await answered((_request, response) => {
    const more = (): void => {
      do sent += 64 * 1024;
      while (!response.destroyed && response.write('x'.repeat(64 * 1024)));
    };
    response.on('drain', more);
    response.on('error', () => undefined);
    more();
  });
  expect(answer).toBeUndefined();
  // What the buffers on the way hold.
  expect(sent).toBeLessThan(32 * MEBIBYTE);
});

test('three gibibytes packed into three mebibytes are not unpacked', async () => {
  let packed = 0;
  const answer = await answered((_request, response) => {
    response.writeHead(200, { 'Content-Encoding': 'gzip' });
    const gzip = createGzip({ level: 1 });
    const zeros = Buffer.alloc(MEBIBYTE);
    gzip.pipe(response);
    response.on('error', () => undefined);
    response.on('close', () => gzip.destroy());
    const more = (): void => {
      do packed += 1;
      while (packed < 3072 && !gzip.destroyed && gzip.write(zeros));
      if (packed >= 3072) gzip.end();
    };
    gzip.on('drain', more);
    gzip.on('error', () => undefined);
    more();
  });
  expect(answer).toBeUndefined();
  expect(packed).toBeLessThan(1024);
});

test('an answer that leads elsewhere is not followed', async () => {
  const asked: string[] = [];
  const answer = await answered((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(302, { Location: '/elsewhere' }).end('open');
  });
  expect(answer).toBeUndefined();
  expect(asked).toEqual(['/80']);
});

describe('over http', () => {
  test.each([
    'http://example.net/{port}',
    'http://localhost@example.net/{port}',
    'http://127.0.0.1.example.net/{port}',
    'http://192.168.1.2/{port}',
  ])('%s is refused unless a person insists', (url) => {
    expect(() => reachabilityByUrl(url, inSeconds(1))).toThrow('Use https, or add --check-insecure.');
    expect(() => reachabilityByUrl(url, inSeconds(1), true)).not.toThrow();
  });

  test.each([
    'http://localhost:8000/{port}',
    'http://127.0.0.1/{port}',
    'http://[::1]/{port}',
    'https://example.net/{port}',
  ])('%s is not', (url) => {
    expect(() => reachabilityByUrl(url, inSeconds(1))).not.toThrow();
  });
});
