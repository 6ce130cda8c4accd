import { describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { popularPresets } from '../../main/contract/profiles/presets.ts';
import { allPresets } from '../../main/engine/profiles/presets.ts';
import { tcp, udp } from '../support/app-home.ts';
import type { HomeOnStage } from './stage/staged-app.ts';
import type { Stage } from './stage/stage.ts';
import { openView, settledStage } from './stage/views.ts';

const search = (page: Page) => page.getByRole('searchbox', { name: 'Search by name or port' });
const found = (page: Page) => page.getByRole('list', { name: 'Presets found' });
const names = (page: Page) => page.locator('.preset-row .preset-name').allTextContents();

/** Where focus stands, as a person would say it. */
const focused = (page: Page) =>
  page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent);

async function added(stage: Stage<HomeOnStage>) {
  return stage.app.home.snapshot.profiles.map(({ name, on, forwards }) => ({
    name,
    on,
    forwards: forwards.map(({ label, external, internal }) => ({ label, external, internal })),
  }));
}

describe('adding', () => {
  test('a preset is added with one click and turned on with the next, in its own row', async () => {
    const stage = await settledStage();
    const { page } = await openView(stage, 'presets');
    await search(page).fill('minecraft java');
    await page.getByRole('button', { name: 'Add Minecraft: Java Edition' }).click();
    await page.getByText('Minecraft: Java Edition added, turned off.').waitFor();
    const turn = found(page).getByRole('switch', { name: 'Keep Minecraft: Java Edition open' });
    // The focus is where the next click would be.
    await expect.poll(() => focused(page)).toBe('Keep Minecraft: Java Edition open');
    expect(stage.app.home.table).toEqual([]);
    await turn.click();
    await expect.poll(() => stage.app.home.table).toEqual(['tcp 25565 -> 192.168.1.10:25565']);
    await expect.poll(() => turn.getAttribute('aria-checked')).toBe('true');
  });

  test('an added preset can be undone', async () => {
    const stage = await settledStage();
    const { page } = await openView(stage, 'presets');
    await search(page).fill('factorio');
    await page.getByRole('button', { name: 'Add Factorio' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Factorio removed.').waitFor();
    expect(await added(stage)).toEqual([]);
    await page.getByRole('button', { name: 'Add Factorio' }).waitFor();
  });

  test('by keyboard alone: type, Enter, Enter', async () => {
    const stage = await settledStage();
    const { page } = await openView(stage, 'presets', { width: 1200 });
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('type'))).toBe('search');
    await page.keyboard.type('valh');
    await page.keyboard.press('Enter');
    await expect.poll(() => focused(page)).toBe('Add and turn on');
    await page.keyboard.press('Enter');
    await expect
      .poll(() => stage.app.home.table)
      .toEqual(['udp 2456 -> 192.168.1.10:2456', 'udp 2457 -> 192.168.1.10:2457']);
  });

  test('in a narrow window the same keys lead through a sheet', async () => {
    const stage = await settledStage();
    const { page } = await openView(stage, 'presets', { width: 480 });
    await search(page).fill('valh');
    await search(page).press('Enter');
    await page.getByRole('dialog', { name: 'Valheim' }).waitFor();
    await expect.poll(() => focused(page)).toBe('Add and turn on');
    await page.keyboard.press('Enter');
    await expect.poll(() => stage.app.home.table.length).toBe(2);
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  test('a preset already added is marked, and adding another one asks first', async () => {
    const stage = await settledStage();
    await stage.app.alone(() => stage.app.home.add('Factorio', [udp(34_197)]));
    const { page } = await openView(stage, 'presets', { width: 1200 });
    await search(page).fill('factorio');
    await found(page).getByText('Added').waitFor();
    await page.getByText('Factorio is in your forwards.').waitFor();
    await page.getByRole('link', { name: 'Show in Forwards' }).click();
    await expect.poll(() => focused(page)).toContain('Factorio');
    await page.goBack();
    await search(page).fill('factorio');
    await page.getByRole('button', { name: 'Add again' }).click();
    await page.getByRole('button', { name: 'Use 34198 instead' }).click();
    await page.getByRole('button', { name: 'Add and turn on' }).click();
    await expect.poll(() => stage.app.home.table).toEqual(['udp 34198 -> 192.168.1.10:34197']);
  });
});

test('Back closes the details, not the view', async () => {
  const stage = await settledStage();
  const { page } = await openView(stage, 'presets', { width: 320 });
  await search(page).fill('valheim');
  await search(page).press('Enter');
  const details = page.getByRole('dialog', { name: 'Valheim' });
  await details.waitFor();
  await page.goBack();
  await details.waitFor({ state: 'detached' });
  await page.getByRole('heading', { level: 1, name: 'Presets' }).waitFor();
  expect(new URL(page.url()).hash).toMatch(/^#\/presets/);
});

describe('finding', () => {
  test('arrows lead through the list, letters back to the search, Enter opens', async () => {
    const stage = await settledStage();
    const { page } = await openView(stage, 'presets', { width: 1200 });
    const popular = popularPresets(allPresets()).map(({ name }) => name);
    await search(page).press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 2, name: popular[2] ?? '' }).waitFor();
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    // The last of all, which was not drawn before.
    await page.locator('.preset-panel').getByRole('heading', { name: 'Unraid' }).waitFor();
    await expect.poll(() => focused(page)).toContain('Unraid');
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowUp');
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('type'))).toBe('search');
    await page.keyboard.press('ArrowDown');
    // Were it a shortcut, another view would be shown.
    await page.keyboard.type('nebula');
    await expect.poll(() => search(page).inputValue()).toBe('nebula');
    expect(await names(page)).toEqual(['Nebula lighthouse']);
  });

  test('out of hundreds only those in view are drawn, and keys, wheel and Ctrl+F find the others', async () => {
    const stage = await settledStage();
    const { page } = await openView(stage, 'presets', { width: 1200 });
    const rows = page.locator('.preset-row');
    for (const group of ['Popular', 'Games', 'Servers', 'Smart home']) {
      await page.locator('.preset-group').getByRole('heading', { name: group, exact: true }).waitFor();
    }
    expect((await names(page))[0]).toBe('Minecraft: Java Edition');
    expect(await rows.count()).toBeLessThan(60);
    await search(page).press('ArrowDown');
    for (let pages = 0; pages < 5; pages++) await page.keyboard.press('PageDown');
    await expect.poll(() => focused(page)).toContain('Battlefield 2');
    const focus = page.locator('.preset-open:focus');
    await expect.poll(() => focus.evaluate((row) => row.getBoundingClientRect().bottom <= innerHeight)).toBe(true);
    // Scrolled far away, the row with the focus stays, and Tab leads on from it.
    await page.locator('main').evaluate((main) => main.scrollTo(0, main.scrollHeight));
    await page.locator('.preset-row', { hasText: 'Unraid' }).waitFor();
    await expect.poll(() => focused(page)).toContain('Battlefield 2');
    expect(await rows.count()).toBeLessThan(60);
    const last = page.locator('.preset-row', { hasText: 'Unraid' });
    expect([await last.getAttribute('aria-posinset'), await last.getAttribute('aria-setsize')]).toEqual(
      Array.from(
        { length: 2 },
        () => `${allPresets().filter((each) => each.category === 'home' && each.popular === undefined).length}`,
      ),
    );
    await page.keyboard.press('Control+f');
    await expect.poll(() => search(page).evaluate((input) => input === document.activeElement)).toBe(true);
  });

  test('by port and by category, and the count is shown', async () => {
    const stage = await settledStage();
    const { page } = await openView(stage, 'presets', { height: 2000 });
    await search(page).fill('25565/tcp');
    const all = await names(page);
    expect(all).toContain('Minecraft: Java Edition');
    await expect
      .poll(() => page.getByRole('status').filter({ hasText: 'preset' }).textContent())
      .toBe(`${all.length} presets`);
    await search(page).fill('');
    await page.getByRole('radio', { name: 'Voice and chat' }).check();
    const voices = allPresets().filter(({ category }) => category === 'voice');
    expect((await names(page)).toSorted()).toEqual(voices.map(({ name }) => name).toSorted());
    await search(page).fill('valheim');
    await page.getByText('No matches for “valheim” in Voice and chat.').waitFor();
    await page.getByRole('button', { name: 'Show 1 match in other categories' }).click();
    expect(await names(page)).toEqual(['Valheim']);
  });

  test('a misspelt name finds the right one, an unknown one offers a custom profile', async () => {
    const stage = await settledStage();
    const { page } = await openView(stage, 'presets');
    await search(page).fill('minecarft');
    await page.getByRole('button', { name: 'Minecraft: Java Edition' }).click();
    expect((await names(page))[0]).toBe('Minecraft: Java Edition');
    await search(page).fill('zzzzqqqq');
    await page.getByText('No presets match “zzzzqqqq” by name or port.').waitFor();
    await page.getByRole('link', { name: 'Create your own profile' }).click();
    await page.getByRole('dialog').waitFor();
    await expect.poll(() => page.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('zzzzqqqq');
  });

  test('the search text is shown as text, whatever it looks like', async () => {
    const stage = await settledStage();
    const { page } = await openView(stage, 'presets');
    await search(page).fill('<img src=x onerror=alert(1)>');
    await page.getByText('No presets match “<img src=x onerror=alert(1)>”').waitFor();
  });
});

describe('choosing', () => {
  test('an extra, another external port and another device are added as chosen', async () => {
    const stage = await settledStage();
    const { page } = await openView(stage, 'presets', { width: 1200 });
    await search(page).fill('valheim');
    await page.getByRole('checkbox', { name: 'Crossplay' }).check();
    await page.getByRole('textbox', { name: 'First external port: Game and server list' }).fill('30000');
    await page.getByText('forwards to internal port 2456–2457').waitFor();
    await page.getByRole('radio', { name: 'Another device' }).check();
    await page.getByRole('textbox', { name: 'Its local IP address' }).fill('192.168.1.20');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('Valheim added, turned off.').waitFor();
    expect(await added(stage)).toEqual([
      {
        name: 'Valheim',
        on: false,
        forwards: [
          {
            label: 'Game and server list',
            external: { first: 30_000, last: 30_001 },
            internal: { first: 2456, client: '192.168.1.20' },
          },
          {
            label: 'Crossplay',
            external: { first: 2458, last: 2458 },
            internal: { first: 2458, client: '192.168.1.20' },
          },
        ],
      },
    ]);
  });

  test('an external port that is none is refused where it stands, and stays', async () => {
    const stage = await settledStage();
    const { page } = await openView(stage, 'presets', { width: 1200 });
    await search(page).fill('factorio');
    const port = page.getByRole('textbox', { name: 'External port: Game' });
    for (const bad of ['', '0', '70000', 'http', '80-90']) {
      await port.fill(bad);
      await page.getByRole('button', { name: 'Add and turn on' }).click();
      await page.getByText('Must be a port from 1 to 65535.').waitFor();
      await expect.poll(() => port.evaluate((input) => input === document.activeElement)).toBe(true);
      await expect.poll(() => port.getAttribute('aria-invalid')).toBe('true');
      await expect.poll(() => port.inputValue()).toBe(bad);
      expect(await added(stage)).toEqual([]);
      await page.getByRole('button', { name: 'Default: 34197' }).click();
      await page.getByText('Must be a port from 1 to 65535.').waitFor({ state: 'detached' });
    }
  });

  test('a device that is not an address is refused at its field', async () => {
    const stage = await settledStage();
    const { page } = await openView(stage, 'presets', { width: 1200 });
    await search(page).fill('factorio');
    await page.getByRole('radio', { name: 'Another device' }).check();
    const address = page.getByRole('textbox', { name: 'Its local IP address' });
    await address.fill('my-nas');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('Must be an IP address.').waitFor();
    await expect.poll(() => address.inputValue()).toBe('my-nas');
    expect(await added(stage)).toEqual([]);
  });

  test('a profile that uses one of its ports is named before it is added, with a free port', async () => {
    const stage = await settledStage();
    await stage.app.alone(() => stage.app.home.add('Old server', [tcp(25_565, 25_566)], true));
    const { page } = await openView(stage, 'presets', { width: 1200 });
    await search(page).fill('minecraft: java edition');
    await found(page).getByText('Shares a port with “Old server”').filter({ visible: true }).waitFor();
    await page.getByText('“Old server” is on and uses external port 25565/TCP.').waitFor();
    // Refused, and nothing is added.
    await page.getByRole('button', { name: 'Add and turn on' }).click();
    await expect.poll(() => stage.app.home.snapshot.profiles.length).toBe(1);
    await page.getByRole('button', { name: 'Use 25567 instead' }).click();
    await page.getByText('“Old server” is on').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Add and turn on' }).click();
    await expect
      .poll(() => stage.app.home.table)
      .toEqual([
        'tcp 25565 -> 192.168.1.10:25565',
        'tcp 25566 -> 192.168.1.10:25566',
        'tcp 25567 -> 192.168.1.10:25565',
      ]);
  });

  test('text typed for one preset is still there after looking at another', async () => {
    const stage = await settledStage();
    const { page } = await openView(stage, 'presets', { width: 1200 });
    const row = (name: string) => page.locator('.preset-list').getByRole('button', { name }).first();
    await row('Factorio').click();
    await page.getByRole('textbox', { name: 'External port: Game' }).fill('40000');
    await row('Terraria').click();
    await page.getByRole('heading', { name: 'Terraria' }).waitFor();
    await row('Factorio').click();
    await expect.poll(() => page.getByRole('textbox', { name: 'External port: Game' }).inputValue()).toBe('40000');
  });
});

describe('everybody can use it', () => {
  test.each([1200, 320])('nothing is in the way at %d px, light and dark', async (width) => {
    const stage = await settledStage();
    await stage.app.alone(() => stage.app.home.add('Old server', [udp(2456, 2458)], true));
    const staged = await openView(stage, 'presets', { width, height: 900 });
    const { page } = staged;
    const mustHold = async (what: string): Promise<void> => {
      await staged.inLightAndDark({ width, height: 900 }, async (theme) => {
        expect.soft(await staged.accessibilityFaults(), `${what}, ${theme}`).toEqual([]);
        await staged.shot(`presets-${what}-${theme}-${width}`);
      });
    };
    await search(page).fill('valheim');
    await mustHold('list');
    await search(page).press('Enter');
    await page.getByRole('button', { name: 'Add and turn on' }).waitFor();
    await mustHold('details');
    if (width === 320) await page.keyboard.press('Escape');
    await search(page).fill('minecarft');
    await mustHold('nothing');
  });

  test('nothing is wider than the narrowest window, in German, with long names', async () => {
    const stage = await settledStage();
    const long = 'Ein Server mit einem Namen, der gar nicht mehr aufhören will, weil er so lang ist';
    await stage.app.alone(() => stage.app.home.add(long.slice(0, 80), [udp(2456, 2458)], true));
    const { page } = await openView(stage, 'presets', { width: 320, language: 'de' });
    await page.getByRole('searchbox', { name: 'Nach Name oder Port suchen' }).fill('valheim');
    await page.getByRole('button', { name: 'Valheim hinzufügen' }).waitFor();
    const overflow = () => page.evaluate(() => document.querySelector('main')?.scrollWidth);
    expect(await overflow()).toBeLessThanOrEqual(320);
    await page.getByRole('searchbox').press('Enter');
    await page.getByRole('button', { name: 'Hinzufügen und einschalten' }).waitFor();
    expect(await page.evaluate(() => document.querySelector('.dialog-body')?.scrollWidth)).toBeLessThanOrEqual(320);
  });
});
