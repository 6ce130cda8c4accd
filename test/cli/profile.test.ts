/** Profiles as people use them: `serve`, `status`, `watch`, `profile …` and `with`, against a demo router. */
import { describe, expect, test } from 'vitest';
import { atOneRouter, codeOf } from './at-one-router.ts';
import { eventually, type Outcome, type Portkeeper } from '../support/portkeeper-process.ts';
import { NODE } from '../peers/lab/process.ts';

const at = atOneRouter();

async function serve(): Promise<Portkeeper> {
  const serving = at.place.start(['serve', '--json', ...at.router.upnp]);
  await serving.until('serving');
  return serving;
}

/** The command with the data folder before the two hyphens. */
function withProfile(profile: string, options: readonly string[], script: string): Portkeeper {
  return at.place.start([
    'with',
    profile,
    '--data-dir',
    at.place.path('data'),
    ...at.router.upnp,
    ...options,
    '--',
    NODE,
    '-e',
    script,
  ]);
}

describe('serve', () => {
  test('holds profiles turned on; the other commands switch, and wait until that is done', async () => {
    await at.place.run(['profile', 'add', 'Minecraft', '25565/tcp', '19132/udp', '--on']);
    await at.place.run(['profile', 'add', 'Web server', '8080:80/tcp']);
    const serving = await serve();
    await serving.until('mapping', ({ status, wantedPort }) => status === 'open' && wantedPort === 19_132);
    expect(at.router.table).toEqual(['19132/udp', '25565/tcp']);
    const on = await at.place.run(['profile', 'on', 'web SERVER']);
    expect(on.stdout).toContain('Web server (web-server): on, open');
    expect(codeOf(on)).toBe(0);
    expect(at.router.table).toEqual(['8080/tcp', '19132/udp', '25565/tcp']);
    await at.place.run(['profile', 'off', 'minecraft']);
    expect(at.router.table).toEqual(['8080/tcp']);
    const { said } = await at.place.run(['status', '--json']);
    expect(said).toMatchObject([{ running: true, open: 1, refused: 0, profiles: [{ on: false }, { on: true }] }]);
    expect((await serving.interrupt()).code).toBe(0);
    expect(serving.said.filter(({ event }) => event === 'profile')).toMatchObject([
      { id: 'web-server', state: 'on' },
      { id: 'minecraft', state: 'off' },
    ]);
    expect(at.router.table).toEqual([]);
  });

  test('runs once for each data folder', async () => {
    const serving = await serve();
    const second = await at.place.run(['serve', ...at.router.upnp]);
    expect(codeOf(second)).toBe(4);
    expect(second.stderr).toContain(
      'Portkeeper is already running. See what is open with: portkeeper status --data-dir ',
    );
    await serving.interrupt();
  });

  test('after kill -9 the next one holds, and closes, the open ports', async () => {
    await at.place.run(['profile', 'add', 'Web', '8080/tcp', '--on']);
    const killed = await serve();
    await killed.until('mapping', ({ status }) => status === 'open');
    await killed.process.end('SIGKILL');
    await at.place.run(['profile', 'off', 'web']);
    const next = await serve();
    await eventually(async () => (at.router.table.length === 0 ? true : undefined));
    await next.interrupt();
  });
});

describe('watch', () => {
  test('reports changes until the running one quits', async () => {
    await at.place.run(['profile', 'add', 'Web', '8080/tcp']);
    const serving = await serve();
    const watching = at.place.start(['watch', '--json']);
    await watching.until('watching');
    const reading = at.place.start(['watch']);
    await reading.note(/^Watching 1 profile/);
    await at.place.run(['profile', 'on', 'web']);
    await at.place.run(['profile', 'off', 'web']);
    await watching.until('closed');
    await reading.line(/^closed {3}8080\/tcp$/);
    expect(watching.said).toContainEqual({ event: 'profile', id: 'web', state: 'on' });
    expect(reading.process.lines).toContain('profile  web  on');
    expect((await reading.interrupt()).code).toBe(0);
    await serving.interrupt();
    const { code, stderr } = await watching.ended();
    expect(code).toBe(1);
    expect(stderr).toContain('Portkeeper has quit');
  });

  test('says so when nothing runs', async () => {
    const outcome = await at.place.run(['watch']);
    expect(codeOf(outcome)).toBe(1);
    expect(outcome.stderr).toContain('portkeeper serve');
  });
});

describe('profile', () => {
  test('works while nothing runs, and says what would hold it', async () => {
    const added = await at.place.run(['profile', 'add', 'Minecraft', '25565', '--label', 'Friends', '--on']);
    expect(added.stderr).toContain('portkeeper serve');
    expect(codeOf(added)).toBe(0);
    expect((await at.place.run(['profile', 'list'])).stdout).toBe('minecraft  on  Minecraft  25565');
    const { said } = await at.place.run(['profile', 'show', 'minecraft', '--json']);
    expect(said).toMatchObject([
      { id: 'minecraft', on: true, forwards: [{ label: 'Friends', transports: ['tcp', 'udp'] }], mappings: [] },
    ]);
    expect((await at.place.run(['status'])).stdout).toContain('Portkeeper is not running');
    expect(codeOf(await at.place.run(['profile', 'remove', 'minecraft']))).toBe(0);
    expect((await at.place.run(['profile', 'list'])).stdout).toBe('');
    expect(at.router.table).toEqual([]);
  });

  test('opens automatically where a person wants it so, and goes off after a time', async () => {
    await at.place.run(['profile', 'add', 'Minecraft', '25565/tcp']);
    const when = async (...words: readonly string[]): Promise<Outcome> =>
      await at.place.run(['profile', 'when', 'minecraft', ...words]);
    expect((await when('18:00-1:30', 'fri-sun')).stdout).toBe('Profile minecraft opens 18:00–01:30, Fri, Sat, Sun.');
    expect((await when('running', 'java')).stderr).toContain('portkeeper profile on minecraft');
    expect((await at.place.run(['profile', 'show', 'minecraft'])).stdout).toContain('Opens while java is running');
    expect((await when('18:00-24:00')).stderr).toContain('must be a time from 00:00 to 23:59');
    expect((await when('sometimes')).stderr).toContain('Use always, listening, running PROGRAM');
    expect((await when('running', 'no-such-program')).code).toBe(0);
    await serve();
    const { stdout } = await at.place.run(['profile', 'on', 'minecraft', '--for', '1h30m']);
    expect(stdout).toContain('minecraft): on, standing by');
    expect(stdout).toContain('Opens when no-such-program runs · Turns off');
    expect((await at.place.run(['profile', 'on', 'minecraft', '--for', 'ever'])).stderr).toContain(
      'such as 90m, 3h or 2d',
    );
    expect((await when('always')).code).toBe(0);
    await eventually(async () => (at.router.table.includes('25565/tcp') ? true : undefined));
    const { said } = await at.place.run(['profile', 'show', 'minecraft', '--json']);
    expect(said[0]).toMatchObject({ on: true, onUntil: expect.stringMatching(/^20\d\d-/) });
    expect(said[0]).not.toHaveProperty('opensWhile');
    await at.place.run(['profile', 'off', 'minecraft']);
  });

  test('a upnp-daemon list becomes a profile, and profiles a list; losses are reported', async () => {
    const csv = 'address;port;protocol;duration;comment\n10.0.0.0/8;80;TCP;60;Web\n;81;UDP;0;Game\n';
    const added = await at.place.run(['profile', 'import', await at.place.write('My ports.csv', csv)]);
    expect(added.stdout).toContain('Imported 1 profile: my-ports.');
    expect(added.stderr).toContain('1 entry was meant for one network only.');
    expect((await at.place.run(['profile', 'list'])).stdout).toBe('my-ports  off  My ports  80/tcp 81/udp');
    const list = await at.place.run(['profile', 'export', '--format', 'csv']);
    expect(list.stdout).toBe(csv.replace('10.0.0.0/8', '').trimEnd());
    expect(list.stderr).toContain('Settings are not included.');
    const { said } = await at.place.run(['profile', 'export', '--format', 'JSON', at.place.path('out.json'), '--json']);
    expect(said).toMatchObject([{ event: 'exported', left: [{ what: 'profiles' }, { what: 'settings' }] }]);
    expect((await at.place.run(['profile', 'import', at.place.path('out.json')])).stdout).toContain(
      'Imported 1 profile: out.',
    );
    const bad = await at.place.run(['profile', 'import', await at.place.write('bad.csv', csv.replace('80', '8o'))]);
    expect(bad.stderr).toContain('bad.csv, line 2, column 2 (port): “8o” is not a port');
    expect([codeOf(bad), codeOf(await at.place.run(['profile', 'export', '--format', 'xml']))]).toEqual([2, 2]);
  });

  test('an export can be imported; a fault in it is reported with its place, and changes nothing', async () => {
    await at.place.run(['profile', 'add', 'Minecraft', '25565/tcp']);
    const { stdout } = await at.place.run(['profile', 'export']);
    const file = await at.place.write('profiles.json', stdout.replace('25565', '70000'));
    const refused = await at.place.run(['profile', 'import', file]);
    expect(codeOf(refused)).toBe(2);
    expect(refused.stderr).toContain('document.profiles.0.forwards.0.external.first: must be a port from 1 to 65535');
    const forwards = ['a', 'b', 'c', 'd'].map(() => ({
      transports: ['tcp'],
      external: { first: 0, last: 1 },
      internal: { first: 1 },
    }));
    const many = JSON.stringify({ version: 1, profiles: [{ id: 'x', name: 'X', forwards }] });
    const counted = await at.place.run(['profile', 'import', await at.place.write('many.json', many)]);
    expect(counted.stderr).toMatch(
      /^There are 4 mistakes; these are the first 3:\n(?:document\.profiles\.0\.forwards\.[012]\.external\.first: .*\n?){3}/,
    );
    const broken = await at.place.run(['profile', 'import', await at.place.write('broken.json', stdout.slice(0, 40))]);
    expect(broken.stderr).toMatch(/broken\.json, line \d+, column \d+: this is not valid JSON/);
    expect(codeOf(broken)).toBe(2);
    expect(codeOf(await at.place.run(['profile', 'import', at.place.path('absent.json')]))).toBe(5);
    const { said } = await at.place.run(['profile', 'import', '-', '--json'], stdout);
    expect(said).toEqual([{ event: 'imported', mode: 'add', profiles: ['minecraft-2'] }]);
    await at.place.run(['profile', 'import', '--replace', '-'], stdout);
    expect((await at.place.run(['profile', 'list'])).stdout).toBe('minecraft  off  Minecraft  25565/tcp');
    await at.place.run(['profile', 'export', at.place.path('out.json')]);
    expect(codeOf(await at.place.run(['profile', 'import', at.place.path('out.json')]))).toBe(0);
  });

  test('names the other that has the port', async () => {
    await at.place.run(['profile', 'add', 'One', '8080/tcp', '--on']);
    const refused = await at.place.run(['profile', 'add', 'Two', '8080/tcp', '--on']);
    expect(codeOf(refused)).toBe(1);
    expect(refused.stderr).toContain('“Two” and “One” both use external port 8080/tcp');
  });

  test.for([
    [['profile', 'on', 'nobody'], /There is no profile “nobody”/],
    [['profile', 'add', ' ', '80'], /Name: enter a name/],
    [['profile', 'add', 'X', '0'], /“0” is not a port/],
    [['profile', 'sing'], /sing/],
    [['with', 'x'], /Which command\?/],
  ] as const)('%j is a mistake', async ([args, said]) => {
    const outcome = await at.place.run(args);
    expect(codeOf(outcome)).toBe(2);
    expect(outcome.stderr).toMatch(said);
  });
});

describe('with', () => {
  const WAITS = 'console.log("up"); process.stdin.on("end", () => process.exit(7)).resume()';

  test.for(['nothing runs', 'serve runs'] as const)(
    'holds the ports while the command runs, and ends as it does, when %s',
    async (which) => {
      await at.place.run(['profile', 'add', 'Web', '8080/tcp']);
      await at.place.run(['profile', 'add', 'Other', '9090/tcp']);
      const serving = which === 'serve runs' ? await serve() : undefined;
      const running = withProfile('web', [], WAITS);
      await running.line(/^up$/);
      expect(at.router.table).toEqual(['8080/tcp']);
      expect((await at.place.run(['status', '--json'])).said).toMatchObject([
        { profiles: [{ held: true, on: false }, { held: false }] },
      ]);
      running.process.endInput();
      const { code, stdout, stderr } = await running.ended();
      expect(code).toBe(7);
      expect(stdout).toBe('up');
      expect(stderr).toContain('open     8080/tcp');
      await eventually(async () => (at.router.table.length === 0 ? true : undefined));
      await serving?.interrupt();
    },
  );

  test('passes signals on, and reports which one ended the command', async () => {
    await at.place.run(['profile', 'add', 'Web', '8080/tcp']);
    const running = withProfile('web', ['--json'], WAITS);
    await running.line(/^up$/);
    running.process.signal('SIGTERM');
    const { code } = await running.ended();
    expect(code).toBe(128 + 15);
    expect(running.process.errors.some((line) => line.startsWith('{"event":"held"'))).toBe(true);
    expect(at.router.table).toEqual([]);
  });

  test('goes on holding when whoever held it ends', async () => {
    await at.place.run(['profile', 'add', 'Web', '8080/tcp']);
    const serving = await serve();
    const running = withProfile('web', [], WAITS);
    await running.line(/^up$/);
    await serving.interrupt();
    await eventually(async () => (at.router.table.join('') === '8080/tcp' ? true : undefined));
    running.process.endInput();
    expect((await running.ended()).code).toBe(7);
    expect(at.router.table).toEqual([]);
  });

  test('takes a preset where no profile has that name, and a profile by another name of its preset', async () => {
    const running = withProfile('minecraft', [], 'console.log("up"); process.stdin.resume()');
    await running.line(/^up$/);
    expect(at.router.table).toEqual(['25565/tcp']);
    running.process.endInput();
    expect((await running.ended()).stderr).toContain('open     25565/tcp');
    expect(at.router.table).toEqual([]);

    const added = await at.place.run(['profile', 'add', '--preset', 'minecraft', '--json']);
    expect(added.said).toEqual([{ event: 'added', id: 'minecraft-java-edition' }]);
    expect((await at.place.run(['profile', 'show', 'MINECRAFT'])).stdout).toContain('25565/tcp');
    const factorio = await at.place.run(['profile', 'on', 'factorio']);
    expect(factorio.stderr).toContain('Add one with: portkeeper profile add --preset factorio --data-dir ');
  });

  test('does not run the command for a profile that does not exist; says when there is no such command', async () => {
    const unknown = await withProfile('web', [], 'console.log("up")').ended();
    expect(unknown).toMatchObject({ code: 2, stdout: '' });
    await at.place.run(['profile', 'add', 'Web', '8080/tcp']);
    const args = ['with', 'web', '--data-dir', at.place.path('data'), ...at.router.upnp, '--', 'no-such-command'];
    const { code, stderr } = await at.place.start(args).ended();
    expect(code).toBe(127);
    expect(stderr).toContain('no-such-command: command not found');
  });
});
