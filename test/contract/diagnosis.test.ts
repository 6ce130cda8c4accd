/** The cause first, its symptoms beneath it, in words of both languages. */
import { describe, expect, test } from 'vitest';
import { ip } from '../../main/contract/address.ts';
import type { Finding, FindingCode, FindingOf, FindingParameters } from '../../main/contract/diagnosis/findings.ts';
import { causesOf } from '../../main/contract/diagnosis/ranking.ts';
import { ROUTER_MENUS, routerKeyOf } from '../../main/contract/diagnosis/router-menus.ts';
import { asForwardId } from '../../main/contract/model.ts';
import { problemOf, type Problem } from '../../main/contract/problems.ts';
import { epochMs, port } from '../../main/contract/units.ts';
import { LANGUAGES } from '../../main/contract/words/catalogues.ts';
import { checkLines, diagnosisLines, explainFinding } from '../../main/contract/words/findings.ts';
import { blemishesIn } from '../support/languages.ts';

const NOW = epochMs(1_796_000_000_000);
const GAME = asForwardId('game/1');
const router = ip('192.168.1.1');
const place = { transport: 'tcp', port: port(25_565) } as const;

const found = <Code extends FindingCode>(
  check: Finding['check'],
  code: Code,
  parameters: FindingParameters[Code],
  more: Partial<Pick<FindingOf<Code>, 'forward' | 'level'>> = {},
): Finding => ({ check, level: 'trouble', code, parameters, ...more }) as Finding;

const told = (problem: Problem, forward?: typeof GAME): Finding =>
  found('rules', 'problem', { problem }, forward === undefined ? {} : { forward });

const codes = (findings: readonly Finding[]): readonly unknown[] =>
  causesOf(findings).map(({ finding, symptoms }) => [codeOf(finding), symptoms.map(codeOf)]);
const codeOf = (finding: Finding): string =>
  finding.code === 'problem' ? finding.parameters.problem.code : finding.code;

const noAddress = told(problemOf('no-external-address', { gateway: 'fritz.box' }, NOW));
const refused = told(
  problemOf('router-failed', { ...place, code: 'upnp 501', external: undefined, suggestion: undefined }, NOW),
  GAME,
);
const taken = told(
  problemOf('conflict', { ...place, holder: undefined, holderName: undefined, suggestion: undefined }, NOW),
  GAME,
);
const carrier = found('line', 'carrier-nat', { gateway: 'fritz.box', shared: ip('100.64.5.6'), isNext: false });
const off = found('protocols', 'port-control-off', { router });
const blocked = found('blocking', 'answers-blocked', { firewall: 'ufw', where: '', protocols: ['UPnP'] });
const silent = found('programs', 'nothing-listens', place, { forward: GAME });
const dead = told(problemOf('listed-but-dead', place, NOW, { forward: GAME }), GAME);
const offline = told(problemOf('no-network', {}, NOW));

describe('the cause comes first, with what it explains beneath it', () => {
  test.each<readonly [string, readonly Finding[], unknown]>([
    ['nothing wrong', [found('network', 'no-adapters', {}, { level: 'fine' })], []],
    [
      'no network explains all but the program',
      [refused, off, offline, silent],
      [
        ['no-network', ['port-control-off', 'router-failed']],
        ['nothing-listens', []],
      ],
    ],
    ['a firewall here explains a silent router', [off, blocked], [['answers-blocked', ['port-control-off']]]],
    [
      'the line explains a refusal without a reason',
      [refused, noAddress, carrier],
      [['carrier-nat', ['no-external-address', 'router-failed']]],
    ],
    [
      'but not one with a reason of its own',
      [taken, carrier],
      [
        ['carrier-nat', []],
        ['conflict', []],
      ],
    ],
    [
      'a program that does not listen explains that no traffic arrives',
      [dead, silent],
      [['nothing-listens', ['listed-but-dead']]],
    ],
    [
      'of another forward it does not',
      [dead, { ...silent, forward: asForwardId('web/1') }],
      [
        ['nothing-listens', []],
        ['listed-but-dead', []],
      ],
    ],
    ['what only may matter is no cause', [{ ...blocked, level: 'hint' }], []],
  ])('%s', (_name, findings, expected) => {
    expect(codes(findings)).toEqual(expected);
    expect(codes(findings.toReversed())).toEqual(expected);
  });
});

test('the report has the cause in its first line, then what to do, its symptoms, and every check', () => {
  const checks = [
    { name: 'line', findings: [carrier, noAddress] },
    { name: 'programs', findings: [] },
  ] as const;
  expect(diagnosisLines({ checks }, 'en')).toEqual([
    'Your internet provider shares one public address among several customers (CGNAT).',
    '  fritz.box has the address 100.64.5.6, which is reserved for sharing (100.64.0.0/10). Nobody on the internet can reach it.',
    '  Ask your provider for a public IPv4 address, or use IPv6.',
    '  Because of this:',
    '  - fritz.box reports no usable public IP address.',
    '',
    'What was checked:',
    '✗ Public IP address: Your internet provider shares one public address among several customers (CGNAT).',
    '    fritz.box reports no usable public IP address.',
    '– Programs: Nothing to check.',
  ]);
  expect(diagnosisLines({ checks: [] }, 'de')[0]).toBe('Kein Problem gefunden.');
});

test('the same finding for several ports is explained once', () => {
  const at = (external: number): Finding =>
    found('programs', 'loopback-only', {
      transport: 'tcp',
      port: port(external),
      address: ip('127.0.0.1'),
      program: 'java',
    });
  const checks = [{ name: 'programs', findings: [at(25_565), at(25_575)] }] as const;
  expect(diagnosisLines({ checks }, 'en').slice(0, 5)).toEqual([
    '“java” listens on port 25565/TCP for this computer only.',
    '“java” listens on port 25575/TCP for this computer only.',
    '  It is bound to 127.0.0.1, which other devices can’t reach.',
    '  In the program’s settings, change the address it listens on to 0.0.0.0 (all addresses), then restart it.',
    '',
  ]);
  expect(checkLines([at(25_565), at(25_575), at(25_565)], 'en')).toHaveLength(2);
});

const EXAMPLES: { readonly [Code in FindingCode]: readonly FindingParameters[Code][] } = {
  problem: [{ problem: problemOf('no-network', {}, NOW) }],
  'not-checked': [{}],
  connected: [
    { interfaceName: 'eth0', address: ip('192.168.1.10'), router },
    { interfaceName: 'eth0', address: undefined, router },
  ],
  'no-router': [{ interfaces: ['eth0', 'wlan0'] }],
  'no-dhcp': [{ interfaceName: 'eth0', address: ip('169.254.7.7') }],
  'no-adapters': [{}],
  'idle-adapters': [{ names: ['docker0', 'wg0'] }],
  'vpn-is-default': [{ interfaceName: 'wg0' }],
  'virtual-router': [{ router: ip('10.0.2.2'), maker: 'VirtualBox' }],
  'search-passes': [{}],
  'answers-blocked': [
    { firewall: 'nftables', where: 'inet filter input', protocols: ['UPnP', 'PCP'] },
    { firewall: 'ufw', where: '', protocols: ['UPnP'] },
  ],
  protocols: [
    { gateway: 'fritz.box', answered: ['UPnP'], silent: ['NAT-PMP', 'PCP'] },
    { gateway: '', answered: ['UPnP', 'NAT-PMP', 'PCP'], silent: [] },
  ],
  'port-control-off': [{ router }, { router, menu: 'fritzbox' }, { router, menu: 'mikrotik' }],
  'one-gateway': [{ gateway: 'fritz.box' }, { gateway: '' }],
  'several-gateways': [
    { gateway: 'fritz.box', others: ['OpenWrt'] },
    { gateway: '', others: ['A', 'B'] },
  ],
  'public-address': [
    { gateway: '', external: ip('11.22.33.44'), isConfirmed: true },
    { gateway: '', external: ip('11.22.33.44'), isConfirmed: false },
  ],
  'double-nat': [
    { gateway: '', external: ip('192.168.8.2'), upstream: undefined },
    { gateway: '', external: undefined, upstream: { address: ip('192.168.8.1'), protocols: ['PCP'] } },
  ],
  'carrier-nat': [
    { gateway: '', shared: ip('100.64.5.6'), isNext: true },
    { gateway: '', shared: ip('100.64.5.6'), isNext: false },
  ],
  'unusable-address': [{ gateway: '', external: ip('240.0.0.1'), scope: 'reserved' }],
  'stun-silent': [{ server: 'stun.example.net' }],
  'other-address': [{ gateway: '', external: ip('11.22.33.44'), seen: ip('11.22.33.55') }],
  'nothing-wanted': [{}],
  'trial-opened': [{ gateway: 'fritz.box', port: port(50_000) }],
  open: [{ count: 1 }, { count: 3 }],
  'under-way': [{ count: 1 }, { count: 2 }],
  paused: [{}],
  'not-running': [{ count: 1 }, { count: 2 }],
  'writing-off': [
    { gateway: '', code: 'upnp 606' },
    { gateway: '', code: 'upnp 606', menu: 'fritzbox' },
    { gateway: '', code: 'upnp 606', menu: 'netgear' },
  ],
  listens: [
    { places: [{ ...place, program: 'java' }] },
    {
      places: [
        { ...place, program: '' },
        { ...place, program: '' },
      ],
    },
  ],
  'nothing-listens': [place],
  'loopback-only': [{ ...place, address: ip('127.0.0.1'), program: 'java' }],
  'other-transport': [
    { ...place, program: 'java' },
    { ...place, transport: 'udp', program: '' },
  ],
  'other-interface': [{ ...place, address: ip('10.8.0.2'), program: 'java' }],
  'device-refuses': [{ ...place, client: ip('192.168.1.20') }],
  'device-silent': [{ ...place, client: ip('192.168.1.20') }],
  'programs-unknown': [{}],
  'no-firewall': [{}],
  'firewall-lets-in': [{ firewall: 'ufw' }],
  'firewall-blocks': ['ufw', 'firewalld', 'macOS', 'nftables', 'Windows Defender Firewall'].map((firewall) => ({
    ...place,
    firewall,
    where: '',
  })),
  'firewall-unclear': [{ firewall: 'ufw' }],
  'hairpin-works': [{ external: ip('11.22.33.44'), port: port(25_565) }],
  'hairpin-missing': [{ external: ip('11.22.33.44'), port: port(25_565) }],
  'ipv6-none': [{}],
  'ipv6-ready': [{ address: ip('2a0d:c0de:71::10') }],
  'ipv6-closed': [{ address: ip('2a0d:c0de:71::10') }],
  'leases-fine': [{}],
  'clock-wrong': [{ now: NOW }],
  restarted: [{ gateway: '', at: NOW }],
  remembered: [{ gateway: '', traits: ['refused a lease with 725'] }],
};

describe.each(LANGUAGES)('words in %s', (language) => {
  test.each(Object.entries(EXAMPLES))('%s', (code, examples) => {
    for (const parameters of examples) {
      const finding = found('rules', code as FindingCode, parameters);
      const { what, why, todo } = explainFinding(finding, language);
      expect(what).toMatch(/[.!?]$/);
      // Names of menus and what routers do are in their own language.
      if (code === 'remembered' || (language === 'de' && JSON.stringify(parameters).includes('menu'))) continue;
      for (const text of [what, why, todo]) {
        const own = text.replaceAll(/sudo .*$/g, '').replaceAll(/tcp dport \d+ accept/g, '');
        expect(blemishesIn(own, language), text).toEqual([]);
      }
    }
  });
});

describe('menus of routers', () => {
  test.each([
    ['FRITZ!Box 7590', 'fritzbox'],
    ['fritz', 'fritzbox'],
    ['RT-AX88U', 'asus'],
    ['Nest Wifi Pro', 'google'],
    ['MI424WR-GEN3I', 'verizon'],
    ['SURFboard G54', 'arris'],
    ['TP-LINK Archer C7', 'tp-link'],
    ['NETGEAR R7000', 'netgear'],
    ['MikroTik RouterOS', 'mikrotik'],
    ['OpenWrt - LuCI', 'openwrt'],
    ['pfSense.home.arpa', 'pfsense'],
    ['OPNsense', 'opnsense'],
    ['Zyxel NBG6817', 'zyxel'],
    ['Portkeeper lab', undefined],
    ['', undefined],
  ])('%s', (name, key) => {
    expect(routerKeyOf([name])).toBe(key);
  });

  test('each has its source', () => {
    for (const { source } of Object.values(ROUTER_MENUS)) {
      expect(source.length).toBeGreaterThan(0);
      for (const url of source) expect(new URL(url).protocol).toBe('https:');
    }
  });
});
