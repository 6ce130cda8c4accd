import { describe, expect, test } from 'vitest';
import { ip } from '../../../main/contract/address.ts';
import type { MappingWish } from '../../../main/contract/mapping.ts';
import { port, seconds } from '../../../main/contract/units.ts';
import { PinholeControl } from '../../../main/gateways/pinholes/pinholes.ts';
import { never, service, WatchedRouter, type Answers } from '../../support/igd-scene.ts';
import type { Traits } from '../../../main/simulator/router/personality.ts';

const LAPTOP = ip('2a01:db9::7');
const PRIVACY = ip('2a01:db9::abcd');
const TELEVISION = ip('2a01:db9::30');
const FIREWALL = 'urn:schemas-upnp-org:service:WANIPv6FirewallControl:1';

const wish: MappingWish = {
  family: 'ipv6',
  transport: 'udp',
  external: { port: port(4000) },
  internal: { client: LAPTOP, port: port(4000) },
  lease: seconds(7200),
  description: 'Portkeeper game',
  acceptOtherPort: false,
  handle: {},
  recreate: false,
};

function pinholes({
  habits = {},
  answers = {},
}: { readonly habits?: Traits['pinholes']; readonly answers?: Answers } = {}) {
  const igd = new WatchedRouter({ router: [{ device: { igdVersion: 2 }, pinholes: habits }], answers });
  igd.interfaceAddresses = ['192.168.1.7', LAPTOP, PRIVACY, 'fe80::7'];
  const make = (controlUrl = 'http://[fe80::1%25eth0]:5000/ctl/WANIP6FC') =>
    new PinholeControl({
      network: igd,
      service: service({ type: FIREWALL, controlUrl }),
      localAddress: LAPTOP,
      traits: igd.traits,
    });
  const control = make();
  return {
    igd,
    control,
    make,
    open: (change: Partial<MappingWish> = {}) => igd.run(control.open({ ...wish, ...change }, never)),
    close: (change: Partial<MappingWish> = {}) => igd.run(control.close({ ...wish, ...change }, never)),
  };
}

describe('opening', () => {
  test('a pinhole leads from anywhere to the port itself', async () => {
    const { igd, open } = pinholes();
    const grant = await open();
    expect(grant).toEqual({
      external: { address: LAPTOP, port: 4000 },
      internal: { client: LAPTOP, port: 4000 },
      lease: 7200,
      handle: { pinholeId: igd.device.pinholes()[0]?.id },
      evidence: 'read-back',
    });
    // V4.
    expect(igd.calls[0]).toMatchObject({
      service: FIREWALL,
      action: 'AddPinhole',
      args: {
        RemoteHost: '',
        RemotePort: '0',
        InternalClient: LAPTOP,
        InternalPort: '4000',
        Protocol: '17',
        LeaseTime: '7200',
      },
      order: ['RemoteHost', 'RemotePort', 'InternalClient', 'InternalPort', 'Protocol', 'LeaseTime'],
    });
    await expect(open({ transport: 'tcp' })).resolves.toMatchObject({ evidence: 'answered' });
    expect(igd.called).toEqual(['AddPinhole', 'GetPinholePackets', 'AddPinhole']);
  });

  test('V1: is requested from the very address to be opened', async () => {
    const { igd, open } = pinholes();
    await open();
    await open({ internal: { client: PRIVACY, port: port(4000) } });
    const adds = igd.calls.filter(({ action }) => action === 'AddPinhole');
    expect(adds.map(({ from }) => from)).toEqual([LAPTOP, PRIVACY]);
    expect(adds[0]?.to).toEqual({ address: 'fe80::1', port: 5000, zone: 'eth0' });
    expect(adds[0]?.headers['host']).toBe('[fe80::1]:5000');
  });

  test('V9: over IPv4 the routing table chooses the address', async () => {
    const { igd, make } = pinholes({ habits: { ownAddressOnly: false } });
    await igd.run(make('http://192.168.1.1:5000/ctl/WANIP6FC').open(wish, never));
    expect(igd.calls.map(({ from }) => from)).toEqual(['192.168.1.7', '192.168.1.7']);
  });

  test('renewing updates by id', async () => {
    const { igd, open } = pinholes();
    const { handle } = await open({ lease: seconds(600) });
    igd.forget();
    await expect(open({ handle })).resolves.toMatchObject({ handle, lease: 7200 });
    expect(igd.calls).toMatchObject([
      { action: 'UpdatePinhole', args: { UniqueID: String(handle.pinholeId), NewLeaseTime: '7200' } },
    ]);
  });

  test('V8: an id that the gateway has forgotten is replaced', async () => {
    const { igd, open } = pinholes();
    const { handle } = await open({ handle: { pinholeId: 7 } });
    expect(handle).toEqual({ pinholeId: igd.device.pinholes()[0]?.id });
    expect(igd.called).toEqual(['UpdatePinhole', 'AddPinhole', 'GetPinholePackets']);
  });

  test('recreating deletes first', async () => {
    const { igd, open } = pinholes();
    await open({ handle: { pinholeId: 7 }, recreate: true });
    expect(igd.called.slice(0, 2)).toEqual(['DeletePinhole', 'AddPinhole']);
  });

  test.for([402, 600, 601])('V10: a lease refused with %i is requested as one hour from then on', async (fault) => {
    const { igd, open } = pinholes({
      answers: { AddPinhole: ({ args }) => (args['LeaseTime'] === '3600' ? undefined : { fault }) },
    });
    await expect(open({ lease: seconds(600) })).resolves.toMatchObject({ lease: 3600 });
    await expect(open({ lease: seconds(600), transport: 'tcp' })).resolves.toMatchObject({ lease: 3600 });
    expect(igd.calls.filter(({ action }) => action === 'AddPinhole')).toHaveLength(3);
  });

  test('V10: no more than a day is requested', async () => {
    const { open } = pinholes();
    await expect(open({ lease: seconds(1_000_000) })).resolves.toMatchObject({ lease: 86_400 });
  });

  test.for([
    [{ lease: 'permanent' }, 'no-permanent-lease'],
    [{ external: { port: port(5000) } }, 'same-port-only'],
    [{ internal: { client: ip('192.168.1.7'), port: port(4000) } }, 'unsupported'],
    [{ internal: { client: ip('fe80::7'), port: port(4000) } }, 'unsupported'],
  ] as const)('an impossible pinhole is refused without a request: %j', async ([change, reason]) => {
    const { igd, open } = pinholes();
    await expect(open(change)).rejects.toMatchObject({ reason });
    expect(igd.called).toEqual([]);
  });

  test('where another port will do, the internal one is opened', async () => {
    const { open } = pinholes();
    await expect(open({ external: { port: port(5000) }, acceptOtherPort: true })).resolves.toMatchObject({
      external: { port: 4000 },
    });
  });

  test.for([
    [701, 'table-full'],
    [702, 'switched-off'],
    [703, 'switched-off'],
    [705, 'unsupported'],
  ] as const)('%i is %s', async ([fault, reason]) => {
    const { open } = pinholes({ answers: { AddPinhole: { fault } } });
    await expect(open()).rejects.toMatchObject({ reason, code: `upnp ${fault}` });
  });

  test('V3: the switch that forbids it is named', async () => {
    const { open } = pinholes({ habits: { inboundAllowed: false }, answers: { AddPinhole: { fault: 606 } } });
    await expect(open()).rejects.toMatchObject({
      reason: 'switched-off',
      code: 'upnp 606',
      message: expect.stringContaining('inbound pinholes are switched off') as unknown,
    });
  });

  test('V1, V7: for another host it is that host that has to ask', async () => {
    const { open, control } = pinholes();
    await expect(open({ internal: { client: TELEVISION, port: port(4000) } })).rejects.toMatchObject({
      reason: 'only-for-itself',
    });
    expect(control.capabilities.thirdParty).toBe('no');
  });

  test('606 for its own address is a matter of rights', async () => {
    const { open } = pinholes({ answers: { AddPinhole: { fault: 606 }, GetFirewallStatus: { fault: 501 } } });
    await expect(open()).rejects.toMatchObject({ reason: 'not-authorized' });
  });

  test('a yes without a pinhole is not a success', async () => {
    const { open } = pinholes({ answers: { GetPinholePackets: { fault: 704 } } });
    await expect(open()).rejects.toMatchObject({ reason: 'failed', code: 'upnp read-back' });
  });

  test('an answer without an id is malformed', async () => {
    const { open } = pinholes({ answers: { AddPinhole: { values: { UniqueID: 'abc' } } } });
    await expect(open()).rejects.toMatchObject({ name: 'Malformed' });
  });
});

describe('closing', () => {
  test('by the id of the handle, or of its own grant', async () => {
    const { igd, open, close, make } = pinholes();
    await open();
    await close();
    expect(igd.device.pinholes()).toEqual([]);
    const { handle } = await open();
    igd.forget();
    await igd.run(make().close({ ...wish, handle }, never));
    expect(igd.device.pinholes()).toEqual([]);
    expect(igd.called).toEqual(['DeletePinhole']);
  });

  test('704 is done', async () => {
    const { close } = pinholes();
    await expect(close({ handle: { pinholeId: 9 } })).resolves.toBeUndefined();
  });

  test('V5: where deleting is refused the lease is cut to a second', async () => {
    const { igd, open, close } = pinholes({ habits: { deletes: false } });
    await open();
    await close();
    expect(igd.calls.at(-1)).toMatchObject({ action: 'UpdatePinhole', args: { NewLeaseTime: '1' } });
    await igd.pass(2000);
    expect(igd.device.pinholes()).toEqual([]);
  });

  test('V5: and when that is refused too, so is closing', async () => {
    const { close } = pinholes({ answers: { DeletePinhole: { fault: 606 }, UpdatePinhole: { fault: 606 } } });
    await expect(close({ handle: { pinholeId: 9 } })).rejects.toMatchObject({ reason: 'not-authorized' });
  });

  test('V8: a pinhole whose id was lost is requested again to learn it', async () => {
    const { igd, open, make } = pinholes();
    await open();
    igd.forget();
    await igd.run(make().close(wish, never));
    expect(igd.calls.map(({ action, args }) => [action, args['LeaseTime']])).toEqual([
      ['AddPinhole', '1'],
      ['DeletePinhole', undefined],
    ]);
    expect(igd.device.pinholes()).toEqual([]);
  });
});

describe('finding', () => {
  const byId = { ...wish, handle: { pinholeId: 9 } };

  test('by id', async () => {
    const { igd, open, make } = pinholes();
    const { handle } = await open();
    await expect(igd.run(make().find({ ...wish, handle }, never))).resolves.toMatchObject({
      internal: { client: LAPTOP, port: 4000 },
    });
  });

  test('its own grants need no id', async () => {
    const { igd, open, control } = pinholes();
    await open();
    await expect(igd.run(control.find({ transport: 'udp', external: wish.external }, never))).resolves.toMatchObject({
      internal: { client: LAPTOP },
    });
  });

  test('704 is absent', async () => {
    const { igd, control } = pinholes();
    await expect(igd.run(control.find(byId, never))).resolves.toBe('absent');
  });

  test('V8: without an id nobody knows', async () => {
    const { igd, control } = pinholes();
    await expect(igd.run(control.find(wish, never))).resolves.toBe('cannot-tell');
    expect(igd.called).toEqual([]);
  });

  test('V6: 709 means that it is there', async () => {
    const { igd, open, make } = pinholes({ answers: { GetPinholePackets: { fault: 602 } } });
    const { handle } = await open();
    await expect(igd.run(make().find({ ...wish, handle }, never))).resolves.toMatchObject({ enabled: true });
    expect(igd.called.at(-1)).toBe('CheckPinholeWorking');
  });

  test('V6: a gateway without either question cannot know, and is not asked again', async () => {
    const { igd, control } = pinholes({
      answers: { GetPinholePackets: { fault: 401 }, CheckPinholeWorking: { fault: 602 } },
    });
    await expect(igd.run(control.find(byId, never))).resolves.toBe('cannot-tell');
    await igd.run(control.find(byId, never));
    expect(igd.called).toHaveLength(2);
    expect(control.capabilities.canFind).toBe(false);
  });
});

describe('more of a firewall', () => {
  test('its status', async () => {
    const { igd, control } = pinholes();
    await expect(igd.run(control.firewallStatus(never))).resolves.toEqual({
      enabled: true,
      inboundPinholesAllowed: true,
    });
    await expect(igd.run(control.vitals(never))).resolves.toEqual({});
  });
});
