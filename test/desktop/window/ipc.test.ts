import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { CALL_CHANNEL, SNAPSHOT_CHANNEL, type BridgeSnapshot } from '../../../main/contract/window-protocol.ts';
import { inSeconds } from '../../../main/contract/units.ts';
import { tcp } from '../../support/app-home.ts';
import { DesktopScene } from '../desktop-scene.ts';
import { WebContentsDouble, electron, invoke, preventable } from '../electron-double.ts';

vi.mock('electron', async () => (await import('../electron-double.ts')).electronModule);

let scene: DesktopScene;
let calls = 0;

beforeEach(async () => {
  scene = await DesktopScene.start();
});
afterEach(async () => {
  await scene.end();
});

const asking = (name: string, input: unknown = {}) => ({ do: 'ask', callId: `${(calls += 1)}`, name, input });

/** The answer to a page, or `refused`. */
async function answerTo(
  from: Parameters<typeof invoke>[0],
  payload: unknown,
  channel: string = CALL_CHANNEL,
): Promise<unknown> {
  const asked = invoke(from, channel, payload).catch((error: unknown) => {
    if (!String(error).includes('BridgeRefusal')) throw error;
    return 'refused';
  });
  return await scene.world.finish(asked, inSeconds(30));
}

const exported = { ok: true, value: { document: { version: 1, profiles: [] } } };

describe('a call is answered', () => {
  test('for the page in the main frame of our window', async () => {
    expect(await answerTo(scene.page.frame(), asking('profiles.export'))).toMatchObject(exported);
    expect(await answerTo(scene.page.frame('portkeeper://app/#/router'), asking('profiles.export'))).toMatchObject(
      exported,
    );
  });

  test.each([
    'https://evil.example/',
    'file:///index.html',
    'portkeeper://elsewhere/',
    'portkeeper-app://app/',
    'https://app/portkeeper://app/',
    'about:blank',
    '',
  ])('for no other page in it: %s', async (url) => {
    expect(await answerTo(scene.page.frame(url), asking('profiles.export'))).toBe('refused');
    expect(await answerTo(scene.page.frame(url), 0, SNAPSHOT_CHANNEL)).toBe('refused');
  });

  test('for no frame within it', async () => {
    expect(await answerTo(scene.page.frame('portkeeper://app/', false), asking('profiles.export'))).toBe('refused');
    expect(await answerTo(scene.page.frame('portkeeper://app/', false), 0, SNAPSHOT_CHANNEL)).toBe('refused');
  });

  test('for no other window, whatever it shows', async () => {
    const other = new WebContentsDouble();
    other.url = 'portkeeper://app/';
    expect(await answerTo(other.frame(), asking('profiles.export'))).toBe('refused');
  });

  test('for no frame that is gone', async () => {
    const sender = { sender: scene.page, senderFrame: null };
    expect(await answerTo(sender, asking('profiles.export'))).toBe('refused');
  });

  test('for no window that was ours', async () => {
    const page = scene.page;
    page.send('destroyed');
    expect(await answerTo(page.frame(), asking('profiles.export'))).toBe('refused');
  });
});

describe('a payload', () => {
  test.each([
    undefined,
    null,
    'app.describe',
    42,
    [],
    {},
    { do: 'ask', name: 'profiles.export', input: {} },
    { do: 'ask', callId: '', name: 'profiles.export', input: {} },
    { do: 'ask', callId: 'x'.repeat(101), name: 'profiles.export', input: {} },
    { do: 'ask', callId: 'a', name: 7, input: {} },
    { do: 'ask', callId: 'a', name: 'profiles.export', input: {}, more: true },
    { do: 'run', callId: 'a', name: 'profiles.export', input: {} },
    { do: 'abort' },
  ])('that is not a call is refused: %j', async (payload) => {
    expect(await answerTo(scene.page.frame(), payload)).toBe('refused');
  });

  test.each([
    ['longer than any document', 'x'.repeat(9e6)],
    ['of more values than any document', Array.from({ length: 9e6 }).fill(0)],
    ['of bytes', new Uint8Array(1)],
    ['nested without end', JSON.parse(`${'['.repeat(100)}${']'.repeat(100)}`)],
  ])('%s is refused', async (_what, input: unknown) => {
    expect(await answerTo(scene.page.frame(), asking('profiles.export', input))).toBe('refused');
  });

  test.each([-1, 1.5, Number.NaN, '0', null, {}])(
    'that is no place among the snapshots is refused: %j',
    async (payload) => {
      expect(await answerTo(scene.page.frame(), payload, SNAPSHOT_CHANNEL)).toBe('refused');
    },
  );

  test('with a name that is not a command, or an input that fails its schema, is answered with the reason', async () => {
    expect(await answerTo(scene.page.frame(), asking('__proto__'))).toMatchObject({
      ok: false,
      fault: { code: 'unknown-command' },
    });
    const input = { profile: { name: 'Web', forwards: [{ ...tcp(8080), external: { first: 70_000, last: 70_000 } }] } };
    expect(await answerTo(scene.page.frame(), asking('profile.add', input))).toMatchObject({
      ok: false,
      fault: { code: 'bad-input', place: 'profile.forwards.0.external.first' },
    });
    expect(scene.snapshot.profiles).toEqual([]);
  });

  test('with the id of a call that is not answered yet is refused', async () => {
    scene.home.router.powerOff();
    const id = await scene.add('Web', [tcp(8080)]);
    const waiting = invoke(scene.page.frame(), CALL_CHANNEL, {
      ...asking('profile.switch', { id, on: true }),
      callId: 'one',
    });
    waiting.catch(() => undefined);
    await scene.world.settle();
    expect(await answerTo(scene.page.frame(), { ...asking('profiles.export'), callId: 'one' })).toBe('refused');
    expect(await answerTo(scene.page.frame(), { ...asking('profiles.export'), callId: 'two' })).toMatchObject({
      ok: true,
    });
    expect(await answerTo(scene.page.frame(), { do: 'abort', callId: 'one' })).toBeUndefined();
    await expect(scene.world.finish(waiting)).rejects.toThrow('BridgeRefusal');
  });
});

describe('snapshots', () => {
  const next = (known: number): Promise<BridgeSnapshot> =>
    invoke(scene.page.frame(), SNAPSHOT_CHANNEL, known) as Promise<BridgeSnapshot>;

  test('the first comes at once, the next when there is one; those between are left out', async () => {
    const first = await next(0);
    expect(first.snapshot.profiles).toEqual([]);
    const shown: BridgeSnapshot[] = [];
    const coming = next(first.place).then((snapshot) => shown.push(snapshot));
    await scene.world.settle();
    expect(shown).toEqual([]);
    for (const name of ['One', 'Two', 'Three']) await scene.add(name, []);
    await scene.world.finish(coming);
    expect(shown[0]?.snapshot.profiles).toHaveLength(1);
    // Whoever was slow gets the latest.
    const third = await next(shown[0]?.place ?? 0);
    expect(third.snapshot.profiles).toHaveLength(3);
    expect(third.snapshot).toEqual(scene.snapshot);
  });

  test('nothing piles up for a page that looks at none, and nothing is sent to one that is gone', async () => {
    const shown: BridgeSnapshot[] = [];
    const first = await next(0);
    void next(first.place).then((snapshot) => shown.push(snapshot));
    scene.page.send('did-navigate', preventable(), 'portkeeper://app/', 200, 'OK');
    await scene.add('Web', []);
    await scene.run(inSeconds(1));
    expect(shown).toEqual([]);
    // The page that came after it starts again.
    const anew = await next(0);
    expect(anew.snapshot.profiles).toHaveLength(1);
  });

  test('a page that asks and asks is refused', async () => {
    const { place } = await next(0);
    const waiting = Array.from({ length: 20 }, () =>
      next(place).then(
        () => 'shown',
        () => 'refused',
      ),
    );
    await scene.world.settle();
    await scene.add('Web', []);
    const ended = await scene.world.finish(Promise.all(waiting));
    expect(ended.filter((end) => end === 'shown')).toHaveLength(8);
  });
});

test('a page that is loaded again takes its waits with it, not what was begun', async () => {
  scene.home.router.powerOff();
  const id = await scene.add('Web', [tcp(8080)]);
  const switching = asking('profile.switch', { id, on: true });
  const waiting = invoke(scene.page.frame(), CALL_CHANNEL, switching);
  waiting.catch(() => undefined);
  await scene.world.settle();
  scene.page.send('render-process-gone', preventable(), { reason: 'crashed', exitCode: 5 });
  await expect(scene.world.finish(waiting)).rejects.toThrow('the page is gone');
  scene.home.router.powerOn();
  await scene.until(() => scene.table.length === 1, 'the port', inSeconds(300));
});

test('the program does what the page asks for', async () => {
  expect(await answerTo(scene.page.frame(), asking('app.show-data-folder'))).toEqual({ ok: true, value: {} });
  expect(electron.opened).toEqual(['/data']);
  electron.openFault = 'no file manager';
  expect(await answerTo(scene.page.frame(), asking('app.show-data-folder'))).toMatchObject({
    ok: false,
    fault: { code: 'not-here', message: expect.stringContaining('/data') },
  });
  expect(await answerTo(scene.page.frame(), asking('app.describe'))).toMatchObject({ ok: true });
});
