/** The output of tools about programs that listen and the way to an address. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import net from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ip } from '../../main/contract/address.ts';
import { answererIn, hopsTo } from '../../main/system/node/network/hops.ts';
import { port } from '../../main/contract/units.ts';
import { processIn, programOnOf } from '../../main/system/node/network/listening-program.ts';

const WINDOWS = `
Aktive Verbindungen

  Proto  Lokale Adresse         Remoteadresse          Status           PID
  TCP    0.0.0.0:25565          0.0.0.0:0              ABHÖREN          4711
  TCP    127.0.0.1:8080         0.0.0.0:0              ABHÖREN          99
  TCP    192.168.1.10:49812     140.82.121.4:443       HERGESTELLT      1234
  TCP    [::]:25565             [::]:0                 ABHÖREN          4711
  UDP    0.0.0.0:5353           *:*                                     2312
  UDP    [fe80::1%12]:1900      *:*                                     800
`;

test('the process that waits on Windows, whatever its language', () => {
  expect(processIn(WINDOWS, 'tcp', 25_565)).toBe('4711');
  expect(processIn(WINDOWS, 'udp', 1900)).toBe('800');
  expect(processIn(WINDOWS, 'tcp', 49_812)).toBeUndefined();
});

test.runIf(process.platform === 'linux')('the program that waits on a port of this machine is named', async () => {
  const server = net.createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const address = server.address();
  const number = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const program = (await readFile('/proc/self/comm', 'utf8')).trim();
  const { signal } = new AbortController();
  expect(await programOnOf('linux')?.('tcp', port(number), signal)).toBe(program);
  expect(await programOnOf('linux')?.('udp', port(number), signal)).toBe('');
});

describe('routers on the way to an address', () => {
  const asked = ip('192.0.2.1');
  test.each([
    [
      'Linux',
      'PING 192.0.2.1 (192.0.2.1) 56(84) bytes of data.\nFrom 192.168.8.1 icmp_seq=1 Time to live exceeded',
      '192.168.8.1',
    ],
    [
      'macOS',
      'PING 192.0.2.1 (192.0.2.1): 56 data bytes\n36 bytes from 100.64.5.1: Time to live exceeded',
      '100.64.5.1',
    ],
    [
      'Windows',
      'Ping wird ausgeführt für 192.0.2.1 mit 32 Bytes Daten:\r\nAntwort von 10.0.0.1: Die Gültigkeitsdauer wurde bei der Übertragung überschritten.',
      '10.0.0.1',
    ],
    ['nobody', 'PING 192.0.2.1 (192.0.2.1) 56(84) bytes of data.\n\n--- 192.0.2.1 ping statistics ---', undefined],
  ])('%s', (_name, printed, address) => {
    expect(answererIn(printed, asked)).toBe(address);
  });

  test('on Windows by its own tool, wherever Portkeeper was started', async () => {
    const tools: string[] = [];
    const printed = async (tool: string): Promise<string> => {
      tools.push(tool);
      return 'Reply from 10.0.0.1: TTL expired in transit.';
    };
    expect(await hopsTo(asked, 2, new AbortController().signal, 'win32', printed)).toEqual(['10.0.0.1', '10.0.0.1']);
    expect(tools).toEqual(Array(2).fill(expect.stringMatching(/^[a-z]:\\Windows\\System32\\ping\.exe$/i)));
  });
});
