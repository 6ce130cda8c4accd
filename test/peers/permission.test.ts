/** A gateway's rules allow some ports and forbid others: reported in plain words over every protocol. */
import { describe, expect, test } from 'vitest';
import { LAN, PUBLIC_WAN } from './lab/flavours.ts';
import { homeFor, opened, refused } from './lab/opening.ts';

const PROTOCOLS = ['auto', 'upnp', 'pcp', 'natpmp'] as const;

describe('openwrt: what its rules forbid', () => {
  test.each(['auto', 'upnp'] as const)('a port below 1024, over %s', async (protocol) => {
    const home = await homeFor('openwrt');
    const { code, told: answers } = await refused(home, '80:8080/tcp', '--protocol', protocol);
    expect(code).toBe(1);
    expect(answers).toMatchObject([
      {
        status: 'refused',
        problem: {
          code: 'port-not-allowed',
          what: expect.stringContaining('Your router doesn’t allow opening port 80/TCP'),
          why: 'Many routers keep ports below 1024 for themselves.',
          todo: expect.stringContaining('Use 8080 as the external port instead?'),
        },
      },
    ]);
    expect(await home.gateway.nftRules()).toEqual([]);
  });

  test.each(['pcp', 'natpmp'] as const)(
    'a port below 1024, over %s, which does not say whether it is taken',
    async (protocol) => {
      const home = await homeFor('openwrt');
      const { code, told: answers } = await refused(home, '80:8080/tcp', '--protocol', protocol);
      expect(code).toBe(1);
      expect(answers).toMatchObject([
        {
          status: 'refused',
          problem: {
            code: 'conflict',
            what: 'Your router refused: port 80/TCP is already taken, or not allowed.',
            why: expect.stringContaining('Many routers keep ports below 1024 for themselves'),
            todo: 'Use 1024 as the external port instead?',
          },
        },
      ]);
      expect(await home.gateway.nftRules()).toEqual([]);
    },
  );

  test.each(PROTOCOLS)("another host's address, over %s", async (protocol) => {
    const home = await homeFor('openwrt');
    const { code, told: answers } = await refused(home, `8443/tcp@${LAN.other}`, '--protocol', protocol);
    expect(code).toBe(1);
    expect(answers).toMatchObject([
      {
        status: 'refused',
        problem: {
          code: 'only-for-itself',
          what: `Your router doesn’t let this computer open port 8443/TCP for ${LAN.other}.`,
          todo: `Run Portkeeper on ${LAN.other}, or add this rule on the router’s settings page.`,
        },
      },
    ]);
    expect(await home.gateway.nftRules()).toEqual([]);
  });

  test.each(PROTOCOLS)("another host's port below 1024, over %s", async (protocol) => {
    const home = await homeFor('openwrt');
    const { code, told: answers } = await refused(home, `443/tcp@${LAN.other}`, '--protocol', protocol);
    expect(code).toBe(1);
    expect(answers).toMatchObject([
      { status: 'refused', problem: { code: expect.stringMatching(/^(only-for-itself|port-not-allowed)$/) } },
    ]);
    expect(await home.gateway.nftRules()).toEqual([]);
  });
});

describe('a forward to another host, where it is allowed', () => {
  test.each([
    ['igd2', 'auto'],
    ['igd2', 'upnp'],
    ['igd2', 'pcp'],
    ['igd1', 'auto'],
    ['upnp-only', 'auto'],
    ['pxp-only', 'auto'],
  ] as const)('%s, over %s', async (flavour, protocol) => {
    const home = await homeFor(flavour);
    for (const transport of ['tcp', 'udp'] as const) await home.other.echo[transport](8443);
    const { program, told: answers } = await opened(home, `443:8443@${LAN.other}`, '--protocol', protocol);
    expect(answers).toMatchObject([{ status: 'open' }, { status: 'open' }]);
    for (const transport of ['tcp', 'udp'] as const) {
      expect(await home.internet.reach(transport, PUBLIC_WAN.address, 443)).toBe('other');
    }
    expect(await program.interrupt()).toMatchObject({ code: 0 });
    expect(await home.gateway.nftRules()).toEqual([]);
  });
});
