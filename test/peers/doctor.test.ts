/** `portkeeper doctor` where something is really wrong: its first line names the cause; where nothing is, it finds nothing. */
import { describe, expect, test, type TestContext } from 'vitest';
import type { ForwardInput } from '../../main/contract/profiles/profile.ts';
import { port } from '../../main/contract/units.ts';
import { ip } from '../../main/contract/address.ts';
import { LAN } from './lab/flavours.ts';
import type { Home } from './lab/home.ts';
import { homeOf } from './lab/holding.ts';
import { portkeeperOnce } from './lab/portkeeper.ts';
import { NODE } from './lab/process.ts';
import { addRouter } from './lab/second-gateway.ts';
import { served, type Served } from './lab/served.ts';

interface Said {
  readonly code: string;
  readonly what: string;
  readonly why: string;
}

interface Diagnosis {
  readonly exit: number | null;
  readonly healthy: boolean;
  readonly causes: readonly (Said & { readonly symptoms: readonly Said[] })[];
  /** Findings by check. */
  readonly found: Readonly<Record<string, readonly string[]>>;
  readonly ms: number;
}

async function doctor(home: Home): Promise<Diagnosis> {
  const { code, json, stderr } = await portkeeperOnce(home.client, ['doctor', '--json']);
  const { healthy, causes, checks, ms } = Object(json);
  if (checks === undefined) throw new Error(`doctor said nothing: ${stderr}`);
  const found = Object.fromEntries(
    checks.map(({ check, findings }: { check: string; findings: readonly Said[] }) => [
      check,
      findings.map((one) => one.code),
    ]),
  );
  return { exit: code, healthy, causes, found, ms };
}

/** The first line for people. */
async function firstLine(home: Home): Promise<string> {
  const { stdout } = await portkeeperOnce(home.client, ['doctor']);
  return stdout.split('\n')[0] ?? '';
}

const tcp = (number: number, more: Partial<ForwardInput> = {}): ForwardInput => ({
  label: '',
  transports: ['tcp'],
  external: { first: port(number), last: port(number) },
  internal: { first: port(number) },
  ...more,
});

async function keeps(serve: Served, ...forwards: readonly ForwardInput[]): Promise<() => Promise<void>> {
  const { id } = await serve.do('profile.add', { profile: { name: 'Game', forwards: [...forwards] } });
  await serve.do('profile.switch', { id, on: true });
  return async () => {
    await serve.do('profile.switch', { id, on: false });
    await serve.do('profile.remove', { id });
  };
}

/** A program that listens at one address of the client only. */
async function listenAt(
  home: Home,
  context: TestContext,
  address: string,
  number: number,
): Promise<() => Promise<void>> {
  const program = `require('net').createServer().listen(${number}, '${address}', () => console.log('ready'))`;
  const running = home.client.spawn([NODE, '-e', program]);
  context.onTestFinished(async () => void (await running.end()));
  await running.line((line) => line === 'ready' || undefined);
  return async () => void (await running.end());
}

describe.concurrent('doctor', () => {
  test('one home, one trouble after the other', async (context) => {
    const home = await homeOf(context, 'igd2');

    // A healthy network, nothing to be open: a port is opened for a moment.
    const healthy = await doctor(home);
    expect(healthy).toMatchObject({ exit: 0, healthy: true, causes: [] });
    expect(healthy.found).toMatchObject({
      rules: ['trial-opened'],
      protocols: ['protocols'],
      line: ['public-address'],
    });
    expect(await home.gateway.nftRules()).toEqual([]);
    expect(await firstLine(home)).toBe('No problem found.');

    // A port that leads to no program.
    const serve = await served(home.client, context.onTestFinished);
    const stop = await keeps(serve, tcp(25_565));
    expect(await firstLine(home)).toBe('No program listens on port 25565/TCP.');

    // A program for this computer only.
    const end = await listenAt(home, context, '127.0.0.1', 25_565);
    const onLoopback = await doctor(home);
    expect(onLoopback.causes.map(({ code }) => code)).toEqual(['loopback-only']);
    expect(onLoopback.causes[0]?.what).toMatch(
      /“(?:node|MainThread)” listens on port 25565\/TCP for this computer only/,
    );
    await end();

    // All is well.
    await home.client.echo.tcp(25_565);
    expect(await doctor(home)).toMatchObject({ healthy: true, found: { programs: ['listens'], rules: ['open'] } });

    // This computer's own firewall.
    await home.client.namespace.nft(`
      table inet own {
        chain input {
          type filter hook input priority 0; policy accept
          iifname "eth0" tcp dport 25565 drop
        }
      }
    `);
    const walled = await doctor(home);
    expect(walled.causes.map(({ code }) => code)).toEqual(['firewall-blocks']);
    expect(walled.causes[0]?.why).toContain('inet own input');
    await home.client.namespace.nft('delete table inet own');

    // A second router is mentioned, and is not a problem.
    await addRouter(home);
    await serve.do('gateways.search', {});
    await serve.until(({ engine }) => engine.gateways.length === 2);
    expect(await doctor(home)).toMatchObject({ healthy: true, found: { gateways: ['several-gateways'] } });
    await stop();

    // The router's firewall has lost the chains that its rules belong in.
    await home.gateway.daemon.removeChains();
    const chains = await keeps(serve, tcp(25_565));
    expect((await doctor(home)).causes[0]?.code).toBe('firewall-failed');
    await chains();
    await home.gateway.daemon.restoreChains();
  });

  test('a port that another device has', async (context) => {
    const home = await homeOf(context, 'igd2');
    await home.other.exec([
      'upnpc',
      '-u',
      home.gateway.descriptionUrl,
      '-e',
      'theirs',
      '-a',
      LAN.other,
      '8080',
      '8080',
      'tcp',
    ]);
    const serve = await served(home.client, context.onTestFinished);
    await home.client.echo.tcp(8080);
    await keeps(serve, tcp(8080));
    const { causes } = await doctor(home);
    expect(causes.map(({ code }) => code)).toEqual(['conflict']);
    expect(causes[0]?.what).toContain(LAN.other);
  });

  test('a router that opens no ports', async (context) => {
    const home = await homeOf(context, 'igd2');
    await home.gateway.kill();
    const { causes, exit } = await doctor(home);
    expect(exit).toBe(1);
    expect(causes.map(({ code }) => code)).toEqual(['port-control-off']);
  });

  test('NAT-PMP and PCP alone are enough', async (context) => {
    const home = await homeOf(context, 'pxp-only');
    expect(await doctor(home)).toMatchObject({ healthy: true, found: { rules: ['trial-opened'] } });
  });

  test('answers that this computer drops', async (context) => {
    const home = await homeOf(context, 'upnp-only');
    await home.client.namespace.nft(`
      table inet own {
        chain input {
          type filter hook input priority 0; policy accept
          udp sport 1900 drop
          udp dport 1900 drop
        }
      }
    `);
    const { causes } = await doctor(home);
    expect(causes.map(({ code }) => code)).toEqual(['answers-blocked']);
    expect(causes[0]?.symptoms.map(({ code }) => code)).toContain('port-control-off');
  });

  test('questions that this computer does not let out', async (context) => {
    const home = await homeOf(context, 'pxp-only');
    await home.client.namespace.nft(`
      table inet own {
        chain output {
          type filter hook output priority 0; policy accept
          udp dport { 1900, 5351 } drop
        }
      }
    `);
    expect((await doctor(home)).causes.map(({ code }) => code)).toEqual(['traffic-denied']);
  });

  test("the provider's NAT and a second router are distinguished by name", async (context) => {
    const carrier = await homeOf(context, 'cgnat-wan');
    const double = await homeOf(context, 'double-nat', { knowsPublicAddress: false });
    await carrier.internet.namespace.sysctl('net/ipv4/ip_forward=1');
    const [behindCarrier, behindRouter] = await Promise.all([doctor(carrier), doctor(double)]);
    expect(behindCarrier.causes[0]).toMatchObject({ code: 'carrier-nat', what: expect.stringContaining('CGNAT') });
    expect(behindRouter.causes[0]).toMatchObject({ code: 'double-nat', what: expect.stringContaining('Double NAT') });
    expect(behindRouter.causes[0]?.why).toMatch(/^The router in front of it is 192\.168\.8\.1\./);
    // A router that says a public address although another one is in front.
    const known = await homeOf(context, 'double-nat');
    const hidden = await doctor(known);
    expect(hidden.causes.map(({ code }) => code)).toEqual(['double-nat']);
    const { stdout } = await portkeeperOnce(known.client, ['doctor']);
    expect(stdout).toMatch(/\n {4}portkeeper settings set upstreamRouter 192\.168\.8\.1/);
    // That nothing can be opened is but a symptom.
    expect(behindCarrier.causes).toHaveLength(1);
    expect(behindCarrier.causes[0]?.symptoms.map(({ code }) => code)).toContain('no-external-address');
  });

  test("the router's rules: only for oneself, and not below 1024", async (context) => {
    const home = await homeOf(context, 'openwrt');
    expect(await doctor(home)).toMatchObject({ healthy: true });
    const serve = await served(home.client, context.onTestFinished);
    await home.other.echo.tcp(8443);
    const stop = await keeps(serve, tcp(8443, { internal: { first: port(8443), client: ip(LAN.other) } }));
    expect((await doctor(home)).causes.map(({ code }) => code)).toEqual(['only-for-itself']);
    await stop();
    await home.client.echo.tcp(80);
    await keeps(serve, tcp(80));
    expect((await doctor(home)).causes.map(({ code }) => code)).toEqual(['port-not-allowed']);
  });

  test('IPv6 that the router keeps shut, and IPv6 that it opens', async (context) => {
    const home = await homeOf(context, 'igd2');
    await home.client.namespace.ip('addr add 2a0d:c0de:71::10/64 dev eth0 nodad');
    await home.client.echo.tcp(25_565);
    const serve = await served(home.client, context.onTestFinished);
    await keeps(serve, tcp(25_565, { families: ['ipv6'] }));
    const { causes, found } = await doctor(home);
    expect(causes.map(({ code }) => code)).toEqual(['pinholes-off']);
    expect(found).toMatchObject({ ipv6: ['ipv6-closed'] });

    const open = await homeOf(context, 'ipv6');
    expect(await doctor(open)).toMatchObject({ healthy: true, found: { ipv6: ['ipv6-ready'] } });
  });
});
