/** `portkeeper probe` and `portkeeper probe-server`; what they find is in test/peers/probe.test.ts. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { Workplace } from '../support/portkeeper-process.ts';

let place: Workplace;

beforeEach(async () => {
  place = await Workplace.create();
});
afterEach(() => place.close());

test('without a server it says how to get one; one in the same network proves nothing', async () => {
  const router = await place.demoRouter();
  expect(await place.run(['probe'])).toMatchObject({ code: 1 });
  const open = place.start(['open', '25565/tcp', '--json', ...router.upnp]);
  await open.until('ready');

  const none = await place.run(['probe']);
  expect(none.code).toBe(1);
  expect(none.stderr).toContain('Run “portkeeper probe-server” outside your home');

  const port = await freePort();
  const server = place.start(['probe-server', '--port', `${port}`, '--json']);
  expect(await server.until('ready')).toMatchObject({ port, secret: false });
  await place.run(['settings', 'set', 'probeServer', `127.0.0.1:${port}`]);
  const { code, stdout } = await place.run(['probe', '25565/tcp']);
  expect({ code, stdout }).toEqual({
    code: 1,
    stdout: [
      '25565/TCP: Couldn’t be tested',
      '    The probe server is in your own network, so its answer says nothing about the internet.',
      '    Run it outside: on a rented server, or at a friend’s.',
    ].join('\n'),
  });
  const [said] = (await place.run(['probe', '--json'])).said;
  expect(said).toMatchObject({ externalPort: 25_565, verdict: 'untested', why: 'same-network' });

  expect((await place.run(['probe', '80'])).stderr).toContain('Portkeeper keeps no port 80 open');
  expect((await place.run(['probe', 'minecraft'])).stderr).toContain('There is no profile “minecraft”');
  const again = await place.run(['probe-server', '--port', `${port}`]);
  expect(again).toMatchObject({ code: 2 });
  expect(again.stderr).toContain(`Port ${port} is already in use`);
  expect(await server.interrupt()).toMatchObject({ code: 0 });
});

test('a secret is a file of some length', async () => {
  const short = await place.run(['probe-server', '--secret-file', await place.write('secret', 'short\n')]);
  expect(short).toMatchObject({ code: 2 });
  expect(short.stderr).toContain('doesn’t contain a secret: it must have 16 to 1024 bytes');
  expect(await place.run(['probe-server', '--secret-file', place.path('none')])).toMatchObject({ code: 5 });
  const { stderr } = await place.run(['settings', 'set', 'probeServer', 'a b']);
  expect(stderr).toContain('Must be the address or name of a probe server');
});
