import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseNetstat, parseProcNet } from '../../main/system/node/network/listeners.ts';
import { createNodeSystem } from '../../main/system/node/node-system.ts';

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const line = (local: string, state: string): string =>
  `${HEAD}\n   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  1000  0 1 1 0 100 0 0 10 0\n`;

describe('listeners on Linux', () => {
  test.each([
    ['any address', '00000000:63DD', '0.0.0.0'],
    ['an address of the home', '1400A8C0:63DD', '192.168.0.20'],
    ['any IPv6 address', `${'0'.repeat(32)}:63DD`, '::'],
    ['loopback', '0100007F:63DD', '127.0.0.1'],
    ['loopback over IPv6', '00000000000000000000000001000000:63DD', '::1'],
    ['loopback, mapped', '0000000000000000FFFF00000100007F:63DD', '127.0.0.1'],
  ])('%s', (_name, local, address) => {
    expect(parseProcNet(line(local, '0A'), 'tcp', true)).toEqual([{ transport: 'tcp', address, port: 25_565 }]);
  });

  test('a connection waits for nobody; UDP has a state of its own, other machines another order of bytes', () => {
    expect(parseProcNet(line('1400A8C0:63DD', '01'), 'tcp', true)).toEqual([]);
    expect(parseProcNet(line('00000000:63DD', '07'), 'udp', true)).toHaveLength(1);
    expect(parseProcNet(line('C0A80014:63DD', '0A'), 'tcp', false)).toMatchObject([{ address: '192.168.0.20' }]);
  });
});

test('listeners on Windows, in any language', () => {
  const text = `
Aktive Verbindungen

  Proto  Lokale Adresse         Remoteadresse          Status
  TCP    0.0.0.0:25565          0.0.0.0:0              ABHÖREN
  TCP    127.0.0.1:6463         0.0.0.0:0              ABHÖREN
  TCP    192.168.1.20:50122     203.0.113.7:443        HERGESTELLT
  TCP    [::]:25565             [::]:0                 ABHÖREN
  UDP    0.0.0.0:5353           *:*
  UDP    [fe80::1c2d:3e4f%12]:1900  *:*
`;
  expect(parseNetstat(text)).toEqual([
    { transport: 'tcp', address: '0.0.0.0', port: 25_565 },
    { transport: 'tcp', address: '127.0.0.1', port: 6463 },
    { transport: 'tcp', address: '::', port: 25_565 },
    { transport: 'udp', address: '0.0.0.0', port: 5353 },
    { transport: 'udp', address: 'fe80::1c2d:3e4f', port: 1900 },
  ]);
});

test('listeners on macOS', () => {
  const text = `
Active Internet connections (including servers)
Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)
tcp46      0      0  *.25565                *.*                    LISTEN
tcp4       0      0  127.0.0.1.631          *.*                    LISTEN
tcp6       0      0  ::1.631                *.*                    LISTEN
tcp4       0      0  192.168.1.20.50122     203.0.113.7.443        ESTABLISHED
udp4       0      0  *.5353                 *.*
udp6       0      0  fe80::1%lo0.123        *.*
`;
  expect(parseNetstat(text)).toEqual([
    { transport: 'tcp', address: '0.0.0.0', port: 25_565 },
    { transport: 'tcp', address: '127.0.0.1', port: 631 },
    { transport: 'tcp', address: '::1', port: 631 },
    { transport: 'udp', address: '0.0.0.0', port: 5353 },
    { transport: 'udp', address: 'fe80::1', port: 123 },
  ]);
});

test('any text is taken', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(Array.isArray(parseProcNet(text, 'tcp', true))).toBe(true);
      expect(Array.isArray(parseNetstat(text))).toBe(true);
    }),
  );
});

test.runIf(process.platform === 'linux')(
  'a program of this machine is noticed, with the address it keeps to',
  async () => {
    const system = createNodeSystem({ log: { write: () => undefined } });
    const open = async (host: string): Promise<number> => {
      const server = net.createServer().listen(0, host);
      onTestFinished(() => void server.close());
      await once(server, 'listening');
      const address = server.address();
      return typeof address === 'object' ? (address?.port ?? 0) : 0;
    };
    const everywhere = await open('0.0.0.0');
    const itself = await open('127.0.0.1');
    const socket = dgram.createSocket('udp4').bind(0);
    onTestFinished(() => void socket.close());
    await once(socket, 'listening');
    expect(await system.listeners?.(new AbortController().signal)).toEqual(
      expect.arrayContaining([
        { transport: 'tcp', address: '0.0.0.0', port: everywhere },
        { transport: 'tcp', address: '127.0.0.1', port: itself },
        { transport: 'udp', address: '0.0.0.0', port: socket.address().port },
      ]),
    );
  },
);
