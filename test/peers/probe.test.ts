/** `portkeeper probe` with a probe server on the internet side of real routers: distinguishes port and program. */
import { describe, expect, test } from 'vitest';
import { MIDDLE, WAN6 } from './lab/flavours.ts';
import type { Home } from './lab/home.ts';
import { hold, homeOf, PORTS, reopened, serve } from './lab/holding.ts';
import { upnpc } from './lab/observers.ts';
import { PORTKEEPER, portkeeper, portkeeperOnce } from './lab/portkeeper.ts';

/** On the internet; friends only. */
async function probeServer(home: Home): Promise<void> {
  const { internet, client } = home;
  const secret = await client.exec(['sh', '-c', `umask 077; openssl rand -hex 16 > '${home.folder}/secret'`]);
  expect(secret.code).toBe(0);
  const server = internet.spawn([...PORTKEEPER, 'probe-server', '--json', '--secret-file', `${home.folder}/secret`]);
  await server.line((line) => line.includes('"ready"') || undefined);
  for (const [name, value] of [
    ['probeServer', internet.address],
    ['probeSecretFile', `${home.folder}/secret`],
  ] as const) {
    const { code, stderr } = await portkeeperOnce(client, ['settings', 'set', name, value]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  }
}

async function probed(home: Home, ...words: readonly string[]) {
  const { code, stdout } = await portkeeperOnce(home.client, ['probe', ...words, '--json']);
  const verdicts = stdout.split('\n').flatMap((line) => {
    const { externalPort, transport, family, verdict, why, door, seen }: Readonly<Record<string, unknown>> = Object(
      line === '' ? {} : JSON.parse(line),
    );
    if (verdict === undefined) return [];
    return [
      [`${String(externalPort)}/${String(transport)}`, family, verdict, why ?? door, seen].filter(
        (each) => each !== undefined,
      ),
    ];
  });
  return { code, verdicts };
}

describe.concurrent('a probe server on the internet', () => {
  test('program, no program, and a rule that was removed by hand', async (context) => {
    const home = await homeOf(context, 'igd2');
    await probeServer(home);
    const program = await hold(home);
    const [tcp, udp] = PORTS;
    const reachable = [
      [tcp, 'ipv4', 'reachable'],
      [udp, 'ipv4', 'reachable'],
    ];
    expect(await probed(home)).toEqual({ code: 0, verdicts: reachable });

    await home.client.echo.stop('tcp', 25_565);
    await home.client.echo.stop('udp', 34_197);
    const noProgram = ['ipv4', 'no-program', 'open'];
    const neither = { code: 1, verdicts: PORTS.map((each) => [each, ...noProgram]) };
    expect(await probed(home)).toEqual(neither);

    await home.client.echo.tcp(25_565);
    expect(await probed(home, '25565/tcp')).toEqual({ code: 0, verdicts: [reachable[0]] });
    expect(await probed(home)).toEqual({ code: 6, verdicts: [reachable[0], [udp, ...noProgram]] });

    await home.gateway.wipeFirewallRules();
    const shut = ['ipv4', 'shut', 'filtered', '11.22.33.44'];
    expect(await probed(home)).toEqual({ code: 1, verdicts: PORTS.map((each) => [each, ...shut]) });
    // A forward that a test finds dead is created again.
    await serve(home);
    await reopened(home, program, 30_000);
    expect(await probed(home)).toEqual({ code: 0, verdicts: reachable });
    await program.interrupt();
    expect(await home.gateway.nftRules()).toEqual([]);
  });

  test('two routers in a row: shut until the second one opens, too', async (context) => {
    const home = await homeOf(context, 'double-nat');
    await probeServer(home);
    await home.client.echo.tcp(25_565);
    const program = portkeeper(home.client, ['open', '25565/tcp', '--json']);
    expect(await program.until(({ event }) => event === 'ready')).toMatchObject({ open: 1 });
    const shut = [['25565/tcp', 'ipv4', 'shut', 'double-nat', '11.22.33.44']];
    expect(await probed(home)).toEqual({ code: 1, verdicts: shut });
    if (home.upstream === undefined) throw new Error('there is no second router');
    const both = { transport: 'tcp', external: 25_565, internal: 25_565, lifetime: 0 } as const;
    await upnpc(home.gateway, home.upstream).add({ ...both, client: MIDDLE.address });
    expect(await probed(home)).toEqual({ code: 0, verdicts: [['25565/tcp', 'ipv4', 'reachable']] });
    await program.interrupt();
  });

  test('over IPv6, through the firewall; a server without IPv4 says nothing about that', async (context) => {
    const home = await homeOf(context, 'ipv6');
    await probeServer(home);
    await portkeeperOnce(home.client, ['settings', 'set', 'probeServer', WAN6.gateway]);
    await home.client.echo.tcp(25_565);
    const program = portkeeper(home.client, ['open', '25565/tcp', '34197/udp', '--family', 'both', '--json']);
    expect(await program.until(({ event }) => event === 'ready')).toMatchObject({ open: 4 });
    const { code, verdicts } = await probed(home);
    expect(code).toBe(6);
    expect(new Set(verdicts)).toEqual(
      new Set([
        ['25565/tcp', 'ipv4', 'untested', 'other-family'],
        ['25565/tcp', 'ipv6', 'reachable'],
        ['34197/udp', 'ipv4', 'untested', 'other-family'],
        ['34197/udp', 'ipv6', 'no-program', 'open'],
      ]),
    );
    await program.interrupt();
  });
});
