import { describe, expect, test } from 'vitest';
import type { AppSnapshot } from '../../main/contract/commands.ts';
import { exampleSnapshots, snapshot } from '../support/example-snapshots.ts';
import { exampleStage } from './stage/stage.ts';
import { openView, outOfHistory, settledStage } from './stage/views.ts';

const focused = 'document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent';

describe('finding one’s way', () => {
  test('each view has its key, its address, its heading and its title', async () => {
    const stage = await settledStage();
    const { page } = await openView(stage, 'forwards');
    const views = ['Forwards', 'Presets', 'Router', 'Activity', 'Check', 'Settings'];
    for (const [at, name] of [...views.entries()].toReversed()) {
      await page.keyboard.press(`Control+${at + 1}`);
      await page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
      expect(new URL(page.url()).hash).toBe(`#/${name.toLowerCase()}`);
      await expect.poll(() => page.title()).toBe(`${name} – Portkeeper`);
      await expect.poll(() => page.getByRole('link', { name }).first().getAttribute('aria-current')).toBe('page');
    }
  });

  test('the keys are shown by ?, and the focus comes back', async () => {
    const stage = await exampleStage(exampleSnapshots.usual);
    const { page } = await openView(stage, 'forwards');
    await page.getByRole('button', { name: 'Pause all' }).focus();
    await page.keyboard.press('?');
    const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await dialog.waitFor();
    // In a dialog, keys are the dialog's.
    await page.keyboard.press('Control+2');
    await page.keyboard.press('n');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(1);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => page.evaluate(focused)).toBe('Pause all');
    expect(new URL(page.url()).hash).toBe('#/forwards');
  });

  test('n makes a new profile from wherever one is, but for fields that are typed into', async () => {
    const stage = await settledStage();
    const { page } = await openView(stage, 'settings');
    await page.keyboard.press('n');
    await page.getByRole('dialog', { name: 'New profile' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await outOfHistory(page);
    await page.keyboard.press('Control+2');
    await page.getByRole('heading', { level: 1, name: 'Presets' }).waitFor();
    await page.getByRole('searchbox').focus();
    await page.keyboard.type('n');
    await expect.poll(() => page.getByRole('searchbox').inputValue()).toBe('n');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
  });

  test('a view that is chosen in the moment when a dialog closes stays chosen', async () => {
    const stage = await exampleStage(exampleSnapshots.usual);
    const { page } = await openView(stage, 'forwards');
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    await page.evaluate(() => {
      // A busy browser takes its time.
      const back = history.back.bind(history);
      history.back = () => {
        setTimeout(() => dispatchEvent(new KeyboardEvent('keydown', { key: '2', ctrlKey: true, cancelable: true })));
        setTimeout(back, 50);
      };
    });
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { level: 1, name: 'Presets' }).waitFor();
    await page.evaluate(() => new Promise((done) => setTimeout(done, 100)));
    expect(new URL(page.url()).hash).toBe('#/presets');
  });

  test('the first key leads past the navigation', async () => {
    const stage = await exampleStage(exampleSnapshots.usual);
    const { page } = await openView(stage, 'forwards');
    await page.keyboard.press('Tab');
    await expect.poll(() => page.evaluate(focused)).toBe('Skip to content');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await expect.poll(() => page.evaluate(focused)).toBe('Pause all');
  });

  test('the second goes to the first switch', async () => {
    const stage = await exampleStage(exampleSnapshots.usual);
    const { page } = await openView(stage, 'forwards');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await expect.poll(() => page.evaluate(focused)).toBe('Skip to your profiles');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate(focused)).toBe('Keep Minecraft open');
  });

  test('a message takes room of its own: no row is under it', async () => {
    const stage = await exampleStage(exampleSnapshots.many);
    const { page } = await openView(stage, 'forwards', { width: 480, height: 500 });
    await page.getByRole('button', { name: 'Actions for Server 1', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    const message = page.locator('.toast');
    await message.waitFor();
    const [main, toast, nav] = await Promise.all(
      [page.getByRole('main'), message, page.getByRole('navigation')].map((each) => each.boundingBox()),
    );
    if (!main || !toast || !nav) throw new Error('something is not in sight');
    expect(toast.y).toBeGreaterThanOrEqual(main.y + main.height);
    expect(nav.y).toBeGreaterThanOrEqual(toast.y + toast.height);
  });
});

describe('as the person likes it', () => {
  test('language and theme follow the desktop, and then the settings, at once', async () => {
    const stage = await settledStage();
    const { page } = await openView(stage, 'forwards', { language: 'de', theme: 'dark' });
    const paper = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await page.getByRole('heading', { level: 1, name: 'Freigaben' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('de');
    const dark = await paper();
    const { app } = stage;
    await app.alone(() => app.home.do('settings.change', { settings: { language: 'en', theme: 'light' } }));
    await page.getByRole('heading', { level: 1, name: 'Forwards' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('en');
    await expect.poll(paper).not.toBe(dark);
  });

  test.each(['usual', 'refusedEach', 'troubles', 'away'] as const)(
    'nothing has to be scrolled sideways: %s',
    async (name) => {
      const stage = await exampleStage(exampleSnapshots[name]);
      const staged = await openView(stage, 'forwards', { language: 'de' });
      for (const width of [320, 480, 900, 1440]) {
        await staged.showTo({ width });
        const hidden = await staged.page.evaluate(() =>
          [...document.querySelectorAll('html, main, .profile, .problem')].map(
            ({ scrollWidth, clientWidth }) => scrollWidth - clientWidth,
          ),
        );
        expect.soft(Math.max(...hidden), `${width} px`).toBeLessThanOrEqual(0);
      }
    },
  );
});

describe('when something is wrong', () => {
  test('a lost connection is shown, and what cannot be done', async () => {
    const stage = await exampleStage(exampleSnapshots.usual);
    const { page } = await openView(stage, 'forwards');
    await stage.breakOff();
    await page.getByText(/^Lost the connection to Portkeeper\./).waitFor();
    await page.getByRole('button', { name: 'Pause all' }).click();
    await page.getByText(/^Portkeeper isn’t answering\./).waitFor();
    // The last known state stays visible.
    await page.getByText('Minecraft', { exact: true }).waitFor();
  });

  test('an error of ours in one view leaves the others usable', async () => {
    const broken = { ...snapshot({ profiles: exampleSnapshots.usual.profiles }), held: undefined };
    const stage = await exampleStage(broken as unknown as AppSnapshot);
    const staged = await openView(stage, 'forwards');
    const { page } = staged;
    await page.getByText('Something went wrong in this view.').waitFor();
    expect(await staged.accessibilityFaults()).toEqual([]);
    await page.getByRole('link', { name: 'Presets' }).click();
    await page.getByRole('searchbox').waitFor();
    expect(staged.takeFaults().length).toBeGreaterThan(0);
  });
});
