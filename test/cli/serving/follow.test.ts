import { describe, expect, test } from 'vitest';
import { follow, followLeftovers } from '../../../main/cli/output/follow.ts';
import { gatewayLine, mappingLines } from '../../../main/cli/output/report.ts';
import { ip } from '../../../main/contract/address.ts';
import type { GatewayView, Snapshot } from '../../../main/contract/snapshot.ts';
import { asGatewayId } from '../../../main/contract/model.ts';
import { epochMs, port } from '../../../main/contract/units.ts';
import { leftoverKeyOf, type Leftover } from '../../../main/core/state.ts';
import { listening, type Heard } from '../../support/listening-console.ts';
import { lease, mapping, NOON, problem, router, snapshot, statuses } from '../../support/problems.ts';

/** Plays snapshots to the follower. */
function followed(json = false): Heard & { readonly show: (snapshot: Snapshot) => void } {
  const heard = listening(json);
  let listener: (snapshot: Snapshot) => void = () => undefined;
  follow((given) => {
    listener = given;
    return () => undefined;
  }, heard.console);
  return { ...heard, show: (snapshot) => listener(snapshot) };
}

describe('followed events', () => {
  test('is said once: the router, the opening, nothing of renewals, the closing', () => {
    const { out, err, show } = followed();
    show(snapshot({ mappings: [mapping({ at: 'waiting', for: 'gateway' })] }));
    show(snapshot({ mappings: [mapping(statuses.opening)] }));
    show(snapshot({ mappings: [mapping(statuses.open)] }));
    show(snapshot({ mappings: [mapping(statuses.renewing)] }));
    show(snapshot({ mappings: [mapping(statuses.open)] }));
    show(snapshot({ mappings: [mapping(statuses.closing)] }));
    show(snapshot());
    expect(err).toEqual([gatewayLine(router)]);
    expect(out).toEqual([...mappingLines(mapping(statuses.open), snapshot()), 'closed   25565/tcp']);
  });

  test('a router’s trouble comes with the command that takes it away, where that is a setting', () => {
    const { err, show } = followed();
    const { id: gateway } = router;
    show(snapshot({ problems: [{ ...problem('behind-another-nat'), gateway }] }));
    expect(err.at(-1)).toBe('    portkeeper settings set upstreamRouter 10.0.0.1');
  });

  test('a router in front is said when it is found, and not its address beside that of the home’s router', () => {
    const { out, err, show } = followed();
    const front = { ...router, id: asGatewayId('eth0/10.0.0.1'), address: ip('10.0.0.1'), name: '10.0.0.1' };
    const behind = (externalAddress: GatewayView['externalAddress'], gateway?: GatewayView): Snapshot => {
      const upstream = { address: front.address, ...(gateway && { gateway: { ...gateway, externalAddress } }) };
      return snapshot({ gateways: [{ ...router, externalAddress, upstream }] });
    };
    show(behind(ip('203.0.113.7')));
    show(behind(ip('203.0.113.7'), front));
    expect(err.slice(1)).toEqual([gatewayLine({ ...front, externalAddress: ip('203.0.113.7') }, true)]);
    show(behind(ip('203.0.113.9'), front));
    expect(out).toEqual([`address  203.0.113.9 is the public IP address of ${router.name}; it was 203.0.113.7`]);
  });

  test('a refused forward that is no longer wanted was not closed', () => {
    const { out, show } = followed();
    show(snapshot({ mappings: [mapping(statuses.refused)] }));
    show(snapshot());
    expect(out.filter((line) => line.startsWith('closed'))).toEqual([]);
  });

  test('a new public address is said, and not what is only unknown for a moment', () => {
    const known = (externalAddress: GatewayView['externalAddress']): Snapshot =>
      snapshot({ gateways: [{ ...router, externalAddress }] });
    const addresses = ['unknown', ip('203.0.113.7'), 'unknown', ip('203.0.113.7'), ip('203.0.113.9'), 'none'] as const;
    const { out, show } = followed();
    for (const address of addresses) show(known(address));
    expect(out).toEqual([
      `address  203.0.113.9 is the public IP address of ${router.name}; it was 203.0.113.7`,
      `address  ${router.name} has no public IP address`,
    ]);
    const records = followed(true);
    for (const address of addresses) records.show(known(address));
    expect(records.out[0]).toContain('"from":"203.0.113.7","to":"203.0.113.9"');
  });

  test('a problem is reported once, and again when it comes back', () => {
    const { err, show } = followed();
    const trouble = snapshot({ gateways: [], problems: [problem('no-network')] });
    for (const each of [trouble, trouble, snapshot({ gateways: [] }), trouble]) show(each);
    expect(err.filter((line) => line.startsWith('This computer'))).toHaveLength(2);
  });

  test('a port that moves to another router shows its new place, and no closing', () => {
    for (const json of [false, true]) {
      const { out, show } = followed(json);
      const there = { ...lease, gateway: asGatewayId('eth0/192.168.1.66') };
      const open = mapping(statuses.open);
      show(snapshot({ mappings: [mapping({ at: 'open', lease: there })] }));
      for (let time = 0; time < 3; time++) {
        show(snapshot({ mappings: [open, mapping({ at: 'closing', lease: there })] }));
      }
      show(snapshot({ mappings: [open] }));
      expect(out.join('\n')).not.toMatch(/clos/);
      expect(out.length).toBeLessThanOrEqual(2);
    }
  });

  test('programs get every change of status, a renewal not twice', () => {
    const { out, show } = followed(true);
    show(snapshot({ mappings: [mapping(statuses.opening)] }));
    show(snapshot({ mappings: [mapping(statuses.open)] }));
    show(snapshot({ mappings: [mapping(statuses.renewing)] }));
    show(snapshot({ mappings: [mapping(statuses.closing)] }));
    show(snapshot());
    const said = out.map((line): Readonly<Record<string, unknown>> => Object(JSON.parse(line)));
    expect(said.map((each) => each['status'] ?? each['event'])).toEqual(['opening', 'open', 'closing', 'closed']);
  });

  test('out of hundreds of ports only the refused have a line each, and the rest is counted', () => {
    const { out, show } = followed();
    const many = Array.from({ length: 100 }, (_, index) => mapping(statuses.open, 20_000 + index));
    show(snapshot({ mappings: many.map((each) => ({ ...each, status: statuses.opening })) }));
    show(snapshot({ mappings: [...many, mapping(statuses.refused, 30_000)] }));
    show(snapshot({ mappings: [...many, mapping(statuses.refused, 30_000)] }));
    show(snapshot());
    expect(out).toEqual([
      expect.stringMatching(/^refused {2}30000\/tcp/),
      expect.stringMatching(/^ {4}/),
      expect.stringMatching(/^ {4}/),
      '100 ports open, 1 refused, 0 waiting.',
      '0 ports open, 0 refused, 0 waiting.',
    ]);
  });
});

describe('leftovers of an earlier run', () => {
  const old = (external: number, kept = false): Leftover => {
    const lease = {
      gateway: router.id,
      network: 'home',
      control: 'igd',
      family: 'ipv4',
      transport: 'tcp',
      external: { port: port(external) },
      internal: { client: ip('192.168.1.7'), port: port(external) },
      handle: {},
      grantedAt: NOON,
      renewAt: NOON,
      expiresAt: epochMs(NOON + 60_000),
      evidence: 'answered',
      renewals: 0,
      recreate: false,
    } as const;
    return {
      key: leftoverKeyOf(lease),
      lease,
      mapping: undefined,
      forward: undefined,
      label: '',
      kept,
      request: undefined,
      tries: 0,
      notBefore: undefined,
      refusedBy: [],
      since: NOON,
    };
  };

  function told(before: readonly Leftover[], then: Partial<Snapshot>): readonly string[] {
    const { out, console } = listening();
    let leftovers = before;
    let show: (snapshot: Snapshot) => void = () => undefined;
    const source = {
      get leftovers() {
        return leftovers;
      },
      watch: (listener: (snapshot: Snapshot) => void) => {
        show = listener;
        return () => undefined;
      },
    };
    followLeftovers(source, console);
    show(snapshot());
    leftovers = [];
    show(snapshot(then));
    return out;
  }

  test('is reported once it is closed', () => {
    expect(told([old(80), old(81)], {})).toEqual([
      'closed   80/tcp  left open by an earlier run',
      'closed   81/tcp  left open by an earlier run',
    ]);
  });

  test('is not reported when it is wanted again, was kept on purpose, or has expired', () => {
    expect(told([old(80)], { mappings: [mapping(statuses.opening, 80)] })).toEqual([]);
    expect(told([old(80, true)], {})).toEqual([]);
    expect(told([old(80)], { at: epochMs(NOON + 60_000) })).toEqual([]);
  });
});
