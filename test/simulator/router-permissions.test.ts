import { describe, expect, it } from 'vitest';
import { ip } from '../../main/contract/address.ts';
import { personality } from '../../main/simulator/personalities/personalities.ts';
import { isPermitted, parsePermissionRule } from '../../main/simulator/router/router-state.ts';
import { NEIGHBOUR, scene } from './router-talk.ts';

const rules = (...lines: readonly string[]) => lines.map((line) => parsePermissionRule(line));
const wish = (externalPort: number, client = '192.168.1.10', internalPort = externalPort) => ({
  externalPort,
  internalClient: ip(client),
  internalPort,
});

describe('permission rules', () => {
  const openwrt = rules('allow 1024-65535 192.168.1.0/24 1024-65535', 'deny 0-65535 0.0.0.0/0 0-65535');

  it('allow what the first matching line allows', () => {
    expect(isPermitted(openwrt, wish(1024))).toBe(true);
    expect(isPermitted(openwrt, wish(1023))).toBe(false);
    expect(isPermitted(openwrt, wish(8080, '192.168.2.10'))).toBe(false);
    expect(isPermitted(openwrt, wish(8080, '192.168.1.10', 80))).toBe(false);
  });

  it('let the earlier of two contradicting lines win', () => {
    const both = rules('deny 8080 192.168.1.10 0-65535', 'allow 0-65535 192.168.1.0/24 0-65535');
    expect(isPermitted(both, wish(8080))).toBe(false);
    expect(isPermitted(both, wish(8080, '192.168.1.11'))).toBe(true);
    expect(isPermitted(both, wish(8081))).toBe(true);
  });

  it('allow what no line speaks of, as miniupnpd does', () => {
    expect(isPermitted([], wish(1))).toBe(true);
    expect(isPermitted(rules('deny 1-10 0.0.0.0/0 0-65535'), wish(11))).toBe(true);
  });

  it.each([
    '',
    'permit 1 0.0.0.0/0 1',
    'allow 9-8 0.0.0.0/0 1',
    'allow 1-70000 0.0.0.0/0 1',
    'allow 1 nowhere 1',
    'allow 1 0.0.0.0/0 1 2',
  ])('refuse the line "%s"', (line) => {
    expect(() => parsePermissionRule(line)).toThrow(RangeError);
  });
});

describe('an OpenWrt router with its default rules', () => {
  it('gives high ports to the one who asks, for itself', async () => {
    const { talk, router } = await scene('openwrt-secure');
    expect((await talk.add()).status).toBe(200);
    expect((await talk.add({ NewExternalPort: 80 })).code).toBe(606);
    expect((await talk.add({ NewExternalPort: 8081, NewInternalPort: 80 })).code).toBe(606);
    expect((await talk.add({ NewExternalPort: 8082, NewInternalClient: NEIGHBOUR })).code).toBe(718);
    expect(router.table()).toHaveLength(1);
  });

  it('protects the mappings of others', async () => {
    const { talk, neighbour, router } = await scene('openwrt-secure');
    await neighbour.add();
    expect((await talk.add()).code).toBe(718);
    expect((await talk.add({}, 'AddAnyPortMapping')).value('NewReservedPort')).toBe('8081');
    expect((await talk.remove(8080)).code).toBe(606);
    const range = { NewStartPort: 8000, NewEndPort: 9000, NewProtocol: 'TCP', NewManage: 1 };
    expect((await talk.soap('DeletePortMappingRange', range)).status).toBe(200);
    expect(router.table().map(({ internalClient }) => internalClient)).toEqual([NEIGHBOUR]);
    expect((await neighbour.remove(8080)).status).toBe(200);
  });

  it.each([606, 501, 402, 718])('can say no with %d (C13)', async (code) => {
    const played = personality('openwrt-secure', { mapping: { forbiddenCode: code } });
    const { talk } = await scene(played);
    expect((await talk.add({ NewExternalPort: 80 })).code).toBe(code);
  });

  it('answers for a low port with another over NAT-PMP and with a refusal over PCP', async () => {
    const { talk } = await scene('openwrt-secure');
    // TCP, internal 8080, suggested external 80, 7200 s: granted on 1024.
    expect(await talk.datagram('0002 0000 1f90 0050 00001c20')).toMatch(/^00820000.{8}1f90040000001c20$/);
    const map = `02010000 00001c20 00000000000000000000ffffc0a8010a ${'41'.repeat(12)} 06000000 1f910050 ${'00'.repeat(16)}`;
    expect(await talk.datagram(map)).toMatch(/^02810002/);
  });
});
