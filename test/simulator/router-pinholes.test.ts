import { describe, expect, it } from 'vitest';
import { ip } from '../../main/contract/address.ts';
import { inSeconds } from '../../main/contract/units.ts';
import type { PersonalityName } from '../../main/simulator/personalities/personalities.ts';
import { readAnswer, scene } from './router-talk.ts';

describe('pinholes', () => {
  const own = ip('2a02:1111:2222:1::10');

  async function sixScene(name: PersonalityName) {
    const played = await scene(name, { ipv6: true });
    played.talk.service = 'urn:schemas-upnp-org:service:WANIPv6FirewallControl:1';
    played.talk.control = '/ctl/WANIP6FC';
    const wish = {
      RemoteHost: '',
      RemotePort: 0,
      InternalClient: own,
      InternalPort: 8080,
      Protocol: 6,
      LeaseTime: 3600,
    };
    return { ...played, wish };
  }

  it('are opened, prolonged and closed by their id', async () => {
    const { talk, wish, router, world } = await sixScene('pinholes-for-anyone');
    const id = Number((await talk.soap('AddPinhole', wish)).value('UniqueID'));
    expect(router.pinholes()).toMatchObject([{ id, internalClient: own, internalPort: 8080 }]);
    expect((await talk.soap('AddPinhole', wish)).value('UniqueID')).toBe(String(id));
    expect((await talk.soap('UpdatePinhole', { UniqueID: id, NewLeaseTime: 7200 })).status).toBe(200);
    await world.run(inSeconds(5));
    expect((await talk.soap('DeletePinhole', { UniqueID: id })).status).toBe(200);
    expect((await talk.soap('DeletePinhole', { UniqueID: id })).code).toBe(704);
    expect((await talk.soap('UpdatePinhole', { UniqueID: id, NewLeaseTime: 7200 })).code).toBe(704);
  });

  it('let traffic in', async () => {
    const { talk, wish, home, world } = await sixScene('pinholes-for-anyone');
    const listener = await home.client.system.tcp.listen({ address: own, port: 8080 });
    const reach = async (): Promise<boolean> => {
      const signal = new AbortController();
      world.after(inSeconds(5), () => signal.abort());
      return world.finish(
        home.internet.system.tcp.connect({ address: own, port: 8080 }, {}, signal.signal).then(
          () => true,
          () => false,
        ),
      );
    };
    expect(await reach()).toBe(false);
    await talk.soap('AddPinhole', wish);
    expect(await reach()).toBe(true);
    listener.close();
  });

  it.each<[PersonalityName, Readonly<Record<string, string | number>>, number]>([
    ['606-unless-own-address', {}, 606],
    ['pinholes-off', {}, 703],
    ['pinholes-for-anyone', { InternalClient: '192.168.1.10' }, 402],
    ['pinholes-for-anyone', { RemoteHost: '*' }, 402],
    ['pinholes-for-anyone', { LeaseTime: 0 }, 402],
    ['pinholes-for-anyone', { LeaseTime: 86_401 }, 402],
    ['pinholes-for-anyone', { Protocol: 65_535 }, 707],
    ['pinholes-for-anyone', { Protocol: 1 }, 705],
    ['pinholes-for-anyone', { InternalPort: 0 }, 706],
  ])('%s refuses %o with %d', async (name, change, code) => {
    const { talk, wish, router } = await sixScene(name);
    expect((await talk.soap('AddPinhole', { ...wish, ...change })).code).toBe(code);
    expect(router.pinholes()).toEqual([]);
  });

  it('are opened for the address that asks, and looked after by nobody else (V1)', async () => {
    const { talk, wish, world, home, router } = await sixScene('miniupnpd');
    const port = Number(new URL(router.location6).port);
    const ask = async (action: string, values: Readonly<Record<string, string | number>>) => {
      const { signal } = new AbortController();
      const to = { address: ip('fe80::1'), port, zone: 'eth0' };
      const connection = await world.finish(home.client.system.tcp.connect(to, { localAddress: own }, signal));
      await world.finish(connection.write(new TextEncoder().encode(talk.soapRequest(action, values))));
      let text = '';
      for (;;) {
        const bytes = await world.finish(connection.read(signal));
        if (bytes === undefined) break;
        text += new TextDecoder().decode(bytes);
      }
      connection.close();
      return readAnswer(text);
    };
    const id = Number((await ask('AddPinhole', wish)).value('UniqueID'));
    expect(router.pinholes()).toMatchObject([{ id, internalClient: own }]);
    expect((await talk.soap('DeletePinhole', { UniqueID: id })).code).toBe(606);
    expect((await ask('DeletePinhole', { UniqueID: id })).status).toBe(200);
    expect(router.pinholes()).toEqual([]);
  });

  it('report whether they can be opened (V3)', async () => {
    const { talk } = await sixScene('pinholes-off');
    expect((await talk.soap('GetFirewallStatus')).value('InboundPinholeAllowed')).toBe('0');
  });
});
