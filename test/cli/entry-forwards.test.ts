import { describe, expect, test } from 'vitest';
import { forwardsOfEntries } from '../../main/cli/options/ports-source.ts';
import { ip } from '../../main/contract/address.ts';
import { parsePortsFile, type PortEntry } from '../../main/engine/profiles/ports-file.ts';
import type { NetworkInterface } from '../../main/system/system.ts';

const HEADER = 'address;port;protocol;duration;comment\n';
const csv = (text: string): readonly PortEntry[] =>
  parsePortsFile(text, { format: 'csv', delimiter: ';', name: 'ports.csv' });

describe('entries of a file that apply here', () => {
  const face = (name: string, address: string, loopback = false): NetworkInterface => ({
    name,
    loopback,
    virtual: false,
    addresses: [{ address: ip(address), prefix: 24, temporary: false }],
  });
  const here = { interfaces: [face('lo', '127.0.0.1', true), face('eth0', '192.168.0.7'), face('wg0', '10.2.0.2')] };

  test('an address goes to its computer, an empty one to this one', () => {
    const { forwards } = forwardsOfEntries(csv(`${HEADER}192.168.0.10;80;TCP;60;a\n;81;UDP;0;b\n`), here);
    expect(forwards).toMatchObject([
      { label: 'a', transports: ['tcp'], internal: { first: 80, client: '192.168.0.10' }, lease: 60 },
      { label: 'b', transports: ['udp'], internal: { first: 81 }, lease: 'permanent', ifTaken: 'fail' },
    ]);
    expect(forwards[1]).not.toHaveProperty('interfaceName');
  });

  test('a range picks the interface with an address in it, and waits while there is none', () => {
    const entries = csv(
      `${HEADER}10.0.0.0/8;80;TCP;60;vpn\n172.16.0.0/12;81;TCP;60;office\n127.0.0.0/8;82;TCP;60;no\n`,
    );
    const { forwards, elsewhere } = forwardsOfEntries(entries, here);
    expect(forwards).toMatchObject([{ label: 'vpn', interfaceName: 'wg0' }]);
    expect(elsewhere.map(({ place }) => place)).toEqual([{ line: 3 }, { line: 4 }]);
  });

  test('of two ranges that fit one interface the first counts', () => {
    const entries = csv(`${HEADER}192.168.0.0/24;80;TCP;60;narrow\n192.168.0.0/16;80;TCP;60;wide\n`);
    const { forwards } = forwardsOfEntries(entries, here);
    expect(forwards).toMatchObject([{ label: 'narrow', interfaceName: 'eth0' }]);
  });

  test('lines can be reordered without anything being closed', () => {
    const lines = [';80;TCP;60;a', ';81;UDP;60;b', '192.168.0.0/24;82;TCP;60;c'];
    const ids = (text: readonly string[]): readonly string[] =>
      forwardsOfEntries(csv(HEADER + text.join('\n')), here)
        .forwards.map(({ id }) => id)
        .toSorted();
    expect(ids(lines.toReversed())).toEqual(ids(lines));
  });
});
