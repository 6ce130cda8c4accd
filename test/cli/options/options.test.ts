import { sep } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputFault } from '../../../main/cli/output/fault.ts';
import { gatewayChoice, type Resolve } from '../../../main/cli/options/gateway-option.ts';
import { globalOptions, leaseSeconds, portNumber, wholeNumber } from '../../../main/cli/options/global-options.ts';

describe('options that every command takes', () => {
  test('without any option: search everywhere, IPv4, warnings', async () => {
    const options = await globalOptions({});
    expect(options).toMatchObject({ json: false, families: ['ipv4'], logLevel: 'warn', search: { protocol: 'auto' } });
    expect(options.search).toEqual({ protocol: 'auto' });
    expect(options.dataFolder).toContain(sep);
  });

  test('all of them', async () => {
    const given = { json: true, router: '192.168.1.1', interface: 'eth0', protocol: 'NATPMP', family: 'both' };
    const options = await globalOptions({ ...given, dataDir: '/data', logLevel: 'Debug', pxpPort: '5399' });
    expect(options).toEqual({
      json: true,
      search: { protocol: 'natpmp', manual: '192.168.1.1', onlyInterfaces: ['eth0'], pxpPort: 5399 },
      gatewayName: undefined,
      interfaceName: 'eth0',
      families: ['ipv4', 'ipv6'],
      dataFolder: '/data',
      logLevel: 'debug',
    });
  });

  test.each([
    [{ protocol: 'tcp' }, '“tcp” is not a value for --protocol. Use auto, upnp, pcp or natpmp.'],
    [{ family: 'ipv5' }, '“ipv5” is not a value for --family. Use ipv4, ipv6 or both.'],
    [{ logLevel: 'loud' }, '“loud” is not a value for --log-level. Use error, warn, info, debug or trace.'],
    [{ pxpPort: '0' }, '“0” is not a value for --pxp-port. Use a port from 1 to 65535.'],
    [{ pxpPort: 'x' }, '“x” is not a value for --pxp-port. Use a port from 1 to 65535.'],
    [{ dataDir: '' }, '--data-dir: the folder’s name is missing.'],
    [{ router: ' ' }, '--router: enter the router’s address'],
  ])('%j is refused', async (given, words) => {
    await expect(globalOptions(given)).rejects.toThrow(InputFault);
    await expect(globalOptions(given)).rejects.toThrow(words);
  });
});

describe('--router', () => {
  const known: Resolve = (host) => Promise.resolve(host === 'fritz.box' ? '192.168.178.1' : undefined);

  test.each([
    ['192.168.1.1', { manual: '192.168.1.1' }],
    [' fe80::1%eth0 ', { manual: 'fe80::1%eth0' }],
    ['[fe80::1]', { manual: 'fe80::1' }],
    ['http://192.168.1.1:5000/rootDesc.xml', { manual: 'http://192.168.1.1:5000/rootDesc.xml' }],
    ['HTTP://[fe80::1%25eth0]:5000/x', { manual: 'http://[fe80::1%25eth0]:5000/x' }],
    ['http://fritz.box:49000/igddesc.xml?a=b', { manual: 'http://192.168.178.1:49000/igddesc.xml?a=b' }],
    ['fritz.box', { manual: '192.168.178.1' }],
    ['R7000.v2', { name: 'R7000.v2' }],
    ['FRITZ!Box', { name: 'FRITZ!Box' }],
    ['speedport', { name: 'speedport' }],
  ])('%s', async (text, choice) => {
    expect(await gatewayChoice(text, known)).toEqual(choice);
  });

  test.each([
    ['https://192.168.1.1/rootDesc.xml', 'Description URLs begin with http://. The address alone is enough'],
    ['ftp://192.168.1.1/', 'Description URLs begin with http://'],
    [
      'http://router.lan/x.xml',
      'The name router.lan wasn’t found. Use the address instead, such as http://192.168.1.1/x.xml',
    ],
    ['http://192.168.1.1:99999/', 'looks like http://192.168.1.1:5000/rootDesc.xml (the URL has no usable port)'],
    ['http:///x', 'looks like http://192.168.1.1:5000/rootDesc.xml'],
    ['192.168.1.1:5000', 'or use the whole description URL, such as http://192.168.1.1:5000/rootDesc.xml'],
  ])('%s: %s', async (text, words) => {
    await expect(gatewayChoice(text, known)).rejects.toThrow(InputFault);
    await expect(gatewayChoice(text, known)).rejects.toThrow(words);
  });

  test('any text is a choice or an InputFault', async () => {
    const text = fc.oneof(fc.string(), fc.webUrl(), fc.domain(), fc.ipV6(), fc.ipV4Extended());
    await fc.assert(
      fc.asyncProperty(text, async (text) => {
        try {
          expect(await gatewayChoice(text, known)).toBeTypeOf('object');
        } catch (error) {
          expect(error).toBeInstanceOf(InputFault);
        }
      }),
    );
  });
});

describe('times and numbers', () => {
  test.each([
    ['3600', 3600],
    ['90s', 90],
    ['30m', 1800],
    ['2H', 7200],
    ['7d', 604_800],
    ['0', 'permanent'],
    ['forever', 'permanent'],
    ['Permanent', 'permanent'],
    ['4294967295', 0xffff_ffff],
  ])('--lease %s', (text, lease) => {
    expect(leaseSeconds(text)).toBe(lease);
  });

  test.each(['', '-1', '1.5h', '2 h', '5w', '4294967296', '99999999d', 'never', '1e3'])(
    '--lease %j is refused',
    (text) => {
      expect(() => leaseSeconds(text)).toThrow(`“${text}” is not a value for --lease. Use a time such as 3600`);
    },
  );

  test('ports and whole numbers name their range', () => {
    expect(portNumber('65535', '--http-port')).toBe(65_535);
    expect(() => portNumber('65536', '--http-port')).toThrow(
      '“65536” is not a value for --http-port. Use a port from 1 to 65535.',
    );
    const range = { from: 1, to: 9, unit: 'seconds' };
    expect(() => wholeNumber('10', '--interval', range)).toThrow(
      '“10” is not a value for --interval. Use seconds from 1 to 9.',
    );
    expect(() => wholeNumber('2.5', '--interval', range)).toThrow(InputFault);
  });
});
