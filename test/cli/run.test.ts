/** `run`, in the place of upnp-daemon, against a demo router. */
import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually, Workplace, type DemoRouter, type Portkeeper } from '../support/portkeeper-process.ts';

let place: Workplace;
let router: DemoRouter;
let pidFile: string;
let count = 0;

beforeAll(async () => {
  place = await Workplace.create();
  router = await place.demoRouter();
});

beforeEach(() => {
  pidFile = place.path(`run-${(count += 1)}.pid`);
});

afterAll(() => place.close());

const HEADER = 'address;port;protocol;duration;comment\n';

const args = (...more: readonly string[]): readonly string[] => [
  'run',
  '--json',
  '--pid-file',
  pidFile,
  ...more,
  ...router.upnp,
];

function held(...more: readonly string[]): Portkeeper {
  return place.start(args('--foreground', '--close-ports-on-exit', ...more));
}

describe('a list of ports', () => {
  test('as CSV: another computer, this one, and a range of addresses', async () => {
    const file = await place.write(
      'ports.csv',
      `${HEADER}127.0.0.10;12345;UDP;60;Test 1\n;12346;TCP;60;Test 2\n10.255.0.0/16;12347;TCP;60;Test 3\n`,
    );
    const running = held('--file', file);
    await running.until('ready', ({ open }) => open === 2);
    expect(running.said.filter(({ status }) => status === 'open')).toMatchObject([
      { wantedPort: 12_345, transport: 'udp', internalClient: '127.0.0.10' },
      { wantedPort: 12_346, transport: 'tcp', internalClient: '127.0.0.1' },
    ]);
    await running.note(/ports\.csv, line 4: skipped, because this computer has no address in 10\.255\.0\.0\/16 now\./);
    expect(router.table).toEqual(['12345/udp', '12346/tcp']);
    expect((await running.interrupt()).code).toBe(0);
    expect(router.table).toEqual([]);
  });

  test('as JSON', async () => {
    const file = await place.write(
      'ports.json',
      '[{"rationale":"awesome","address":null,"port":12347,"protocol":"TCP","duration":60,"comment":"Test 3"}]',
    );
    const running = held('--format', 'json', '--file', file);
    await running.until('ready', ({ open }) => open === 1);
    expect(router.table).toEqual(['12347/tcp']);
    await running.interrupt();
  });

  test('from standard input', async () => {
    const running = held('--csv-delimiter', ',', '--file', '-');
    running.process.write(`${HEADER};12348;TCP;60;x\n`.replaceAll(';', ','));
    running.process.endInput();
    await running.until('ready', ({ open }) => open === 1);
    expect(router.table).toEqual(['12348/tcp']);
    await running.interrupt();
  });

  test('from a file called -', async () => {
    await place.write('-', `${HEADER};12349;TCP;60;x\n`);
    const running = held('--file', './-');
    await running.until('ready', ({ open }) => open === 1);
    expect(router.table).toEqual(['12349/tcp']);
    await running.interrupt();
  });

  test('--oneshot opens once, leaves open, and ends; --only-close-ports closes', async () => {
    const file = await place.write('once.csv', `${HEADER};12350;TCP;60;x\n;12351;UDP;60;y\n`);
    const once = await place.run(args('-F', '-1', '-f', file));
    expect(once.code).toBe(0);
    expect(once.said.at(-1)).toEqual({ event: 'ready', open: 2, refused: 0, waiting: 0 });
    expect(router.table).toEqual(['12350/tcp', '12351/udp']);
    const closed = await place.run(args('--foreground', '--only-close-ports', '--file', file));
    expect(closed.code).toBe(0);
    expect(closed.said.at(-1)).toMatchObject({ event: 'done', closed: 2, left: 0 });
    expect(router.table).toEqual([]);
    const again = await place.run(args('--foreground', '--only-close-ports', '--file', file));
    expect(again.code).toBe(0);
    expect(again.stderr).toContain('12350/tcp is not open.');
    // Neither the pid file nor its lock stays behind.
    const beside = await readdir(path.dirname(pidFile));
    expect(beside.filter((name) => name.startsWith(path.basename(pidFile)))).toEqual([]);
  });

  test('without --close-ports-on-exit the ports stay open', async () => {
    const file = await place.write('stay.csv', `${HEADER};12352;TCP;60;x\n`);
    const running = place.start(args('--foreground', '--file', file));
    await running.until('ready');
    expect((await running.interrupt()).code).toBe(0);
    expect(running.said.filter(({ event }) => event === 'closed')).toEqual([]);
    expect(router.table).toEqual(['12352/tcp']);
    await place.run(args('--foreground', '--only-close-ports', '--file', file));
  });
});

describe('a list that changes', () => {
  test('entries are added and removed on the fly; a mistake changes nothing and is reported once', async () => {
    const file = await place.write('fly.csv', `${HEADER};12360;TCP;60;a\n;12361;TCP;60;b\n`);
    const running = held('--interval', '1', '--file', file);
    await running.until('ready', ({ open }) => open === 2);

    await writeFile(file, `${HEADER};12361;TCP;60;b\n;12362;UDP;60;c\n`);
    await running.until('closed', ({ wantedPort }) => wantedPort === 12_360);
    await running.until('mapping', ({ wantedPort, status }) => wantedPort === 12_362 && status === 'open');
    expect(router.table).toEqual(['12361/tcp', '12362/udp']);

    await writeFile(file, `${HEADER};12361;TCP;60;b\n;12362;XDP;60;c\n`);
    const { message } = await running.until('bad-file');
    expect(message).toContain('fly.csv, line 3, column 3 (protocol): “XDP” is not TCP or UDP.');
    await running.note(/“XDP” is not TCP or UDP\.$/);
    expect(router.table).toEqual(['12361/tcp', '12362/udp']);

    await rm(file);
    await running.until('bad-file', ({ message }) => String(message).includes('there is no such file'));
    expect(router.table).toEqual(['12361/tcp', '12362/udp']);

    // As editors save: a new file in the place of the old one.
    await rename(await place.write('fly.new', `${HEADER};12363;TCP;60;d\n`), file);
    await running.until('mapping', ({ wantedPort, status }) => wantedPort === 12_363 && status === 'open');
    await eventually(async () => (router.table.join() === '12363/tcp' ? true : undefined));
    expect(running.said.filter(({ event }) => event === 'bad-file')).toHaveLength(2);
    expect((await running.interrupt()).code).toBe(0);
    expect(router.table).toEqual([]);
  });

  test('a change is seen at once, not at the next interval', async () => {
    const file = await place.write('soon.csv', HEADER);
    const running = held('--interval', '86400', '--file', file);
    await running.until('ready', ({ open }) => open === 0);
    await writeFile(file, `${HEADER};12364;TCP;60;a\n`);
    await running.until('mapping', ({ status }) => status === 'open');
    await running.interrupt();
  });
});

describe('in the background', () => {
  test('the pid is in the pid file, and kill ends it', async () => {
    const file = await place.write('back.csv', `${HEADER};12370;TCP;60;x\n`);
    const { code, said } = await place.run(args('--close-ports-on-exit', '--file', file));
    expect(code).toBe(0);
    expect(said).toMatchObject([{ event: 'background', pid: expect.any(Number), log: expect.any(String) }]);
    const pid = Number(await readFile(pidFile, 'utf8'));
    try {
      expect(pid).toBe(said[0]?.['pid']);
      const log = (): Promise<string> => readFile(String(said[0]?.['log']), 'utf8').catch(() => '');
      await eventually(async () => ((await log()).includes('open     12370/tcp') ? true : undefined));
      expect(router.table).toEqual(['12370/tcp']);

      const second = await place.run(args('--file', file));
      expect(second.code).toBe(4);
      expect(second.stderr).toContain(`Another Portkeeper (process ${pid}) uses the pid file ${pidFile}.`);
      expect(second.stderr).toContain(`Stop it with: kill ${pid}, or choose another file with --pid-file.`);
    } finally {
      process.kill(pid, 'SIGTERM');
    }
    await eventually(async () => {
      const isGone = await readFile(pidFile).then(
        () => false,
        () => true,
      );
      return isGone ? true : undefined;
    });
    expect(router.table).toEqual([]);
  });

  test('from standard input too', async () => {
    const { code, said } = await place.run(args('--file', '-'), `${HEADER};12371;TCP;60;x`);
    expect(code).toBe(0);
    await eventually(async () => (router.table.includes('12371/tcp') ? true : undefined));
    process.kill(Number(said[0]?.['pid']), 'SIGTERM');
  });

  test('a mistake is reported to whoever typed the command', async () => {
    const file = await place.write('typo.csv', `${HEADER};0;TCP;60;x\n`);
    const { code, stderr } = await place.run(args('--file', file));
    expect(code).toBe(2);
    expect(stderr).toContain('line 2, column 2 (port): “0” is not a port from 1 to 65535.');
  });
});

describe('a file of another kind, or with several mistakes', () => {
  test.each([
    ['[{"port": 25565}]', [], 'list.csv looks like JSON. For a JSON file, use --format json.'],
    [`${HEADER};80;TCP;60;x`, ['--format', 'json'], 'For a CSV file, use --format csv.'],
    [
      `${HEADER};0;TCP;60;a\n;81;XDP;60;b\n;82;TCP;60;c\n;82;TCP;60;d\n;83;TCP;x;e\n`,
      [],
      [
        'has 4 mistakes; these are the first 3:',
        'line 2, column 2 (port): “0” is not a port from 1 to 65535.',
        'line 3, column 3 (protocol): “XDP” is not TCP or UDP.',
        'line 5: ',
      ].join('\n'),
    ],
  ])('%j %j', async (text, options, words) => {
    const { code, stderr } = await place.run(args('--file', await place.write('list.csv', text), ...options));
    expect(stderr).toContain(words);
    expect(code).toBe(2);
  });
});

describe('refusals', () => {
  test.each([
    ['no such file', ['--file', 'nowhere.csv'], 5, 'nowhere.csv: there is no such file.'],
    ['a folder', ['--file', '/'], 5, 'Couldn’t read /: it is a folder.'],
    ['an endless file', ['--file', '/dev/zero'], 2, '/dev/zero is larger than 4 MiB'],
    ['a relative pid file', ['--file', '/', '--pid-file', 'x.pid'], 2, 'Use an absolute path'],
    [
      'an interval of nothing',
      ['--file', '/', '-n', '0'],
      2,
      '“0” is not a value for --interval. Use a whole number of seconds from 1 to 2000000.',
    ],
    ['an interval of words', ['--file', '/', '-n', '1m'], 2, '“1m” is not a value for --interval.'],
    ['an unknown format', ['--file', '/', '--format', 'xml'], 2, '“xml” is not a value for --format. Use csv or json.'],
    [
      'two delimiters',
      ['--file', '/', '-d', ',;'],
      2,
      '“,;” is not a value for --csv-delimiter. Use a single character',
    ],
  ])('%s', async (_what, options, code, words) => {
    const outcome = await place.run(args(...options));
    expect(outcome.stderr).toContain(words);
    expect(outcome.code).toBe(code);
    expect(outcome.said).toMatchObject([{ event: 'error', exitCode: code, message: expect.stringContaining(words) }]);
    expect(outcome.stderr).not.toMatch(/^\s+at /m);
  });

  test('a pid file in a folder that is not there', async () => {
    const file = await place.write('fine.csv', HEADER);
    const there = place.path('missing', 'x.pid');
    const outcome = await place.run(args('--foreground', '--file', file, '--pid-file', there));
    expect(outcome.code).toBe(5);
    expect(outcome.stderr).toContain(
      `Couldn’t write the pid file ${there}: there is no folder ${place.path('missing')}.`,
    );
  });

  test('a pid file that is a link', async () => {
    const file = await place.write('full.csv', HEADER);
    await mkdir(place.path('full'));
    await symlink('/dev/full', place.path('full', 'x.pid'));
    const outcome = await place.run(args('--foreground', '--file', file, '--pid-file', place.path('full', 'x.pid')));
    expect(outcome.code).toBe(5);
    expect(outcome.stderr).toContain('x.pid: it is a link, or no file');
    expect(outcome.stderr).not.toMatch(/^\s+at /m);
  });
});
