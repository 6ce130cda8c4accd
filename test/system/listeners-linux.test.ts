import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { port } from '../../main/contract/units.ts';
import { listsListener } from '../../main/system/node/network/listeners-linux.ts';
import { createNodeSystem } from '../../main/system/node/node-system.ts';

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const line = (local: string, state: string): string =>
  `${HEAD}\n   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  1000  0 1 1 0 100 0 0 10 0\n`;

describe('what the kernel lists', () => {
  test.each([
    ['any address', '00000000:63DD', '0A', true],
    ['an address of the home', '1400A8C0:63DD', '0A', true],
    ['any IPv6 address', `${'0'.repeat(32)}:63DD`, '0A', true],
    ['another port', '00000000:63DE', '0A', false],
    ['a connection, nobody who waits', '1400A8C0:63DD', '01', false],
    ['loopback alone', '0100007F:63DD', '0A', false],
    ['loopback alone, over IPv6', '00000000000000000000000001000000:63DD', '0A', false],
    ['loopback alone, mapped', '0000000000000000FFFF00000100007F:63DD', '0A', false],
  ])('%s', (_name, local, state, is) => {
    expect(listsListener(line(local, state), 'tcp', 25_565, true)).toBe(is);
  });

  test('UDP has a state of its own, and other machines another order of bytes', () => {
    expect(listsListener(line('00000000:63DD', '07'), 'udp', 25_565, true)).toBe(true);
    expect(listsListener(line('7F000001:63DD', '0A'), 'tcp', 25_565, false)).toBe(false);
    expect(listsListener(line('C0A80014:63DD', '0A'), 'tcp', 25_565, false)).toBe(true);
  });

  test('any text is taken', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 65_535 }), (text, number) => {
        expect(typeof listsListener(text, 'tcp', number, true)).toBe('boolean');
      }),
    );
  });
});

test.runIf(process.platform === 'linux')(
  'a program of this machine is noticed, unless it listens to itself alone',
  async () => {
    const system = createNodeSystem({ log: { write: () => undefined } });
    const open = async (host: string): Promise<number> => {
      const server = net.createServer().listen(0, host);
      onTestFinished(() => void server.close());
      await once(server, 'listening');
      const address = server.address();
      return typeof address === 'object' ? (address?.port ?? 0) : 0;
    };
    expect(await system.hasListener?.('tcp', port(await open('0.0.0.0')))).toBe(true);
    expect(await system.hasListener?.('tcp', port(await open('127.0.0.1')))).toBe(false);
    const socket = dgram.createSocket('udp4').bind(0);
    onTestFinished(() => void socket.close());
    await once(socket, 'listening');
    expect(await system.hasListener?.('udp', port(socket.address().port))).toBe(true);
  },
);
