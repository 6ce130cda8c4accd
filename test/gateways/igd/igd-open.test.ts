import { describe, expect, test } from 'vitest';
import { ip } from '../../../main/contract/address.ts';
import { inSeconds, port, seconds } from '../../../main/contract/units.ts';
import { outcomeOf } from '../../../main/gateways/failure.ts';
import {
  LAPTOP,
  never,
  row,
  scene,
  service,
  TELEVISION,
  wish,
  WANIP1,
  WANIP2,
  type Reply,
} from '../../support/igd-scene.ts';

const READ = 'GetSpecificPortMappingEntry';
const LIST = 'GetGenericPortMappingEntry';

describe('a router that behaves', () => {
  test('the first mapping is read back, the next ones cost one request each', async () => {
    const { igd, open } = scene();
    await expect(open()).resolves.toEqual({
      external: { port: 8080 },
      internal: { client: LAPTOP, port: 80 },
      lease: 3600,
      handle: {},
      evidence: 'read-back',
    });
    await expect(open({ external: { port: port(8081) } })).resolves.toMatchObject({
      evidence: 'answered',
      lease: 3600,
    });
    expect(igd.called).toEqual(['AddPortMapping', READ, 'AddPortMapping']);
  });

  test('C8, C11, C23, X31: the arguments are the standard ones, in the standard order', async () => {
    const { igd, open } = scene();
    await open({ transport: 'udp' });
    expect(igd.calls[0]?.args).toEqual({
      NewRemoteHost: '',
      NewExternalPort: '8080',
      NewProtocol: 'UDP',
      NewInternalPort: '80',
      NewInternalClient: '192.168.1.7',
      NewEnabled: '1',
      NewPortMappingDescription: 'Portkeeper web TCP 8080',
      NewLeaseDuration: '3600',
    });
    expect(igd.calls[0]?.order[0]).toBe('NewRemoteHost');
    expect(igd.calls[0]?.order[7]).toBe('NewLeaseDuration');
  });

  test('C26: a description is never empty', async () => {
    const { igd, open } = scene();
    await open({ description: '' });
    expect(igd.calls[0]?.args['NewPortMappingDescription']).not.toBe('');
  });

  test('a permanent mapping is requested with 0 and believed once seen', async () => {
    const { igd, open } = scene();
    await expect(open({ lease: 'permanent' })).resolves.toMatchObject({ lease: 'permanent', evidence: 'read-back' });
    expect(igd.calls[0]?.args['NewLeaseDuration']).toBe('0');
  });

  test('L13: a gateway that was away, or whose connection is new, is doubted again', async () => {
    const { igd, open, control } = scene();
    await igd.pass(1_000_000);
    await open();
    await igd.run(control.vitals(never));
    await expect(open()).resolves.toMatchObject({ evidence: 'answered' });
    igd.device.changeExternalAddress(ip('11.22.33.44'));
    await igd.run(control.vitals(never));
    await expect(open()).resolves.toMatchObject({ evidence: 'read-back' });
    igd.connectFault = 'refused';
    await expect(open()).rejects.toMatchObject({ name: 'Unreachable' });
    igd.connectFault = undefined;
    await expect(open()).resolves.toMatchObject({ evidence: 'read-back' });
  });

  test('L7: the first permanent mapping is read back, whatever was read back before', async () => {
    const { igd, open } = scene();
    await open();
    await open({ lease: 'permanent', external: { port: port(8081) } });
    await open({ lease: 'permanent', external: { port: port(8082) } });
    expect(igd.called).toEqual(['AddPortMapping', READ, 'AddPortMapping', READ, 'AddPortMapping']);
  });

  test('C16: TCP and UDP on one port are checked once', async () => {
    const { igd, open } = scene();
    await open();
    await open({ transport: 'udp' });
    await open({ transport: 'udp', external: { port: port(9000) } });
    await open({ external: { port: port(9000) } });
    expect(igd.called).toEqual(['AddPortMapping', READ, 'AddPortMapping', READ, 'AddPortMapping', 'AddPortMapping']);
  });

  test('a router that was away has its next grant read back', async () => {
    const { igd, open, control } = scene();
    await open();
    igd.connectFault = 'refused';
    await expect(igd.run(control.vitals(never))).rejects.toMatchObject({ why: 'refused' });
    igd.connectFault = undefined;
    await expect(open()).resolves.toMatchObject({ evidence: 'read-back' });
    expect(igd.called).toEqual(['AddPortMapping', READ, 'AddPortMapping', READ]);
  });

  test('an IPv6 wish is refused without a request', async () => {
    const { igd, open } = scene();
    await expect(open({ family: 'ipv6' })).rejects.toMatchObject({ reason: 'unsupported' });
    expect(igd.called).toEqual([]);
  });
});

describe('leases', () => {
  test.for([
    ['L1', 725],
    ['L2', 402],
    ['L3', 501],
    ['L5', -911],
  ] as const)('%s: a lease refused with %i is requested as permanent, and that is remembered', async ([, code]) => {
    const { igd, open, control } = scene({ router: [{ lease: { permanent: 'only', refusal: code } }] });
    await expect(open()).resolves.toMatchObject({ lease: 'permanent', evidence: 'read-back' });
    expect(igd.traits.get().leases).toBe('permanent-only');
    expect(igd.traits.learnt).toEqual(['refused a lease, took a permanent mapping']);
    expect(control.capabilities.permanentLeases).toBe('only');
    await open({ external: { port: port(8081) } });
    expect(
      igd.calls.filter(({ action }) => action === 'AddPortMapping').map(({ args }) => args['NewLeaseDuration']),
    ).toEqual(['3600', '0', '0']);
  });

  test('L2: bad arguments are reported when no lease helps, and the ladder then rests', async () => {
    const { igd, open } = scene({ router: [{ mapping: { readOnlyCode: 402 } }] });
    await expect(open()).rejects.toMatchObject({ reason: 'bad-arguments', code: 'upnp 402' });
    const first = igd.calls.map(({ args }) => args['NewLeaseDuration']);
    expect(first).toEqual(['3600', '0', '86400']);
    await expect(open()).rejects.toMatchObject({ code: 'upnp 402' });
    expect(igd.calls).toHaveLength(first.length + 1);
    expect(igd.traits.learnt).toEqual([]);
  });

  test('L16: a router that takes none but long leases gets a long one at once next time', async () => {
    const { igd, open } = scene({
      answers: { AddPortMapping: ({ args }) => (args['NewLeaseDuration'] === '86400' ? undefined : { fault: 402 }) },
    });
    await expect(open()).resolves.toMatchObject({ lease: 86_400 });
    igd.forget();
    await open({ external: { port: port(8081) } });
    expect(igd.calls.map(({ args }) => args['NewLeaseDuration'])).toEqual(['86400']);
  });

  test('L4: a lease that makes no entry is tried as a permanent mapping', async () => {
    const { igd, open } = scene({
      router: ['accepts-but-drops-leased'],
      rows: [row({ external: 1, client: TELEVISION })],
    });
    await expect(open()).resolves.toMatchObject({ lease: 'permanent', evidence: 'read-back' });
    expect(igd.traits.get()).toMatchObject({ leases: 'permanent-only', unreliableSuccess: true });
  });

  test('C18: no error and no entry in a long table means that it is full', async () => {
    const rows = Array.from({ length: 32 }, (_, index) => row({ external: 1000 + index, client: TELEVISION }));
    const { igd, open } = scene({ rows, router: ['table-full-silent'] });
    await expect(open()).rejects.toMatchObject({ reason: 'table-full' });
    expect(igd.traits.get().unreliableSuccess).toBe(true);
  });

  test('E5: a router that never shows its table is believed, but not taken for proof', async () => {
    const { igd, open, control } = scene({ router: ['lists-nothing'] });
    await expect(open()).resolves.toMatchObject({ evidence: 'answered', lease: 3600 });
    expect(igd.traits.get().listing).toBe('unreliable');
    const adds = igd.calls.filter(({ action }) => action === 'AddPortMapping');
    expect(adds.at(-1)?.args['NewLeaseDuration']).toBe('3600');
    igd.forget();
    await open();
    expect(igd.called).toEqual(['AddPortMapping']);
    expect(await igd.run(control.find(wish, never))).toBe('cannot-tell');
  });

  test('E5, L9: a refusal to overwrite proves the entry that the table hides; it is renewed by deleting', async () => {
    const { igd, open, table } = scene({ router: ['refuses-own-overwrite-718', 'lists-nothing'] });
    await expect(open()).resolves.toMatchObject({ evidence: 'answered', lease: 3600 });
    igd.forget();
    await expect(open()).resolves.toMatchObject({ evidence: 'answered', lease: 3600 });
    expect(igd.called.filter((action) => action !== READ)).toEqual([
      'AddPortMapping',
      'DeletePortMapping',
      'AddPortMapping',
    ]);
    expect(table()).toEqual(['tcp/8080 → 192.168.1.7:80']);
  });

  test('L6: the lease that is listed counts', async () => {
    const { open } = scene({ router: ['constant-lease-86400'] });
    await expect(open()).resolves.toMatchObject({ lease: 86_400 });
  });

  test('L7: "permanent" may be a week, and is presumed so from then on', async () => {
    const { igd, open } = scene({ router: ['seven-day-cap', { http: { latency: inSeconds(1.5) } }] });
    await expect(open({ lease: 'permanent' })).resolves.toMatchObject({ lease: 604_799 });
    expect(igd.traits.get()).toMatchObject({ leases: 'capped', longestLease: 604_800 });
    await expect(open({ lease: 'permanent', external: { port: port(8081) } })).resolves.toMatchObject({
      lease: 604_800,
    });
  });

  test('L6: no longer lease is requested than is known to be given', async () => {
    const { igd, open } = scene();
    igd.traits.learn({ longestLease: 600 }, 'gives 600 seconds at most');
    await expect(open()).resolves.toMatchObject({ lease: 600 });
    expect(igd.calls[0]?.args['NewLeaseDuration']).toBe('600');
  });

  test('L15: a listed 0 or a few seconds less is no reason to doubt the lease', async () => {
    const zero = scene({ router: [{ lease: { reported: 'zero' } }] });
    await expect(zero.open()).resolves.toMatchObject({ lease: 3600 });
    const slow = scene({ router: [{ http: { latency: inSeconds(9) } }] });
    await expect(slow.open()).resolves.toMatchObject({ lease: 3600 });
  });

  test('L8: a renewal that does not restart the clock becomes delete and add', async () => {
    const { igd, open } = scene({ router: ['renew-does-not-restart-clock'] });
    await open();
    await igd.pass(1_800_000);
    igd.forget();
    await expect(open()).resolves.toMatchObject({ lease: 3600, evidence: 'read-back' });
    expect(igd.called).toEqual(['AddPortMapping', READ, READ, 'DeletePortMapping', 'AddPortMapping', READ]);
    expect(igd.traits.get().renewalNeedsDelete).toBe(true);
    await igd.pass(1_800_000);
    igd.forget();
    await open();
    expect(igd.called).toEqual([READ, 'DeletePortMapping', 'AddPortMapping']);
  });

  test('L8: the first renewal is checked, and where the clock restarts no other one is', async () => {
    const { igd, open } = scene();
    await open();
    await igd.pass(1_800_000);
    await open();
    await igd.pass(1_800_000);
    await open();
    expect(igd.called).toEqual(['AddPortMapping', READ, 'AddPortMapping', READ, 'AddPortMapping']);
    expect(igd.traits.learnt).toEqual([]);
  });
});

describe('conflicts', () => {
  test('C1, L9: its own entry in the way is replaced', async () => {
    const { igd, restarted } = scene({ router: ['refuses-own-overwrite-718'], rows: [row({ lease: 1000 })] });
    await expect(igd.run(restarted().open(wish, never))).resolves.toMatchObject({ lease: 3600, evidence: 'read-back' });
    expect(igd.traits.get().renewalNeedsDelete).toBe(true);
  });

  test('C1: its own permanent entry is held, not touched', async () => {
    const { igd, open } = scene({ router: ['refuses-own-overwrite-718'], rows: [row({ lease: 0 })] });
    await expect(open({ lease: 'permanent' })).resolves.toMatchObject({ lease: 'permanent', evidence: 'read-back' });
    expect(igd.called).not.toContain('DeletePortMapping');
  });

  test.for([
    ['another client', row({ client: TELEVISION })],
    ['another port', row({ internal: 81 })],
    ['one remote host only', row({ remoteHost: '9.9.9.9' })],
  ] as const)('an entry with %s is never touched', async ([, entry]) => {
    const { igd, open, table } = scene({
      router: ['refuses-own-overwrite-718'],
      rows: [entry],
      answers: {
        [READ]: {
          values: {
            ...ENTRY,
            NewRemoteHost: entry.remoteHost,
            NewInternalClient: entry.client,
            NewInternalPort: String(entry.internal),
          },
        },
      },
    });
    const before = table();
    await expect(open()).rejects.toMatchObject({ reason: 'conflict', code: 'upnp 718' });
    await expect(open({ recreate: true })).rejects.toMatchObject({ reason: 'conflict' });
    expect(table()).toEqual(before);
    expect(igd.called).not.toContain('DeletePortMapping');
  });

  describe.each([
    ['the text of PCP', 'PCP MAP 0102030405060708090a0b0c'],
    ['the text of NAT-PMP', 'NAT-PMP 8080 tcp'],
    ['another program’s text', 'Transmission at 8080'],
    ['no text', ''],
  ])('P26: an entry with %s that leads where ours is to lead', (_, description) => {
    test('is ours: it is not cut while it lasts, and nothing is learnt from it', async () => {
      const { igd, open } = scene({
        router: ['refuses-own-overwrite-718'],
        rows: [row({ description, lease: 2000 })],
      });
      await expect(open()).resolves.toMatchObject({ lease: 2000, evidence: 'read-back' });
      expect(igd.called).not.toContain('DeletePortMapping');
      await igd.pass(1_900_000);
      await expect(open()).resolves.toMatchObject({ lease: 3600 });
      expect(igd.device.table()[0]?.description).toBe(wish.description);
      expect(igd.traits.get().renewalNeedsDelete).toBeUndefined();
    });

    test('is made again where it may be dead', async () => {
      const { igd, open } = scene({ rows: [row({ description })] });
      await expect(open({ recreate: true })).resolves.toMatchObject({ lease: 3600 });
      expect(igd.called.slice(0, 3)).toEqual([READ, 'DeletePortMapping', 'AddPortMapping']);
    });

    test('is overwritten where UPnP may not delete it', async () => {
      const { open } = scene({
        rows: [row({ description })],
        answers: { DeletePortMapping: { fault: 606 } },
      });
      await expect(open({ recreate: true })).resolves.toMatchObject({ lease: 3600 });
    });
  });

  test('an entry of another host’s that leads where a forward to it is to lead is not ours', async () => {
    const forTelevision = { internal: { client: TELEVISION, port: port(80) } };
    const theirs = row({ client: TELEVISION, description: 'Television' });
    const { igd, open, table } = scene({ router: ['refuses-own-overwrite-718'], rows: [theirs] });
    const before = table();
    await expect(open(forTelevision)).rejects.toMatchObject({ reason: 'conflict' });
    await expect(open({ ...forTelevision, recreate: true })).rejects.toMatchObject({ reason: 'conflict' });
    expect(table()).toEqual(before);
    expect(igd.called).not.toContain('DeletePortMapping');
  });

  test('C25: after its own grant a changed text is known again', async () => {
    const renamed = (): Reply => {
      if (state.table().length > 0) return { fault: 718 };
      state.put(row({ description: 'HTTP-Server' }));
      return { values: {} };
    };
    const state = scene({ answers: { AddPortMapping: renamed } });
    await state.open();
    await state.igd.pass(1_800_000);
    await expect(state.open()).resolves.toMatchObject({ lease: 3600 });
  });

  test('C25: a router that cuts texts still shows whose the entry is', async () => {
    const { igd, restarted } = scene({
      router: ['refuses-own-overwrite-718'],
      rows: [row({ description: 'Portkeeper w'.slice(0, 11) })],
    });
    await expect(igd.run(restarted().open(wish, never))).resolves.toMatchObject({ lease: 3600 });
  });

  test('C3: 718 without anyone in the way means that only the host itself may ask', async () => {
    const { open, control } = scene({ router: ['718-for-third-party'] });
    await expect(open({ internal: { client: TELEVISION, port: port(80) } })).rejects.toMatchObject({
      reason: 'only-for-itself',
    });
    expect(control.capabilities.thirdParty).toBe('no');
  });

  test('C4: 718 without anyone in the way for its own address is a rule that is not listed', async () => {
    const { open } = scene({ router: [{ mapping: { readOnlyCode: 718 } }] });
    await expect(open()).rejects.toMatchObject({ reason: 'conflict-other-mechanism', code: 'upnp 718' });
  });

  test('C7: a router that cannot take one internal port twice shows it', async () => {
    const { open, control } = scene({ router: ['internal-port-once'] });
    await open();
    await expect(open({ external: { port: port(9090) } })).rejects.toMatchObject({ reason: 'conflict' });
    expect(control.capabilities.onePerInternalPort).toBe(true);
  });

  test('C16: where UDP displaces TCP the first one is put back and the second refused, at once the next time', async () => {
    const { igd, open, table } = scene({ router: ['tcp-udp-replaces'] });
    await open();
    await expect(open({ transport: 'udp' })).rejects.toMatchObject({
      reason: 'one-transport',
      code: 'upnp twin',
    });
    expect(table()).toEqual(['tcp/8080 → 192.168.1.7:80']);
    igd.forget();
    await expect(open({ transport: 'udp' })).rejects.toMatchObject({ reason: 'one-transport' });
    expect(igd.called).toEqual([]);
  });

  test('C16: it is noticed, too, where the first one was not read back', async () => {
    const { open, table } = scene({ router: ['tcp-udp-replaces'] });
    await open({ external: { port: port(8081) } });
    await expect(open()).resolves.toMatchObject({ evidence: 'answered' });
    await expect(open({ transport: 'udp' })).rejects.toMatchObject({ reason: 'one-transport' });
    expect(table()).toContain('tcp/8080 → 192.168.1.7:80');
  });

  test('C16: what displaced the first one is forgotten, though taking it away was never answered', async () => {
    const { open, table } = scene({
      router: ['tcp-udp-replaces'],
      answers: { DeletePortMapping: { breaks: 'hang' } },
    });
    await open();
    await expect(open({ transport: 'udp' })).rejects.toMatchObject({ name: 'Unreachable' });
    await open();
    expect(table()).toEqual(['tcp/8080 → 192.168.1.7:80']);
  });

  test('C16: the first one is put back though what displaced it may not be deleted', async () => {
    const { open, table } = scene({ router: ['tcp-udp-replaces'], answers: { DeletePortMapping: { fault: 606 } } });
    await open();
    await expect(open({ transport: 'udp' })).rejects.toMatchObject({ reason: 'one-transport' });
    expect(table()).toEqual(['tcp/8080 → 192.168.1.7:80']);
  });

  test.for<Reply>([{ values: {} }, { fault: 718 }])(
    'C16: what displaced the first one, may not be deleted and stays is no refusal, which would leave no record: %j',
    async (putBack) => {
      const { open, table } = scene({
        router: ['tcp-udp-replaces'],
        answers: { DeletePortMapping: { fault: 606 }, AddPortMapping: ({ nth }) => (nth > 2 ? putBack : undefined) },
      });
      await open();
      await expect(open({ transport: 'udp' })).rejects.toMatchObject({ name: 'Malformed', undone: false });
      expect(table()).toEqual(['udp/8080 → 192.168.1.7:80']);
    },
  );

  test('C16: while the first one is deleted and made again the second does not take its place', async () => {
    const meanwhile: Promise<unknown>[] = [];
    const { igd, control, open, table } = scene({
      router: ['tcp-udp-replaces'],
      answers: {
        AddPortMapping: ({ nth }) => {
          if (nth === 4) meanwhile.push(outcomeOf(control.open({ ...wish, transport: 'udp' }, never)));
          return undefined;
        },
      },
    });
    await open();
    await expect(open({ transport: 'udp' })).rejects.toMatchObject({ reason: 'one-transport' });
    await open({ recreate: true });
    await expect(igd.run(Promise.all(meanwhile))).resolves.toMatchObject([{ reason: 'one-transport' }]);
    expect(table()).toEqual(['tcp/8080 → 192.168.1.7:80']);
  });

  test('C16: where a second UDP port is refused beside its TCP, the router keeps one transport per port', async () => {
    const { igd, open } = scene({ router: ['tcp-udp-exclusive'] });
    const other = { external: { port: port(8081) } };
    await open();
    await expect(open({ transport: 'udp' })).rejects.toMatchObject({ reason: 'conflict-other-mechanism' });
    await open(other);
    await expect(open({ ...other, transport: 'udp' })).rejects.toMatchObject({ reason: 'one-transport' });
    igd.forget();
    await expect(open({ transport: 'udp' })).rejects.toMatchObject({ reason: 'one-transport' });
    expect(igd.called).toEqual([]);
  });

  test('C16: where TCP and UDP were seen side by side, a rule of the router’s own on two ports is just that', async () => {
    const { open } = scene({
      answers: {
        AddPortMapping: ({ args }) =>
          args['NewProtocol'] === 'UDP' && args['NewExternalPort'] !== '8080' ? { fault: 718 } : undefined,
      },
    });
    await open();
    await open({ transport: 'udp' });
    for (const other of [8081, 8082]) {
      const place = { external: { port: port(other) }, internal: { client: LAPTOP, port: port(other) } };
      await open(place);
      await expect(open({ ...place, transport: 'udp' })).rejects.toMatchObject({ reason: 'conflict-other-mechanism' });
    }
    await expect(open()).resolves.toMatchObject({ external: { port: 8080 } });
    await expect(open({ transport: 'udp' })).resolves.toMatchObject({ external: { port: 8080 } });
  });

  test('C16: what is held on both transports is renewed, whatever two other ports say', async () => {
    const { open } = scene({
      answers: {
        [READ]: ({ nth }) => (nth === 2 ? { breaks: 'hang' } : undefined),
        AddPortMapping: ({ args }) =>
          args['NewProtocol'] === 'UDP' && args['NewExternalPort'] !== '8080' ? { fault: 718 } : undefined,
      },
    });
    await open();
    await expect(open({ transport: 'udp' })).rejects.toMatchObject({ name: 'Unreachable' });
    for (const other of [8081, 8082]) {
      const place = { external: { port: port(other) }, internal: { client: LAPTOP, port: port(other) } };
      await open(place);
      await outcomeOf(open({ ...place, transport: 'udp' }));
    }
    await expect(open({ external: { port: port(8082) }, transport: 'udp' })).rejects.toMatchObject({
      reason: 'one-transport',
    });
    await expect(open()).resolves.toMatchObject({ external: { port: 8080 } });
    await expect(open({ transport: 'udp' })).resolves.toMatchObject({ external: { port: 8080 } });
  });

  test('C9: equal ports only', async () => {
    const { igd, open, control } = scene({ router: ['same-port-only-724'] });
    await expect(open()).rejects.toMatchObject({ reason: 'same-port-only', offeredPort: 80 });
    expect(control.capabilities.translatesPorts).toBe(false);
    expect(igd.called).toEqual(['AddPortMapping']);
  });

  test.for([
    [606, 'not-authorized'],
    [726, 'wildcard-only'],
    [727, 'wildcard-only'],
    [728, 'table-full'],
    [731, 'not-authorized'],
  ] as const)('%i is %s, at the first request', async ([fault, reason]) => {
    const { igd, open } = scene({ router: [{ mapping: { readOnlyCode: fault } }] });
    await expect(open()).rejects.toMatchObject({ reason, code: `upnp ${fault}` });
    expect(igd.called).toEqual(['AddPortMapping']);
  });

  test('C6: 501 because somebody else has the port', async () => {
    const { open } = scene({ rows: [row({ client: TELEVISION })], router: ['read-only-501'] });
    await expect(open()).rejects.toMatchObject({ reason: 'conflict', code: 'upnp 501' });
  });

  test('L17: what is still there is kept while every add fails', async () => {
    const { igd, open, table } = scene({ rows: [row({ lease: 2000 })], router: ['read-only-501'] });
    await expect(open()).resolves.toMatchObject({ evidence: 'read-back', lease: 2000 });
    expect(igd.called).not.toContain('DeletePortMapping');
    expect(table()).toHaveLength(1);
  });

  test.for(['', '0.0.0.0', '10.1.2.3', '100.64.0.9'])(
    '501 from a router whose external address is "%s" is about that address',
    async (address) => {
      const { open } = scene({
        router: ['no-address'],
        answers: { GetExternalIPAddress: { values: { NewExternalIPAddress: address } } },
      });
      await expect(open()).rejects.toMatchObject({ reason: 'no-external-address', code: 'upnp 501' });
    },
  );

  test('501 while the line is down: our entry stays, however little time it has', async () => {
    const { igd, open } = scene({ rows: [row({ lease: 60 })], router: ['no-address'] });
    await expect(open()).rejects.toMatchObject({ reason: 'no-external-address' });
    expect(igd.called).not.toContain('DeletePortMapping');
  });

  test('501, and whether the line is up cannot be read: our entry stays, and nothing is learnt', async () => {
    const { igd, open } = scene({
      rows: [row({ lease: 60 })],
      router: ['read-only-501'],
      answers: { GetExternalIPAddress: { status: 400, body: '' } },
    });
    await expect(open()).rejects.toMatchObject({ reason: 'failed', code: 'upnp 501' });
    expect(igd.called).not.toContain('DeletePortMapping');
    expect(igd.traits.get().renewalNeedsDelete).toBeUndefined();
  });

  test('501 from a router with a public address stays a failure', async () => {
    const { open } = scene({ router: ['read-only-501'] });
    await expect(open()).rejects.toMatchObject({ reason: 'failed', code: 'upnp 501' });
  });

  test('C29: where another port will do, the router picks one', async () => {
    const { igd, open, control } = scene({
      router: [{ device: { igdVersion: 2 }, mapping: { addAny: true } }],
      rows: [row({ client: TELEVISION })],
      options: { service: service({ type: WANIP2, actions: ['AddPortMapping', 'AddAnyPortMapping', READ] }) },
    });
    expect(control.capabilities.picksFreePort).toBe(true);
    await expect(open({ acceptOtherPort: true })).resolves.toMatchObject({ external: { port: 8081 } });
    expect(igd.called).toEqual(['AddPortMapping', READ, 'AddAnyPortMapping', READ]);
  });

  test('an action that is not declared is not called', async () => {
    const { igd, open } = scene({
      rows: [row({ client: TELEVISION })],
      options: { service: service({ type: WANIP1, actions: ['AddPortMapping', READ] }) },
    });
    await expect(open({ acceptOtherPort: true })).rejects.toMatchObject({ reason: 'conflict' });
    expect(igd.called).toEqual(['AddPortMapping', READ]);
  });
});

describe('routers that answer oddly', () => {
  test('X34: after a broken connection the table is read before the add is repeated', async () => {
    const { igd, open } = scene({
      answers: { AddPortMapping: ({ nth }) => (nth === 1 ? { breaks: 'reset' } : undefined) },
    });
    await expect(open()).resolves.toMatchObject({ lease: 3600 });
    expect(igd.called).toEqual(['AddPortMapping', READ, 'AddPortMapping', READ]);
    expect((igd.calls[1]?.at ?? 0) - (igd.calls[0]?.at ?? 0)).toBeGreaterThanOrEqual(300);
  });

  test('X34: an add that was carried out before the connection broke is not repeated', async () => {
    const { igd, open } = scene({ router: [{ soap: { add: 'hang-up', addIsDone: true } }] });
    await expect(open()).resolves.toMatchObject({ lease: 3600, evidence: 'read-back' });
    expect(igd.called).toEqual(['AddPortMapping', READ]);
  });

  test.each([
    ['a page', { router: ['page-for-add'] }, 'Malformed'],
    ['noise', { answers: { AddPortMapping: { raw: 'no HTTP at all' } } }, 'Malformed'],
    ['nothing', { router: ['nothing-for-add'] }, 'Malformed'],
    [
      'another page',
      { answers: { AddPortMapping: { status: 302, headers: { Location: 'http://192.168.1.1/login' } } } },
      'Malformed',
    ],
    ['a closed connection', { router: ['hangs-up-on-add'] }, 'Unreachable'],
  ] as const)('%s for an add is looked into: the table shows that nothing was made', async (_what, odd, name) => {
    const { igd, open } = scene(odd);
    await expect(open()).rejects.toMatchObject({ name, undone: true });
    expect(igd.called).toContain(READ);
    // The second try costs no more than an add and a look.
    igd.forget();
    await expect(open()).rejects.toMatchObject({ name, undone: true });
    expect(igd.called.filter((action) => action === 'AddPortMapping')).toHaveLength(1);
  });

  test.each(['page', 'noise'] as const)(
    '%s for an add that was carried out all the same is found in the table',
    async (add) => {
      const { open } = scene({ router: [{ soap: { add, addIsDone: true } }] });
      await expect(open()).resolves.toMatchObject({ lease: 3600, evidence: 'read-back' });
    },
  );

  test('where the table cannot be read it may have been made', async () => {
    const { open } = scene({
      router: ['noise-for-add'],
      answers: { [READ]: { fault: 401 }, [LIST]: { fault: 401 } },
    });
    await expect(open()).rejects.toMatchObject({ name: 'Malformed', undone: false });
  });

  test('L1, L4: a router that takes permanent mappings only, and answers every add with a page, gets one', async () => {
    const { igd, open } = scene({
      rows: [row({ external: 7777, client: TELEVISION })],
      router: ['permanent-only-725', 'page-for-add-but-done'],
    });
    await expect(open()).resolves.toMatchObject({ lease: 'permanent', evidence: 'read-back' });
    igd.forget();
    await open();
    expect(igd.called).toEqual(['AddPortMapping', READ]);
  });

  test('E5: what an unreadable answer may have made in a table that shows nothing is taken back', async () => {
    const { open, table } = scene({ router: ['page-for-add-but-done', 'lists-nothing'] });
    await expect(open()).rejects.toMatchObject({ name: 'Malformed', undone: true });
    expect(table()).toEqual([]);
  });

  test.for([
    'HTTP/1.1 500 x\r\nContent-Length: 900\r\n\r\n<s:Envelope><s:Body><s:Fault>',
    'HTTP/1.1 302 x\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n',
  ])(
    'E5: an unreadable answer with a status that is no yes may mean taken: nothing is deleted unseen: %j',
    async (raw) => {
      const theirs = row({ client: TELEVISION });
      const { igd, open, table } = scene({
        rows: [theirs],
        router: ['lists-nothing'],
        answers: { AddPortMapping: { raw } },
      });
      await expect(open()).rejects.toMatchObject({ name: 'Malformed', undone: true });
      expect(igd.called).not.toContain('DeletePortMapping');
      expect(table()).toHaveLength(1);
    },
  );

  test('C4: a conflict whose holder cannot be looked up is not a rule of the router’s own', async () => {
    const { open } = scene({
      router: [{ mapping: { readOnlyCode: 718 } }],
      answers: { [READ]: { fault: 501 }, [LIST]: { fault: 401 } },
    });
    await expect(open()).rejects.toMatchObject({ reason: 'conflict' });
  });

  test('X27: a yes without a body is read back, every time', async () => {
    const { igd, open } = scene({ router: ['empty-body-200'] });
    await open();
    await expect(open()).resolves.toMatchObject({ evidence: 'read-back' });
    expect(igd.called).toEqual(['AddPortMapping', READ, 'AddPortMapping', READ]);
  });

  test('E10: an entry that shows up a little later is not added again', async () => {
    const { igd, open } = scene({ answers: { [READ]: ({ nth }) => (nth === 1 ? { fault: 501 } : undefined) } });
    await expect(open()).resolves.toMatchObject({ evidence: 'read-back' });
    expect(igd.called).toEqual(['AddPortMapping', READ, READ]);
  });

  test('E10: where looking up fails the list is asked', async () => {
    const { igd, open } = scene({ answers: { [READ]: { fault: 401 } } });
    await expect(open()).resolves.toMatchObject({ evidence: 'read-back' });
    expect(igd.called).toEqual(['AddPortMapping', READ, LIST]);
  });

  test('X12, L5: an odd error of version 2 is tried as version 1, which is remembered', async () => {
    const { igd, open, restarted } = scene({
      options: { service: service({ type: WANIP2 }) },
      answers: { AddPortMapping: (call) => (call.service === WANIP2 ? { fault: 899 } : undefined) },
    });
    await expect(open()).resolves.toMatchObject({ lease: 3600 });
    expect(igd.traits.get().soap?.service).toBe(WANIP1);
    igd.forget();
    await igd.run(restarted().open(wish, never));
    expect(igd.calls.map((call) => call.service)).toEqual([WANIP1, WANIP1]);
  });

  test('X10: another connection is tried when the first one cannot', async () => {
    const dead = service({
      type: 'urn:schemas-upnp-org:service:WANPPPConnection:1',
      controlUrl: 'http://192.168.1.1:5000/ctl/WANPPPCn',
    });
    const { igd, open, control } = scene({
      router: ['several-wan-services'],
      options: { service: dead, alternatives: [service()] },
    });
    await open();
    expect(control.detail).toContain('/ctl/WANIPCn');
    expect(igd.calls[0]?.service).toBe(dead.type);
    expect(igd.calls.at(-1)?.service).toBe(WANIP1);
  });

  test('X31: arguments are sent as the service declares them when the usual ones get 402', async () => {
    const { igd, open } = sceneWithDeclaration((declaration) => declaration);
    // Its description declares nothing else, so nothing else is asked of it.
    await expect(open()).resolves.toMatchObject({ lease: 3600, evidence: 'answered' });
    expect(igd.requests.filter(({ method }) => method === 'GET')).toHaveLength(1);
  });

  test('an action is not taken for undeclared where the description was cut off', async () => {
    const { igd, open } = sceneWithDeclaration((declaration) => declaration.slice(0, declaration.indexOf('</actionL')));
    await open();
    expect(igd.called.slice(-2)).toEqual(['AddPortMapping', READ]);
  });

  test('C25: a description that is too long is shortened', async () => {
    const { igd, open } = scene({
      answers: {
        AddPortMapping: ({ args }) =>
          (args['NewPortMappingDescription'] ?? '').length > 11 ? { fault: 605 } : undefined,
      },
    });
    await expect(open()).resolves.toMatchObject({ lease: 3600 });
    expect(igd.device.table()[0]?.description).toBe('Portkeeper');
  });

  test('a port that forwards elsewhere after the yes is not a success', async () => {
    const { open } = scene({
      answers: { [READ]: { values: { ...ENTRY, NewInternalClient: TELEVISION } } },
    });
    await expect(open()).rejects.toMatchObject({ reason: 'conflict', code: 'upnp read-back' });
  });

  test.for([
    ['refused', 'refused'],
    ['unreachable', 'no-route'],
    ['denied', 'denied'],
    ['local-network', 'local-network'],
  ] as const)('a network that says %s is unreachable: %s', async ([fault, why]) => {
    const { igd, open } = scene();
    igd.connectFault = fault;
    await expect(open()).rejects.toMatchObject({ name: 'Unreachable', why });
  });

  test('X35: a router may take nine seconds, and eleven are too many', async () => {
    const slow = scene({ router: [{ http: { latency: inSeconds(9) } }] });
    await expect(slow.open()).resolves.toMatchObject({ lease: 3600 });
    const dead = scene({ router: [{ http: { latency: inSeconds(11) } }] });
    await expect(dead.open()).rejects.toMatchObject({ name: 'Unreachable', why: 'timeout' });
    expect(dead.igd.called).toEqual(['AddPortMapping']);
  });

  test('recreating deletes its own entry first, and adds where there is none', async () => {
    const { igd, open } = scene();
    await open();
    igd.forget();
    await expect(open({ recreate: true })).resolves.toMatchObject({ lease: 3600 });
    expect(igd.called).toEqual([READ, 'DeletePortMapping', 'AddPortMapping']);
    igd.forget();
    await open({ recreate: true, external: { port: port(9000) } });
    expect(igd.called).toEqual([READ, 'AddPortMapping']);
  });

  test('the wish of another host is granted where the router allows it', async () => {
    const { open, control } = scene();
    expect(control.capabilities.thirdParty).toBe('unknown');
    await open({ internal: { client: ip('192.168.1.99'), port: port(80) }, lease: seconds(600) });
    expect(control.capabilities.thirdParty).toBe('yes');
  });
});

const ENTRY = {
  NewInternalPort: '80',
  NewInternalClient: '192.168.1.7',
  NewEnabled: '1',
  NewPortMappingDescription: wish.description,
  NewLeaseDuration: '3600',
};

/** A router that wants other arguments than the usual ones, and says so. */
function sceneWithDeclaration(sent: (declaration: string) => string) {
  const declared = ['NewProtocol', 'NewExternalPort', 'NewInternalPort', 'NewInternalClient', 'NewLeaseDuration'];
  return scene({
    options: { service: service({ scpdUrl: 'http://192.168.1.1:5000/scpd.xml' }) },
    answers: {
      'GET /scpd.xml': { status: 200, body: sent(scpdWith('AddPortMapping', declared)) },
      AddPortMapping: ({ order }) => (order.join() === declared.join() ? undefined : { fault: 402 }),
    },
  });
}

function scpdWith(action: string, inputs: readonly string[]): string {
  const args = inputs.map((name) => `<argument><name>${name}</name><direction>in</direction></argument>`).join('');
  return (
    '<?xml version="1.0"?><scpd xmlns="urn:schemas-upnp-org:service-1-0"><actionList><action>' +
    `<name>${action}</name><argumentList>${args}</argumentList></action></actionList></scpd>`
  );
}
