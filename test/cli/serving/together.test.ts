/** Several commands in one data folder: whoever comes first has the engine, the others work through it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Workplace, eventually, type DemoRouter } from '../../support/portkeeper-process.ts';

let place: Workplace;
let router: DemoRouter;

beforeAll(async () => {
  place = await Workplace.create();
  router = await place.demoRouter();
  // The router is chosen in the settings: what runs and what comes to it need no options.
  const document = { version: 1, settings: { gateway: router.url }, profiles: [] };
  const file = await place.write('settings.json', JSON.stringify(document));
  await place.run(['profile', 'import', file, '--replace']);
});

afterAll(() => place.close());

interface Row {
  readonly externalPort: number;
  readonly ours: boolean;
}

async function ready(...args: readonly string[]) {
  const held = place.start(['open', '--json', ...args]);
  await held.until('ready', ({ open, refused, waiting }) => open === 1 && refused === 0 && waiting === 0);
  return held;
}

/** How often the router has lost the port since. */
function watchFor(port: number): () => number {
  let absences = router.table.includes(`${port}/tcp`) ? 0 : 1;
  const unwatch = router.router.onMapping((change, { externalPort }) => {
    if (change === 'removed' && externalPort === port) absences += 1;
  });
  return () => {
    unwatch();
    return absences;
  };
}

describe('two that hold ports', () => {
  test('the second joins the first, and Ctrl-C of one closes only its own', async () => {
    const first = await ready('40100/tcp');
    const second = await ready('40101/tcp');
    expect(router.table).toEqual(['40100/tcp', '40101/tcp']);
    const status = await place.run(['status']);
    expect(status.stdout).toMatch(
      /^Opened from a terminal: 40100\/tcp\nopen {5}40100\/tcp .*\nOpened from a terminal: 40101\/tcp\nopen {5}40101\/tcp/m,
    );
    expect((await second.interrupt()).code).toBe(0);
    expect(second.said.at(-1)).toMatchObject({ event: 'closed', wantedPort: 40_101 });
    expect(router.table).toEqual(['40100/tcp']);
    expect((await first.interrupt()).code).toBe(0);
    expect(first.said.filter(({ wantedPort }) => wantedPort === 40_101)).toEqual([]);
    expect(router.table).toEqual([]);
  });

  test('when the first ends, the second takes over, and its port is never closed meanwhile', async () => {
    const first = await ready('40100/tcp');
    const second = await ready('40101/tcp');
    const absences = watchFor(40_101);
    expect((await first.interrupt()).code).toBe(0);
    await second.note(/^Portkeeper has quit\. This command keeps the ports open now\.$/);
    expect(router.table).toEqual(['40101/tcp']);
    expect(absences()).toBe(0);
    // It answers others by now.
    const third = await ready('40102/tcp');
    expect((await second.interrupt()).code).toBe(0);
    await third.note(/^Portkeeper has quit\./);
    expect(router.table).toEqual(['40102/tcp']);
    expect((await third.interrupt()).code).toBe(0);
    expect(router.table).toEqual([]);
  });

  test('after kill -9 of the first, the second takes over, and what nobody wants anymore is closed', async () => {
    const first = await ready('40100/tcp');
    const second = await ready('40101/tcp');
    const absences = watchFor(40_101);
    await first.process.end('SIGKILL');
    await second.note(/^Portkeeper has quit\./);
    await eventually(async () => (router.table.join() === '40101/tcp' ? true : undefined));
    expect(absences()).toBe(0);
    expect((await second.interrupt()).code).toBe(0);
    expect(router.table).toEqual([]);
  });

  test('one port twice is refused, naming who has it', async () => {
    const first = await ready('40100/tcp', '--label', 'Game');
    const { code, stderr } = await place.run(['open', '40100/tcp']);
    expect(code).toBe(1);
    expect(stderr).toContain('Port 40100/tcp is already open from a terminal (Game).');
    await first.interrupt();
  });

  test('kill -9 of a guest closes what it held', async () => {
    const first = await ready('40100/tcp');
    const second = await ready('40101/tcp');
    await second.process.end('SIGKILL');
    await eventually(async () => (router.table.join() === '40100/tcp' ? true : undefined));
    await first.interrupt();
  });
});

describe('a service beside terminals', () => {
  test('comes to what is open from a terminal, and takes over when that ends', async () => {
    await place.run(['profile', 'add', 'Web', '40150/tcp', '--on']);
    const first = await ready('40100/tcp');
    expect(router.table).toEqual(['40100/tcp']);
    const service = place.start(['serve', '--no-window', '--json']);
    await service.until('mapping', ({ status, wantedPort }) => status === 'open' && wantedPort === 40_150);
    expect(router.table).toEqual(['40100/tcp', '40150/tcp']);
    expect((await place.run(['serve', '--no-window'])).code).toBe(4);
    const absences = watchFor(40_150);
    expect((await first.interrupt()).code).toBe(0);
    await eventually(async () => (router.table.join() === '40150/tcp' ? true : undefined));
    const other = await ready('40101/tcp');
    expect(absences()).toBe(0);
    // And the other way round: what a terminal holds outlives the service.
    const own = watchFor(40_101);
    expect((await service.interrupt()).code).toBe(0);
    await other.note(/^Portkeeper has quit\./);
    expect(own()).toBe(0);
    expect(router.table).toEqual(['40101/tcp']);
    expect((await other.interrupt()).code).toBe(0);
    await place.run(['profile', 'remove', 'web']);
  });
});

describe.each([
  ['open', ['open', '40100/tcp']],
  ['serve', ['serve', '--no-window']],
])('beside %s', (_name, command) => {
  const own = command[0] === 'open' ? ['40100/tcp'] : [];
  let running: ReturnType<Workplace['start']>;

  beforeAll(async () => {
    running = place.start([...command, '--json']);
    await running.until(command[0] === 'open' ? 'ready' : 'serving');
  });
  afterAll(async () => {
    await running.interrupt();
  });

  test('list shows what is open, and whose it is', async () => {
    const other = await ready('40110/tcp');
    const { code, said } = await place.run(['list', '--json']);
    expect(code).toBe(0);
    const { mappings }: { readonly mappings?: readonly Row[] } = Object(said[0]);
    expect(mappings?.map(({ externalPort, ours }) => [externalPort, ours])).toEqual([
      ...own.map(() => [40_100, true]),
      [40_110, true],
    ]);
    await other.interrupt();
  });

  test('discover and external-address answer', async () => {
    const { code, said } = await place.run(['discover', '--json']);
    expect(code).toBe(0);
    expect(said).toMatchObject([{ gateways: [{ address: '127.0.0.1', reachable: true }] }]);
    expect(await place.run(['external-address'])).toMatchObject({ code: 0, stdout: '11.22.33.44' });
  });

  test('close closes leftovers, and releases ports held by a terminal', async () => {
    await place.run(['open', '40120/tcp', '--once']);
    const other = await ready('40121/tcp');
    const { code, said } = await place.run(['close', '40120/tcp', '40121/tcp', '--json']);
    expect(code).toBe(0);
    expect(said.at(-1)).toMatchObject({ event: 'done', closed: 2 });
    await other.note(/^These ports were released elsewhere/);
    expect((await other.ended()).code).toBe(0);
    expect(router.table).toEqual(own);
  });

  test('run --oneshot opens and ends, and --only-close-ports closes', async () => {
    const list = await place.write('list.csv', 'address;port;protocol;duration;comment\n;40130;TCP;3600;game\n');
    const run = ['run', '--foreground', '--file', list, '--pid-file', place.path('list.pid'), '--json'];
    const { code, said } = await place.run([...run, '--oneshot']);
    expect(code).toBe(0);
    expect(said.at(-1)).toMatchObject({ event: 'ready', open: 1, refused: 0, waiting: 0 });
    expect(router.table).toEqual([...own, '40130/tcp']);
    expect((await place.run([...run, '--only-close-ports'])).code).toBe(0);
    expect(router.table).toEqual(own);
  });

  test('run follows its file without closing what stays the same', async () => {
    const row = (port: number): string => `;${port};TCP;3600;game\n`;
    const head = 'address;port;protocol;duration;comment\n';
    const list = await place.write('list.csv', head + row(40_130) + row(40_131));
    const pid = place.path('list.pid');
    const run = place.start([
      'run',
      '--foreground',
      '--close-ports-on-exit',
      '--file',
      list,
      '--pid-file',
      pid,
      '--json',
    ]);
    await run.until('ready', ({ open }) => open === 2);
    const absences = watchFor(40_131);
    await place.write('list.csv', head + row(40_131) + row(40_132));
    await run.until('closed', ({ wantedPort }) => wantedPort === 40_130);
    await run.until('mapping', ({ status, wantedPort }) => status === 'open' && wantedPort === 40_132);
    expect(absences()).toBe(0);
    expect((await run.interrupt()).code).toBe(0);
    expect(router.table).toEqual(own);
  });

  test('options that choose other routers are refused where they cannot be obeyed', async () => {
    const { code, stderr } = await place.run(['open', '40140/tcp', '--protocol', 'pcp']);
    expect(code).toBe(2);
    expect(stderr).toContain('--protocol isn’t available because Portkeeper is already running with its own settings.');
    const other = await place.run(['open', '40140/tcp', '--gateway', 'no such router']);
    expect(other.code).toBe(3);
    expect(router.table).toEqual(own);
  });
});
