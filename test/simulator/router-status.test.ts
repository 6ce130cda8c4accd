import { describe, expect, it } from 'vitest';
import { inSeconds } from '../../main/contract/units.ts';
import type { PersonalityName } from '../../main/simulator/personalities/personalities.ts';
import { CONNECTION, scene } from './router-talk.ts';

describe('status', () => {
  it('reports address, state, uptime and counters that grow', async () => {
    const { talk, world } = await scene();
    expect((await talk.soap('GetExternalIPAddress')).value('NewExternalIPAddress')).toBe('11.22.33.44');
    const before = Number((await talk.soap('GetStatusInfo')).value('NewUptime'));
    talk.service = 'urn:schemas-upnp-org:service:WANCommonInterfaceConfig:1';
    talk.control = '/ctl/WANCfg';
    const sent = Number((await talk.soap('GetTotalBytesSent')).value('NewTotalBytesSent'));
    expect((await talk.soap('GetCommonLinkProperties')).value('NewPhysicalLinkStatus')).toBe('Up');
    await world.run(inSeconds(5));
    expect(Number((await talk.soap('GetTotalBytesSent')).value('NewTotalBytesSent'))).toBeGreaterThan(sent);
    talk.service = CONNECTION;
    talk.control = '/ctl/WANIPCn';
    expect(Number((await talk.soap('GetStatusInfo')).value('NewUptime'))).toBeGreaterThan(before);
  });

  it.each<[PersonalityName, string, string, string | undefined]>([
    ['says-disconnected', 'GetStatusInfo', 'NewConnectionStatus', 'Disconnected'],
    ['says-up', 'GetStatusInfo', 'NewConnectionStatus', 'Up'],
    ['no-address', 'GetStatusInfo', 'NewConnectionStatus', 'Disconnected'],
    ['no-address', 'GetExternalIPAddress', 'NewExternalIPAddress', '0.0.0.0'],
    ['address-not-told', 'GetExternalIPAddress', 'NewExternalIPAddress', ''],
    ['maps-behind-cgnat', 'GetExternalIPAddress', 'NewExternalIPAddress', '100.72.3.4'],
    ['no-status-actions', 'GetStatusInfo', 'errorCode', '401'],
  ])('%s: %s', async (name, action, element, value) => {
    const { talk } = await scene(name);
    expect((await talk.soap(action)).value(element)).toBe(value);
  });

  it('still maps while it says disconnected (N1)', async () => {
    const { talk, home } = await scene('says-disconnected');
    await talk.add();
    await home.serve(home.client, 'tcp', 8080);
    expect(await home.whoAnswers('tcp', 8080)).toBe('client');
  });

  it('does not know actions that it does not list', async () => {
    const { talk } = await scene('miniupnpd-igd1');
    expect((await talk.add({}, 'AddAnyPortMapping')).code).toBe(401);
    expect((await talk.soap('Nonsense')).code).toBe(401);
    expect((await talk.soap('SetConnectionType', { NewConnectionType: 'IP_Routed' })).code).toBe(731);
    expect((await talk.soap('ForceTermination')).code).toBe(606);
  });

  it('has one live service among several (X10)', async () => {
    const { talk } = await scene('several-wan-services');
    const controls = (await talk.get('/rootDesc.xml')).match(
      /<controlURL>[^<]*(?=<\/controlURL><eventSubURL>\/evt\/WAN(?:IP|PPP))/g,
    );
    expect(controls).toHaveLength(3);
    talk.service = 'urn:schemas-upnp-org:service:WANPPPConnection:1';
    talk.control = '/ctl/WANPPPCn';
    expect((await talk.soap('GetStatusInfo')).value('NewConnectionStatus')).toBe('Disconnected');
    expect((await talk.add()).code).toBe(501);
    talk.service = CONNECTION;
    talk.control = '/ctl/WANIPCn';
    expect((await talk.add()).status).toBe(200);
  });
});
