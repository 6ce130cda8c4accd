/** Does this machine's own firewall let a packet in? Read from the output of each system's tools. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ip } from '../../main/contract/address.ts';
import { windowsFirewall } from '../../main/system/node/network/firewall-windows.ts';
import { linuxFirewalls, macosFirewall } from '../../main/system/node/network/firewalls.ts';
import { rulesetVerdict } from '../../main/system/node/network/nftables.ts';
import type { IncomingPacket } from '../../main/system/system.ts';

const packet: IncomingPacket = {
  transport: 'tcp',
  port: 25_565,
  from: { address: ip('198.51.100.1'), port: 50_000 },
  interfaceName: 'eth0',
  program: 'java.exe',
};

const of = { family: 'inet', table: 'filter' };
const input = (policy: string) => ({ chain: { ...of, name: 'input', type: 'filter', hook: 'input', prio: 0, policy } });
const rule = (...expr: readonly object[]) => ({ rule: { ...of, chain: 'input', expr } });
const dport = (right: unknown, protocol = 'tcp') => ({
  match: { op: '==', left: { payload: { protocol, field: 'dport' } }, right },
});
const established = { match: { op: 'in', left: { ct: { key: 'state' } }, right: ['established', 'related'] } };
const accept = { accept: null };
const verdict = (entries: readonly object[], more: Partial<IncomingPacket> = {}) =>
  rulesetVerdict(JSON.stringify({ nftables: entries }), { ...packet, ...more })?.verdict;

describe('a ruleset of nftables', () => {
  test.each<readonly [string, readonly object[], string | undefined]>([
    [
      'without a chain for what comes in is no firewall',
      [{ chain: { ...of, name: 'forward', hook: 'forward' } }],
      undefined,
    ],
    ['lets in what nothing forbids', [input('accept')], 'lets-in'],
    ['keeps out what nothing allows', [input('drop')], 'blocks'],
    ['lets in by port', [input('drop'), rule(dport(25_565), { counter: {} }, accept)], 'lets-in'],
    ['by a set', [input('drop'), rule(dport({ set: [22, 25_565] }), accept)], 'lets-in'],
    ['by a range', [input('drop'), rule(dport({ range: [25_000, 26_000] }), accept)], 'lets-in'],
    ['not by another transport', [input('drop'), rule(dport(25_565, 'udp'), accept)], 'blocks'],
    ['keeps out by rule', [input('accept'), rule(dport(25_565), { reject: {} })], 'blocks'],
    [
      'knows named sets',
      [input('drop'), { set: { ...of, name: 'games', elem: [25_565] } }, rule(dport('@games'), accept)],
      'lets-in',
    ],
    [
      'follows a jump, and comes back',
      [
        input('drop'),
        { chain: { ...of, name: 'games' } },
        rule({ jump: { target: 'games' } }),
        { rule: { ...of, chain: 'games', expr: [dport(25_565), accept] } },
      ],
      'lets-in',
    ],
    [
      'reads a verdict map',
      [input('drop'), rule({ vmap: { key: { ct: { key: 'state' } }, data: { set: [['new', accept]] } } })],
      'lets-in',
    ],
    [
      'lets in from one network only',
      [
        input('drop'),
        rule(
          {
            match: {
              op: '==',
              left: { payload: { protocol: 'ip', field: 'saddr' } },
              right: { prefix: { addr: '192.168.0.0', len: 16 } },
            },
          },
          accept,
        ),
      ],
      'blocks',
    ],
    ['says that it depends', [input('drop'), rule({ xt: null }, dport(25_565), accept)], 'unknown'],
    ['unless it comes to the same', [input('accept'), rule({ xt: null }, dport(25_565), accept)], 'lets-in'],
  ])('%s', (_name, entries, expected) => {
    expect(verdict(entries)).toBe(expected);
  });

  test('lets in answers where what was sent is remembered', () => {
    const entries = [input('drop'), rule(established, accept)];
    expect(verdict(entries)).toBe('blocks');
    expect(verdict(entries, { isAnswer: true })).toBe('lets-in');
  });

  test('names the place', () => {
    const text = JSON.stringify({ nftables: [input('drop')] });
    expect(rulesetVerdict(text, packet)).toEqual({ verdict: 'blocks', where: 'inet filter input' });
  });

  test('may be anything', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(['undefined', 'object']).toContain(typeof rulesetVerdict(text, packet));
      }),
    );
  });
});

/** Prints the output given for the first command that begins this way. */
const tool =
  (says: Readonly<Record<string, string>>) =>
  async (file: string, args: readonly string[]): Promise<string> => {
    const line = [file, ...args].join(' ');
    const key = Object.keys(says).find((start) => line.startsWith(start));
    if (key === undefined) throw new Error(`no such tool: ${line}`);
    return says[key] ?? '';
  };
const files =
  (contents: Readonly<Record<string, string>>) =>
  async (file: string): Promise<string> => {
    const text = contents[file];
    if (text === undefined) throw new Error('ENOENT');
    return text;
  };

describe('on Linux', () => {
  test('none is none', async () => {
    expect(await linuxFirewalls(packet, tool({}), files({}))).toEqual([]);
  });

  test('ufw: that it is on may be known by everybody, its rules only by root', async () => {
    const read = files({
      '/etc/ufw/ufw.conf': 'ENABLED=yes\nLOGLEVEL=low\n',
      '/etc/default/ufw': 'DEFAULT_INPUT_POLICY="DROP"',
    });
    expect(await linuxFirewalls(packet, tool({}), read)).toEqual([{ name: 'ufw', verdict: 'unknown', where: '' }]);
    const run = tool({ 'nft -j list ruleset': JSON.stringify({ nftables: [input('drop')] }) });
    expect(await linuxFirewalls(packet, run, read)).toEqual([
      { name: 'ufw', verdict: 'blocks', where: 'inet filter input' },
    ]);
    expect(await linuxFirewalls(packet, tool({}), files({ '/etc/ufw/ufw.conf': 'ENABLED=no' }))).toEqual([]);
  });

  test.each([
    ['25565/tcp', 'ssh', 'lets-in'],
    ['1025-65535/udp 1025-65535/tcp', 'ssh', 'lets-in'],
    ['8080/tcp', 'ssh dhcpv6-client', 'blocks'],
    ['', 'ssh minecraft', 'unknown'],
  ])('firewalld with ports “%s” and services “%s”', async (ports, services, expected) => {
    const run = tool({
      'firewall-cmd --state': 'running\n',
      'firewall-cmd --get-zone-of-interface=eth0': 'home\n',
      'firewall-cmd --zone=home --list-ports': `${ports}\n`,
      'firewall-cmd --zone=home --list-services': `${services}\n`,
    });
    expect(await linuxFirewalls(packet, run, files({}))).toEqual([
      { name: 'firewalld', verdict: expected, where: 'home' },
    ]);
  });
});

test.each([
  ['Firewall is disabled. (State = 0)', '', undefined],
  ['Firewall is enabled. (State = 1)', '1 : /usr/bin/java \n             (Allow incoming connections)', 'lets-in'],
  ['Firewall is enabled. (State = 1)', '1 : /usr/bin/java \n             (Block incoming connections)', 'blocks'],
  ['Firewall is enabled. (State = 1)', '', 'unknown'],
  ['Firewall is set to block all incoming connections (State = 2)', '', 'blocks'],
])('on macOS: %s', async (state, apps, expected) => {
  const command = '/usr/libexec/ApplicationFirewall/socketfilterfw';
  const run = tool({ [`${command} --getglobalstate`]: state, [`${command} --listapps`]: apps });
  const found = await macosFirewall({ ...packet, program: 'java' }, run);
  expect(found[0]?.verdict).toBe(expected);
});

describe('on Windows', () => {
  const on = (value: string) => `    EnableFirewall    REG_DWORD    ${value}\r\n`;
  const entry = (more: string) => `    {1D2B}    REG_SZ    v2.33|Active=TRUE|Dir=In|${more}|Name=Game|\r\n`;
  const asked = (rules: string, state = '0x1', program = 'java.exe') =>
    windowsFirewall({ ...packet, program }, async (file, args) => {
      expect(file).toMatch(/^[a-z]:\\Windows\\System32\\reg\.exe$/i);
      return args[1]?.endsWith('Rules') === true ? rules : on(state);
    });

  test.each([
    ['a rule for the program lets it in', entry('Action=Allow|Protocol=6|App=C:\\Java\\bin\\java.exe'), 'lets-in'],
    ['a rule for the port, too', entry('Action=Allow|Protocol=6|LPort=25565'), 'lets-in'],
    ['one that blocks wins', entry('Action=Allow|LPort=25565') + entry('Action=Block|App=C:\\java.exe'), 'blocks'],
    ['one for UDP is none for TCP', entry('Action=Allow|Protocol=17|App=C:\\java.exe'), 'blocks'],
    ['without a rule nothing is let in', '', 'blocks'],
  ])('%s', async (_name, rules, expected) => {
    expect((await asked(rules))[0]?.verdict).toBe(expected);
  });

  test('off in every profile, or the program not known', async () => {
    expect(await asked('', '0x0')).toEqual([]);
    expect((await asked('', '0x1', ''))[0]?.verdict).toBe('unknown');
  });
});
