import { describe, expect, test } from 'vitest';

import { inSeconds } from '../../../main/contract/units.ts';
import { discover } from '../../../main/gateways/discovery/discover.ts';
import type { Finding, SearchOptions } from '../../../main/gateways/gateway.ts';
import { createRouterMemory } from '../../../main/gateways/router-memory.ts';
import { createHome, type Home, type HomeOptions } from '../../world/home.ts';
import { personality, type PersonalityName } from '../../../main/simulator/personalities/personalities.ts';
import { World } from '../../world/world.ts';
import { allOf } from '../../support/searching.ts';

async function homeOf(options: HomeOptions = {}): Promise<Home> {
  const home = await createHome(new World({ seed: 5 }), options);
  await home.world.run(inSeconds(5));
  return home;
}

async function searchIn(home: Home, options: Partial<SearchOptions> = {}) {
  const { system, storage } = home.client;
  const memory = createRouterMemory(storage.documents(), system.log, system.clock);
  const signal = new AbortController().signal;
  const search = discover(system, { protocol: 'auto', remembered: [], ...options }, memory, signal);
  return await home.world.finish(allOf(search));
}

const kinds = (findings: readonly Finding[]): string[] => findings.map(({ control }) => control.kind).toSorted();

describe('in a whole home', () => {
  test('a router with everything is found by everything within a moment', async () => {
    const home = await homeOf();
    const { findings, summary } = await searchIn(home);
    expect(new Set(kinds(findings))).toEqual(new Set(['igd', 'nat-pmp', 'pcp']));
    expect(findings.every(({ isDefault, address }) => isDefault && address === '192.168.1.1')).toBe(true);
    expect(findings[0]?.foundIn).toBeLessThan(100);
    expect(summary.passedOver).toEqual([]);
  });

  test.each<readonly [PersonalityName, readonly string[]]>([
    ['upnp-only', ['igd']],
    ['pxp-only', ['nat-pmp', 'pcp']],
    ['pcp-only', ['pcp']],
  ])('a router like %s is found by what it speaks', async (name, expected) => {
    const { findings } = await searchIn(await homeOf({ router: personality(name) }));
    expect(kinds(findings)).toEqual(expected);
  });

  test.each<readonly [PersonalityName, what: string]>([
    ['multicast-search-only', 'hears multicast only (D5)'],
    ['unicast-search-only', 'hears unicast only (D5)'],
    ['answers-by-notify', 'answers with a NOTIFY to everybody (D4)'],
    ['slow-to-be-found', 'answers after twelve seconds (D25)'],
    ['answers-one-target', 'answers one search target (D1)'],
    ['answers-own-version', 'answers with another type than asked (D3)'],
    ['odd-source-port', 'answers from another port (D7)'],
  ])('a UPnP router like %s is found, once: it %s', async (name) => {
    const { findings } = await searchIn(await homeOf({ router: personality('upnp-only', name) }));
    expect(findings).toMatchObject([
      { foundBy: name === 'answers-by-notify' ? 'ssdp-notify' : 'ssdp-unicast', control: { kind: 'igd' } },
    ]);
  });

  test.each<PersonalityName>([
    'several-wan-services',
    'ppp-service',
    'urlbase-wrong',
    'absolute-control-url',
    'query-control-url',
    'junk-before-xml',
    'junk-after-xml',
    'http10-only',
    'until-close',
    'bare-lf',
    'one-packet-parser',
    'host-needs-port',
    'crashes-on-parallel',
    'slow',
    'says-disconnected',
    'no-status-actions',
    'address-not-told',
  ])('a UPnP router that is %s is found, once', async (name) => {
    const home = await homeOf({ router: personality('upnp-only', name) });
    expect(kinds((await searchIn(home)).findings)).toEqual(['igd']);
  });

  test('a LOCATION that points to ourselves leads nowhere but to its sender (D20, D21)', async () => {
    const home = await homeOf({ router: personality('upnp-only', 'forged-location') });
    const { findings, summary } = await searchIn(home);
    expect(findings).toEqual([]);
    expect(new Set(summary.passedOver.map(({ from }) => from))).toEqual(new Set(['192.168.1.1']));
    expect(summary.routers).toMatchObject([{ alive: true }]);
  });

  test('a tunnel’s NAT-PMP gateway is found beside the router', async () => {
    const { findings } = await searchIn(await homeOf({ vpn: true }));
    const vpn = findings.filter(({ control, address }) => control.kind === 'nat-pmp' && address !== '192.168.1.1');
    expect(vpn).toHaveLength(1);
    expect(vpn[0]?.isDefault).toBe(true);
    expect(findings.some(({ address, control }) => address === '192.168.1.1' && control.kind === 'igd')).toBe(true);
  });

  test('with IPv6 the gateway opens pinholes too', async () => {
    const { findings } = await searchIn(await homeOf({ ipv6: true }));
    expect(new Set(findings.map(({ gateway }) => gateway)).size).toBe(1);
    expect(kinds(findings)).toContain('pinhole');
    const pcp = findings.findLast(({ control }) => control.kind === 'pcp');
    expect(pcp?.control.capabilities.families).toEqual(['ipv4', 'ipv6']);
  });

  test('a remembered location is used, and forgotten at once after the router has moved its URLs (D14, D15)', async () => {
    const home = await homeOf({ router: personality('upnp-only', 'new-udn-each-boot') });
    const first = await searchIn(home);
    const remembered = first.findings.map(({ remember }) => remember);
    const again = await searchIn(home, { remembered });
    expect(again.findings).toMatchObject([{ foundBy: 'remembered', control: { kind: 'igd' } }]);
    home.router.reboot({ downFor: inSeconds(5) });
    await home.world.run(inSeconds(30));
    const after = await searchIn(home, { remembered });
    expect(kinds(after.findings)).toEqual(['igd']);
    expect(after.findings[0]?.foundBy).not.toBe('remembered');
    expect(after.findings[0]?.fingerprint).toBe(first.findings[0]?.fingerprint);
  });
});
