import { text as textFrom } from 'node:stream/consumers';
import type { Download, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { tcp, udp } from '../support/app-home.ts';
import { testHost } from '../support/test-host.ts';
import type { HomeOnStage } from './stage/staged-app.ts';
import type { Stage } from './stage/stage.ts';
import { openView, settledStage, toEach } from './stage/views.ts';

const onDesktop = (showDataFolder?: () => Promise<void>) =>
  settledStage({
    host: () => testHost({ kind: 'desktop', ...(showDataFolder === undefined ? {} : { showDataFolder }) }),
  });

const names = (stage: Stage<HomeOnStage>) => stage.app.home.snapshot.profiles.map(({ name }) => name);

const CSV = `address;port;protocol;duration;comment
;25565;TCP;0;Minecraft
;2456;UDP;3600;Valheim
`;

function file(name: string, text: string, mimeType = 'text/csv') {
  return { name, mimeType, buffer: Buffer.from(text) };
}

async function choose(page: Page, ...files: ReturnType<typeof file>[]): Promise<void> {
  const choosing = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Choose file' }).click();
  await (await choosing).setFiles(files);
}

/** As a file manager drops them. */
async function drop(page: Page, ...files: readonly { readonly name: string; readonly text: string }[]): Promise<void> {
  const data = await page.evaluateHandle((given) => {
    const transfer = new DataTransfer();
    for (const { name, text } of given) transfer.items.add(new File([text], name));
    return transfer;
  }, files);
  // As long as files are held over it, a window gets the event again and again.
  await expect
    .poll(async () => {
      await page.dispatchEvent('.drop-zone', 'dragover', { dataTransfer: data });
      return await page.getByText('Drop to preview').isVisible();
    })
    .toBe(true);
  await page.dispatchEvent('.drop-zone', 'drop', { dataTransfer: data });
}

const contentOf = async (download: Download): Promise<string> => await textFrom(await download.createReadStream());

async function exported(page: Page, format: string): Promise<{ name: string; text: string }> {
  await page.getByRole('combobox', { name: 'Format' }).selectOption(format);
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save file' }).first().click();
  const download = await saving;
  return { name: download.suggestedFilename(), text: await contentOf(download) };
}

test('Back closes the preview of a file instead of leaving the settings', async () => {
  const { page } = await openView(await onDesktop(), 'settings');
  await choose(page, file('ports.csv', CSV));
  const preview = page.locator('.import-preview');
  await preview.waitFor();
  await page.goBack();
  await preview.waitFor({ state: 'detached' });
  await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
});

describe('exporting', () => {
  test('everything can be saved, and imported again elsewhere', async () => {
    const stage = await onDesktop();
    await stage.app.alone(async () => {
      await stage.app.home.add('Minecraft', [tcp(25_565)], true);
      await stage.app.home.add('Valheim', [udp(2456, 2458)]);
    });
    const { page } = await openView(stage, 'settings');
    const { name, text } = await exported(page, 'Portkeeper (profiles and settings)');
    expect(name).toBe('portkeeper.json');

    const other = await onDesktop();
    const { page: there } = await openView(other, 'settings');
    await choose(there, file(name, text, 'application/json'));
    await there.getByText('In portkeeper.json: 2 profiles and settings').waitFor();
    expect(names(other)).toEqual([]);
    await there.getByRole('button', { name: 'Import 2 profiles' }).click();
    await there.getByText('2 profiles added.').waitFor();
    expect(names(other)).toEqual(['Minecraft', 'Valheim']);
    // A profile from somebody else opens nothing automatically.
    expect(other.app.home.snapshot.profiles.map(({ on }) => on)).toEqual([false, false]);
  });

  test('a list for upnp-daemon says what is not included', async () => {
    const stage = await onDesktop();
    await stage.app.alone(() => stage.app.home.add('Minecraft', [tcp(25_565)]));
    const { page } = await openView(stage, 'settings');
    const { name, text } = await exported(page, 'upnp-daemon, CSV');
    expect([name, text.split('\n')[0]]).toEqual(['ports.csv', 'address;port;protocol;duration;comment']);
    await page.getByText('Settings are not included.').waitFor();
  });
});

describe('importing', () => {
  test('a list of ports is previewed, added, and taken back', async () => {
    const stage = await onDesktop();
    await stage.app.alone(() => stage.app.home.add('Mine', [tcp(80)]));
    const { page } = await openView(stage, 'settings');
    await choose(page, file('Game ports.csv', CSV));
    const preview = page.getByRole('region', { name: 'In Game ports.csv: 1 profile' });
    await preview.getByText('25565/TCP, 2456/UDP').waitFor();
    expect(names(stage)).toEqual(['Mine']);
    await preview.getByRole('button', { name: 'Import 1 profile' }).click();
    await expect.poll(() => names(stage)).toEqual(['Mine', 'Game ports']);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Import undone.').waitFor();
    expect(names(stage)).toEqual(['Mine']);
  });

  test('a dropped file replaces all profiles, switches included, and restores them', async () => {
    const stage = await onDesktop();
    await stage.app.alone(() => stage.app.home.add('Mine', [tcp(80)], true));
    const { page } = await openView(stage, 'settings');
    await expect.poll(() => stage.app.home.table.length).toBe(1);
    await drop(page, { name: 'ports.csv', text: CSV });
    await page.getByRole('radio', { name: 'Replace my profiles' }).check();
    await page.getByText('Deletes your profile and closes its open ports.').waitFor();
    await page.getByRole('button', { name: 'Replace', exact: true }).click();
    await expect.poll(() => names(stage)).toEqual(['ports']);
    await expect.poll(() => stage.app.home.table).toEqual([]);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => stage.app.home.table.length).toBe(1);
    expect(stage.app.home.snapshot.profiles).toMatchObject([{ name: 'Mine', on: true }]);
  });

  test('anyone who changes their mind has changed nothing', async () => {
    const stage = await onDesktop();
    const { page } = await openView(stage, 'settings');
    await choose(page, file('ports.csv', CSV));
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('region', { name: 'In ports.csv' }).waitFor({ state: 'detached' });
    expect(names(stage)).toEqual([]);
  });

  test('large ranges are taken only after a question', async () => {
    const stage = await onDesktop();
    const { page } = await openView(stage, 'settings');
    const forward = (first: number, last: number) => ({
      transports: ['tcp', 'udp'],
      external: { first, last },
      internal: { first },
    });
    const document = {
      version: 1,
      profiles: [{ id: 'ftp', name: 'FTP', on: true, forwards: [forward(20_000, 20_499), forward(20_500, 20_999)] }],
    };
    await choose(page, file('ftp.json', JSON.stringify(document), 'application/json'));
    const preview = page.getByRole('region', { name: 'In ftp.json: 1 profile' });
    await preview.getByRole('button', { name: 'Import 1 profile' }).click();
    const question = page.getByRole('dialog', { name: 'Forward 1,000 ports?' });
    await question.getByText('20000–20499/TCP+UDP and 20500–20999/TCP+UDP are large ranges').waitFor();
    await question.getByRole('button', { name: 'Cancel' }).click();
    expect(names(stage)).toEqual([]);
    await preview.getByRole('button', { name: 'Import 1 profile' }).click();
    await question.getByRole('button', { name: 'Forward 1,000 ports' }).click();
    await page.getByText('1 profile added.').waitFor();
    expect(names(stage)).toEqual(['FTP']);
  });

  test('all ports there are, in one small file, are refused with the count', async () => {
    const stage = await onDesktop();
    const { page } = await openView(stage, 'settings');
    const forwards = Array.from({ length: 128 }, (_, at) => {
      const first = Math.max(1, at * 512);
      return { transports: ['tcp', 'udp'], external: { first, last: at * 512 + 511 }, internal: { first } };
    });
    const document = { version: 1, profiles: [{ id: 'all', name: 'All', on: true, forwards }] };
    await choose(page, file('all.json', JSON.stringify(document), 'application/json'));
    const refusal = page.locator('.callout').filter({ hasText: 'Couldn’t import all.json. Nothing was changed.' });
    await refusal.getByText('needs 131070 ports in total').waitFor();
    expect(names(stage)).toEqual([]);
  });

  test('a file without a profile offers nothing but the way back', async () => {
    const stage = await onDesktop();
    await stage.app.alone(() => stage.app.home.add('Mine', [tcp(80)]));
    const { page } = await openView(stage, 'settings');
    await choose(page, file('portkeeper.json', '{"version": 1, "profiles": []}'));
    const preview = page.getByRole('region', { name: 'In portkeeper.json: no profiles' });
    await preview.waitFor();
    await expect.poll(() => preview.getByRole('button').allTextContents()).toEqual(['Cancel']);
  });

  test.each([
    ['ports.csv', 'address;port;protocol;duration;comment\n;70000;TCP;0;Too high\n', /line 2/i],
    ['ports.json', '[{"port": 80,}]', /line 1, column/i],
    ['portkeeper.json', '{"version": 1, "profiles": [{"id": "a", "name": "", "forwards": []}]}', /name/i],
    ['photo.csv', '\u0000\u0001\u0002', /UTF-8|text/i],
    ['empty.csv', '', /empty/i],
  ])('%s with a mistake is refused whole, with the place, and can be chosen again', async (name, text, place) => {
    const stage = await onDesktop();
    await stage.app.alone(() => stage.app.home.add('Mine', [tcp(80)]));
    const { page } = await openView(stage, 'settings');
    await choose(page, file(name, text));
    const refusal = page.locator('.callout').filter({ hasText: `Couldn’t import ${name}. Nothing was changed.` });
    await refusal.waitFor();
    await expect.poll(() => refusal.textContent()).toMatch(place);
    expect(names(stage)).toEqual(['Mine']);
    await choose(page, file(name, CSV));
    await page.getByRole('button', { name: 'Import 1 profile' }).waitFor();
    await expect.poll(() => refusal.count()).toBe(0);
  });

  test('a film is not read, and of several files none', async () => {
    const stage = await onDesktop();
    const { page } = await openView(stage, 'settings');
    await choose(page, file('film.csv', 'x'.repeat(4 * 1024 * 1024 + 1)));
    await page.getByText('film.csv is larger than 4 MiB, which is too large for a port list.').waitFor();
    await drop(page, { name: 'a.csv', text: CSV }, { name: 'b.csv', text: CSV });
    await page.getByText('Drop one file at a time.').waitFor();
    expect(names(stage)).toEqual([]);
  });
});

describe('the data folder', () => {
  test('is named, and shown where there is a desktop', async () => {
    let shown = 0;
    const stage = await onDesktop(async () => void (shown += 1));
    const { page } = await openView(stage, 'settings');
    await page.getByText('/home/alice/.config/portkeeper').waitFor();
    await page.getByRole('button', { name: 'Show folder' }).click();
    await expect.poll(() => shown).toBe(1);
    const service = await settledStage({ host: () => testHost() });
    const { page: other } = await openView(service, 'settings');
    await other.getByText('/home/alice/.config/portkeeper').waitFor();
    await expect.poll(() => other.getByRole('button', { name: 'Show folder' }).count()).toBe(0);
  });
});

describe('a report of a fault', () => {
  test('is read before it is saved, and has no addresses in it', async () => {
    const stage = await onDesktop();
    await stage.app.alone(() => stage.app.home.add('Minecraft', [tcp(25_565)], true));
    const { page } = await openView(stage, 'settings');
    await page.getByRole('button', { name: 'Create report' }).click();
    const text = await page.getByRole('textbox', { name: 'Report' }).inputValue();
    expect(text).toContain('1.2.3');
    expect(text).toContain('Minecraft');
    expect(text).not.toContain('11.22.33.44');
    const saving = page.waitForEvent('download');
    await page.locator('.setting').filter({ hasText: 'Bug report' }).getByRole('button', { name: 'Save file' }).click();
    const download = await saving;
    expect(download.suggestedFilename()).toMatch(/^portkeeper-report-.*\.txt$/);
    expect(await contentOf(download)).toBe(text);
  });
});

describe('resetting', () => {
  test('the settings are as they were delivered, and come back', async () => {
    const stage = await onDesktop();
    await stage.app.alone(async () => {
      await stage.app.home.add('Mine', [tcp(80)]);
      await stage.app.home.do('settings.change', { settings: { lease: 5400, onQuit: 'keep', theme: 'dark' } });
    });
    const { settings: before } = stage.app.home.snapshot;
    const { page } = await openView(stage, 'settings');
    await page.getByRole('button', { name: 'Reset settings' }).click();
    await page.getByText('Default settings restored.').waitFor();
    expect(stage.app.home.snapshot.settings).toMatchObject({ lease: null, onQuit: 'close', theme: 'system' });
    expect(names(stage)).toEqual(['Mine']);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Your settings were restored.').waitFor();
    expect(stage.app.home.snapshot.settings).toEqual(before);
  });

  test('everything is reset only once a word is typed: closed, removed, and the first steps again', async () => {
    const stage = await onDesktop();
    await stage.app.alone(() => stage.app.home.add('Mine', [tcp(80)], true));
    const { page } = await openView(stage, 'settings');
    await expect.poll(() => stage.app.home.table.length).toBe(1);
    await page.getByRole('button', { name: 'Reset everything…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Reset everything?' });
    await dialog.getByText('Deletes all profiles.').waitFor();
    await dialog.getByRole('textbox').fill('yes');
    await page.keyboard.press('Enter');
    await dialog.getByText('Type “reset” first.').waitFor();
    expect(names(stage)).toEqual(['Mine']);
    await dialog.getByRole('textbox').fill('Reset');
    await dialog.getByRole('button', { name: 'Reset everything' }).click();
    await page.getByRole('heading', { level: 1, name: 'Welcome to Portkeeper' }).waitFor();
    expect(names(stage)).toEqual([]);
    expect(stage.app.home.table).toEqual([]);
  });

  test('anyone who closes the question has changed nothing', async () => {
    const stage = await onDesktop();
    await stage.app.alone(() => stage.app.home.add('Mine', [tcp(80)]));
    const staged = await openView(stage, 'settings');
    const { page } = staged;
    await page.getByRole('button', { name: 'Reset everything…' }).click();
    await page.getByRole('dialog').waitFor();
    expect(await staged.accessibilityFaults()).toEqual([]);
    await staged.shot('settings-reset-light');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(names(stage)).toEqual(['Mine']);
  });
});

describe('everybody can use it', () => {
  test('a preview, a refusal and a report', async () => {
    const looks = [
      { theme: 'light', width: 1000, language: 'en', height: 3000 },
      { theme: 'dark', width: 320, language: 'de', height: 3000 },
    ] as const;
    const stage = await onDesktop();
    await stage.app.alone(() => stage.app.home.add('Mine', [tcp(80)]));
    const staged = await openView(stage, 'settings', looks[0]);
    const { page } = staged;
    const input = page.locator('input[type=file]');
    await page.locator('.report-text, .setting').last().waitFor();
    await input.setInputFiles(file('ports.csv', `${CSV}192.168.1.0/24;80;TCP;0;Only at home\n`));
    await page.locator('.import-preview').waitFor();
    await page
      .locator('.setting')
      .filter({ hasText: /Bug report|Fehlerbericht/ })
      .getByRole('button')
      .click();
    await page.locator('.report-text').waitFor();
    await toEach(stage, staged, looks, async (look, { width = 0 }) => {
      expect.soft(await staged.accessibilityFaults(), look).toEqual([]);
      const wide = await page.evaluate(() => document.querySelector('main')?.scrollWidth);
      expect.soft(wide, look).toBeLessThanOrEqual(width);
      await staged.shot(`settings-import-${look}`);
    });
    await input.setInputFiles(file('ports.csv', 'address;port;protocol;duration;comment\n;0;TCP;0;None\n'));
    await page.locator('.callout[data-tone=bad]').waitFor();
    await toEach(stage, staged, looks, async (look) => {
      expect.soft(await staged.accessibilityFaults(), look).toEqual([]);
      await staged.shot(`settings-refused-${look}`);
    });
  });
});
