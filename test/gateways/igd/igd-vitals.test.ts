import { describe, expect, test } from 'vitest';
import { ip } from '../../../main/contract/address.ts';
import { never, scene, service, type Reply } from '../../support/igd-scene.ts';

const ADDRESS = 'GetExternalIPAddress';
const STATUS = 'GetStatusInfo';

const status = (word: string, uptime: string): Reply => ({
  values: { NewConnectionStatus: word, NewLastConnectionError: 'ERROR_NONE', NewUptime: uptime },
});
const address = (text: string): Reply => ({ values: { NewExternalIPAddress: text } });

function vitals(answers: Readonly<Record<string, Reply>> = {}) {
  const { igd, control } = scene({ answers });
  return { igd, read: (whole = true) => igd.run(control.vitals(never, whole)) };
}

describe('vital signs', () => {
  test('address, uptime and connection', async () => {
    const { igd, read } = vitals();
    await igd.pass(1_234_567);
    await expect(read()).resolves.toEqual({ externalAddress: '11.22.33.44', uptime: 1234, connected: true });
  });

  test.for([
    ['Up', true],
    ['connected', true],
    ['Disconnected', false],
    ['Unconfigured', false],
  ] as const)('N2: "%s" is connected: %s', async ([word, connected]) => {
    const { read } = vitals({ [STATUS]: status(word, '1') });
    await expect(read()).resolves.toMatchObject({ connected });
  });

  test.for(['', '0.0.0.0'])('N4: "%s" is not an address', async (text) => {
    const { read } = vitals({ [ADDRESS]: address(text), [STATUS]: status('Connecting', '1') });
    await expect(read()).resolves.toEqual({ externalAddress: 'none', uptime: 1 });
  });

  test.for(['', '0.0.0.0'])('N4: "%s" with the line up is an address that is not reported', async (text) => {
    const { read } = vitals({ [ADDRESS]: address(text), [STATUS]: status('Connected', '1') });
    await expect(read()).resolves.toEqual({ externalAddress: 'unknown', uptime: 1, connected: true });
  });

  test('a question that always ends the connection leaves the other its answer', async () => {
    const { read } = vitals({ [ADDRESS]: { breaks: 'closed' }, [STATUS]: status('Connected', '1') });
    await expect(read()).resolves.toEqual({ uptime: 1, connected: true });
    await expect(read()).resolves.toEqual({ uptime: 1, connected: true });
  });

  test('a question that was answered before and is not now means that the gateway is silent', async () => {
    const { igd, read } = vitals();
    await read();
    igd.answers = { [STATUS]: { breaks: 'closed' } };
    await expect(read()).rejects.toMatchObject({ name: 'Unreachable', why: 'reset' });
  });

  test.for(['127.0.0.1', '224.0.0.1', 'fe80::1', 'unknown', '11.22.33', '999.1.1.1'])(
    'N4: "%s" says nothing',
    async (text) => {
      const { read } = vitals({ [ADDRESS]: address(text), [STATUS]: status('Connected', '1') });
      await expect(read()).resolves.toEqual({ uptime: 1, connected: true });
    },
  );

  test.for(['10.0.0.2', '100.64.1.1'])('N3: %s is reported as it is', async (text) => {
    const { read } = vitals({ [ADDRESS]: address(text), [STATUS]: status('Connected', '1') });
    await expect(read()).resolves.toMatchObject({ externalAddress: text });
  });

  test.for(['99999999999', '-5', 'soon', ''])('E15: an uptime of "%s" is left out', async (uptime) => {
    const { read } = vitals({ [STATUS]: status('Connected', uptime) });
    await expect(read()).resolves.toEqual({ externalAddress: '11.22.33.44', connected: true });
  });

  test('N6: what a router does not know is not asked again', async () => {
    const { igd, read } = vitals({ [STATUS]: { fault: 401 } });
    await expect(read()).resolves.toEqual({ externalAddress: '11.22.33.44' });
    await read();
    expect(igd.called).toEqual([STATUS, ADDRESS, ADDRESS]);
  });

  test('the address is not requested again as long as the line says that it stayed up', async () => {
    const { igd, read } = vitals();
    await igd.pass(1_234_567);
    await read();
    await expect(read(false)).resolves.toEqual({ uptime: 1234, connected: true });
    expect(igd.called).toEqual([STATUS, ADDRESS, STATUS]);
    igd.device.changeExternalAddress(ip('11.22.33.55'));
    await expect(read(false)).resolves.toMatchObject({ externalAddress: '11.22.33.55', uptime: 0 });
  });

  test('a router that refuses everything is alive', async () => {
    const { read } = vitals({ [ADDRESS]: { fault: 501 }, [STATUS]: { fault: 501 } });
    await expect(read()).resolves.toEqual({});
  });

  test('a router that has gone is unreachable', async () => {
    const { igd, control } = scene();
    igd.connectFault = 'refused';
    await expect(igd.run(control.vitals(never))).rejects.toMatchObject({ name: 'Unreachable', why: 'refused' });
  });
});

describe('more of a connection', () => {
  test.each([
    ['5000000000', 5_000_000_000],
    ['-1', 2 ** 32 - 1],
    ['-2147483648', 2 ** 31],
  ])('E15: its byte counters, also beyond 32 bits, or with a sign: %s', async (listed, received) => {
    const common = service({
      type: 'urn:schemas-upnp-org:service:WANCommonInterfaceConfig:1',
      controlUrl: 'http://192.168.1.1:5000/ctl/WANCfg',
    });
    const { igd, control } = scene({
      options: { common },
      answers: {
        GetTotalBytesReceived: { values: { NewTotalBytesReceived: listed } },
        GetTotalBytesSent: { values: { NewTotalBytesSent: '12' } },
      },
    });
    await expect(igd.run(control.traffic(never))).resolves.toEqual({ received, sent: 12 });
    expect(igd.requests.every(({ target }) => target === '/ctl/WANCfg')).toBe(true);
  });

  test('no byte counters without the service for them', async () => {
    const { igd, control } = scene();
    await expect(igd.run(control.traffic(never))).rejects.toMatchObject({ reason: 'unsupported' });
  });
});
