import { describe, expect, test } from 'vitest';
import { ip } from '../../../main/contract/address.ts';
import { port, seconds } from '../../../main/contract/units.ts';
import { hex, natPmpAddressAnswer, natPmpMapAnswer, natPmpOnly, readNatPmp } from '../../support/pxp-bytes.ts';
import { natPmp, never, wish, type Script } from '../../support/pxp-scene.ts';

const UDP = 1;
const TCP = 2;

const granting =
  (given: Parameters<typeof natPmpMapAnswer>[1]): Script =>
  (bytes) => ({ bytes: natPmpMapAnswer(bytes, readNatPmp(bytes).lifetime === 0 ? { externalPort: 0 } : given) });

describe('opening', () => {
  test('a port, in one exchange', async () => {
    const { lan, open, requests } = natPmp();
    await lan.pass(1_000_000);
    await expect(open()).resolves.toEqual({
      external: { port: 443 },
      internal: wish.internal,
      lease: 7200,
      handle: {},
      evidence: 'answered',
      epoch: 1000,
    });
    expect(requests()).toEqual([{ version: 0, opcode: TCP, internalPort: 8443, externalPort: 443, lifetime: 7200 }]);
  });

  test('UDP has an opcode of its own', async () => {
    const { open, requests } = natPmp();
    await open({ transport: 'udp' });
    expect(requests()[0]?.opcode).toBe(UDP);
  });

  test('P5: a VPN gateway’s sixty seconds are as good as two hours', async () => {
    await expect(natPmp([{ pxp: { longest: seconds(60) } }]).open()).resolves.toMatchObject({ lease: 60 });
  });

  test('P6: another port, where another will do', async () => {
    const { lan, open } = natPmp(['other-port-granted']);
    const grant = await open({ acceptOtherPort: true });
    expect(grant.external.port).not.toBe(443);
    expect(lan.device.table()).toMatchObject([{ externalPort: grant.external.port }]);
  });

  test('P7: another port, where it will not do, is closed again and offered', async () => {
    const { lan, open, requests } = natPmp(['other-port-granted']);
    await expect(open()).rejects.toMatchObject({
      name: 'Refused',
      reason: 'conflict',
      offeredPort: expect.any(Number) as unknown,
    });
    expect(lan.device.table()).toEqual([]);
    expect(requests().at(-1)).toEqual({ version: 0, opcode: TCP, internalPort: 8443, externalPort: 0, lifetime: 0 });
  });

  test('P7, P8: the same port is requested each time, never "any"', async () => {
    const { open, requests } = natPmp((bytes, nth) => (nth === 3 ? { bytes: natPmpMapAnswer(bytes) } : undefined));
    await open({ acceptOtherPort: true });
    expect(requests().map(({ externalPort }) => externalPort)).toEqual([443, 443, 443]);
  });

  test('L20: a mapping that may be dead is requested again, and not deleted', async () => {
    const { open, requests } = natPmp();
    await open({ recreate: true });
    expect(requests().map(({ lifetime }) => lifetime)).toEqual([7200]);
  });

  test.each([
    ['IPv6', { family: 'ipv6' }, 'unsupported'],
    ['another host', { internal: { client: ip('192.168.1.9'), port: port(80) } }, 'only-for-itself'],
    ['a permanent lease', { lease: 'permanent' }, 'no-permanent-lease'],
  ] as const)('%s is not to be had, and not requested', async (_, changes, reason) => {
    const { open, lan } = natPmp();
    await expect(open(changes)).rejects.toMatchObject({ name: 'Refused', reason });
    expect(lan.sent).toHaveLength(0);
  });

  test.each([
    [2, 'not-authorized', 'nat-pmp NOT_AUTHORIZED'],
    [3, 'no-external-address', 'nat-pmp NETWORK_FAILURE'],
    [4, 'table-full', 'nat-pmp OUT_OF_RESOURCES'],
    [5, 'unsupported', 'nat-pmp UNSUPPORTED_OPCODE'],
    [77, 'failed', 'nat-pmp 77'],
  ])('P12, P28: result %i is %s', async (result, reason, code) => {
    const { open } = natPmp((bytes) => ({ bytes: natPmpMapAnswer(bytes, { result }) }));
    await expect(open()).rejects.toMatchObject({ name: 'Refused', reason, code });
  });

  test('an error without a body', async () => {
    await expect(natPmp(() => ({ bytes: hex('00 82 0002 00000001') })).open()).rejects.toMatchObject({
      reason: 'not-authorized',
    });
  });

  test.each([
    ['P2: only PCP', ['pcp-only']],
    ['another version', () => ({ bytes: natPmpOnly() })],
  ] as const)('a server that speaks %s', async (_, answers) => {
    await expect(natPmp(answers).open()).rejects.toMatchObject({ reason: 'unsupported' });
  });
});

describe('P11: answers that are not ours', () => {
  test.each([
    [
      'the other transport',
      (bytes: Uint8Array) => natPmpMapAnswer(Uint8Array.from(bytes, (b, at) => (at === 1 ? UDP : b))),
    ],
    ['another internal port', (bytes: Uint8Array) => natPmpMapAnswer(bytes, { internalPort: 9999, externalPort: 5 })],
    ['the external address', () => natPmpAddressAnswer('11.22.33.44')],
    ['a late deletion', (bytes: Uint8Array) => natPmpMapAnswer(bytes, { lifetime: 0, externalPort: 0 })],
    ['nonsense', () => hex('0082')],
    ['our own question', (bytes: Uint8Array) => bytes],
  ])('%s', async (_, wrong) => {
    const { open } = natPmp((bytes) => [
      { bytes: wrong(bytes) },
      { bytes: natPmpMapAnswer(bytes, { lifetime: 111 }), after: 5 },
    ]);
    await expect(open()).resolves.toMatchObject({ external: { port: 443 }, lease: 111 });
  });

  test('P9: an internal port that lost a byte is not believed, and what it stands for is taken away', async () => {
    const { lan, open } = natPmp(['eight-bit-ports']);
    await expect(open()).rejects.toMatchObject({ name: 'Malformed', undone: true });
    expect(lan.device.table()).toEqual([]);
  });

  test('P9: a renewal that is answered so takes nothing away', async () => {
    const { open, requests } = natPmp(['eight-bit-ports']);
    await expect(open({ isRenewal: true })).rejects.toMatchObject({ name: 'Malformed', undone: false });
    expect(requests()).toMatchObject([{ lifetime: 7200 }]);
  });

  test('P9: nor is one that looks like a VPN’s, because both ports were the same and have lost a byte', async () => {
    const { open } = natPmp(['eight-bit-ports']);
    const same = { external: { port: port(25_565) }, internal: { client: wish.internal.client, port: port(25_565) } };
    await expect(open({ ...same, acceptOtherPort: true })).rejects.toMatchObject({ name: 'Malformed' });
  });
});

describe('P10: VPN gateways', () => {
  test.each([
    ['0', 0],
    ['the assigned port', 54_321],
  ])('name %s as the internal port; traffic arrives at the assigned one', async (_, internalPort) => {
    const { open } = natPmp(granting({ internalPort, externalPort: 54_321, lifetime: 60 }));
    await expect(open({ acceptOtherPort: true })).resolves.toMatchObject({
      external: { port: 54_321 },
      internal: { port: 54_321 },
      lease: 60,
    });
  });

  test('get each answer to its question, whatever internal port they name', async () => {
    const { lan, control } = natPmp((bytes) => ({
      bytes: natPmpMapAnswer(bytes, {
        internalPort: 0,
        externalPort: readNatPmp(bytes).externalPort + 50_000,
        lifetime: 60,
      }),
      after: 30,
    }));
    const all = [1, 2, 3].map((number) =>
      control.open({ ...wish, external: { port: port(number) }, acceptOtherPort: true }, never),
    );
    await expect(lan.run(Promise.all(all))).resolves.toMatchObject([
      { external: { port: 50_001 } },
      { external: { port: 50_002 } },
      { external: { port: 50_003 } },
    ]);
  });

  test('a server that has named the internal port is not taken for one of them', async () => {
    const { open, lan } = natPmp();
    await open();
    lan.script = (bytes) => [
      { bytes: natPmpMapAnswer(bytes, { internalPort: 9000, externalPort: 9000 }) },
      { bytes: natPmpMapAnswer(bytes, { lifetime: 111 }), after: 5 },
    ];
    await expect(open()).resolves.toMatchObject({ internal: wish.internal, lease: 111 });
  });

  test('P4: one refused datagram does not lose a mapping', async () => {
    const { open, lan } = natPmp();
    await open();
    lan.script = (bytes, nth) => (nth === 2 ? { fault: 'refused' } : { bytes: natPmpMapAnswer(bytes) });
    await expect(open()).resolves.toMatchObject({ external: { port: 443 } });
  });
});

test('a server that keeps up is asked several things at once', async () => {
  const { lan, control } = natPmp((bytes) => ({ bytes: natPmpMapAnswer(bytes), after: 20 }));
  expect(control.capabilities.parallel).toBe(1);
  const wishes = Array.from({ length: 20 }, (_, index) => {
    const number = port(3000 + index);
    return { ...wish, external: { port: number }, internal: { ...wish.internal, port: number } };
  });
  const grants = await lan.run(Promise.all(wishes.map((wish) => control.open(wish, never))));
  expect(grants.map(({ external }) => external.port)).toEqual(wishes.map(({ external }) => external.port));
  expect(control.capabilities.parallel).toBe(4);
  expect(lan.now).toBeLessThan(20 * 20);
});

describe('closing', () => {
  test('P22: names the internal port and no external one', async () => {
    const { close, requests } = natPmp();
    await close();
    expect(requests()).toEqual([{ version: 0, opcode: TCP, internalPort: 8443, externalPort: 0, lifetime: 0 }]);
  });

  test('P18: an answer with a lifetime is not a confirmation, however often it comes', async () => {
    const { close } = natPmp((bytes) => ({ bytes: natPmpMapAnswer(bytes, { lifetime: 60 }) }));
    await expect(close()).rejects.toMatchObject({
      name: 'Malformed',
      message: 'asked for 0 s, the answer grants 60 s',
    });
  });

  test('a mapping that must stay (RFC 6886 §3.4)', async () => {
    const { close } = natPmp((bytes) => ({ bytes: natPmpMapAnswer(bytes, { result: 2 }) }));
    await expect(close()).rejects.toMatchObject({ reason: 'not-authorized' });
  });

  test('silence is not a confirmation', async () => {
    await expect(natPmp(() => undefined).close()).rejects.toMatchObject({ name: 'Unreachable', why: 'timeout' });
  });
});

describe('vitals and probing', () => {
  test('the public IP address and the epoch', async () => {
    const { lan, vitals, probe } = natPmp();
    await lan.pass(9500);
    await expect(vitals()).resolves.toEqual({ externalAddress: '11.22.33.44', epoch: 9 });
    await expect(probe()).resolves.toEqual({ externalAddress: '11.22.33.44', epoch: 9 });
  });

  test.each([
    ['P12: it says that it has none', ['no-address']],
    ['P13: it says 0.0.0.0', () => ({ bytes: natPmpAddressAnswer('0.0.0.0', { epoch: 0 }) })],
  ] as const)('%s', async (_, answers) => {
    await expect(natPmp(answers).vitals()).resolves.toEqual({ externalAddress: 'none', epoch: 0 });
  });

  test('P2: a server that speaks only PCP', async () => {
    const { probe } = natPmp(['pcp-only']);
    await expect(probe()).rejects.toMatchObject({ name: 'Refused', reason: 'unsupported' });
  });

  test('P3: nobody there', async () => {
    await expect(natPmp(() => ({ fault: 'refused' })).probe()).rejects.toMatchObject({ why: 'refused' });
  });
});

describe('NETWORK_FAILURE', () => {
  test('with a public address is the firewall’s', async () => {
    const { open } = natPmp(['firewall-chains-missing']);
    await expect(open()).rejects.toMatchObject({ reason: 'firewall-failed', code: 'nat-pmp NETWORK_FAILURE' });
  });

  test.each([
    ['no address', ['no-address']],
    [
      'a private address',
      (bytes: Uint8Array) => ({
        bytes: bytes[1] === 0 ? natPmpAddressAnswer('10.0.0.2') : natPmpMapAnswer(bytes, { result: 3 }),
      }),
    ],
  ] as const)('with %s is for want of a public one', async (_, answers) => {
    const { open } = natPmp(answers);
    await expect(open()).rejects.toMatchObject({ reason: 'no-external-address' });
  });

  test('the address is requested once, for all that are refused together', async () => {
    const { open, requests } = natPmp(['firewall-chains-missing']);
    for (let n = 0; n < 5; n++) await open().catch(() => undefined);
    expect(requests().filter(({ opcode }) => opcode === 0)).toHaveLength(1);
  });
});
