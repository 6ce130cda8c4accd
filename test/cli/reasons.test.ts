/** Routers that fail in one thing only: why, in words, wherever a person looks. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PersonalityName } from '../../main/simulator/personalities/personalities.ts';
import { Workplace } from '../support/portkeeper-process.ts';

let place: Workplace;

beforeEach(async () => {
  place = await Workplace.create();
});
afterEach(() => place.close());

const INVENTED =
  /already leads|already forwards|switch on UPnP|may be restarting|no usable|list of open ports is full|list full/i;

describe('open --once says why', () => {
  test.each<readonly [PersonalityName, RegExp]>([
    ['page-for-add', /^waiting {2}10204\/tcp {2}Your router answered in a way that Portkeeper can’t read\./m],
    ['noise-for-add', /^waiting {2}10204\/tcp {2}Your router answered in a way that Portkeeper can’t read\./m],
    ['nothing-for-add', /^waiting {2}10204\/tcp {2}Your router answered in a way that Portkeeper can’t read\./m],
    ['hangs-up-on-add', /^waiting {2}10204\/tcp {2}Your router closes the connection when asked to open a port\./m],
    ['firewall-chains-missing', /^waiting {2}10204\/tcp {2}Your router couldn’t open port 10204\/TCP \(upnp 501\)\./m],
  ])('%s', async (like, said) => {
    const router = await place.demoRouter({ like });
    const { code, stdout, stderr } = await place.run(['open', '10204/tcp', '--once', ...router.upnp]);
    expect(stdout).toMatch(said);
    expect(`${stdout}\n${stderr}`).not.toMatch(INVENTED);
    // oxlint-disable-next-line no-control-regex -- what a terminal must not get
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    expect(code).toBe(1);
  });

  test('observations are quoted', async () => {
    const router = await place.demoRouter({ like: 'page-for-add' });
    const { stdout } = await place.run(['open', '10204/tcp', '--once', ...router.upnp]);
    expect(stdout).toContain('<h1>Please log in</h1>');
  });

  test('over NAT-PMP, a firewall that takes no rule', async () => {
    const router = await place.demoRouter({ like: 'firewall-chains-missing' });
    const { code, stdout, stderr } = await place.run(['open', '10204/tcp', '--once', ...router.pxp]);
    expect(stdout).toMatch(
      /^waiting {2}10204\/tcp {2}Your router accepted the request for port 10204\/TCP, but its firewall did not/m,
    );
    expect(stdout).toMatch(/restart/i);
    expect(`${stdout}\n${stderr}`).not.toMatch(INVENTED);
    expect(code).toBe(1);
  });
});

test('the same reason is in status', async () => {
  const router = await place.demoRouter({ like: 'hangs-up-on-add' });
  await place.run(['profile', 'add', 'Minecraft', '25565/tcp', '--on']);
  const serving = place.start(['serve', '--json', ...router.upnp]);
  await serving.until('mapping', ({ status, problem }) => status === 'waiting' && problem !== undefined);
  const { stdout: status } = await place.run(['status']);
  expect(status).toContain('waiting  25565/tcp  Your router closes the connection when asked to open a port.');
  const { stdout } = await serving.interrupt();
  expect(stdout).not.toContain('not-closed');
});

test('external-address: an unreported address does not mean that the line is down', async () => {
  const router = await place.demoRouter({ like: 'address-not-told' });
  const { code, stdout, stderr } = await place.run(['external-address', ...router.upnp]);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^Simulated router doesn’t report its public IP address\./m);
  expect(stderr).not.toMatch(/line is down|may be down/);
  expect(code).toBe(1);
});
