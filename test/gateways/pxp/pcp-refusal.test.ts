import { describe, expect, test } from 'vitest';
import { ip } from '../../../main/contract/address.ts';
import { port } from '../../../main/contract/units.ts';
import { pcpHeader, pcpMapAnswer } from '../../support/pxp-bytes.ts';
import { pcp, PREFER_FAILURE, type Script } from '../../support/pxp-scene.ts';

const refusing =
  (result: number, lifetime = 0): Script =>
  (bytes) => ({ bytes: pcpMapAnswer(bytes, { result, lifetime }) });

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
    await expect(pcp(['pcp-answers-version-0']).open()).rejects.toMatchObject({ reason: 'unsupported' });
  });

  test.each([
    [5, [], 'no'],
    [2, refusing(2), 'unknown'],
  ] as const)('third parties refused with %i: only for itself', async (_, answers, thirdParty) => {
    const { open, control } = pcp(answers);
    await expect(open({ internal: { client: ip('192.168.1.9'), port: port(80) } })).rejects.toMatchObject({
      reason: 'only-for-itself',
    });
    expect(control.capabilities.thirdParty).toBe(thirdParty);
  });

  test('a third party refused says nothing about PREFER_FAILURE', async () => {
    const { open, requests } = pcp();
    await open({ internal: { client: ip('192.168.1.9'), port: port(80) } }).catch(() => undefined);
    await open();
    expect(requests().at(-1)?.options.has(PREFER_FAILURE)).toBe(true);
  });

  describe('NO_RESOURCES', () => {
    test('P12: is a missing public IP address when NAT-PMP says so', async () => {
      const { open } = pcp(['no-address']);
      await expect(open()).rejects.toMatchObject({ reason: 'no-external-address', code: 'pcp NO_RESOURCES' });
    });

    test('is a failure without a reason when there is an address: the table may be full, or the firewall broken', async () => {
      const { open } = pcp(['firewall-chains-missing']);
      await expect(open()).rejects.toMatchObject({ reason: 'failed' });
    });

    test('is a failure without a reason when nobody answers NAT-PMP, which is asked once and not for long', async () => {
      const { open, lan } = pcp((bytes) =>
        bytes[0] === 2 ? { bytes: pcpMapAnswer(bytes, { result: 8 }) } : undefined,
      );
      await expect(open()).rejects.toMatchObject({ reason: 'failed' });
      expect(lan.now).toBeLessThan(1100);
      const sent = lan.sent.length;
      await expect(open()).rejects.toMatchObject({ reason: 'failed' });
      expect(lan.sent.length).toBe(sent + 1);
    });
  });
});
