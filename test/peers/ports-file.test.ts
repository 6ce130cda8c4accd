/** The files that upnp-daemon documents, run as it documents it, on real gateways. Only their addresses are the lab's. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LAN, PUBLIC_WAN, type Flavour } from './lab/flavours.ts';
import type { Home } from './lab/home.ts';
import { upnpc } from './lab/observers.ts';
import { homeFor } from './lab/opening.ts';
import { portkeeper, portkeeperOnce } from './lab/portkeeper.ts';

/** https://github.com/FloGa/upnp-daemon, "Config File Format"; the first entry is for a foreign device. */
const CSV = `address;port;protocol;duration;comment
${LAN.other};12345;UDP;60;Test 1
;12346;TCP;60;Test 2
`;
const JSON_FILE = `[
  {
    "address": "${LAN.other}",
    "port": 12345,
    "protocol": "UDP",
    "duration": 60,
    "comment": "Test 1"
  },
  {
    "address": null,
    "port": 12346,
    "protocol": "TCP",
    "duration": 60,
    "comment": "Test 2"
  }
]
`;
const JSON_WITH_MORE = `[
  {
    "rationale": "This port is needed for an awesome application!",
    "may-be-deleted": false,
    "port": 12347,
    "protocol": "TCP",
    "duration": 60,
    "comment": "Test 3"
  }
]
`;
const BOTH = [`12345/udp -> ${LAN.other}`, `12346/tcp -> ${LAN.client}`];

class Workplace {
  readonly home: Home;
  readonly folder: string;

  constructor(home: Home, folder: string) {
    this.home = home;
    this.folder = folder;
  }

  static async in(flavour: Flavour, files: Readonly<Record<string, string>>): Promise<Workplace> {
    const home = await homeFor(flavour);
    await home.client.echo.tcp(12_346);
    await home.other.echo.udp(12_345);
    const folder = join(home.client.namespace.home, 'lists');
    await mkdir(folder);
    const place = new Workplace(home, folder);
    for (const [name, text] of Object.entries(files)) await place.write(name, text);
    return place;
  }

  get pidFile(): string {
    return join(this.folder, 'daemon.pid');
  }

  /** As editors do: a new file in the place of the old one. */
  async write(name: string, text: string): Promise<void> {
    await writeFile(join(this.folder, `${name}~`), text);
    await rename(join(this.folder, `${name}~`), join(this.folder, name));
  }

  #line(words: readonly string[]): readonly string[] {
    return ['run', ...words, '--pid-file', this.pidFile];
  }

  /** In the foreground, until everything is open or the reason why not is shown. */
  async held(...words: readonly string[]) {
    const program = portkeeper(this.home.client, this.#line(['--foreground', '--json', ...words]), {
      cwd: this.folder,
    });
    return { program, ready: await program.until(({ event }) => event === 'ready') };
  }

  once(words: readonly string[], input?: string) {
    const options = { cwd: this.folder, ...(input === undefined ? {} : { input }) };
    return portkeeperOnce(this.home.client, this.#line(words), options);
  }

  /** `12345/udp -> 192.168.71.11`, sorted. */
  async rules(): Promise<readonly string[]> {
    const rules = await this.home.gateway.nftRules();
    return rules.map(({ external, transport, client }) => `${external}/${transport} -> ${client}`).toSorted();
  }

  async carryTraffic(): Promise<void> {
    expect(await this.home.internet.reach('udp', PUBLIC_WAN.address, 12_345)).toBe('other');
    expect(await this.home.internet.reach('tcp', PUBLIC_WAN.address, 12_346)).toBe('client');
  }
}

describe.each(['igd1', 'igd2', 'pxp-only'] as const)('%s', (flavour) => {
  test('ports.csv in the foreground; Ctrl-C leaves the ports open, --only-close-ports closes them', async () => {
    const place = await Workplace.in(flavour, { 'ports.csv': CSV });
    const { program, ready } = await place.held('--file', 'ports.csv');
    expect(ready).toMatchObject({ open: 2, refused: 0, waiting: 0 });
    expect(await place.rules()).toEqual(BOTH);
    await place.carryTraffic();
    expect(await program.interrupt()).toMatchObject({ code: 0 });
    expect(await place.rules()).toEqual(BOTH);

    const closing = await place.once(['--foreground', '--only-close-ports', '--file', 'ports.csv']);
    expect(closing).toMatchObject({ code: 0, stdout: '2 ports closed.' });
    expect(await place.rules()).toEqual([]);
  });

  test('ports.json once; --close-ports-on-exit closes what the last file says', async () => {
    const place = await Workplace.in(flavour, { 'ports.json': JSON_FILE, 'more.json': JSON_WITH_MORE });
    const once = await place.once(['--foreground', '--oneshot', '--format', 'json', '--file', 'ports.json']);
    expect(once).toMatchObject({ code: 0 });
    expect(await place.rules()).toEqual(BOTH);
    await place.carryTraffic();

    const words = ['--close-ports-on-exit', '--format', 'json', '--file'];
    const { program } = await place.held(...words, 'ports.json');
    await place.write('ports.json', JSON_WITH_MORE);
    await expect.poll(() => place.rules()).toEqual([`12347/tcp -> ${LAN.client}`]);
    expect(await program.interrupt()).toMatchObject({ code: 0 });
    expect(await place.rules()).toEqual([]);
  });
});

describe('in the background', () => {
  test('the pid file names it, a second one is refused, and kill ends it', async () => {
    const place = await Workplace.in('igd2', { 'ports.csv': CSV });
    const words = ['--close-ports-on-exit', '--file', 'ports.csv'];
    expect(await place.once(words)).toMatchObject({ code: 0, stdout: expect.stringContaining('in the background') });
    await expect.poll(() => place.rules()).toEqual(BOTH);
    await place.carryTraffic();

    const pid = Number(await readFile(place.pidFile, 'utf8'));
    expect(await place.home.client.namespace.pids()).toContain(pid);
    const second = await place.once(words);
    expect(second).toMatchObject({ code: 4, stderr: expect.stringContaining(String(pid)) });

    // As documented: kill $(</tmp/upnp-daemon.pid)
    await place.home.client.exec(['sh', '-c', `kill $(cat ${place.pidFile})`]);
    await expect.poll(() => place.rules()).toEqual([]);
    await expect.poll(() => place.home.client.namespace.pids()).not.toContain(pid);
    expect(await readFile(place.pidFile, 'utf8').catch(() => 'gone')).toBe('gone');
  });
});

describe('the file changes', () => {
  test('entries come and go on the fly; a bad file keeps what is open', async () => {
    const place = await Workplace.in('igd2', { 'ports.csv': CSV });
    const { program } = await place.held('--close-ports-on-exit', '--file', 'ports.csv');
    await place.write('ports.csv', `${CSV}192.168.71.0/24;12347;TCP;60;added\n10.0.0.0/8;12348;TCP;60;elsewhere\n`);
    const [first, second] = BOTH;
    await expect.poll(() => place.rules()).toEqual([first, second, `12347/tcp -> ${LAN.client}`]);

    await place.write('ports.csv', `${CSV};70000;TCP;60;no such port\n`);
    const bad = await program.until(({ event }) => event === 'bad-file');
    expect(bad).toMatchObject({
      message: expect.stringMatching(/ports\.csv, line 4, column 2 \(port\): .*1 to 65535/),
    });
    await expect.poll(() => place.rules()).toHaveLength(3);

    await place.write('ports.csv', CSV.replace(/^.*Test 1\n/m, ''));
    await expect.poll(() => place.rules()).toEqual([second]);
    expect(await program.interrupt()).toMatchObject({ code: 0 });
    expect(await place.rules()).toEqual([]);
  });
});

describe('standard input', () => {
  test('- is standard input, ./- is a file of that name', async () => {
    const place = await Workplace.in('igd2', { '-': JSON_WITH_MORE });
    expect(await place.once(['--foreground', '--oneshot', '--file', '-'], CSV)).toMatchObject({ code: 0 });
    expect(await place.rules()).toEqual(BOTH);
    const file = ['--foreground', '--oneshot', '--format', 'json', '--file', './-'];
    expect(await place.once(file)).toMatchObject({ code: 0 });
    expect(await place.rules()).toContain(`12347/tcp -> ${LAN.client}`);
  });
});

describe('changing over from upnp-daemon', () => {
  test('a port left open is taken over, and keeps its comment', async () => {
    const place = await Workplace.in('igd1', { 'ports.csv': CSV });
    const { client, gateway } = place.home;
    const theirs = { transport: 'tcp', external: 12_346, internal: 12_346, lifetime: 60 } as const;
    await upnpc(client, gateway).add({ ...theirs, description: 'Test 2' });
    const { program, ready } = await place.held('--file', 'ports.csv');
    expect(ready).toMatchObject({ open: 2 });
    expect((await upnpc(client, gateway).list()).map(({ description }) => description).toSorted()).toEqual([
      expect.stringContaining('Test 1'),
      expect.stringContaining('Test 2'),
    ]);
    await program.interrupt();
  });

  test('--only-close-ports closes the ports it left open', async () => {
    const place = await Workplace.in('igd2', { 'ports.csv': CSV });
    const { client, other, gateway } = place.home;
    const wish = { external: 12_345, internal: 12_345, lifetime: 60 } as const;
    await upnpc(client, gateway).add({ ...wish, transport: 'udp', client: other.address, description: 'Test 1' });
    await upnpc(client, gateway).add({ ...wish, transport: 'tcp', external: 12_346, description: 'somebody else' });
    const closing = await place.once(['--foreground', '--only-close-ports', '--file', 'ports.csv']);
    expect(closing).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('12346/tcp was opened by another program or device'),
    });
    expect(await place.rules()).toEqual([`12346/tcp -> ${LAN.client}`]);
  });
});
