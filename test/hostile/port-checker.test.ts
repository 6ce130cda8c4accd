/** A port checker on the web may answer with anything, and as much as it likes. */
import { createServer, type RequestListener } from 'node:http';
import { createGzip } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { ip } from '../../main/contract/address.ts';
import { port } from '../../main/contract/units.ts';
import { askPortChecker, readAnswer } from '../../main/engine/reach/port-checker.ts';
import { createNodeClock } from '../../main/system/node/clock.ts';
import { createNodeWeb } from '../../main/system/node/network/web.ts';
import { World } from '../world/world.ts';

const MEBIBYTE = 1024 * 1024;
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** The result of such an answer. */
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
  const target = { transport: 'tcp', address: ip('11.22.33.44'), port: port(80) } as const;
  const around = { ...system, clock: createNodeClock(), web: createNodeWeb() };
  return await askPortChecker(around, `http://127.0.0.1:${place}/{port}`, target, new AbortController().signal);
}

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

test.each([
  ['1\n', 'open'],
  ['Open', 'open'],
  ['{"open":true,"port":1}', 'open'],
  ['0', 'closed'],
  ['{"open":false}', 'closed'],
  ['<html>', undefined],
  ['', undefined],
  ['{"open":1}', undefined],
])('the answer %j means %s', (text, meaning) => {
  expect(readAnswer(text)).toBe(meaning);
});
