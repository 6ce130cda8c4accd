/** The window in a browser: its address is the key, and stays with the person. */
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { expect, inject, test } from 'vitest';
import { readWindow } from '../../main/connect/window-files.ts';
import { LANGUAGES } from '../../main/contract/words/catalogues.ts';
import { forwardsWords } from '../../renderer/views/forwards/words.ts';
import { homeStage, type Stage } from './stage/stage.ts';
import type { HomeOnStage } from './stage/staged-app.ts';

const isShown = (page: Page): Promise<void> => page.getByRole('navigation').waitFor();
const isRefused = (page: Page): Promise<void> => page.getByText('portkeeper status').waitFor();

async function welcomedStage(): Promise<Stage<HomeOnStage>> {
  const stage = await homeStage();
  const { app } = stage;
  await app.alone(() => app.home.do('settings.change', { settings: { welcomed: true } }));
  return stage;
}

test('the token leaves the address bar, and a reload has it still', async () => {
  const stage = await welcomedStage();
  const { page } = await stage.open();
  await isShown(page);
  expect(page.url()).not.toContain('token');
  await page.reload();
  await isShown(page);
  expect(await page.evaluate(() => [document.cookie, localStorage.length])).toEqual(['', 0]);
});

test.for([
  ['without the token', ''],
  ['with the token of another start', `#token=${'A'.repeat(43)}`],
])('an address %s: words that say where to find the right one; given that, the window', async ([, end]) => {
  const stage = await welcomedStage();
  const { origin } = new URL(stage.address);
  const staged = await stage.open({ language: 'en' }, `${origin}/${end}`);
  const { page } = staged;
  await isRefused(page);
  // For the browser this is the same page, which it does not reload automatically.
  await page.goto(stage.address);
  await isShown(page);
  expect(page.url()).not.toContain('token');
  const faults = staged.takeFaults();
  expect(faults.filter((fault) => !fault.includes('401 (Unauthorized)'))).toEqual([]);
  expect(faults.length).toBeGreaterThan(0);
});

test('the view stays when Portkeeper is started again, and says what to do', async () => {
  const stage = await welcomedStage();
  const staged = await stage.open();
  const { page } = staged;
  await isShown(page);
  await stage.startAnew();
  await isRefused(page);
  await page.goto(stage.address);
  await page.getByText('portkeeper status').waitFor({ state: 'detached' });
  const faults = staged.takeFaults();
  expect(faults.filter((fault) => !/401 \(Unauthorized\)|ERR_CONNECTION_REFUSED|ERR_INCOMPLETE/.test(fault))).toEqual(
    [],
  );
});

test.for(LANGUAGES)(
  'the first view needs 40 kB of code at most, with the texts in one language: %s',
  async (language) => {
    const files = await readWindow(inject('window'));
    const needed = new Set<string>();
    const need = (name: string): void => {
      if (needed.has(name)) return;
      needed.add(name);
      const text = files?.get(name)?.bytes.toString() ?? '';
      for (const [, other] of text.matchAll(/(?:from|import) ?"\.\/([^"]+)"/g)) need(`/assets/${other}`);
      for (const [, other] of text.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)) need(`/${other}`);
      const texts = new RegExp(`\\b${language}:async[^]*?import\\([\`"]\\./([^\`"]+)`, 'g');
      for (const [, other] of text.matchAll(texts)) need(`/assets/${other}`);
    };
    need('/');
    const scripts = [...needed].filter((name) => name.endsWith('.js'));
    const code = scripts.map((name) => files?.get(name)?.bytes.toString() ?? '');
    const others = LANGUAGES.filter((each) => each !== language);
    expect(code.filter((text) => text.includes(forwardsWords[language].empty.text))).toHaveLength(1);
    for (const other of others) expect(code.join('')).not.toContain(forwardsWords[other].empty.text);
    const size = code.reduce((sum, text) => sum + gzipSync(text).length, 0);
    expect(size).toBeGreaterThan(20_000);
    expect(size).toBeLessThan(40_000);
  },
);

test.for([
  ['de', 'system', 'de'],
  ['en', 'de', 'de'],
  ['de', 'en', 'en'],
] as const)(
  'a browser in %s, with the setting %s: no word but in %s is ever shown',
  async ([browser, setting, shown]) => {
    const stage = await welcomedStage();
    const { app } = stage;
    await app.alone(() => app.home.do('settings.change', { settings: { language: setting } }));
    const { page } = await stage.open({ language: browser }, 'about:blank');
    await page.addInitScript(() => {
      const seen = new Set<string>();
      Object.assign(window, { seen });
      const note = (): void => void seen.add(document.body?.innerText ?? '');
      new MutationObserver(note).observe(document, { subtree: true, childList: true, characterData: true });
    });
    await page.goto(stage.address);
    await page.getByRole('heading', { name: forwardsWords[shown].empty.title }).waitFor();
    const seen = await page.evaluate(() => [...(Reflect.get(window, 'seen') as Set<string>)].join('\n'));
    expect(seen).toContain(forwardsWords[shown].empty.text);
    expect(seen).not.toContain(forwardsWords[shown === 'de' ? 'en' : 'de'].empty.text);
  },
);
