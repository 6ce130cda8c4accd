/** Pages of other places, in a real browser, that would have Portkeeper open ports: none of them can. */
import { createServer } from 'node:http';
import type { Page } from 'playwright-core';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { browser } from './stage/browser.ts';
import { homeStage, type Stage } from './stage/stage.ts';
import type { HomeOnStage } from './stage/staged-app.ts';

let stage: Stage<HomeOnStage>;
/** As in `http://127.0.0.1:8788`. */
let origin: string;
let token: string;
let port: string;
/** Port of a web server that is not ours. */
let otherPort: number;

beforeEach(async () => {
  stage = await homeStage();
  ({ origin, port } = new URL(stage.address));
  token = new URLSearchParams(new URL(stage.address).hash.slice(1)).get('token') ?? '';
  const other = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>Elsewhere</title>');
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const address = other.address();
  otherPort = typeof address === 'object' && address !== null ? address.port : 0;
  onTestFinished(() => {
    other.close();
    other.closeAllConnections();
  });
});

async function pageAt(address: string): Promise<Page> {
  const context = await (await browser()).newContext();
  onTestFinished(() => context.close());
  const page = await context.newPage();
  await page.goto(address);
  return page;
}

interface Init {
  readonly method?: 'POST';
  readonly mode?: 'no-cors';
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

const ADD = JSON.stringify({ profile: { name: 'Theirs', forwards: [] } });

/** Its status, or the browser's refusal. */
const asked = (page: Page, url: string, init: Init): Promise<string> =>
  page.evaluate(
    async ([where, how]) => {
      try {
        const response = await fetch(where, how);
        return `${response.type} ${response.status}`;
      } catch (error) {
        return error instanceof Error ? error.name : String(error);
      }
    },
    [url, init] as const,
  );

const theirProfiles = (): readonly string[] => stage.app.home.snapshot.profiles.map(({ name }) => name);

test.for([
  ['another site', 'http://attacker.test:OTHER/'],
  ['the same site on another port', 'http://127.0.0.1:OTHER/'],
])('a page of %s', async ([, place]) => {
  const page = await pageAt((place ?? '').replace('OTHER', String(otherPort)));
  const command = `${origin}/api/command/profile.add`;
  // Requests that need no preflight are sent, and not answered with anything readable.
  for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
    const headers = { 'Content-Type': type };
    expect(await asked(page, command, { method: 'POST', mode: 'no-cors', body: ADD, headers })).toBe('TypeError');
  }
  // Requests that need one are not even sent, not even with the right token.
  const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` };
  expect(await asked(page, command, { method: 'POST', body: ADD, headers })).toBe('TypeError');
  expect(await asked(page, `${origin}/api/snapshots`, { headers })).toBe('TypeError');
  expect(await asked(page, `${origin}/`, {})).toBe('TypeError');
  expect(await asked(page, `${origin}/`, { mode: 'no-cors' })).toBe('TypeError');
  expect(theirProfiles()).toEqual([]);
});

test('a form of another site', async () => {
  const page = await pageAt(`http://attacker.test:${otherPort}/`);
  await page.setContent(`
    <form method="post" enctype="text/plain" action="${origin}/api/command/profile.add">
      <input name='${ADD.slice(0, -1)},"x":"' value='"}' />
      <button>Win a prize</button>
    </form>`);
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.url().startsWith(origin)),
    page.getByRole('button').click(),
  ]);
  expect(answer.status()).toBe(403);
  expect(theirProfiles()).toEqual([]);
});

test('a name of another place that was made to lead here', async () => {
  const context = await (await browser()).newContext();
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const answer = await page.goto(`http://rebound.attacker.test:${port}/`);
  expect(answer?.status()).toBe(403);
  // A page of that name that was loaded before the name was made to lead here.
  const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` };
  expect(await asked(page, '/api/command/profile.add', { method: 'POST', body: ADD, headers })).toBe('basic 403');
  expect(await asked(page, '/api/snapshots', { headers })).toBe('basic 403');
  expect(theirProfiles()).toEqual([]);
});

test('a page that shows the window in a frame, or opens it, sees nothing of it', async () => {
  const page = await pageAt(`http://attacker.test:${otherPort}/`);
  const framed = page.waitForEvent('console', (message) => message.text().includes('frame-ancestors'));
  await page.setContent(`<iframe src="${stage.address}"></iframe>`);
  await framed;
  const opening = page.waitForEvent('popup');
  await page.evaluate((address) => {
    const opened = window.open(address);
    Object.assign(window, { opened });
  }, stage.address);
  const popup = await opening;
  await popup.waitForLoadState();
  await page.waitForFunction(() => (window as unknown as { opened: Window }).opened.closed);
  expect(await popup.evaluate(() => window.opener === null)).toBe(true);
});

test('a page that loads what the window is made of', async () => {
  const window = await stage.open();
  const script = await window.page.evaluate(() => document.querySelector<HTMLScriptElement>('script[src]')?.src);
  const page = await pageAt(`http://attacker.test:${otherPort}/`);
  const loaded = await page.evaluate(async (src) => {
    const element = document.createElement('script');
    const { promise, resolve } = Promise.withResolvers<string>();
    element.addEventListener('load', () => resolve('loaded'));
    element.addEventListener('error', () => resolve('refused'));
    element.src = src ?? '';
    document.head.append(element);
    return await promise;
  }, script);
  expect(loaded).toBe('refused');
});

test('the window itself cannot be made to run or load what is not its own', async () => {
  const page = await pageAt(stage.address);
  const tried = await page.evaluate(async (elsewhere) => {
    const results: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
      results.push(effectiveDirective);
      if (new Set(results).size === 4) resolve();
    });
    const script = document.createElement('script');
    script.textContent = 'document.title = "theirs"';
    document.head.append(script);
    const picture = new Image();
    picture.src = `${elsewhere}/picture.png`;
    document.body.append(picture);
    await fetch(elsewhere).catch(() => undefined);
    const form = document.createElement('form');
    form.action = elsewhere;
    document.body.append(form);
    form.submit();
    await promise;
    return [...new Set(results)].toSorted();
  }, `http://attacker.test:${otherPort}`);
  expect(tried).toEqual(['connect-src', 'form-action', 'img-src', 'script-src-elem']);
});
