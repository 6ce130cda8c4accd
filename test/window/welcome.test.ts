import { describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { inSeconds } from '../../main/contract/units.ts';
import { personality } from '../../main/simulator/personalities/personalities.ts';
import { withDemo } from '../support/demo-in-lan.ts';
import { testHost } from '../support/test-host.ts';
import { homeStage, type Stage } from './stage/stage.ts';
import type { HomeOnStage } from './stage/staged-app.ts';
import type { StagedPage } from './stage/staged-page.ts';
import { toEach } from './stage/views.ts';

const routerPages = (page: Page) => page.getByRole('link', { name: /Open router settings/ });
const title = (page: Page) => page.getByRole('heading', { level: 1, name: 'Welcome to Portkeeper' });

describe('with a router', () => {
  test('it is searched for, and the result is shown in plain words', async () => {
    const stage = await homeStage();
    const { page } = await stage.open();
    await page.getByText('Found: Simulated router').waitFor();
    await page.getByText('UPnP, NAT-PMP and PCP').waitFor();
    await page.getByText('11.22.33.44').waitFor();
    await expect.poll(() => page.getByText('No router answered').count()).toBe(0);
  });

  test('obstacles to reaching its ports are shown with it, and nothing that they contradict', async () => {
    const stage = await homeStage({ wan: 'none' });
    const { page } = await stage.open();
    await page.getByText('Simulated router reports no usable public IP address.').waitFor();
    expect(await page.getByText('This router lets programs open ports.').count()).toBe(0);
    expect(await routerPages(page).getAttribute('href')).toBe('http://192.168.1.1/');
  });

  test('anyone who saw the search sees its answer in its place', async () => {
    const stage = await homeStage({ router: personality('slow-to-be-found') });
    const { page } = await stage.open();
    await page.getByText('Found: Simulated router').waitFor();
    expect(await page.getByText('Looking for your router').count()).toBe(0);
  });

  test('picked presets are added, turned off; and the first steps never come back', async () => {
    const stage = await homeStage();
    const { home } = stage.app;
    const { page } = await stage.open();
    await page.getByRole('button', { name: 'Valheim' }).click();
    await page.getByRole('searchbox', { name: 'Search all 296 presets' }).fill('factorio');
    await page.getByRole('button', { name: 'Factorio' }).click();
    await page.getByText('2 added').waitFor();
    expect(home.snapshot.profiles.map(({ name, on }) => ({ name, on }))).toEqual([
      { name: 'Valheim', on: false },
      { name: 'Factorio', on: false },
    ]);
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('heading', { level: 1, name: 'Forwards' }).waitFor();
    await page.getByRole('switch', { name: 'Valheim' }).click();
    await expect.poll(() => home.table.length).toBe(2);
    expect(home.snapshot.settings.welcomed).toBe(true);
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Forwards' }).waitFor();
    await expect.poll(() => title(page).count()).toBe(0);
  });

  test('a preset picked by mistake is removed, and can be brought back', async () => {
    const stage = await homeStage();
    const { page } = await stage.open();
    const tile = page.getByRole('button', { name: 'Terraria' });
    await tile.click();
    await page.getByText('1 added').waitFor();
    await expect.poll(() => tile.getAttribute('aria-pressed')).toBe('true');
    await tile.click();
    await page.getByText('Nothing added yet').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('1 added').waitFor();
  });

  test('anyone who skips them sees the window, and finds them again in the settings', async () => {
    const stage = await homeStage();
    const { page } = await stage.open();
    await page.getByRole('button', { name: 'Skip for now' }).click();
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('button', { name: 'Show again' }).click();
    await title(page).waitFor();
    await page.getByRole('button', { name: 'Skip for now' }).click();
    await page.getByRole('heading', { level: 1, name: 'Forwards' }).waitFor();
  });

  test('nobody is kept there when it cannot be saved that they were seen', async () => {
    const stage = await homeStage();
    stage.app.home.storage.failNext('write', 'no-space', 10);
    const { page } = await stage.open();
    await page.getByRole('button', { name: 'Skip for now' }).click();
    await page.getByRole('heading', { level: 1, name: 'Forwards' }).waitFor();
  });

  test('on a desktop, starting at login is offered; elsewhere it is not', async () => {
    const stage = await homeStage({ host: () => testHost({ kind: 'desktop' }) });
    const { page } = await stage.open();
    await page.getByRole('switch', { name: 'Start at login' }).click();
    await expect.poll(() => stage.app.home.snapshot.settings.startAtLogin).toBe(true);
    await page.getByText('Saved').waitFor();
    const service = await homeStage();
    const { page: other } = await service.open();
    await other.getByText('What should be reachable?').waitFor();
    await expect.poll(() => other.getByRole('switch').count()).toBe(0);
  });
});

describe('without a router', () => {
  test('the reason is shown once the search is over, and searching again finds one that has come', async () => {
    const stage = await homeStage({ stopped: true });
    const { page } = await stage.open();
    await page.getByText('Looking for your router').waitFor();
    await stage.app.elapse(inSeconds(60));
    await page.getByText('No router answered.').waitFor();
    expect(await page.getByText('Looking for your router').count()).toBe(0);
    await stage.app.alone(() => stage.app.home.world.finish(stage.app.home.home.router.start()));
    await page.getByRole('button', { name: 'Search again' }).click();
    await page.getByText('Found: Simulated router').waitFor();
  });

  test('the reason for not finding it does not stand under a heading that says it is being searched for', async () => {
    const stage = await homeStage({ stopped: true });
    await stage.app.alone(() => stage.app.home.do('settings.change', { settings: { welcomed: true } }));
    await stage.app.elapse(inSeconds(60));
    const { page } = await stage.open();
    const heading = page.locator('.gateway h2');
    await page.getByText('No router answered.').waitFor();
    await page.getByRole('button', { name: 'Search again' }).first().click();
    await page.locator('.gateway .spinner').waitFor();
    expect(await page.getByText('No router answered.').isVisible()).toBe(true);
    expect(await heading.textContent()).not.toContain('Looking for');
  });

  test('a router that lets nobody open ports is shown, with the way to where that is changed', async () => {
    const stage = await homeStage({ router: personality({ protocols: { igd: false, natPmp: false, pcp: false } }) });
    const { page } = await stage.open();
    await stage.app.elapse(inSeconds(60));
    await page.getByText('doesn’t let programs open ports').waitFor();
    expect(await page.getByText('This router lets programs open ports.').count()).toBe(0);
    expect(await routerPages(page).getAttribute('href')).toBe('http://192.168.1.1/');
    expect(await page.getByText('Looking for your router').count()).toBe(0);
  });

  test('an address that is none is refused at its field, and can be corrected', async () => {
    const stage = await homeStage({ stopped: true });
    const { page } = await stage.open();
    await stage.app.elapse(inSeconds(60));
    await page.getByRole('button', { name: 'Enter the router’s address' }).click();
    const address = page.getByRole('textbox', { name: 'Router address' });
    await expect.poll(() => address.evaluate((input) => input === document.activeElement)).toBe(true);
    await address.fill('my router');
    await page.getByRole('button', { name: 'Use address' }).click();
    await page
      .getByText('Must be an IP address or an http URL such as http://192.168.1.1:5000/rootDesc.xml.')
      .waitFor();
    await expect.poll(() => address.inputValue()).toBe('my router');
    expect(stage.app.home.snapshot.settings.gateway).toBeNull();
    await address.fill('192.168.1.1');
    await address.press('Enter');
    await expect.poll(() => stage.app.home.snapshot.settings.gateway).toBe('192.168.1.1');
  });

  test('the simulated one takes its place, and says that it is none', async () => {
    const stage = await homeStage({
      stopped: true,
      host: withDemo([]),
    });
    const { page } = await stage.open();
    await stage.app.elapse(inSeconds(60));
    await page.getByRole('button', { name: 'Try a simulated router' }).click();
    await page.getByText('nothing is open to the internet').waitFor();
    await page.getByText('Found: Simulated router').waitFor();
    await page.getByRole('button', { name: 'Look for my router' }).click();
    await page.getByText('nothing is open to the internet').waitFor({ state: 'detached' });
  });
});

describe('everybody can use it', () => {
  const looks = [
    { theme: 'light', width: 1000, language: 'en', height: 1100 },
    { theme: 'dark', width: 1000, language: 'de', height: 1100 },
    { theme: 'light', width: 320, language: 'de', height: 1100 },
    { theme: 'dark', width: 320, language: 'en', height: 1100 },
  ] as const;

  async function mustHold(stage: Stage<HomeOnStage>, staged: StagedPage, what: string): Promise<void> {
    await toEach(stage, staged, looks, async (look, { width = 0 }) => {
      expect.soft(await staged.accessibilityFaults(), look).toEqual([]);
      const wide = await staged.page.evaluate(() => document.documentElement.scrollWidth);
      expect.soft(wide, look).toBeLessThanOrEqual(width);
      await staged.shot(`welcome-${what}-${look}`);
    });
  }

  test('with a router nothing is in the way', async () => {
    const stage = await homeStage({ host: () => testHost({ kind: 'desktop' }) });
    const staged = await stage.open(looks[0]);
    await staged.page.getByText('11.22.33.44').waitFor();
    await mustHold(stage, staged, 'found');
  });

  test('without one nothing is either', async () => {
    const stage = await homeStage({ stopped: true });
    const staged = await stage.open(looks[0]);
    await staged.page.locator('.tile').first().waitFor();
    await staged.shot('welcome-searching');
    await stage.app.elapse(inSeconds(60));
    await staged.page.locator('.ways-out').waitFor();
    await mustHold(stage, staged, 'none');
  });
});
