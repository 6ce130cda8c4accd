import { describe, expect, test } from 'vitest';
import { ip, toBytes16 } from '../../../main/contract/address.ts';
import { inMinutes, inSeconds, port, seconds } from '../../../main/contract/units.ts';
import { hex, pcpHeader, pcpMapAnswer, readPcp } from '../../support/pxp-bytes.ts';
import { never, nonce, pcp, PREFER_FAILURE, THIRD_PARTY, wish, type Script } from '../../support/pxp-scene.ts';

describe('opening', () => {
  test('a port, in one exchange', async () => {
    const { lan, open, requests } = pcp();
    await lan.pass(1_000_000);
    await expect(open()).resolves.toEqual({
      external: { port: 443, address: '11.22.33.44' },
      internal: wish.internal,
      lease: 7200,
      handle: { nonce },
      evidence: 'answered',
      epoch: 1000,
    });
    expect(requests()).toMatchObject([
      {
        version: 2,
        opcode: 1,
        lifetime: 7200,
        sender: toBytes16(ip('192.168.1.7')),
        nonce: hex(nonce),
        protocol: 6,
        internalPort: 8443,
        externalPort: 443,
        externalAddress: toBytes16(ip('0.0.0.0')),
      },
    ]);
  });

  test('P5, P23: what was granted counts, not what was asked', async () => {
    await expect(pcp([{ pxp: { longest: seconds(120) } }]).open()).resolves.toMatchObject({ lease: 120 });
  });

  test('P15: a mapping without a nonce gets one, which renews it', async () => {
    const { open, requests } = pcp();
    const grant = await open({ handle: {} });
    expect(grant.handle.nonce).toMatch(/^[\da-f]{24}$/);
    await open({ handle: grant.handle });
    const [first, second] = requests();
    expect(second?.nonce).toEqual(first?.nonce);
  });

  test('two mappings get two nonces', async () => {
    const { open } = pcp();
    const internal = { ...wish.internal, port: port(8444) };
    const first = await open({ handle: {} });
    const second = await open({ handle: {}, internal, external: { port: port(444) } });
    expect(first.handle.nonce).not.toBe(second.handle.nonce);
  });

  test('a host behind us is a third party', async () => {
    const { open, requests, control } = pcp(['third-party-allowed']);
    expect(control.capabilities.thirdParty).toBe('unknown');
    const client = ip('192.168.1.9');
    await expect(open({ internal: { client, port: port(80) } })).resolves.toMatchObject({ internal: { client } });
    expect(requests()[0]?.options.get(THIRD_PARTY)).toEqual(toBytes16(client));
    expect(requests()[0]?.sender).toEqual(toBytes16(ip('192.168.1.7')));
    expect(control.capabilities.thirdParty).toBe('yes');
  });

  test('an IPv6 pinhole', async () => {
    const home = { server: 'fe80::1', local: '2001:db8::7' };
    const { open, requests, control, lan } = pcp([], home);
    const grant = await open({
      family: 'ipv6',
      internal: { client: ip('2001:db8::7'), port: port(443) },
    });
    expect(grant.external).toEqual({ port: 443, address: '2001:db8::7' });
    expect(requests()[0]?.externalAddress).toEqual(new Uint8Array(16));
    expect(requests()[0]?.options.size).toBe(0);
    expect(lan.opened[0]).toMatchObject({ family: 'ipv6', localAddress: '2001:db8::7' });
    expect(control.capabilities).toMatchObject({ families: ['ipv6'], translatesPorts: false, picksFreePort: false });
  });

  test('the family of the other sort of address is not requested', async () => {
    const { open, lan } = pcp();
    await expect(open({ family: 'ipv6' })).rejects.toMatchObject({ reason: 'unsupported' });
    expect(lan.sent).toHaveLength(0);
  });

  test('a permanent lease is not to be had', async () => {
    await expect(pcp().open({ lease: 'permanent' })).rejects.toMatchObject({ reason: 'no-permanent-lease' });
  });

  test('L20: a mapping that may be dead is requested again, and not deleted', async () => {
    const { open, requests } = pcp();
    await open({ recreate: true });
    expect(requests().map(({ lifetime }) => lifetime)).toEqual([7200]);
  });

  test('a thousand at once, a few in flight', async () => {
    const { lan, control } = pcp((bytes, nth) =>
      nth % 10 === 3 ? undefined : { bytes: pcpMapAnswer(bytes), after: 4 },
    );
    const wishes = Array.from({ length: 1000 }, (_, index) => ({
      ...wish,
      external: { port: port(10_000 + index) },
      internal: { ...wish.internal, port: port(20_000 + index) },
      handle: {},
    }));
    const grants = await lan.run(Promise.all(wishes.map((wish) => control.open(wish, never))));
    expect(grants.map(({ external }) => external.port)).toEqual(wishes.map(({ external }) => external.port));
    expect(lan.openSockets).toBe(0);
  });
});

describe('the wanted port and no other', () => {
  test('is requested with PREFER_FAILURE, unless another will do', async () => {
    const { open, requests } = pcp();
    await open();
    await open({ acceptOtherPort: true });
    expect(requests().map(({ options }) => options.has(PREFER_FAILURE))).toEqual([true, false]);
  });

  test('taken', async () => {
    const { lan, open } = pcp();
    lan.device.addMapping({
      transport: 'tcp',
      externalPort: 443,
      internalClient: ip('192.168.1.30'),
      internalPort: 443,
      description: 'theirs',
      expiresAt: 'never',
      owner: 'pcp',
    });
    await expect(open()).rejects.toMatchObject({
      reason: 'conflict',
      code: 'pcp CANNOT_PROVIDE_EXTERNAL',
    });
  });

  test('P6: another port, where another will do', async () => {
    const { lan, open } = pcp(['other-port-granted']);
    const grant = await open({ acceptOtherPort: true });
    expect(grant.external.port).not.toBe(443);
    expect(lan.device.table()).toMatchObject([{ externalPort: grant.external.port }]);
  });

  test.each([5, 6])(
    'P25: a server that refuses the option with %i is asked without, then and later',
    async (result) => {
      const { open, requests } = pcp((bytes) => ({
        bytes: pcpMapAnswer(bytes, readPcp(bytes).options.has(PREFER_FAILURE) ? { result } : {}),
      }));
      await expect(open()).resolves.toMatchObject({ external: { port: 443 } });
      await open();
      expect(requests().map(({ options }) => options.has(PREFER_FAILURE))).toEqual([true, false, false]);
    },
  );

  test('P7, P25: what such a server gives instead is closed again, and offered', async () => {
    const { lan, open, requests } = pcp(['no-options', 'other-port-granted']);
    await expect(open()).rejects.toMatchObject({
      name: 'Refused',
      reason: 'conflict',
      offeredPort: expect.any(Number) as unknown,
    });
    expect(lan.device.table()).toEqual([]);
    expect(requests().at(-1)).toMatchObject({ lifetime: 0, externalPort: 0, internalPort: 8443, nonce: hex(nonce) });
  });

  test('the conflict is reported even when closing again fails', async () => {
    const { open } = pcp((bytes) =>
      readPcp(bytes).lifetime === 0 ? undefined : { bytes: pcpMapAnswer(bytes, { externalPort: 444 }) },
    );
    await expect(open()).rejects.toMatchObject({ reason: 'conflict', offeredPort: 444 });
  });

  test('where a mapping was before is suggested only when another place will do', async () => {
    const { open, requests } = pcp();
    await open();
    await open();
    await open({ acceptOtherPort: true });
    const internal = { ...wish.internal, port: port(8444) };
    await open({ acceptOtherPort: true, handle: {}, internal });
    const any = toBytes16(ip('0.0.0.0'));
    const former = toBytes16(ip('11.22.33.44'));
    expect(requests().map(({ externalAddress }) => externalAddress)).toEqual([any, any, former, any]);
  });
});

describe('P11: answers that are not ours', () => {
  const wrongFirst =
    (wrong: (bytes: Uint8Array) => Uint8Array): Script =>
    (bytes) => [{ bytes: wrong(bytes) }, { bytes: pcpMapAnswer(bytes, { lifetime: 111 }), after: 5 }];

  test.each([
    ['another nonce', (bytes: Uint8Array) => pcpMapAnswer(bytes, { nonce: new Uint8Array(12), result: 2 })],
    ['another opcode', () => pcpHeader({ opcode: 0 })],
    ['nonsense', () => hex('0281')],
    ['our own question', (bytes: Uint8Array) => bytes],
  ])('%s', async (_, wrong) => {
    await expect(pcp(wrongFirst(wrong)).open()).resolves.toMatchObject({ lease: 111 });
  });

  test('a late grant is not taken for the deletion that follows', async () => {
    const { close } = pcp((bytes) => [
      { bytes: pcpMapAnswer(bytes, { lifetime: 7200 }) },
      { bytes: pcpMapAnswer(bytes, { result: 2 }), after: 5 },
    ]);
    await expect(close()).rejects.toMatchObject({ reason: 'not-authorized' });
  });

  test('a late deletion is not taken for the mapping that follows', async () => {
    const deletion = wrongFirst((bytes) => pcpMapAnswer(bytes, { lifetime: 0, externalPort: 0 }));
    await expect(pcp(deletion).open()).resolves.toMatchObject({ lease: 111 });
  });

  test('one for another host behind us', async () => {
    const [asked, other] = [ip('192.168.1.9'), ip('192.168.1.10')];
    const { open } = pcp(
      wrongFirst((bytes) => {
        const answer = pcpMapAnswer(bytes);
        answer.set(toBytes16(other), answer.length - 16);
        return answer;
      }),
    );
    const lease = await open({ internal: { client: asked, port: port(80) }, acceptOtherPort: true });
    expect(lease).toMatchObject({ lease: 111 });
  });

  test('P9: an answer about another port is not believed, and what it stands for is taken away', async () => {
    const { open, requests } = pcp((bytes) => ({ bytes: pcpMapAnswer(bytes, { internalPort: 8443 & 0xff }) }));
    await expect(open()).rejects.toMatchObject({ name: 'Malformed', undone: true });
    expect(requests()).toMatchObject([{ lifetime: 7200 }, { lifetime: 0, internalPort: 8443 }]);
  });

  test('P9: a renewal that is answered so takes nothing away', async () => {
    const { open, requests } = pcp((bytes) => ({ bytes: pcpMapAnswer(bytes, { internalPort: 8443 & 0xff }) }));
    await expect(open({ isRenewal: true })).rejects.toMatchObject({ name: 'Malformed', undone: false });
    expect(requests()).toMatchObject([{ lifetime: 7200 }]);
  });

  test('neither is one without an external port', async () => {
    const { open } = pcp((bytes) => ({ bytes: pcpMapAnswer(bytes, { externalPort: 0 }) }));
    await expect(open()).rejects.toMatchObject({ name: 'Malformed' });
  });
});

describe('closing', () => {
  test('asks for a lifetime of 0 with the nonce, and names no external port', async () => {
    const { close, requests } = pcp();
    await close();
    expect(requests()).toMatchObject([
      { opcode: 1, lifetime: 0, externalPort: 0, internalPort: 8443, protocol: 6, nonce: hex(nonce) },
    ]);
  });

  test('P18: NO_RESOURCES says that there was nothing to close', async () => {
    await expect(pcp().close()).resolves.toBeUndefined();
  });

  test('P18: an answer with a lifetime is not a confirmation, however often it comes', async () => {
    const { close } = pcp((bytes) => ({ bytes: pcpMapAnswer(bytes, { lifetime: 60 }) }));
    await expect(close()).rejects.toMatchObject({
      name: 'Malformed',
      message: 'asked for 0 s, the answer grants 60 s',
    });
  });

  test('P15: someone else’s mapping stays', async () => {
    const { lan, open, close } = pcp();
    await open();
    await expect(close({ handle: { nonce: 'ff02030405060708090a0b0c' } })).rejects.toMatchObject({
      reason: 'not-authorized',
    });
    expect(lan.device.table()).toHaveLength(1);
  });
});

describe('P18: a server that deletes no IPv6 pinholes (miniupnpd 2.3.1)', () => {
  const home = { server: 'fe80::1', local: '2001:db8::7' };
  const pinhole = {
    family: 'ipv6',
    external: { port: port(443) },
    internal: { client: ip('2001:db8::7'), port: port(443) },
  } as const;
  const stubborn: Script = (bytes) => {
    const { lifetime } = readPcp(bytes);
    const answer = lifetime === 0 ? { result: 2 } : { lifetime: Math.max(120, lifetime) };
    return { bytes: pcpMapAnswer(bytes, { ...answer, externalAddress: '2001:db8::7' }) };
  };

  test('is made to let it end soon, and closed means that it has ended', async () => {
    const { close, requests, lan } = pcp(stubborn, home);
    await expect(close(pinhole)).rejects.toMatchObject({ reason: 'not-authorized', retryAfter: 120 });
    await lan.pass(inMinutes(1));
    await expect(close(pinhole)).rejects.toMatchObject({ reason: 'not-authorized', retryAfter: 60 });
    expect(requests().map(({ lifetime }) => lifetime)).toEqual([0, 1, 0]);
    await lan.pass(inMinutes(1));
    await expect(close(pinhole)).resolves.toBeUndefined();
  });

  test('not for a mapping that is not known to be ours', async () => {
    const { close, requests } = pcp(stubborn, home);
    await expect(close({ ...pinhole, handle: {} })).rejects.toMatchObject({ reason: 'not-authorized' });
    expect(requests()).toHaveLength(1);
  });

  test('opened again meanwhile, it is closed by the same means', async () => {
    const { close, open, requests } = pcp(stubborn, home);
    await expect(close(pinhole)).rejects.toMatchObject({ retryAfter: 120 });
    await open({ ...pinhole });
    await expect(close(pinhole)).rejects.toMatchObject({ retryAfter: 120 });
    expect(requests().map(({ lifetime }) => lifetime)).toEqual([0, 1, 7200, 0, 1]);
  });
});

describe('vitals', () => {
  test('the epoch, and the public IP address once a mapping reported it', async () => {
    const { lan, vitals, open } = pcp();
    await lan.pass(2_000_500);
    await expect(vitals()).resolves.toEqual({ epoch: 2000 });
    await open();
    await expect(vitals()).resolves.toEqual({ epoch: 2000, externalAddress: '11.22.33.44' });
  });

  test('L21: an address reported before the epoch went back is forgotten', async () => {
    const { lan, vitals, open } = pcp();
    await lan.pass(2_000_000);
    await open();
    lan.device.reboot({ downFor: inSeconds(1) });
    await lan.pass(4500);
    await expect(vitals()).resolves.toEqual({ epoch: 3 });
  });

  test('P25: a server that does not know ANNOUNCE reports its epoch all the same', async () => {
    const { lan, vitals } = pcp(['no-announce']);
    await lan.pass(5500);
    await expect(vitals()).resolves.toEqual({ epoch: 5 });
  });
});

describe('probing', () => {
  test('a PCP server', async () => {
    await expect(pcp().probe()).resolves.toEqual({ epoch: 0, version: 2 });
  });

  test('P1: a NAT-PMP server', async () => {
    await expect(pcp(['pcp-answers-version-0']).probe()).rejects.toMatchObject({
      name: 'Refused',
      reason: 'unsupported',
    });
  });

  test.each([
    [2, 'not-authorized'],
    [12, 'not-direct'],
  ])('P16, P17: result %i is %s', async (result, reason) => {
    const { probe } = pcp(() => ({ bytes: pcpHeader({ opcode: 0, result }) }));
    await expect(probe()).rejects.toMatchObject({ reason });
  });

  test('P3: nobody there', async () => {
    await expect(pcp(() => ({ fault: 'refused' })).probe()).rejects.toMatchObject({
      name: 'Unreachable',
      why: 'refused',
    });
  });
});
