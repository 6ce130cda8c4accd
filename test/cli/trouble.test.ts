/** Problems on this computer: reported in words, with an exit code, and nothing lost. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../main/cli/main.ts';
import { commandTree } from '../../main/cli/program.ts';
import { PORTKEEPER } from '../peers/lab/portkeeper.ts';
import { listening } from '../support/listening-console.ts';
import { freePort } from '../support/free-port.ts';
import { Workplace, type DemoRouter } from '../support/portkeeper-process.ts';

let place: Workplace;
let router: DemoRouter;

beforeAll(async () => {
  place = await Workplace.create();
  router = await place.demoRouter();
});

afterAll(() => place.close());

/** In this process: what is wrong with it is found before anything is done. */
async function typed(args: readonly string[]) {
  const { out, err, console } = listening();
  const folder = args[0] === 'demo-router' ? [] : ['--data-dir', place.path('typed')];
  return { code: await run(['node', 'portkeeper', ...args, ...folder], console), out, err };
}

describe('the data folder', () => {
  test('is shared by all who come; looking is always possible', async () => {
    const held = place.start(['open', '41001/tcp', ...router.upnp]);
    await held.note(/1 port open/);
    const { code, stderr } = await place.run(['open', '41002/tcp', '--once', ...router.upnp]);
    expect(code).toBe(0);
    expect(stderr).toContain('1 port open.');
    const { stdout } = await place.run(['list', ...router.upnp]);
    expect(stdout).toContain('41001/tcp');
    expect(stdout).toContain('41002/tcp');
    expect((await place.run(['close', '41002/tcp', ...router.upnp])).code).toBe(0);
    expect((await held.interrupt()).code).toBe(0);
  });

  test('cannot be below a file', async () => {
    const file = await place.write('file', '');
    const { code, stderr } = await place.run(['open', '41003/tcp', '--data-dir', `${file}/data`, ...router.upnp]);
    expect(code).toBe(5);
    expect(stderr).toContain('There is a file where a folder is needed. Choose another folder with --data-dir.');
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

describe('the command line', () => {
  test.each([
    [['opn'], 'There is no command “opn”. Did you mean open?\n    portkeeper opn --data-dir '],
    [['opn'], '\n               ^^^\nRun with --help for usage.'],
    [['open', '80', '--lable', 'x'], 'There is no option “--lable”. Did you mean --label?\n'],
    [['discover', 'here'], '“here” is too much: discover takes no arguments.\n'],
    [['profile', 'show'], 'PROFILE is missing.\n'],
    [
      ['open'],
      'Which ports? Name them, such as: portkeeper open 25565/tcp\nOr name a program: portkeeper open --preset',
    ],
    [['open', '99999'], '“99999” is not a port. Ports are numbers from 1 to 65535.\n    portkeeper open 99999 '],
    [['open', '80', '80/tcp'], 'both ask for external port 80/tcp. Leave one out.'],
    [['open', '80', '--lease', 'long'], '“long” is not a value for --lease. Use a time such as 3600'],
    [['open', '80', '--test-every', '0'], '“0” is not a value for --test-every. Use seconds from 1 to 86400.'],
    [['open', '80', '--check-url', 'https://x/'], '“https://x/” is not a value for --test. Use the address of a probe'],
    [['open', '80', '--test', 'http://127.0.0.1.example.net/{port}'], 'Use https, or add --test-insecure.'],
    [
      ['close'],
      'Which ports? Name them, such as: portkeeper close 25565/tcp\nOr close everything Portkeeper opened: portkeeper close --all',
    ],
    [['run'], 'An option is missing: -f, --file <FILE>'],
    [['discover', '--interface', 'nope9'], 'There is no network interface “nope9”. Available: lo'],
    [['discover', '--router', 'https://192.168.1.1/'], 'Description URLs begin with http://'],
    [['discover', '--gateway', 'http://nobody.invalid/x.xml'], 'The name nobody.invalid wasn’t found.'],
    [['demo-router', '--like', 'lamb'], 'There is no behaviour “lamb”.'],
    [['demo-router', '--http-port', '0'], '“0” is not a value for --http-port. Use a port from 1 to 65535.'],
  ])('%j', async (args, words) => {
    const { code, out, err } = await typed(args);
    expect(err.join('\n')).toContain(words);
    expect(code).toBe(2);
    expect(out).toEqual([]);
    expect(err.join('\n')).not.toMatch(/^\s+at /m);
  });

  test('a port of the demo router that is taken', async () => {
    const port = new URL(router.url).port;
    const { code, stderr } = await place.run(['demo-router', '--http-port', port]);
    expect(code).toBe(2);
    expect(stderr).toContain('already in use on this computer');
  });

  test('is wrong for programs too', async () => {
    const { code, said } = await place.run(['open', '25565/tcp', '--json', '--lease', '-1']);
    expect(code).toBe(2);
    expect(said).toMatchObject([{ event: 'error', exitCode: 2, message: expect.stringContaining('--lease') }]);
  });

  test('is shown where it is wrong, also if that comes out later', async () => {
    const { code, stderr } = await place.run(['open', '80/tcp@8.8.8.8']);
    expect(code).toBe(2);
    expect(stderr).toContain(
      'Forward 1, device: can’t be 8.8.8.8, which is a public address, not one of a device on your network.\n    portkeeper open 80/tcp@8.8.8.8 --',
    );
  });

  // docs/command-line.md is the help of every command; its test looks at each line.
  test('help teaches, and fits 80 columns', async () => {
    const { code, stdout } = await place.run(['open', '--help', '--data-dir', 'x']);
    expect(code).toBe(0);
    expect(stdout).toContain('--json');
    expect(stdout).toMatch(/portkeeper \w/);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('--version', async () => {
    expect(await place.run(['--version', '--data-dir', 'x'])).toMatchObject({
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
  });
});

describe.concurrent('a router that is not there yet', () => {
  test('is waited for with --wait, and used once it is there', async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/rootDesc.xml`;
    const waiting = place.start(['open', '41010/tcp', '--wait', '--json', '--gateway', url]);
    await waiting.until('ready', ({ open }) => open === 0);
    await place.demoRouter({ httpPort: port });
    await waiting.until('mapping', ({ status }) => status === 'open');
    expect((await waiting.interrupt()).code).toBe(0);
  });
});

describe.concurrent('options of every command', () => {
  beforeAll(async () => {
    await place.run(['profile', 'add', 'Web', '8080/tcp', '--data-dir', 'here']);
  });

  test.each([
    ['before the command', ['--data-dir', 'here', '--json', 'profile', 'list']],
    ['within it', ['profile', '--json', '--data-dir', 'here', 'list']],
    ['after it', ['profile', 'list', '--json', '--data-dir', 'here']],
    ['twice: the last one counts', ['--data-dir', 'elsewhere', 'profile', 'list', '--json', '--data-dir', 'here']],
  ])('may stand %s', async (_where, args) => {
    const { code, said } = await place.spawn([...PORTKEEPER, ...args]).ended();
    expect(code).toBe(0);
    expect(said).toMatchObject([{ profiles: [{ name: 'Web' }] }]);
  });
});

describe('help', () => {
  test.each([
    ['add', ['--on', '--any-port', '--lease <TIME>']],
    ['import', ['--replace']],
    ['export', ['--format <FORMAT>']],
  ])('of profile %s lists its own options apart from those of every command', (name, options) => {
    const commands = commandTree(listening().console, () => undefined).commands.find(
      (each) => each.name() === 'profile',
    );
    const stdout = commands?.commands.find((each) => each.name() === name)?.helpInformation() ?? '';
    const [own = '', rest = ''] = stdout.split('For every command:\n');
    const [common = ''] = rest.split('\n\n');
    for (const option of options) {
      expect(own).toContain(option);
      expect(common).not.toContain(`${option} `);
    }
    expect(common).toContain('--data-dir <FOLDER>');
  });
});
