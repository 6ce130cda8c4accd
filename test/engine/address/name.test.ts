/** A name that follows the public address, in a whole Portkeeper. */
import { describe, expect, test } from 'vitest';
import { ip } from '../../../main/contract/address.ts';
import type { Settings } from '../../../main/contract/settings.ts';
import { inHours, inMinutes, inSeconds } from '../../../main/contract/units.ts';
import type { System } from '../../../main/system/system.ts';
import { told } from '../../support/activity-talk.ts';
import { AppHome, type AppHomeOptions } from '../../support/app-home.ts';
import { MemorySecrets, scriptedWeb, SECRET, SETTINGS, type Asked, type Reply } from '../../support/name-home.ts';
import { testHost } from '../../support/test-host.ts';

const NEW = ip('11.22.33.99');

interface Scene {
  readonly at: AppHome;
  readonly asked: readonly Asked[];
  readonly secrets: MemorySecrets;
}

async function kept(reply: Reply, settings: Partial<Settings> = {}, options: AppHomeOptions = {}): Promise<Scene> {
  const secrets = new MemorySecrets();
  let asked: readonly Asked[] = [];
  const around = (system: System): System => {
    const server = scriptedWeb(
      () => system.clock.now(),
      () => reply,
    );
    asked = server.asked;
    return { ...system, web: server.web };
  };
  const at = await AppHome.start({ ...options, secrets, around });
  await at.do('settings.change', { settings: { ...SETTINGS, ...settings } });
  await at.do('secret.set', { of: 'dynamic-dns', secret: SECRET });
  await at.world.run(inMinutes(1));
  return { at, asked, secrets };
}

describe('a name that is kept', () => {
  test('is updated once, and then only when the address changes', async () => {
    const { at, asked } = await kept('good 11.22.33.44');
    expect(asked).toMatchObject([
      {
        method: 'GET',
        url: 'https://dynupdate.no-ip.com/nic/update?hostname=home.example.org&myip=11.22.33.44',
        headers: { Authorization: `Basic ${btoa(`alice:${SECRET}`)}`, 'User-Agent': 'Portkeeper/test' },
      },
    ]);
    expect(at.snapshot.address.name).toMatchObject({ at: 'current', pointsTo: { ipv4: '11.22.33.44' } });
    await at.world.run(inMinutes(10));
    at.home.router.changeExternalAddress(NEW);
    await at.world.run(inMinutes(2));
    expect(asked).toHaveLength(2);
    expect(at.snapshot.address.name?.pointsTo).toEqual({ ipv4: NEW });
    expect((await told(at)).filter((fact) => fact === 'name-updated')).toHaveLength(2);
    // A confirmed address is known after a restart.
    await at.stop();
    const again = await at.again();
    await again.world.run(inMinutes(2));
    expect(again.snapshot.address.name?.at).toBe('current');
    expect(asked).toHaveLength(2);
    await again.stop();
  });

  test('is not updated on a network that is not approved, nor while the line is down', async () => {
    const { at, asked } = await kept('good', { onlyApprovedNetworks: true });
    expect(at.snapshot.address.name?.at).toBe('waiting');
    expect(asked).toHaveLength(0);
    await at.do('network.approve', {});
    await at.world.run(inMinutes(1));
    expect(asked).toHaveLength(1);
    at.home.router.changeExternalAddress('none');
    await at.world.run(inMinutes(10));
    expect(at.snapshot.address.name?.at).toBe('waiting');
    expect(asked).toHaveLength(1);
    await at.stop();
  });

  test('has this computer’s IPv6 address as well where the person wants it', async () => {
    const { at, asked } = await kept('good', { dnsAddresses: 'both' }, { ipv6: true });
    const { ipv6 } = at.snapshot.address.addresses;
    expect(ipv6).toMatch(/^2/);
    expect(asked.at(-1)?.url).toContain(`myip=11.22.33.44,${ipv6}`);
    await at.stop();
  });

  test('that is refused is a problem with a way out, until the person says what is right', async () => {
    const { at, asked } = await kept('badauth');
    expect(at.snapshot.problems).toMatchObject([{ code: 'name-refused', parameters: { why: 'credentials' } }]);
    await at.do('settings.change', { settings: { dynamicDns: 'none' } });
    await at.world.run(inSeconds(5));
    expect(at.snapshot.problems).toEqual([]);
    expect(asked).toHaveLength(1);
    await at.stop();
  });
});

test('a secret is in no document, snapshot, export, report, activity or line of the log, whatever a server repeats', async () => {
  const basic = btoa(`alice:${SECRET}`);
  const reply = `garbage ${SECRET} ${basic} ${encodeURIComponent(SECRET)}`;
  const { at, secrets } = await kept(reply, {}, { host: () => testHost() });
  await at.world.run(inHours(0.1));
  const everything = JSON.stringify([
    at.snapshot,
    await at.do('profiles.export', {}),
    await at.do('activity.read', {}),
    await at.do('app.report', {}),
    at.storage.everything,
    at.home.client.logged,
  ]);
  expect(everything).toContain('name-not-updated');
  // Nor the beginning of it, where a long answer is cut.
  for (const form of [SECRET, encodeURIComponent(SECRET), basic]) expect(everything).not.toContain(form.slice(0, 11));
  // The report is for others: who the person is at the provider is not for them.
  expect((await at.do('app.report', {})).text).not.toMatch(/alice|home\.example\.org/);
  await at.do('app.reset', { what: 'everything' });
  expect(secrets.kept.size).toBe(0);
  await at.stop();
});
