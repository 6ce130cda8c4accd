import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { UpdateView } from '../../main/contract/commands.ts';
import type { Host } from '../../main/engine/program/host.ts';
import { inSeconds } from '../../main/contract/units.ts';
import { personality } from '../../main/simulator/personalities/personalities.ts';
import type { System } from '../../main/system/system.ts';
import { tcp } from '../support/app-home.ts';
import { MemorySecrets, scriptedWeb, SECRET } from '../support/name-home.ts';
import { testHost } from '../support/test-host.ts';
import type { HomeOnStage } from './stage/staged-app.ts';
import type { Stage } from './stage/stage.ts';
import { openView, settledStage, toEach } from './stage/views.ts';

const onDesktop = (change: Partial<Host> = {}) =>
  settledStage({ host: () => testHost({ kind: 'desktop', ...change }) });

const settings = (stage: Stage<HomeOnStage>) => stage.app.home.snapshot.settings;

/** The line of one setting. */
const row = (page: Page, name: string): Locator =>
  page.locator('.setting').filter({ has: page.getByText(name, { exact: true }) });

describe('a host name', () => {
  test('is set up with its provider; its password is not shown again, and friends are given the name', async () => {
    const secrets = new MemorySecrets();
    const server = (system: System) =>
      scriptedWeb(
        () => system.clock.now(),
        () => 'good',
      );
    const around = (system: System): System => ({ ...system, web: server(system).web });
    const stage = await settledStage({ secrets, around });
    await stage.app.alone(() => stage.app.home.add('Web', [tcp(8080)], true));
    const { page } = await openView(stage, 'settings');
    await row(page, 'Host name').getByRole('textbox').fill('home');
    await row(page, 'Host name').getByRole('button', { name: 'Use' }).click();
    await row(page, 'Host name')
      .getByText(/a host name such as/)
      .waitFor();
    await row(page, 'Host name').getByRole('textbox').fill('home.example.org');
    await row(page, 'Host name').getByRole('button', { name: 'Use' }).click();
    await page.getByRole('combobox', { name: 'Dynamic DNS' }).selectOption('No-IP');
    await page.getByText('Not set up yet: enter the user name.').waitFor();
    const ours = page.getByRole('region', { name: 'Public address' });
    await ours.getByLabel('User name').fill('alice');
    await page.keyboard.press('Enter');
    const password = ours.getByLabel('Password', { exact: true });
    await password.fill(SECRET);
    await page.keyboard.press('Enter');
    await ours.getByText('Stored in this computer’s keyring.').waitFor();
    await expect.poll(() => password.inputValue()).toBe('');
    await page.getByText(/^Points to 11\.22\.33\.44\. Last update/).waitFor();
    expect([...secrets.kept.values()]).toEqual([SECRET]);
    const { page: forwards } = await openView(stage, 'forwards');
    await forwards.getByText('home.example.org:8080').waitFor();
  });
});

describe('changes take effect immediately', () => {
  test('and says so beside its name', async () => {
    const stage = await onDesktop();
    const { page } = await openView(stage, 'settings');
    await page.getByRole('switch', { name: 'Start at login' }).click();
    await row(page, 'Start at login').getByText('Saved').waitFor();
    expect(settings(stage).startAtLogin).toBe(true);
    await page.getByRole('radio', { name: 'Leave them open' }).check();
    await expect.poll(() => settings(stage).onQuit).toBe('keep');
    await page.getByRole('radio', { name: 'Everything' }).check();
    await expect.poll(() => settings(stage).notifications).toBe('all');
    await page.getByRole('radio', { name: 'UPnP only' }).check();
    await expect.poll(() => settings(stage).protocol).toBe('upnp');
  });

  test('in the language and the light that were chosen', async () => {
    const stage = await settledStage();
    const { page } = await openView(stage, 'settings');
    await page.getByRole('combobox', { name: 'Language' }).selectOption('Deutsch');
    await page.getByRole('heading', { level: 1, name: 'Einstellungen' }).waitFor();
    await page.getByRole('radio', { name: 'Dunkel' }).check();
    await expect.poll(() => page.evaluate(() => document.documentElement.dataset['theme'])).toBe('dark');
    await page.getByRole('combobox', { name: 'Sprache' }).selectOption('English');
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
  });

  test('by keyboard alone', async () => {
    const stage = await onDesktop();
    const { page } = await openView(stage, 'settings');
    await page.getByRole('switch', { name: 'Start at login' }).focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => [settings(stage).startAtLogin, settings(stage).onQuit]).toEqual([true, 'keep']);
  });

  test('or a message says that it could not be saved, and the previous value stays', async () => {
    const stage = await onDesktop();
    const { page } = await openView(stage, 'settings');
    // Whatever else is written meanwhile.
    stage.app.home.storage.failNext('write', 'no-space', 100);
    const turn = page.getByRole('switch', { name: 'Start at login' });
    await turn.click();
    await row(page, 'Start at login').getByText('Not saved.').waitFor();
    await row(page, 'Start at login').getByText('The disk is full').waitFor();
    await expect.poll(() => turn.getAttribute('aria-checked')).toBe('false');
    stage.app.home.storage.heal();
    await turn.click();
    await row(page, 'Start at login').getByText('Saved', { exact: true }).waitFor();
    await expect.poll(() => row(page, 'Start at login').getByText('Not saved.').count()).toBe(0);
  });

  test('without a desktop, its settings are hidden, and setup as a service is shown', async () => {
    const stage = await settledStage();
    const { page } = await openView(stage, 'settings');
    await page.getByText('portkeeper serve').waitFor();
    await expect.poll(() => page.getByRole('switch', { name: 'Start at login' }).count()).toBe(0);
    await expect.poll(() => page.getByText('Notifications', { exact: true }).count()).toBe(0);
  });
});

describe('a particular router', () => {
  test('an invalid address is refused at its field, with the reason, and the previous value stays', async () => {
    const stage = await settledStage();
    await stage.app.change({ gateway: '192.168.1.1' });
    const { page } = await openView(stage, 'settings');
    const field = page.getByRole('textbox', { name: 'Router address' });
    const line = row(page, 'Router address');
    for (const bad of ['my router', '192.168.1', 'https://192.168.1.1/', '192.168.1.1:5000', 'x'.repeat(300)]) {
      await field.fill(bad);
      await field.press('Enter');
      await line.getByRole('alert').getByText('Not saved.').waitFor();
      await line.getByText('Unchanged: 192.168.1.1').waitFor();
      await expect.poll(() => field.inputValue()).toBe(bad);
      await expect.poll(() => field.getAttribute('aria-invalid')).toBe('true');
      expect(settings(stage).gateway).toBe('192.168.1.1');
      await field.fill('192.168.1.1');
      await field.press('Enter');
      await line.getByText('Unchanged: 192.168.1.1').waitFor({ state: 'detached' });
    }
  });

  test('an address is taken, and taken back', async () => {
    const stage = await settledStage();
    await stage.app.alone(() => stage.app.home.add('Minecraft', [tcp(25_565)], true));
    const { page } = await openView(stage, 'settings');
    await page.getByRole('textbox', { name: 'Router address' }).fill(' 192.168.1.1 ');
    await row(page, 'Router address').getByRole('button', { name: 'Use' }).click();
    await row(page, 'Router address').getByText('Saved').waitFor();
    expect(settings(stage).gateway).toBe('192.168.1.1');
    // The ports are open again.
    await expect.poll(() => stage.app.home.table.length).toBe(1);
    await page.getByRole('button', { name: 'Find automatically' }).click();
    await expect.poll(() => settings(stage).gateway).toBeNull();
    await expect.poll(() => page.getByRole('textbox', { name: 'Router address' }).inputValue()).toBe('');
  });
});

describe('lease time', () => {
  test('is chosen in human units', async () => {
    const stage = await settledStage();
    const { page } = await openView(stage, 'settings');
    const choice = page.getByRole('combobox', { name: 'Lease time' });
    await expect.poll(() => choice.locator('option:checked').textContent()).toContain('Recommended');
    await choice.selectOption('4 hours');
    await expect.poll(() => settings(stage).lease).toBe(14_400);
    await choice.selectOption('Other…');
    await page.getByRole('textbox', { name: 'Time' }).fill('1.5');
    await page.getByRole('combobox', { name: 'Unit' }).selectOption('days');
    await row(page, 'Lease time').getByRole('button', { name: 'Use' }).click();
    await expect.poll(() => settings(stage).lease).toBe(129_600);
    await choice.selectOption({ index: 0 });
    await expect.poll(() => settings(stage).lease).toBeNull();
  });

  test('anything but a time from a minute to a week is refused, and the previous value stays', async () => {
    const stage = await settledStage();
    await stage.app.change({ lease: 5400 });
    const { page } = await openView(stage, 'settings');
    const line = row(page, 'Lease time');
    for (const [amount, unit] of [
      ['soon', 'hours'],
      ['', 'hours'],
      ['0', 'minutes'],
      ['8', 'days'],
    ] as const) {
      await page.getByRole('textbox', { name: 'Time' }).fill(amount);
      await page.getByRole('combobox', { name: 'Unit' }).selectOption(unit);
      await line.getByRole('button', { name: 'Use' }).click();
      await line.getByRole('alert').getByText('Enter a time from 1 minute to 7 days.').waitFor();
      await line.getByText('Unchanged: 90 minutes').waitFor();
      expect(settings(stage).lease).toBe(5400);
      await expect.poll(() => page.getByRole('textbox', { name: 'Time' }).inputValue()).toBe(amount);
      await page.getByRole('textbox', { name: 'Time' }).fill('90');
      await page.getByRole('combobox', { name: 'Unit' }).selectOption('minutes');
      await line.getByRole('button', { name: 'Use' }).click();
      await line.getByText('Unchanged: 90 minutes').waitFor({ state: 'detached' });
    }
  });
});

describe('networks', () => {
  test('interfaces are left out by name, also those that are not there now', async () => {
    const stage = await onDesktop();
    await stage.app.change({ exceptInterfaces: ['usb0'] });
    const { page } = await openView(stage, 'settings');
    await page.getByRole('checkbox', { name: 'eth0 192.168.1.10' }).uncheck();
    await expect.poll(() => settings(stage).exceptInterfaces).toEqual(['usb0', 'eth0']);
    await page.getByRole('checkbox', { name: 'usb0 not connected' }).click();
    await expect.poll(() => settings(stage).exceptInterfaces).toEqual(['eth0']);
    await page.getByRole('checkbox', { name: 'usb0' }).waitFor({ state: 'detached' });
  });

  test('one is approved where one is, and taken off the list with a way back', async () => {
    const stage = await settledStage();
    await stage.app.alone(() => stage.app.home.add('Minecraft', [tcp(25_565)], true));
    await stage.app.elapse(inSeconds(30));
    const { page } = await openView(stage, 'settings');
    await page.getByRole('switch', { name: 'Only on approved networks' }).click();
    await page.getByText('No ports are open here: this network (Simulated router) isn’t approved.').waitFor();
    await expect.poll(() => stage.app.home.table).toEqual([]);
    await page.getByRole('button', { name: 'Approve this network (Simulated router)' }).click();
    await page.getByText('current network').waitFor();
    await expect.poll(() => stage.app.home.table.length).toBe(1);
    await page.getByRole('button', { name: 'Remove Simulated router' }).click();
    await expect.poll(() => stage.app.home.table).toEqual([]);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('current network').waitFor();
  });
});

describe('updates', () => {
  function updating(first: UpdateView) {
    let state = first;
    let tell: (next: UpdateView) => void = () => undefined;
    const asked: string[] = [];
    const become = (next: UpdateView): void => {
      state = next;
      tell(next);
    };
    const updates: NonNullable<Host['updates']> = {
      get state() {
        return state;
      },
      watch(listener) {
        tell = listener;
        listener(state);
        return () => undefined;
      },
      check: async () => void asked.push('check'),
      install: () => void asked.push('install'),
    };
    return { updates, become, asked };
  }

  test('each state is shown, with what can be done', async () => {
    const { updates, become, asked } = updating({ at: 'none' });
    const stage = await onDesktop({ updates });
    const { page } = await openView(stage, 'settings');
    await page.getByText('Portkeeper is up to date.').waitFor();
    await page.getByRole('button', { name: 'Check now' }).click();
    await expect.poll(() => asked).toEqual(['check']);
    become({ at: 'fetching', version: '2.0.0', share: 0.42 });
    await page.getByText('Downloading 2.0.0: 42%').waitFor();
    become({ at: 'ready', version: '2.0.0' });
    await page.getByRole('button', { name: 'Restart and install' }).click();
    await expect.poll(() => asked).toEqual(['check', 'install']);
    become({ at: 'available', version: '2.0.0', url: 'https://example.org/2.0.0' });
    await expect
      .poll(() => page.getByRole('link', { name: 'Download 2.0.0' }).getAttribute('href'))
      .toBe('https://example.org/2.0.0');
    become({ at: 'failed', fault: 'no route to host' });
    await page.getByText('no route to host').waitFor();
    await page.getByRole('switch', { name: 'Check for updates' }).click();
    await expect.poll(() => settings(stage).checkForUpdates).toBe(false);
  });
});

describe('links to one setting', () => {
  test.each([
    ['router', 'Router address'],
    ['networks', 'Only on approved networks'],
    ['start', 'Start at login'],
  ])('%s is in sight and has the focus', async (section, name) => {
    const stage = await onDesktop();
    const { page } = await openView(stage, 'settings', {}, { section });
    await expect
      .poll(() =>
        page.evaluate(() => document.activeElement?.closest('.setting')?.querySelector('.setting-label')?.textContent),
      )
      .toBe(name);
    expect(page.url()).not.toContain('section');
  });
});

describe('everybody can use it', () => {
  test('nothing is in the way', async () => {
    const stage = await onDesktop();
    await stage.app.change({
      exceptInterfaces: ['vEthernet (Default Switch of a virtual machine)'],
      approvedNetworks: [
        { key: '10.0.0.1/24 aa:bb:cc:dd:ee:ff', name: 'FRITZ!Box 7590 AX im Ferienhaus an der Ostsee' },
      ],
      onlyApprovedNetworks: true,
      lease: 5400,
    });
    await stage.app.elapse(inSeconds(30));
    const staged = await openView(stage, 'settings', { height: 3000 });
    await staged.page.getByRole('checkbox', { name: 'eth0' }).waitFor();
    await staged.page.getByPlaceholder('192.168.1.1', { exact: true }).fill('x');
    await staged.page.keyboard.press('Enter');
    await staged.page.getByRole('alert').filter({ hasText: /./ }).first().waitFor();
    const looks = [
      { theme: 'light', width: 1200, language: 'en', height: 3000 },
      { theme: 'dark', width: 1200, language: 'de', height: 3000 },
      { theme: 'light', width: 320, language: 'de', height: 3000 },
      { theme: 'dark', width: 320, language: 'en', height: 3000 },
    ] as const;
    await toEach(stage, staged, looks, async (look, { width = 0 }) => {
      expect.soft(await staged.accessibilityFaults(), look).toEqual([]);
      const wide = await staged.page.evaluate(() => document.querySelector('main')?.scrollWidth);
      expect.soft(wide, look).toBeLessThanOrEqual(width);
      await staged.shot(`settings-${look}`);
    });
  });
});

test('the heading stands where those of the other views stand', async () => {
  const stage = await settledStage();
  const staged = await openView(stage, 'forwards');
  const { page } = staged;
  const widths = [320, 900, 1440];
  const places = new Map(widths.map((width) => [width, new Set<string>()]));
  for (const view of ['forwards', 'presets', 'router', 'activity', 'check', 'settings']) {
    await page.evaluate((name) => {
      location.hash = `#/${name}`;
    }, view);
    await page.locator(`.view[data-view=${view}]`).waitFor();
    for (const width of widths) {
      await staged.showTo({ width });
      const box = await page.getByRole('heading', { level: 1 }).boundingBox();
      places.get(width)?.add(`${box?.x} ${box?.y}`);
    }
  }
  expect([...places.values()].map(({ size }) => size)).toEqual([1, 1, 1]);
});

test('a router that asks for a password: the problem links to the fields, a wrong one is reported, the right one opens', async () => {
  const stage = await settledStage({ router: personality('tr-064') });
  const { app } = stage;
  await app.alone(() => app.home.add('Minecraft', [tcp(25_565)], true));
  await app.elapse(inSeconds(20));
  const { page } = await openView(stage, 'forwards');
  await page.getByRole('link', { name: 'Sign in to the router…' }).click();
  await page.getByLabel('User name').fill('alice');
  await page.getByLabel('Password').fill('wrong');
  await page.keyboard.press('Enter');
  await app.hurry(page.getByText('refused the user name or password').waitFor());
  await page.getByLabel('Password').fill('sesame');
  await page.keyboard.press('Enter');
  await app.hurry(page.getByText('Signed in', { exact: true }).waitFor());
  await expect.poll(() => page.getByLabel('Password').inputValue()).toBe('');
  await app.elapse(inSeconds(5));
  expect(app.home.table).toHaveLength(1);
});
