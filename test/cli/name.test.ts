/** `portkeeper name`: a host name that follows the public address, with a provider that is a real server on loopback. */
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Workplace } from '../support/portkeeper-process.ts';

const SECRET = 'correct horse battery';

let place: Workplace;
let provider: Server;
let asked: string[];
let reply: string;

beforeAll(async () => {
  place = await Workplace.create();
  asked = [];
  reply = 'badauth';
  provider = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization ?? ''}`);
    response.end(reply);
  });
  const listening = Promise.withResolvers<void>();
  provider.listen(0, '127.0.0.1', () => listening.resolve());
  await listening.promise;
});
afterAll(async () => {
  await place.close();
  provider.close();
  provider.closeAllConnections();
});

const set = async (name: string, value: string): Promise<void> => {
  expect(await place.run(['settings', 'set', name, value])).toMatchObject({ code: 0 });
};

test('is set up, refused, put right, and shown, and its password is nowhere but where it is kept', async () => {
  const router = await place.demoRouter();
  const address = provider.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await set('gateway', router.url);
  expect(await place.run(['name', 'password'], `${SECRET}\n`)).toMatchObject({ code: 1 });
  await set('dynamicDns', 'dyndns2');
  await set('dnsServer', `http://127.0.0.1:${port}/nic/update`);
  await set('dnsName', 'Home.Example.org');
  await set('dnsUser', 'alice');
  const stored = await place.run(['name', 'password', '--json'], 'wrong\n');
  expect(stored.said).toEqual([{ event: 'stored', place: 'file' }]);
  const serve = place.start(['serve', '--no-window', '--json']);
  await serve.until('problem', ({ code }) => code === 'name-refused');
  const refused = await place.run(['name', 'show']);
  expect(refused.stdout).toMatch(/^Name: home\.example\.org\. No longer updated/m);
  const status = await place.run(['status']);
  expect(status.stdout + status.stderr).toContain('Updates for home.example.org have stopped.');
  reply = 'good';
  await place.run(['name', 'password'], `${SECRET}\n`);
  await serve.until('name', ({ at }) => at === 'current');
  const { said } = await place.run(['name', 'show', '--json']);
  expect(said[0]).toMatchObject({ name: 'home.example.org', at: 'current', secret: 'file' });
  const basic = Buffer.from(`alice:${SECRET}`).toString('base64');
  expect(asked[1]).toMatch(/^\/nic\/update\?hostname=home\.example\.org&myip=[\d.]+ /);
  expect(asked[1]?.endsWith(`Basic ${basic}`)).toBe(true);
  const exported = await place.run(['profile', 'export']);
  const { stdout, stderr } = await serve.interrupt();
  for (const text of [exported.stdout, stdout, stderr, refused.stdout, status.stdout]) {
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain(basic);
  }
});
