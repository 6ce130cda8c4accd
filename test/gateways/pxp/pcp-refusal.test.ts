import { describe, expect, test } from 'vitest';
import { ip } from '../../../main/contract/address.ts';
import { port } from '../../../main/contract/units.ts';
import { pcp, PREFER_FAILURE, refusing, THIRD_PARTY } from '../../support/scripted/pcp-scene.ts';
import { natPmpAddressAnswer, natPmpOnly, pcpHeader, pcpMapAnswer, readPcp } from '../../support/pxp-bytes.ts';
import type { Script } from '../../support/scripted/scripted-udp.ts';

describe('refusals', () => {
  test.each([
    [2, 'not-authorized', 'pcp NOT_AUTHORIZED'],
    [3, 'bad-arguments', 'pcp MALFORMED_REQUEST'],
    [4, 'unsupported', 'pcp UNSUPP_OPCODE'],
    [7, 'no-external-address', 'pcp NETWORK_FAILURE'],
    [9, 'unsupported', 'pcp UNSUPP_PROTOCOL'],
    [10, 'table-full', 'pcp USER_EX_QUOTA'],
    [12, 'not-direct', 'pcp ADDRESS_MISMATCH'],
    [99, 'failed', 'pcp 99'],
  ])('result %i is %s', async (result, reason, code) => {
    await expect(pcp(refusing(result)).open()).rejects.toMatchObject({ name: 'Refused', reason, code });
  });

  test.each([
    [30, 30],
    [86_400, 1800],
    [0, undefined],
  ])('P20: an error that holds for %i s is not asked about for %s s', async (lifetime, retryAfter) => {
    await expect(pcp(refusing(2, lifetime)).open()).rejects.toMatchObject({ retryAfter });
  });

  test('an error without a body', async () => {
    const { open } = pcp(() => ({ bytes: pcpHeader({ opcode: 1, result: 2 }) }));
    await expect(open()).rejects.toMatchObject({ reason: 'not-authorized' });
  });

  test('P1: a server that speaks only NAT-PMP', async () => {
    await expect(pcp(() => ({ bytes: natPmpOnly() })).open()).rejects.toMatchObject({ reason: 'unsupported' });
  });

  test.each([
    [5, 'no'],
    [2, 'unknown'],
  ])('third parties refused with %i: only for itself, capability %s', async (result, thirdParty) => {
    const { open, control } = pcp(refusing(result));
    await expect(open({ internal: { client: ip('192.168.1.9'), port: port(80) } })).rejects.toMatchObject({
      reason: 'only-for-itself',
    });
    expect(control.capabilities.thirdParty).toBe(thirdParty);
  });

  test('a third party refused says nothing about PREFER_FAILURE', async () => {
    const { open, requests } = pcp((bytes) => ({
      bytes: pcpMapAnswer(bytes, readPcp(bytes).options.has(THIRD_PARTY) ? { result: 5 } : {}),
    }));
    await open({ internal: { client: ip('192.168.1.9'), port: port(80) } }).catch(() => undefined);
    await open();
    expect(requests().at(-1)?.options.has(PREFER_FAILURE)).toBe(true);
  });

  describe('NO_RESOURCES', () => {
    const withNatPmp =
      (answer: Uint8Array | undefined): Script =>
      (bytes) => {
        if (bytes[0] === 2) return { bytes: pcpMapAnswer(bytes, { result: 8 }) };
        return answer === undefined ? undefined : { bytes: answer };
      };

    test('P12: is a missing public IP address when NAT-PMP says so', async () => {
      const { open } = pcp(withNatPmp(natPmpAddressAnswer('0.0.0.0', { result: 3 })));
      await expect(open()).rejects.toMatchObject({ reason: 'no-external-address', code: 'pcp NO_RESOURCES' });
    });

    test('is a failure without a reason when there is an address: the table may be full, or the firewall broken', async () => {
      const { open } = pcp(withNatPmp(natPmpAddressAnswer('11.22.33.44')));
      await expect(open()).rejects.toMatchObject({ reason: 'failed' });
    });

    test('is a failure without a reason when nobody answers NAT-PMP, which is asked once and not for long', async () => {
      const { open, lan } = pcp(withNatPmp(undefined));
      await expect(open()).rejects.toMatchObject({ reason: 'failed' });
      expect(lan.now).toBeLessThan(1100);
      const sent = lan.sent.length;
      await expect(open()).rejects.toMatchObject({ reason: 'failed' });
      expect(lan.sent.length).toBe(sent + 1);
    });
  });
});
