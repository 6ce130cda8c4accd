import { describe, expect, test } from 'vitest';
import { ip } from '../../main/contract/address.ts';
import { inMinutes, inSeconds, millis, port, seconds } from '../../main/contract/units.ts';
import { problemsOf, snapshotOf } from '../../main/core/view.ts';
import { capabilities, forward, LAPTOP, refused, silence, Story } from '../support/story.ts';

describe('opening', () => {
  test('one request opens one forward of a known gateway, without looking first', () => {
    const story = new Story().found().searchEnded().want(forward('minecraft', 25_565));
    expect(story.asked()).toBe('open');
    expect(story.status().at).toBe('opening');
    const asked = story.grant();
    expect(asked.wish).toMatchObject({
      transport: 'tcp',
      external: { port: 25_565 },
      internal: { client: LAPTOP, port: 25_565 },
      lease: 3600,
      description: 'PK-25565T minecraft',
      acceptOtherPort: false,
    });
    expect(story.status().at).toBe('open');
  });

  test('PCP is asked before UPnP, and UPnP when PCP says no', () => {
    const story = new Story().found('igd').found('pcp').want(forward('minecraft', 25_565));
    expect(story.fail('open', refused('not-authorized', 'pcp NOT_AUTHORIZED'))).toMatchObject({ control: 'pcp' });
    expect(story.grant()).toMatchObject({ control: 'igd' });
    expect(story.status()).toMatchObject({ at: 'open', lease: { control: 'igd' } });
  });

  test('when all have refused, the most telling word is shown, with a way out', () => {
    const story = new Story().found('igd').found('pcp').want(forward('web', 80));
    story.fail('open', refused('failed', 'pcp NETWORK_FAILURE'));
    story.fail('open', refused('not-authorized', 'upnp 606'));
    expect(story.status()).toMatchObject({
      at: 'refused',
      problem: { code: 'port-not-allowed', parameters: { port: 80, suggestion: 8080, code: 'upnp 606' } },
    });
  });

  test('a conflict names the holder after one look-up', () => {
    const story = new Story().found('igd').want(forward('minecraft', 25_565));
    story.fail('open', refused('conflict'));
    const look = story.next('find');
    expect(look.key).toMatchObject({ transport: 'tcp', external: { port: 25_565 } });
    story.tell({
      type: 'looked-up',
      at: story.now,
      random: 0,
      request: look.request,
      found: {
        transport: 'tcp',
        external: { port: 25_565 },
        internal: { client: ip('192.168.1.20'), port: 25_565 },
        description: 'old server',
        enabled: true,
        lease: seconds(0),
        remoteHost: undefined,
      },
    });
    expect(story.status()).toMatchObject({
      at: 'refused',
      problem: {
        code: 'conflict',
        parameters: { holder: '192.168.1.20', holderName: 'old server', suggestion: 25_566 },
      },
    });
    expect(story.asked()).toBe('');
  });

  test('a conflict that PCP reports is checked with UPnP, which shows whether the port is taken or forbidden', () => {
    const story = new Story().found('pcp').found('igd').want(forward('web', 80));
    story.fail('open', refused('conflict', 'pcp CANNOT_PROVIDE_EXTERNAL'));
    expect(story.fail('open', refused('not-authorized', 'upnp 606'))).toMatchObject({ control: 'igd' });
    expect(story.status()).toMatchObject({ at: 'refused', problem: { code: 'port-not-allowed' } });
  });

  test('a request that PCP refuses waits a moment for UPnP, which is found a little later, and goes to it', () => {
    const story = new Story().found('pcp').want(forward('minecraft', 25_565));
    story.fail('open', refused('conflict', 'pcp CANNOT_PROVIDE_EXTERNAL'));
    expect(story.status().at).toBe('waiting');
    story.pass(millis(100)).found('igd');
    story.fail('open', refused('conflict', 'pcp CANNOT_PROVIDE_EXTERNAL'));
    expect(story.next('open')).toMatchObject({ control: 'igd' });
  });

  test.each(['conflict', 'not-authorized'] as const)(
    'without UPnP, %s by PCP is the last word two seconds later',
    (reason) => {
      const story = new Story().found('pcp').want(forward('minecraft', 25_565));
      story.fail('open', refused(reason, 'pcp'));
      story.pass(inSeconds(2));
      expect(story.fail('open', refused(reason, 'pcp'))).toMatchObject({ control: 'pcp' });
      expect(story.status().at).toBe('refused');
    },
  );

  test('a refused forward is requested again automatically after a while, and at once when a person asks', () => {
    const story = new Story().found('igd', {}).want(forward('web', 80));
    story.fail('open', refused('not-authorized', 'upnp 606'));
    story.pass(inMinutes(1));
    expect(story.asked()).not.toContain('open');
    story.tell({ type: 'retry', at: story.now });
    story.fail('open', refused('not-authorized', 'upnp 606'));
    story.pass(inMinutes(16));
    expect(story.asked()).toContain('open');
  });

  test('a refusal after an opening that went unanswered is not final: that may have been done, and be in the way', () => {
    const story = new Story().found('pcp').found('nat-pmp').searchEnded().want(forward('game', 25_565));
    story.fail('open', silence);
    expect(story.fail('open', refused('not-authorized', 'nat-pmp NOT_AUTHORIZED'))).toMatchObject({
      control: 'nat-pmp',
    });
    expect(story.status().at).toBe('waiting');
    story.pass(inSeconds(30));
    expect(story.next('open')).toMatchObject({ control: 'pcp' });
  });

  test('a refusal for want of a public IP address is reported for the gateway, which could not say so itself', () => {
    const story = new Story().found('pcp', { vitals: {} }).searchEnded().want(forward('game', 25_565));
    story.fail('open', refused('no-external-address', 'pcp NO_RESOURCES'));
    expect(problemsOf(story.state)).toMatchObject([{ code: 'no-external-address' }]);
    story.pass(inSeconds(2)).grant({ external: { port: port(25_565), address: ip('11.22.33.44') } });
    expect(problemsOf(story.state)).toEqual([]);
  });

  test('while the line is down one protocol is asked for each forward, as every one has said that there is no address', () => {
    const vitals = { externalAddress: 'none' } as const;
    const story = new Story().found('igd', { vitals }).found('pcp', { vitals: {} }).searchEnded();
    story.want(forward('game', 25_565));
    expect(story.fail('open', refused('no-external-address', 'pcp NO_RESOURCES'))).toMatchObject({ control: 'pcp' });
    expect(story.asked()).not.toContain('open');
    expect(story.status()).toMatchObject({ at: 'waiting', problem: { code: 'no-external-address' } });
  });

  test('a refusal for want of a public IP address tells that the line is down before a heartbeat does', () => {
    const story = new Story().found('igd').found('pcp', { vitals: {} }).searchEnded().want(forward('game', 25_565));
    story.fail('open', refused('no-external-address', 'pcp NO_RESOURCES'));
    expect(story.fail('open', refused('no-external-address', 'upnp 501'))).toMatchObject({ control: 'igd' });
    expect(problemsOf(story.state)).toMatchObject([{ code: 'no-external-address' }]);
    story.want(forward('game', 25_565), forward('web', 8080));
    story.fail('open', refused('no-external-address', 'pcp NO_RESOURCES'));
    expect(story.asked()).not.toContain('open');
  });

  test('IPv6 on a machine without a public IPv6 address is refused at once, with the reason', () => {
    const story = new Story().found('igd').want(forward('game', 25_565, { families: ['ipv6'] }));
    expect(story.status()).toMatchObject({ at: 'refused', problem: { code: 'wrong-family' } });
  });

  test('IPv6 on a router that opens none is refused once the search is over, and opened when a way turns up', () => {
    const story = new Story();
    const host = {
      network: '192.168.1.1/24',
      interfaces: new Map([['eth0', [LAPTOP, ip('2a0d:c0de::10')]]]),
      publicIpv6: new Map([['eth0', ip('2a0d:c0de::10')]]),
    };
    story.tell({ type: 'network', at: story.now, host });
    story.found('igd').want(forward('game', 25_565, { families: ['ipv6'] }));
    expect(story.status().at).toBe('waiting');
    story.searchEnded();
    expect(story.status()).toMatchObject({ at: 'refused', problem: { code: 'pinholes-off' } });
    story.found('pinhole');
    expect(story.grant()).toMatchObject({ control: 'pinhole' });
  });

  test('TCP and UDP that may take another port get the same one', () => {
    const story = new Story().found('igd', {});
    story.want(forward('factorio', 34_197, { transports: ['tcp', 'udp'], ifTaken: 'next-free' }));
    expect(story.asked()).toBe('open');
    story.grant({ external: { port: port(34_198) } });
    const udp = story.fail('open', refused('conflict'));
    expect(udp).toMatchObject({ wish: { transport: 'udp', external: { port: 34_198 }, acceptOtherPort: false } });
    // 34198 is given back, and both move on to the next.
    expect(story.closed()).toMatchObject({ key: { transport: 'tcp', external: { port: 34_198 } } });
    const tcp = story.grant();
    expect(tcp.wish).toMatchObject({ transport: 'tcp', external: { port: 34_199 } });
    expect(story.grant().wish).toMatchObject({ transport: 'udp', external: { port: 34_199 } });
    expect(story.statuses()).toEqual(['open', 'open']);
  });

  describe('a router on which another port is no better', () => {
    const both = forward('factorio', 34_197, { transports: ['tcp', 'udp'], ifTaken: 'next-free' });

    test.for(['same-port-only', 'one-transport'] as const)('%s: the forward returns to the port it wants', (reason) => {
      const story = new Story().found('igd').searchEnded().want(both);
      story.grant();
      story.fail('open', refused('conflict-other-mechanism'));
      story.closed();
      if (reason === 'one-transport') story.grant();
      story.fail('open', refused(reason));
      if (reason === 'one-transport') story.closed();
      expect(story.grant().wish).toMatchObject({ transport: 'tcp', external: { port: 34_197 } });
      expect(story.next('open').wish).toMatchObject({ transport: 'udp', external: { port: 34_197 } });
      expect(story.statuses()).toEqual(['open', 'opening']);
    });

    test('where the wanted port is taken, TCP keeps another one, and UDP alone is refused', () => {
      const story = new Story().found('igd').searchEnded().want(both);
      const tcpMovesUp = (): void => {
        expect(story.fail('open', refused('conflict'))).toMatchObject({ wish: { external: { port: 34_197 } } });
        expect(story.grant().wish).toMatchObject({ transport: 'tcp', external: { port: 34_198 } });
        story.fail('open', refused('one-transport'));
      };
      tcpMovesUp();
      story.closed();
      tcpMovesUp();
      expect(story.asked()).toBe('');
      expect(story.statuses()).toEqual(['open', 'refused']);
      const [, udp] = snapshotOf(story.state).mappings;
      expect(udp?.status).toMatchObject({ problem: { code: 'one-transport', parameters: { port: 34_198 } } });
      story.pass(inMinutes(16)).alive();
      expect(story.fail('open', refused('one-transport'))).toMatchObject({ wish: { transport: 'udp' } });
      expect(story.asked()).not.toMatch(/open|close/);
      expect(story.statuses()).toEqual(['open', 'refused']);
    });

    test('nor is any but the wanted one asked for again once no port was to be had, one-transport among the reasons', () => {
      const story = new Story().found('igd').searchEnded().want(both);
      for (let tried = 0; tried < 23; tried += 1) story.fail('open', refused('conflict'));
      story.grant();
      story.fail('open', refused('one-transport'));
      story.closed();
      for (let later = 0; later < 2; later += 1) {
        for (const transport of ['tcp', 'udp'])
          expect(story.fail('open', refused('conflict'))).toMatchObject({
            wish: { transport, external: { port: 34_197 } },
          });
        expect(story.asked()).not.toContain('open');
        story.pass(inMinutes(16));
      }
    });

    test('where ports must be equal, a port that is taken is taken', () => {
      const equal = { capabilities: capabilities({ canFind: true, translatesPorts: false }) };
      const story = new Story().found('igd', equal).searchEnded().want(both);
      story.grant();
      story.fail('open', refused('conflict-other-mechanism'));
      expect(story.statuses()).toEqual(['open', 'refused']);
    });
  });

  test('once no port was to be had, only the wanted one is asked for again', () => {
    const story = new Story().found('igd').searchEnded();
    story.want(forward('game', 25_565, { ifTaken: 'next-free' }));
    const refuseAll = (): number => {
      let count = 0;
      for (; story.asked().includes('open'); count += 1) story.fail('open', refused('conflict'));
      return count;
    };
    expect(refuseAll()).toBe(25);
    for (let later = 0; later < 4; later += 1) {
      story.pass(inMinutes(15));
      expect(refuseAll()).toBe(1);
    }
    expect(story.status().at).toBe('refused');
  });

  test('two external ports to one internal port: the second goes through UPnP, or is refused with the reason', () => {
    const both = [
      forward('a', 8080, { internal: { first: port(80) } }),
      forward('b', 8081, { internal: { first: port(80) } }),
    ];
    const pcpOnly = new Story().found('pcp').want(...both);
    pcpOnly.grant();
    // Asked for in the same turn, before the first was granted: the server refuses or we give it up.
    if (pcpOnly.asked().includes('open')) pcpOnly.fail('open', refused('conflict'));
    // UPnP may still be found, and would do both.
    pcpOnly.pass(inSeconds(2));
    expect(pcpOnly.statuses().toSorted()).toEqual(['open', 'refused']);
    const withIgd = new Story()
      .found('pcp')
      .found('igd')
      .want(...both);
    withIgd.grant();
    expect(withIgd.grant()).toMatchObject({ control: 'igd' });
    expect(withIgd.statuses()).toEqual(['open', 'open']);
  });

  test('silence is not a refusal: it is asked again, and meanwhile said that it may be open', () => {
    const story = new Story().found('igd').want(forward('minecraft', 25_565));
    story.fail('open', silence);
    expect(story.status()).toMatchObject({ at: 'waiting', for: 'retry', mayBeOpenUntil: story.now + 3_600_000 });
    story.alive().pass(inSeconds(3));
    story.grant();
    expect(story.status().at).toBe('open');
  });

  test('a forward given up while it was being opened is closed as soon as the answer is there', () => {
    const story = new Story().found('igd').want(forward('minecraft', 25_565));
    story.want();
    expect(story.asked()).toBe('open');
    story.grant();
    expect(story.closed()).toMatchObject({ key: { external: { port: 25_565 } } });
    expect(story.state.leftovers.size).toBe(0);
  });

  test('no more than the gateway takes are in flight', () => {
    const story = new Story().found('igd').want(...[1, 2, 3, 4].map((n) => forward(`f${n}`, 30_000 + n)));
    expect(story.asked()).toBe('open');
    story.grant();
    expect(story.asked()).toBe('open');
    const fast = new Story().found('pcp').want(...Array.from({ length: 20 }, (_, n) => forward(`f${n}`, 30_000 + n)));
    expect(fast.open).toHaveLength(8);
  });

  test.for([1, 3, 15])('closings and openings take turns, though %i other requests leave in between', (others) => {
    const ports = [1, 2, 3, 4, 5, 6, 7, 8];
    const story = new Story().found('igd').searchEnded();
    story.want(...ports.map((each) => forward(`old-${each}`, 30_000 + each)));
    for (const _ of ports) story.grant();
    story.want(...ports.map((each) => forward(`new-${each}`, 40_000 + each)));
    const kinds = new Set<string>();
    for (const _ of ports) {
      const kind = story.asked();
      kinds.add(kind);
      story.state = { ...story.state, nextRequest: story.state.nextRequest + others };
      if (kind === 'close') story.closed();
      else story.grant();
    }
    expect([...kinds].toSorted()).toEqual(['close', 'open']);
  });

  test('opening many keeps to the visible budget per minute', () => {
    const story = new Story().found('igd').want(...Array.from({ length: 10 }, (_, n) => forward(`f${n}`, 30_000 + n)));
    let asked = 0;
    const until = story.now + 59_000;
    while (story.now < until) {
      if (story.asked().includes('open')) {
        story.fail('open', refused('failed', 'upnp 501'));
        asked += 1;
      } else {
        story.pass(millis(200));
      }
    }
    expect(asked).toBeGreaterThan(10);
    expect(asked).toBeLessThanOrEqual(2 * (120 + 12 * 10));
  });
});
