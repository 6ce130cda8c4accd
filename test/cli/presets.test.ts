/** `presets`, and `open --preset` against a demo router. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Workplace, type DemoRouter, type Outcome } from '../support/portkeeper-process.ts';
import { PORTKEEPER } from '../peers/lab/portkeeper.ts';

let place: Workplace;
let router: DemoRouter;

beforeAll(async () => {
  place = await Workplace.create();
  router = await place.demoRouter();
});

afterAll(() => place.close());

const listed = (): readonly string[] =>
  router.entries.map(({ externalPort, transport, description }) => `${externalPort}/${transport} ${description}`);

/** The command takes no data folder: it reads nothing of this machine. */
const presets = (...args: readonly string[]): Promise<Outcome> =>
  place.spawn([...PORTKEEPER, 'presets', ...args]).ended();

describe('presets', () => {
  test('shows what a search finds as a table', async () => {
    const { code, stdout, stderr } = await presets('vpn');
    expect(code).toBe(0);
    const [headings, ...rows] = stdout.split('\n');
    expect(headings).toMatch(/^ID +NAME +PORTS$/);
    expect(rows).toContainEqual(expect.stringMatching(/^wireguard +WireGuard +51820\/udp$/));
    expect(stderr).toBe(`${rows.length} presets. Open the ports of one with: portkeeper open --preset ID`);
  });

  test('shows the one that is named in full, with its warning and its source, and the others below', async () => {
    const { code, stdout, stderr } = await presets('rdp');
    expect(code).toBe(0);
    expect(stdout.split('\n')).toEqual([
      'Windows Remote Desktop (RDP) (remote access): remote-desktop',
      '    3389/tcp  Desktop',
      '    3389/udp  Faster display (UDP) (optional)',
      expect.stringContaining('use a VPN such as WireGuard instead'),
      expect.stringMatching(/^ {4}Source: IANA port registry, https:\/\//),
    ]);
    expect(stderr).toBe('Open its ports with: portkeeper open --preset remote-desktop');
    expect((await presets('plex')).stdout).toMatch(/^Plex Media Server[^]*\n\nID +NAME[^]*\nombi /);
  });

  test('several words must all be found; a port will do, too', async () => {
    expect((await presets('ark', 'ascended')).stdout).toMatch(/^ARK: Survival Ascended/);
    expect((await presets('34197/udp')).stdout).toMatch(/^Factorio/);
  });

  test('without a search it lists all of them', async () => {
    const { said } = await presets('--json');
    expect(said.length).toBeGreaterThanOrEqual(120);
    expect(said[0]).toMatchObject({ id: 'minecraft' });
    const { stdout } = await presets();
    expect(stdout.split('\n')).toHaveLength(said.length + 1);
  });

  test('prints everything known for programs, one JSON line each', async () => {
    const { said, stderr } = await presets('mumble', '--json');
    expect(said).toEqual([
      {
        id: 'mumble',
        name: 'Mumble',
        category: 'voice',
        aliases: ['murmur'],
        forwards: [
          {
            label: { en: 'Voice', de: 'Sprache' },
            transports: ['tcp', 'udp'],
            external: { first: 64_738, last: 64_738 },
            internal: { first: 64_738 },
            required: true,
          },
        ],
        source: { name: 'Mumble', url: expect.stringMatching(/^https:\/\//), read: '2026-11-21' },
      },
    ]);
    expect(stderr).toBe('');
  });

  test('without a match it suggests similar presets, exit 1', async () => {
    const { code, stdout, stderr } = await presets('factroio');
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toBe('No preset matches “factroio”. Did you mean factorio?');
    const { said } = await presets('factroio', '--json');
    expect(said).toEqual([{ event: 'error', message: stderr, exitCode: 1 }]);
  });
});

describe('open --preset', () => {
  test('opens the ports that programs require, under their names, and closes them again', async () => {
    const held = place.start(['open', '--preset', 'minecraft', '--preset', 'TS3', '8080:80/tcp', ...router.upnp]);
    await held.note(/^4 ports open\. Ctrl-C closes and exits\.$/);
    expect(held.process.errors).toContainEqual(expect.stringMatching(/^TeamSpeak 3: Keep the query ports .* closed/));
    expect(listed()).toEqual([
      '8080/tcp PK-8080T',
      '9987/udp PK-9987U TeamSpeak 3',
      '25565/tcp PK-25565T Minecraft Java Edition',
      '30033/tcp PK-30033T TeamSpeak 3',
    ]);
    expect((await held.interrupt()).code).toBe(0);
    expect(listed()).toEqual([]);
  });

  test('leaves out what only serves an extra; the other options count as ever', async () => {
    const wishes = ['--label', 'LAN party', '--lease', '30m', '--json'];
    const held = place.start(['open', '--preset', 'valheim', ...wishes, ...router.upnp]);
    await held.until('ready', ({ open }) => open === 2);
    const open = await held.until('mapping', ({ status }) => status === 'open');
    expect(open).toMatchObject({ forward: 'valheim:2456-2457/udp', transport: 'udp' });
    expect(Date.parse(String(open['expiresAt'])) - Date.parse(String(open['grantedAt']))).toBe(1_800_000);
    expect(listed()).toEqual(['2456/udp PK-2456U LAN party', '2457/udp PK-2457U LAN party']);
    expect((await held.interrupt()).code).toBe(0);
  });

  test.each([
    [['--preset', 'factroio'], 'There is no preset “factroio”. Did you mean factorio?'],
    [['--preset', 'gta'], 'There is no preset “gta”. Did you mean fivem, '],
    [['--preset', ''], 'There is no preset “”. See all of them with: portkeeper presets'],
    [['--preset', 'cs2', '--preset', 'tf2'], 'both ask for external port 27015/udp. Leave one out.'],
    [['--preset', 'factorio', '34197'], '“34197” and “factorio:34197/udp” both ask for external port 34197/udp.'],
    [[], 'Or name a program: portkeeper open --preset minecraft'],
  ])('%j is a mistake, and nothing is opened', async (args, words) => {
    const { code, stdout, stderr } = await place.run(['open', ...args, ...router.upnp]);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(words);
  });
});
