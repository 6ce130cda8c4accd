import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { share } from '../../renderer/state/memo.ts';
import { hrefOf, routeOf } from '../../renderer/state/route.ts';
import { matches } from '../../renderer/views/forwards/filter-profiles.ts';
import { ip } from '../../main/contract/address.ts';
import type { NameView } from '../../main/contract/dynamic-dns.ts';
import { firstShared, sharingOf as sharing } from '../../main/contract/profiles/sharing.ts';
import type { GatewayView, LeaseView, MappingView } from '../../main/contract/snapshot.ts';
import { port } from '../../main/contract/units.ts';
import { exampleSnapshots, forward, fritzBox, lease, mappings, open, profile } from '../support/example-snapshots.ts';

const plain = fc.jsonValue({ maxDepth: 4 });

describe('sharing what has not changed', () => {
  test('gives what is next, whatever was before', () => {
    fc.assert(
      fc.property(plain, plain, plain, (one, other, third) => {
        const before = { list: [one, other], one: { id: 1, other } };
        for (const next of [one, { list: [other, third, one], one: { id: 1, third } }, { ...before, list: [other] }]) {
          expect(share(before, next)).toEqual(next);
        }
      }),
    );
  });

  test('keeps the whole when nothing has changed', () => {
    const { many } = exampleSnapshots;
    expect(share(many, structuredClone(many))).toBe(many);
  });

  test('keeps all but what has changed and what holds it', () => {
    const { usual } = exampleSnapshots;
    const next = structuredClone(usual);
    const changed = { ...next, settings: { ...next.settings, paused: true } };
    const shared = share(usual, changed);
    expect(shared).not.toBe(usual);
    expect(shared.settings).toEqual({ ...usual.settings, paused: true });
    expect(shared.profiles).toBe(usual.profiles);
    expect(shared.engine).toBe(usual.engine);
  });

  test('knows members of lists by their ids when one is removed or moved', () => {
    const { profiles } = exampleSnapshots.usual;
    const [first, second, third, fourth] = profiles;
    expect(share(profiles, structuredClone([second, third, fourth]))[0]).toBe(second);
    const moved = share(profiles, structuredClone([fourth, first, second, third]));
    expect(moved.map((each) => profiles.findIndex((before) => before === each))).toEqual([3, 0, 1, 2]);
  });

  test('does not take one thing without an id for another', () => {
    const list = [{ at: 1 }, { at: 2 }];
    const shared = share(list, [{ at: 2 }, { at: 2 }]);
    expect(shared).toEqual([{ at: 2 }, { at: 2 }]);
    expect(shared[1]).toBe(list[1]);
  });

  test('distinguishes an absent member from an undefined one', () => {
    expect(Object.keys(share({ a: undefined }, {}))).toEqual([]);
    expect(Object.keys(share({}, { a: undefined }))).toEqual(['a']);
  });
});

/** A link of a person without a name. */
const sharingOf = (of: readonly MappingView[], gateways: readonly GatewayView[], name: NameView | null = null) =>
  sharing(of, gateways, name);

describe('the address for friends', () => {
  const game = profile('game', 'Game', true, [forward(25_565)]);
  const range = profile('range', 'Range', true, [forward(2456, { external: { first: 2456, last: 2458 } })]);
  const both = profile('both', 'Both', true, [forward(8080, { families: ['ipv4', 'ipv6'], internal: { first: 80 } })]);
  const granted = (external: LeaseView['external']) =>
    mappings(game, () => ({ at: 'open', lease: lease(60, 25_565, { external }) }));

  test('is the address and the port', () => {
    expect(sharingOf(mappings(game), [fritzBox])).toEqual({ ipv4: '203.0.113.77:25565' });
  });

  test('is the port that the router gave, not the one that was requested', () => {
    expect(sharingOf(granted({ address: ip('203.0.113.77'), port: port(25_566) }), [])).toEqual({
      ipv4: '203.0.113.77:25566',
    });
  });

  test('has the router’s address where the grant does not name one', () => {
    expect(sharingOf(granted({ port: port(25_565) }), [fritzBox])).toEqual({ ipv4: '203.0.113.77:25565' });
    expect(sharingOf(granted({ port: port(25_565) }), [{ ...fritzBox, externalAddress: 'unknown' }])).toEqual({});
  });

  test('names the whole of a range', () => {
    expect(sharingOf(mappings(range), [fritzBox])).toEqual({ ipv4: '203.0.113.77:2456-2458' });
  });

  test('is an IPv6 address too where a pinhole is open; IPv4 comes first', () => {
    const six = { address: ip('2001:db8::20'), port: port(80) };
    const shared = sharingOf(
      mappings(both).map((each) =>
        each.family === 'ipv4' ? each : { ...each, status: { at: 'open', lease: lease(60, 80, { external: six }) } },
      ),
      [fritzBox],
    );
    expect(shared).toEqual({ ipv4: '203.0.113.77:8080', ipv6: '[2001:db8::20]:80' });
    expect(firstShared(shared)).toBe('203.0.113.77:8080');
  });

  test.each(['10.0.0.2', '100.64.3.4'])('is nothing while the router has %s: nobody could reach it', (address) => {
    expect(sharingOf(granted({ address: ip(address), port: port(25_565) }), [fritzBox])).toEqual({});
  });

  test.each(['opening', 'closing'] as const)('is nothing while it is %s', (at) => {
    const status = at === 'opening' ? { at, since: fritzBox.budget.until } : { at, lease: lease(60, 25_565) };
    expect(
      sharingOf(
        mappings(game, () => status),
        [fritzBox],
      ),
    ).toEqual({});
  });

  test('is the name in place of an address that it points to now', () => {
    const name: NameView = {
      name: 'home.example.org',
      provider: 'desec',
      at: 'current',
      pointsTo: { ipv4: ip('203.0.113.77') },
      secret: 'system',
    };
    const six = { address: ip('2001:db8::20'), port: port(8080) };
    const open = mappings(both).map((each) =>
      each.family === 'ipv4'
        ? each
        : { ...each, status: { at: 'open' as const, lease: lease(60, 80, { external: six }) } },
    );
    expect(sharingOf(open, [fritzBox], name)).toEqual({ ipv4: 'home.example.org:8080', ipv6: '[2001:db8::20]:8080' });
    // The same text is not given twice.
    const pointsTo = { ...name.pointsTo, ipv6: six.address };
    expect(sharingOf(open, [fritzBox], { ...name, pointsTo })).toEqual({ ipv4: 'home.example.org:8080' });
    const former = { ...name, pointsTo: { ipv4: ip('203.0.113.1') } };
    expect(sharingOf(mappings(game), [fritzBox], former)).toEqual({ ipv4: '203.0.113.77:25565' });
    // One that the router or the person keeps is taken at their word, and for the router's address alone.
    const given: NameView = { ...name, provider: 'none', at: 'given', pointsTo: {} };
    expect(sharingOf(open, [fritzBox], given)).toEqual({ ipv4: 'home.example.org:8080', ipv6: '[2001:db8::20]:8080' });
  });

  test('is kept while the lease is renewed', () => {
    const renewing = mappings(game, ({ port: at }) => ({ at: 'renewing', lease: lease(1, at) }));
    expect(sharingOf(renewing, [fritzBox])).toEqual(sharingOf(mappings(game, open()), [fritzBox]));
  });
});

describe('addresses of views', () => {
  test('say the view and what in it is meant', () => {
    const address = hrefOf('settings', { section: 'router' });
    expect(address).toBe('#/settings?section=router');
    expect(routeOf(address)).toEqual({ view: 'settings', parameters: { section: 'router' } });
    expect(routeOf(hrefOf('forwards', { edit: 'a/1&b=?' })).parameters).toEqual({ edit: 'a/1&b=?' });
  });

  test.each(['', '#', '#token=abc', '#/nowhere?edit=x', '#/forwards/more'])('%o is the first view', (hash) => {
    expect(routeOf(hash)).toEqual({ view: 'forwards', parameters: {} });
  });
});

describe('finding profiles', () => {
  const web = profile('web', 'Müllers Heimserver', false, [
    forward(8080, { label: 'Web pages', internal: { first: 80, client: '192.168.1.20' } }),
    forward(27_015, { transports: ['udp'], external: { first: 27_015, last: 27_020 } }),
  ]);

  test.each(['', 'heim', 'mullers', 'MÜLLER', 'pages', '8080', '80', '27017', 'udp', '192.168.1.20', 'heim 8080'])(
    '%o finds it',
    (query) => expect(matches(web, query)).toBe(true),
  );

  test.each(['minecraft', '8081', '27021', 'heim 8081', '1.5'])('%o does not', (query) => {
    expect(matches(web, query)).toBe(false);
  });
});
