import jsQR from 'jsqr';
import { describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { ip } from '../../main/contract/address.ts';
import { inMinutes, inSeconds, port, seconds } from '../../main/contract/units.ts';
import { personality } from '../../main/simulator/personalities/personalities.ts';
import { tcp, udp, type AppHome } from '../support/app-home.ts';
import { exampleSnapshots } from '../support/example-snapshots.ts';
import { exampleStage } from './stage/stage.ts';
import { openView, settledStage } from './stage/views.ts';

const profiles = (page: Page) => page.getByRole('region', { name: 'Profiles' });
const turn = (page: Page, name: string) => page.getByRole('switch', { name: `Keep ${name} open` });
const disclosure = (page: Page, name: string) => profiles(page).getByRole('button', { name: new RegExp(`^${name}`) });
const ports = (page: Page, name: string) => page.getByRole('list', { name: `Ports of ${name}` });
const profileRow = (page: Page, name: string) =>
  profiles(page)
    .locator('.profile')
    .filter({ has: turn(page, name) });
const actions = (page: Page, name: string) => page.getByRole('button', { name: `Actions for ${name}` });
const order = (page: Page) => page.locator('.profile:not([hidden]) .profile-name').allTextContents();
const focused = (page: Page) =>
  page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent);

async function choose(page: Page, name: string, item: string): Promise<void> {
  await actions(page, name).click();
  await page.getByRole('menuitem', { name: item }).click();
}

function holdElsewhere({ home }: AppHome, transport: 'tcp' | 'udp' = 'tcp'): void {
  home.router.addMapping({
    transport,
    externalPort: 25_565,
    internalClient: ip('192.168.1.77'),
    internalPort: 25_565,
    description: 'xbox',
    expiresAt: 'never',
    owner: 'igd',
  });
}

const games = async (home: AppHome): Promise<void> => {
  await home.add('Minecraft', [tcp(25_565)]);
  await home.add('Factorio', [udp(34_197)]);
  await home.add('Valheim', [
    { ...udp(2456, 2457), label: 'Game' },
    { ...udp(27_015), label: 'Query' },
  ]);
};

describe('opening', () => {
  test('a new profile is made, opened on the router, and closed again', async () => {
    const stage = await settledStage();
    const { page } = await openView(stage, 'forwards');
    await page.getByRole('button', { name: 'New profile' }).click();
    const dialog = page.getByRole('dialog', { name: 'New profile' });
    await expect.poll(() => dialog.getByLabel('Name').evaluate((input) => input === document.activeElement)).toBe(true);
    await dialog.getByLabel('Name').fill('Minecraft');
    await dialog.getByLabel('External port').fill('25565');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => stage.app.home.table).toEqual(['tcp 25565 -> 192.168.1.10:25565']);
    const row = profileRow(page, 'Minecraft');
    await row.getByText('Open', { exact: true }).waitFor();
    await row.getByText('11.22.33.44:25565').waitFor();
    await expect.poll(() => row.textContent()).toContain('this computer');
    await row.getByText('Kept open, renews automatically').waitFor();
    // Nothing stands twice.
    expect((await row.textContent())?.split('25565')).toHaveLength(2);

    await turn(page, 'Minecraft').click();
    await expect.poll(() => turn(page, 'Minecraft').getAttribute('aria-checked')).toBe('false');
    await expect.poll(() => stage.app.home.table).toEqual([]);
    await row.getByText('Off', { exact: true }).waitFor();
  });

  test('a port kept open by a terminal is shown, and closed with one click', async () => {
    const stage = await settledStage();
    const { home } = stage.app;
    const forwards = [{ id: '25565/tcp', ...tcp(25_565) }];
    const terminal = { from: 'terminal', label: 'Game', hold: 'open-1', afterwards: 'close' } as const;
    const never = new AbortController().signal;
    await stage.app.alone(() => home.finish(home.client.hold({ what: 'forwards', forwards, ...terminal }, never)));
    const { page } = await openView(stage, 'forwards');
    const section = page.getByRole('region', { name: 'Opened from a terminal' });
    await section.getByText('25565/TCP').waitFor();
    await section.getByText('Open', { exact: true }).waitFor();
    await section.getByRole('button', { name: 'Close Game' }).click();
    await expect.poll(() => home.table).toEqual([]);
    await section.waitFor({ state: 'detached' });
  });

  test('all is paused and resumed, and the focus stays on the button', async () => {
    const stage = await settledStage();
    const { app } = stage;
    await app.alone(() => app.home.add('Minecraft', [tcp(25_565)], true));
    const { page } = await openView(stage, 'forwards');
    await expect.poll(() => app.home.table.length).toBe(1);
    await page.getByRole('button', { name: 'Pause all' }).click();
    await page.getByText('Everything is paused. No ports are kept open.').waitFor();
    await expect.poll(() => app.home.table).toEqual([]);
    await expect.poll(() => focused(page)).toBe('Resume all');
    await page.keyboard.press('Enter');
    await expect.poll(() => app.home.table.length).toBe(1);
  });

  test('the lease is in the details, and moves on when it is renewed', async () => {
    const stage = await settledStage();
    const { app } = stage;
    await app.alone(() => app.home.add('Minecraft', [{ ...tcp(25_565), lease: seconds(3600) }], true));
    const { page } = await openView(stage, 'forwards');
    await disclosure(page, 'Minecraft').click();
    const lease = profileRow(page, 'Minecraft').getByText(/^Until \d\d:\d\d, renews at \d\d:\d\d$/);
    await lease.waitFor();
    const first = await lease.textContent();
    // Renewed a tenth before its end.
    await app.elapse(inMinutes(58));
    await stage.setClocks();
    await expect.poll(() => lease.textContent()).not.toBe(first);
  });

  test('a port that another device holds is closed there only after a question, and is then ours', async () => {
    const stage = await settledStage();
    const { app } = stage;
    holdElsewhere(app.home);
    holdElsewhere(app.home, 'udp');
    await app.alone(() => app.home.add('Minecraft', [{ ...tcp(25_565), transports: ['tcp', 'udp'] }], true));
    const { page } = await openView(stage, 'forwards');
    const question = page.getByRole('dialog', { name: 'Close 25565/TCP+UDP of another device?' });
    await page.getByRole('button', { name: 'Close theirs' }).click();
    await question.getByText('“xbox” on 192.168.1.77 uses port 25565/TCP+UDP.').waitFor();
    await expect.poll(() => focused(page)).toBe('Cancel');
    await page.keyboard.press('Enter');
    await question.waitFor({ state: 'detached' });
    const both = (device: string): string[] => ['tcp', 'udp'].map((each) => `${each} 25565 -> ${device}:25565`);
    expect(app.home.table).toEqual(both('192.168.1.77'));
    await page.getByRole('button', { name: 'Close theirs' }).click();
    await question.getByRole('button', { name: 'Close theirs' }).click();
    await expect.poll(() => app.home.table).toEqual(both('192.168.1.10'));
    await profileRow(page, 'Minecraft').getByText('11.22.33.44:25565').waitFor();
  });

  test('a port that another device holds is shown with its holder, and the next one is taken with one click', async () => {
    const stage = await settledStage();
    const { app } = stage;
    holdElsewhere(app.home);
    await app.alone(() => app.home.add('Minecraft', [tcp(25_565)]));
    const { page } = await openView(stage, 'forwards');
    await turn(page, 'Minecraft').click();
    await page.getByText(/Your router already forwards port 25565\/TCP to 192\.168\.1\.77/).waitFor();
    // He may let go of it.
    await profileRow(page, 'Minecraft')
      .getByText(/^Trying again in /)
      .waitFor();
    await page.getByRole('button', { name: 'Use 25566 instead' }).click();
    await expect.poll(() => app.home.table).toContain('tcp 25566 -> 192.168.1.10:25565');
    await page.getByText(/Your router refused/).waitFor({ state: 'detached' });
  });
});

describe('the first port that is ever open', () => {
  const first = { ...exampleSnapshots.usual, settings: { ...exampleSnapshots.usual.settings, firstOpenSeen: false } };

  test('is announced once, with what to do next, and never again', async () => {
    let listens = false;
    const socket = { transport: 'tcp', address: ip('0.0.0.0'), port: port(25_565) } as const;
    const listeners = async () => (listens ? [socket] : []);
    const stage = await settledStage({ around: (system) => ({ ...system, listeners }) });
    const { app } = stage;
    await app.alone(() => app.home.do('settings.change', { settings: { firstOpenSeen: false } }));
    await app.alone(() => app.home.add('Minecraft', [tcp(25_565)]));
    const { page } = await openView(stage, 'forwards');
    const panel = page.getByRole('region', { name: 'Minecraft is open to the internet' });
    expect(await panel.count()).toBe(0);
    await turn(page, 'Minecraft').click();
    await panel.getByText('No program on this computer is listening on port 25565 yet.').waitFor();
    listens = true;
    await app.elapse(inSeconds(5));
    await stage.setClocks();
    await panel.getByText('A program on this computer is listening on port 25565.').waitFor();
    await panel.getByRole('button', { name: 'Got it' }).click();
    await panel.waitFor({ state: 'detached' });
    await expect.poll(() => focused(page)).toContain('Minecraft');
    await page.reload();
    await profileRow(page, 'Minecraft').getByText('Open', { exact: true }).waitFor();
    expect(await panel.count()).toBe(0);
  });

  test('is not mentioned with a simulated router, nor while nobody can reach it', async () => {
    const gateways = first.engine.gateways.map((gateway) => ({ ...gateway, externalAddress: ip('100.64.0.9') }));
    const mappings = first.engine.mappings.map((mapping) =>
      mapping.status.at === 'open' || mapping.status.at === 'renewing'
        ? { ...mapping, status: { ...mapping.status, lease: { ...mapping.status.lease, external: mapping.external } } }
        : mapping,
    );
    const stage = await exampleStage({ ...first, demo: true });
    const { page } = await openView(stage, 'forwards');
    const panel = page.getByRole('heading', { name: /is open to the internet$/ });
    const [name] = await order(page);
    expect(await panel.count()).toBe(0);
    stage.app.show({ ...first, revision: 2, engine: { ...first.engine, gateways, mappings } });
    await page.getByText('100.64.0.9').waitFor();
    expect(await panel.count()).toBe(0);
    stage.app.show({ ...first, revision: 3 });
    await page.getByRole('heading', { name: `${name} is open to the internet` }).waitFor();
  });

  test('is shown for everybody', async () => {
    const stage = await exampleStage(first);
    const staged = await openView(stage, 'forwards', { width: 320, language: 'de' });
    await staged.page.getByText('ist aus dem Internet erreichbar').waitFor();
    await staged.inLightAndDark({ width: 320 }, async (theme) => {
      expect.soft(await staged.accessibilityFaults(), theme).toEqual([]);
      await staged.shot(`forwards-first-${theme}`);
    });
  });
});

describe('looking for routers', () => {
  test('goes on unseen once there is one, unless it was requested', async () => {
    const { searching, usual } = exampleSnapshots;
    const search = searching.engine.search;
    const stage = await exampleStage(searching);
    const { page } = await openView(stage, 'forwards');
    const spinner = page.getByRole('img', { name: 'Looking for routers…' });
    await spinner.waitFor();
    stage.app.show({ ...usual, engine: { ...usual.engine, search } });
    await page.getByRole('heading', { name: 'FRITZ!Box 7590' }).waitFor();
    expect(await spinner.count()).toBe(0);
    await page.getByRole('button', { name: 'Search again' }).click();
    await spinner.waitFor();
    stage.app.show(usual);
    await spinner.waitFor({ state: 'detached' });
  });
});

describe('a long task', () => {
  test('shows its progress, and can be cancelled', async () => {
    const stage = await settledStage();
    const { app } = stage;
    await app.alone(() => app.home.add('Minecraft', [tcp(25_565), tcp(25_566)]));
    const { page } = await openView(stage, 'forwards');
    // It is known, and says nothing for a while.
    app.home.home.router.reboot({ downFor: inMinutes(30) });
    await turn(page, 'Minecraft').click();
    await expect.poll(() => turn(page, 'Minecraft').getAttribute('aria-checked')).toBe('true');
    await page.getByText('0 of 2 open').first().waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await expect.poll(() => turn(page, 'Minecraft').getAttribute('aria-checked')).toBe('false');
    await expect.poll(() => app.home.snapshot.profiles[0]?.on).toBe(false);
  });
});

/** The text of a QR code, as a phone reads it. */
async function scanned(page: Page, png: Uint8Array): Promise<string | undefined> {
  const { data, width, height } = await page.evaluate(
    async (bytes) => {
      const bitmap = await createImageBitmap(new Blob([Uint8Array.from(bytes)], { type: 'image/png' }));
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      const context = canvas.getContext('2d');
      context?.drawImage(bitmap, 0, 0);
      const pixels = context?.getImageData(0, 0, bitmap.width, bitmap.height).data ?? [];
      return { data: [...pixels], width: bitmap.width, height: bitmap.height };
    },
    [...png],
  );
  return jsQR(Uint8ClampedArray.from(data), width, height)?.data;
}

describe('copying', () => {
  test('the address for friends is copied with one click, and that is confirmed', async () => {
    const stage = await exampleStage(exampleSnapshots.demo);
    const { page } = await openView(stage, 'forwards');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy 203.0.113.77:25565' }).click();
    await page.getByRole('status').getByText('Copied.').waitFor({ state: 'attached' });
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('203.0.113.77:25565');
  });

  test('the code for phones says the same, in the dark too', async () => {
    const stage = await exampleStage(exampleSnapshots.usual);
    const staged = await openView(stage, 'forwards', { theme: 'dark' });
    const { page } = staged;
    await page.getByRole('button', { name: 'QR code for 203.0.113.77:32400' }).click();
    const code = page.getByRole('img', { name: 'QR code: 203.0.113.77:32400' });
    await code.waitFor();
    expect(await scanned(page, await code.screenshot({ animations: 'disabled' }))).toBe('203.0.113.77:32400');
    expect(await staged.accessibilityFaults()).toEqual([]);
    await page.keyboard.press('Escape');
    await expect.poll(() => focused(page)).toBe('QR code for 203.0.113.77:32400');
  });

  test('works where the window has no permission to write into the clipboard, and keeps the focus', async () => {
    const stage = await exampleStage(exampleSnapshots.demo);
    const { page } = await openView(stage, 'forwards');
    await page.evaluate(() => {
      navigator.clipboard.writeText = () => Promise.reject(new DOMException('denied', 'NotAllowedError'));
      document.addEventListener('copy', () => {
        const area = document.activeElement;
        document.title = area instanceof HTMLTextAreaElement ? area.value : '';
      });
    });
    await page.getByRole('button', { name: 'Copy public IP address' }).click();
    await page.getByRole('status').getByText('Copied.').waitFor({ state: 'attached' });
    expect(await page.title()).toBe('203.0.113.77');
    await expect.poll(() => focused(page)).toBe('Copy public IP address');
  });
});

describe('opening automatically', () => {
  test('while a program listens: the row says what it waits for, and why it is open', async () => {
    let listens = false;
    const socket = { transport: 'tcp', address: ip('0.0.0.0'), port: port(25_565) } as const;
    const listeners = async () => (listens ? [socket] : []);
    const stage = await settledStage({ around: (system) => ({ ...system, listeners }) });
    const { app } = stage;
    await app.alone(() => games(app.home));
    const { page } = await openView(stage, 'forwards');
    await choose(page, 'Minecraft', 'Edit…');
    const dialog = page.getByRole('dialog', { name: 'Edit profile' });
    await dialog.getByLabel('When it is open').selectOption('While a program listens');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    await turn(page, 'Minecraft').click();
    await profileRow(page, 'Minecraft').getByText('Standing by').waitFor();
    await profileRow(page, 'Minecraft').getByText('Opens when a program listens on port 25565').waitFor();
    listens = true;
    await app.elapse(inSeconds(3));
    await profileRow(page, 'Minecraft').getByText('Open while a program listens').waitFor();
    expect(app.home.table).toEqual(['tcp 25565 -> 192.168.1.10:25565']);
  });

  test('a profile is turned on for a time', async () => {
    const stage = await settledStage();
    const { app } = stage;
    await app.alone(() => games(app.home));
    const { page } = await openView(stage, 'forwards');
    await choose(page, 'Minecraft', 'Turn on for a time…');
    const dialog = page.getByRole('dialog', { name: 'How long should Minecraft stay on?' });
    await dialog.getByRole('radio', { name: '2 hours' }).check();
    await dialog.getByRole('button', { name: 'Turn on' }).click();
    await profileRow(page, 'Minecraft')
      .getByText(/^Turns off at /)
      .waitFor();
    await app.elapse(inMinutes(121));
    await profileRow(page, 'Minecraft').getByText('Off', { exact: true }).waitFor();
    expect(app.home.table).toEqual([]);
  });
});

describe('editing', () => {
  test('a fault is shown at its field, once the field was left, and nothing is saved', async () => {
    const stage = await settledStage();
    const { page } = await openView(stage, 'forwards');
    await page.keyboard.press('n');
    const dialog = page.getByRole('dialog', { name: 'New profile' });
    await dialog.getByLabel('External port').fill('99999');
    await expect.poll(() => dialog.getByText(/a port from 1 to 65535/).count()).toBe(0);
    await page.keyboard.press('Enter');
    const name = dialog.getByLabel('Name');
    await expect.poll(() => name.getAttribute('aria-invalid')).toBe('true');
    await expect.poll(() => name.evaluate((input) => input === document.activeElement)).toBe(true);
    await expect
      .poll(() => name.getAttribute('aria-describedby'))
      .toBe(await dialog.getByText('Enter a name.').locator('..').getAttribute('id'));
    await dialog.getByText('Enter a port from 1 to 65535 or a range, such as 27015-27020.').waitFor();
    expect(stage.app.home.snapshot.profiles).toEqual([]);
    await name.fill('Game');
    await dialog.getByLabel('External port').fill('25565');
    await expect.poll(() => dialog.locator('[aria-invalid=true]').count()).toBe(0);
  });

  test('a profile is changed as a whole', async () => {
    const stage = await settledStage();
    const { app } = stage;
    await app.alone(() => games(app.home));
    const { page } = await openView(stage, 'forwards');
    await choose(page, 'Minecraft', 'Edit…');
    const dialog = page.getByRole('dialog', { name: 'Edit profile' });
    await dialog.getByLabel('Name').fill('Creative server');
    await dialog.getByRole('radio', { name: 'Both' }).check();
    await dialog.getByLabel('Internal port').fill('25570');
    await dialog.getByLabel('Forwards to').selectOption('Another device');
    await dialog.getByLabel('IP address').fill('192.168.1.20');
    await dialog.getByRole('button', { name: 'Add ports' }).click();
    // The new line has the focus, at its first field.
    await dialog.getByRole('group', { name: 'Ports 2' }).locator('input:focus').waitFor();
    await page.keyboard.type('19132-19133');
    await dialog.getByRole('group', { name: 'Ports 2' }).getByRole('radio', { name: 'UDP' }).check();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(app.home.snapshot.profiles[0]).toMatchObject({
      name: 'Creative server',
      on: false,
      forwards: [
        {
          transports: ['tcp', 'udp'],
          external: { first: 25_565, last: 25_565 },
          internal: { first: 25_570, client: '192.168.1.20' },
        },
        { transports: ['udp'], external: { first: 19_132, last: 19_133 }, internal: { first: 19_132 } },
      ],
    });
    await expect.poll(() => focused(page)).toBe('Actions for Creative server');
  });

  test('changes are not lost by Escape: it asks', async () => {
    const stage = await settledStage();
    const { app } = stage;
    await app.alone(() => games(app.home));
    const { page } = await openView(stage, 'forwards');
    const edit = page.getByRole('dialog', { name: 'Edit profile' });
    const discard = page.getByRole('dialog', { name: 'Discard your changes?' });
    await choose(page, 'Minecraft', 'Edit…');
    await edit.waitFor();
    await page.keyboard.press('Escape');
    await edit.waitFor({ state: 'detached' });

    await choose(page, 'Minecraft', 'Edit…');
    await edit.getByLabel('Name').fill('Other');
    await page.keyboard.press('Escape');
    await discard.waitFor();
    await page.keyboard.press('Escape');
    await discard.waitFor({ state: 'detached' });
    await expect.poll(() => edit.getByLabel('Name').inputValue()).toBe('Other');
    await page.keyboard.press('Escape');
    await discard.getByRole('button', { name: 'Discard', exact: true }).click();
    await edit.waitFor({ state: 'detached' });
    expect(app.home.snapshot.profiles[0]?.name).toBe('Minecraft');
  });

  test('nothing is created when it cannot be opened as requested: the editor stays, and says why', async () => {
    const stage = await settledStage();
    const { app } = stage;
    await app.alone(() => app.home.add('Minecraft', [tcp(25_565)], true));
    const { page } = await openView(stage, 'forwards');
    await page.getByRole('button', { name: 'New profile' }).click();
    const dialog = page.getByRole('dialog', { name: 'New profile' });
    await dialog.getByLabel('Name').fill('Creative');
    await dialog.getByLabel('External port').fill('25565');
    await dialog.getByRole('button', { name: 'Create and open' }).click();
    await dialog
      .getByRole('alert')
      .getByText(/Minecraft/)
      .waitFor();
    expect(app.home.snapshot.profiles.map(({ name }) => name)).toEqual(['Minecraft']);
    await dialog.getByLabel('External port').fill('25566');
    await dialog.getByRole('button', { name: 'Create and open' }).click();
    await expect.poll(() => app.home.table.length).toBe(2);
  });

  test('several ports are typed into one field', async () => {
    const stage = await settledStage();
    const { page } = await openView(stage, 'forwards');
    await page.getByRole('button', { name: 'New profile' }).click();
    const dialog = page.getByRole('dialog', { name: 'New profile' });
    await dialog.getByLabel('Name').fill('Web');
    await dialog.getByLabel('External port').fill('80,443,8000-8010');
    expect(await dialog.getByLabel('Internal port').count()).toBe(0);
    await dialog.getByRole('button', { name: 'Create', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(stage.app.home.snapshot.profiles[0]?.forwards.map(({ external }) => external)).toEqual([
      { first: 80, last: 80 },
      { first: 443, last: 443 },
      { first: 8000, last: 8010 },
    ]);
  });

  test('devices and routers are picked by name; an address that is not there can be typed', async () => {
    const stage = await settledStage({
      around: (system) => ({
        ...system,
        routes: { ...system.routes, neighbours: async () => [ip('192.168.1.20')] },
        nameOf: async () => 'nas',
      }),
    });
    const { app } = stage;
    await app.alone(() =>
      app.home.add('Plex', [{ ...tcp(32_400), internal: { ...tcp(32_400).internal, client: ip('192.168.1.31') } }]),
    );
    const { page } = await openView(stage, 'forwards');
    await page.getByRole('button', { name: 'New profile' }).click();
    const dialog = page.getByRole('dialog', { name: 'New profile' });
    const device = dialog.getByLabel('Forwards to');
    await device.getByRole('option', { name: 'nas (192.168.1.20)' }).waitFor({ state: 'attached' });
    expect(await device.getByRole('option').allTextContents()).toEqual([
      'This computer',
      'nas (192.168.1.20)',
      'Plex (192.168.1.31)',
      'Another device',
    ]);
    await dialog.getByLabel('Name').fill('Files');
    await dialog.getByLabel('External port').fill('8080');
    await device.selectOption('nas (192.168.1.20)');
    expect(await dialog.getByLabel('IP address').count()).toBe(0);
    await dialog.getByText('More settings').click();
    const router = dialog.getByLabel('Only on this router');
    expect(await router.getByRole('option').allTextContents()).toEqual(['Any', 'Simulated router (192.168.1.1)']);
    await router.selectOption('Simulated router (192.168.1.1)');
    await dialog.getByRole('button', { name: 'Create', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(app.home.snapshot.profiles[1]?.forwards[0]).toMatchObject({
      internal: { client: '192.168.1.20' },
      gateway: '192.168.1.1',
    });
    // Devices not among them are typed.
    await choose(page, 'Files', 'Edit…');
    const edit = page.getByRole('dialog', { name: 'Edit profile' });
    await edit.getByLabel('Forwards to').selectOption('Another device');
    await edit.getByLabel('IP address').fill('192.168.1.44');
    await edit.getByRole('button', { name: 'Save' }).click();
    await edit.waitFor({ state: 'detached' });
    expect(app.home.snapshot.profiles[1]?.forwards[0]?.internal.client).toBe('192.168.1.44');
  });

  test('Back closes the editor, not the view; where something was changed it asks', async () => {
    const stage = await settledStage();
    const { app } = stage;
    await app.alone(() => games(app.home));
    const { page } = await openView(stage, 'presets');
    await page.getByRole('link', { name: 'Forwards' }).click();
    await choose(page, 'Minecraft', 'Edit…');
    const edit = page.getByRole('dialog', { name: 'Edit profile' });
    const discard = page.getByRole('dialog', { name: 'Discard your changes?' });
    await edit.getByLabel('Name').fill('Other');
    await page.goBack();
    await discard.getByRole('button', { name: 'Keep editing' }).click();
    await expect.poll(() => edit.getByLabel('Name').inputValue()).toBe('Other');
    await page.goBack();
    await discard.getByRole('button', { name: 'Discard', exact: true }).click();
    await edit.waitFor({ state: 'detached' });
    expect(new URL(page.url()).hash).toBe('#/forwards');
    await choose(page, 'Minecraft', 'Edit…');
    await edit.waitFor();
    await page.goBack();
    await edit.waitFor({ state: 'detached' });
    // The next one leads where it did before.
    await expect.poll(() => page.evaluate(() => history.state as unknown)).toBeNull();
    await page.goBack();
    await page.getByRole('heading', { level: 1, name: 'Presets' }).waitFor();
  });

  test('anyone who edits what another window has saved meanwhile is warned, sees both, and decides', async () => {
    const stage = await settledStage();
    const { app } = stage;
    await app.alone(() => games(app.home));
    const { page } = await openView(stage, 'forwards');
    await choose(page, 'Minecraft', 'Edit…');
    const edit = page.getByRole('dialog', { name: 'Edit profile' });
    await edit.getByLabel('Name').fill('Mine');
    const change = (name: string) =>
      app.alone(() =>
        app.home.do('profile.change', { id: app.home.snapshot.profiles[0]?.id ?? '', profile: { name } }),
      );
    await change('Theirs');
    await edit.getByText('It is now “Theirs”: 25565/TCP.').waitFor();
    await expect.poll(() => edit.getByLabel('Name').inputValue()).toBe('Mine');
    // Until that is decided nothing is overwritten.
    await edit.getByRole('button', { name: 'Save' }).click();
    expect(app.home.snapshot.profiles[0]?.name).toBe('Theirs');
    await expect.poll(() => focused(page)).toBe('Keep mine');
    await edit.getByRole('button', { name: 'Load the other version' }).click();
    await expect.poll(() => edit.getByLabel('Name').inputValue()).toBe('Theirs');
    await edit.getByLabel('Name').fill('Mine after all');
    await change('Theirs again');
    await edit.getByRole('button', { name: 'Keep mine' }).click();
    await edit.getByRole('button', { name: 'Save' }).click();
    await edit.waitFor({ state: 'detached' });
    expect(app.home.snapshot.profiles[0]?.name).toBe('Mine after all');
  });

  test('a port that is attacked all day is opened only after a question, which a switch asks too', async () => {
    const stage = await settledStage();
    const { page } = await openView(stage, 'forwards');
    await page.getByRole('button', { name: 'New profile' }).click();
    const editor = page.getByRole('dialog', { name: 'New profile' });
    const question = page.getByRole('dialog', { name: 'Open port 3389?' });
    await editor.getByLabel('Name').fill('Desk');
    await editor.getByLabel('External port').fill('3389');
    await editor.getByRole('button', { name: 'Create and open' }).click();
    await question.getByText('Remote Desktop (port 3389): attacked around the clock').waitFor();
    await question.getByText('Another external port is no protection').waitFor();
    await expect.poll(() => focused(page)).toBe('Cancel');
    await page.keyboard.press('Enter');
    await question.waitFor({ state: 'detached' });
    expect(stage.app.home.snapshot.profiles).toEqual([]);
    await editor.getByRole('button', { name: 'Create and open' }).click();
    await question.getByRole('button', { name: 'Open anyway' }).click();
    await editor.waitFor({ state: 'detached' });
    await expect.poll(() => stage.app.home.table.length).toBe(1);
  });

  test('a large range is saved only after a question with the count', async () => {
    const stage = await settledStage();
    const { page } = await openView(stage, 'forwards');
    await page.getByRole('button', { name: 'New profile' }).click();
    const editor = page.getByRole('dialog', { name: 'New profile' });
    const question = page.getByRole('dialog', { name: 'Forward 100 ports?' });
    await editor.getByLabel('Name').fill('Torrents');
    await editor.getByLabel('External port').fill('6800-6899');
    await editor.getByRole('button', { name: 'Create', exact: true }).click();
    await question.getByText('6800–6899/TCP is a large range: 100 ports.').waitFor();
    // The way back is what Enter would take.
    await expect.poll(() => focused(page)).toBe('Cancel');
    await page.keyboard.press('Enter');
    await question.waitFor({ state: 'detached' });
    expect(stage.app.home.snapshot.profiles).toEqual([]);
    await expect.poll(() => editor.getByLabel('External port').inputValue()).toBe('6800-6899');

    await editor.getByRole('button', { name: 'Create', exact: true }).click();
    await question.getByRole('button', { name: 'Forward 100 ports' }).click();
    await editor.waitFor({ state: 'detached' });
    await expect.poll(() => stage.app.home.snapshot.profiles.length).toBe(1);

    // A port confirmed before is not asked about again.
    await choose(page, 'Torrents', 'Edit…');
    const edit = page.getByRole('dialog', { name: 'Edit profile' });
    await edit.getByLabel('Name').fill('Sharing');
    await edit.getByRole('button', { name: 'Save', exact: true }).click();
    await edit.waitFor({ state: 'detached' });
    await expect.poll(() => stage.app.home.snapshot.profiles[0]?.name).toBe('Sharing');
  });

  test('more ports than a profile may have are refused beside the ports, with the count', async () => {
    const stage = await settledStage();
    const { page } = await openView(stage, 'forwards');
    await page.getByRole('button', { name: 'New profile' }).click();
    const editor = page.getByRole('dialog', { name: 'New profile' });
    await editor.getByLabel('Name').fill('Everything');
    for (let at = 0; at < 4; at += 1) {
      if (at > 0) await editor.getByRole('button', { name: 'Add ports' }).click();
      const ports = editor.locator('.editor-forward').nth(at);
      await ports.getByLabel('External port').fill(`${at * 600 + 1}-${at * 600 + 510}`);
      await ports.getByRole('radio', { name: 'Both' }).check();
    }
    await editor.getByRole('button', { name: 'Create', exact: true }).click();
    await editor
      .getByText('Needs 4080 ports in total (TCP and UDP count separately), but the limit is 4000.')
      .waitFor();
    expect(stage.app.home.snapshot.profiles).toEqual([]);
  });

  test('another profile with the same port is named before saving; one that is on refuses it', async () => {
    const stage = await settledStage();
    const { app } = stage;
    await app.alone(async () => {
      await app.home.add('Minecraft', [tcp(25_565)], true);
      await app.home.add('Creative', [tcp(25_566)], true);
      await app.home.add('Sleeping', [tcp(25_567)]);
    });
    const { page } = await openView(stage, 'forwards');
    await choose(page, 'Creative', 'Edit…');
    const dialog = page.getByRole('dialog', { name: 'Edit profile' });
    await dialog.getByLabel('External port').fill('25567');
    await dialog.getByText('“Sleeping” also uses 25567/tcp. Only one of them can be on at a time.').waitFor();
    await dialog.getByLabel('External port').fill('25565');
    await dialog.getByText(/^“Minecraft” is on and uses 25565\/tcp\./).waitFor();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByRole('alert').waitFor();
    await expect.poll(() => dialog.getByRole('alert').textContent()).toContain('25565/tcp');
    expect(app.home.snapshot.profiles[1]?.forwards[0]?.external.first).toBe(25_566);
  });

  test('a problem links to its field', async () => {
    const stage = await settledStage();
    const { app } = stage;
    await app.alone(() => app.home.add('Minecraft', [tcp(25_565), { ...tcp(80), label: 'Map' }]));
    const { page } = await openView(stage, 'forwards', {}, { edit: 'minecraft/2', field: 'external' });
    const second = page.getByRole('dialog', { name: 'Edit profile' }).getByRole('group', { name: 'Ports 2' });
    await expect
      .poll(() => second.getByLabel('External port').evaluate((input) => input === document.activeElement))
      .toBe(true);
    // A reload does not open it again.
    expect(new URL(page.url()).hash).toBe('#/forwards');
  });
});

describe('the list', () => {
  test('a profile is deleted, and comes back with Undo, at its place', async () => {
    const stage = await settledStage();
    const { app } = stage;
    await app.alone(() => games(app.home));
    const { page } = await openView(stage, 'forwards');
    await choose(page, 'Factorio', 'Delete');
    await expect.poll(() => order(page)).toEqual(['Minecraft', 'Valheim']);
    await expect.poll(() => focused(page)).toContain('Valheim');
    await page.getByRole('status').getByText('“Factorio” deleted.').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => order(page)).toEqual(['Minecraft', 'Factorio', 'Valheim']);
    await expect.poll(() => focused(page)).toContain('Factorio');
  });

  test('a copy is made beside its original, turned off, to be changed; Cancel leaves none', async () => {
    const stage = await settledStage();
    const { app } = stage;
    await app.alone(() => games(app.home));
    const { page } = await openView(stage, 'forwards');
    const dialog = page.getByRole('dialog', { name: 'Duplicate profile' });
    await choose(page, 'Minecraft', 'Duplicate…');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(app.home.snapshot.profiles.map(({ name }) => name)).toEqual(['Minecraft', 'Factorio', 'Valheim']);

    await choose(page, 'Minecraft', 'Duplicate…');
    await dialog.getByLabel('Name').fill('Second world');
    await dialog.getByLabel('External port').fill('25566');
    await dialog.getByRole('button', { name: 'Create', exact: true }).click();
    await expect.poll(() => order(page)).toEqual(['Minecraft', 'Second world', 'Factorio', 'Valheim']);
    expect(app.home.snapshot.profiles[1]?.on).toBe(false);
  });

  test('profiles are moved with the keyboard, and their position is announced', async () => {
    const stage = await settledStage();
    const { app } = stage;
    await app.alone(() => games(app.home));
    const { page } = await openView(stage, 'forwards');
    await disclosure(page, 'Valheim').focus();
    await page.keyboard.press('Alt+ArrowUp');
    await expect.poll(() => order(page)).toEqual(['Minecraft', 'Valheim', 'Factorio']);
    await page.getByText('Valheim is now number 2 of 3.').waitFor({ state: 'attached' });
    await expect.poll(() => focused(page)).toContain('Valheim');
    await page.getByRole('button', { name: 'Move Minecraft: up or down arrow' }).focus();
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => order(page)).toEqual(['Valheim', 'Minecraft', 'Factorio']);
    await choose(page, 'Factorio', 'Move up');
    await expect.poll(() => order(page)).toEqual(['Valheim', 'Factorio', 'Minecraft']);
  });

  test('profiles are moved with the pointer; Escape leaves them where they were', async () => {
    const stage = await settledStage();
    const { app } = stage;
    await app.alone(() => games(app.home));
    const { page } = await openView(stage, 'forwards');
    const handle = page.getByRole('button', { name: 'Move Valheim: up or down arrow' });
    const target = await page.locator('.profile').first().boundingBox();
    if (target === null) throw new Error('there is no first profile');
    await handle.hover();
    await page.mouse.down();
    await page.mouse.move(target.x + 20, target.y + 30);
    await page.mouse.move(target.x + 20, target.y + 5);
    await page.locator('.drop-line').waitFor();
    // Where it would go: at the upper edge of the first.
    const line = await page.locator('.drop-line').boundingBox();
    expect(Math.abs((line?.y ?? 0) - target.y)).toBeLessThan(4);
    await page.keyboard.press('Escape');
    await page.locator('.drop-line').waitFor({ state: 'detached' });
    await page.mouse.up();
    expect(await order(page)).toEqual(['Minecraft', 'Factorio', 'Valheim']);

    await handle.hover();
    await page.mouse.down();
    await page.mouse.move(target.x + 20, target.y + 30);
    await page.mouse.move(target.x + 20, target.y + 5);
    await page.mouse.up();
    await expect.poll(() => order(page)).toEqual(['Valheim', 'Minecraft', 'Factorio']);
  });

  test('arrows go from profile to profile and open them out', async () => {
    const stage = await settledStage();
    const { app } = stage;
    await app.alone(() => games(app.home));
    const { page } = await openView(stage, 'forwards');
    await disclosure(page, 'Minecraft').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => focused(page)).toContain('Valheim');
    await page.keyboard.press('ArrowLeft');
    await ports(page, 'Valheim').waitFor({ state: 'detached' });
    await page.keyboard.press('ArrowRight');
    await ports(page, 'Valheim').getByText('Query').waitFor();
    await page.keyboard.press('Home');
    await expect.poll(() => focused(page)).toContain('Minecraft');
  });

  test('the menu works by keyboard, and gives the focus back', async () => {
    const stage = await settledStage();
    const { app } = stage;
    await app.alone(() => games(app.home));
    const { page } = await openView(stage, 'forwards');
    await actions(page, 'Factorio').focus();
    await page.keyboard.press('ArrowUp');
    await expect.poll(() => focused(page)).toBe('Delete');
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => focused(page)).toBe('Edit…');
    await page.keyboard.press('d');
    await expect.poll(() => focused(page)).toBe('Duplicate…');
    await page.keyboard.press('Escape');
    await expect.poll(() => focused(page)).toBe('Actions for Factorio');
    await expect.poll(() => page.getByRole('menuitem').count()).toBe(0);
  });
});

describe('many profiles', () => {
  test('are found by name and port, from the key /', async () => {
    const stage = await exampleStage(exampleSnapshots.many);
    const { page } = await openView(stage, 'forwards');
    await page.keyboard.press('/');
    await page.keyboard.type('20123');
    await expect.poll(() => order(page)).toEqual(['Server 13']);
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => focused(page)).toContain('Server 13');
    await page.keyboard.press('/');
    await page.keyboard.type('x');
    await page.getByText('No profiles match “20123x”.').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(async () => (await order(page)).length).toBe(50);
  });

  test('only what has changed is drawn again', async () => {
    const stage = await exampleStage(exampleSnapshots.many);
    const { page } = await openView(stage, 'forwards');
    await page.evaluate(() => {
      const changed = new Set<string>();
      new MutationObserver((records) => {
        for (const { target } of records) {
          const element = target instanceof Element ? target : target.parentElement;
          changed.add(element?.closest('.profile')?.getAttribute('data-profile') ?? 'elsewhere');
        }
      }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
      Object.assign(globalThis, { changed });
    });
    const { many } = exampleSnapshots;
    const [first, ...rest] = many.engine.mappings;
    if (first?.status.at !== 'open') throw new Error('the first mapping is not open');
    const { lease } = first.status;
    const mappings = [{ ...first, status: { at: 'closing', lease } as const }, ...rest];
    const gateways = many.engine.gateways.map((gateway) => ({ ...gateway, name: 'Seen again' }));
    stage.app.show({ ...many, revision: 2, engine: { ...many.engine, mappings, gateways } });
    await page.getByRole('heading', { name: 'Seen again' }).waitFor();
    const changed = await page.evaluate(() => [
      ...(globalThis as unknown as { readonly changed: Set<string> }).changed,
    ]);
    expect(changed.filter((name) => name !== 'elsewhere').length).toBeLessThanOrEqual(1);
  });
});

describe('for everybody', () => {
  test('the editor has no fault that axe-core finds', async () => {
    const stage = await exampleStage(exampleSnapshots.usual);
    const staged = await openView(stage, 'forwards');
    const { page } = staged;
    await choose(page, 'Minecraft', 'Edit…');
    const dialog = page.getByRole('dialog', { name: 'Edit profile' });
    await dialog.getByText('More settings').first().click();
    await dialog.getByLabel('Name').fill('');
    await page.keyboard.press('Enter');
    await staged.inLightAndDark({ width: 1000 }, async (theme) => {
      await staged.shot(`editor-${theme}`);
      expect.soft(await staged.accessibilityFaults(), theme).toEqual([]);
    });
    await page.keyboard.press('Escape');
    await staged.inLightAndDark({ width: 1000 }, async (theme) => {
      await staged.shot(`editor-discard-${theme}`);
      expect.soft(await staged.accessibilityFaults(), theme).toEqual([]);
    });
  });

  test('menu and message have none either', async () => {
    const stage = await exampleStage(exampleSnapshots.usual);
    const staged = await openView(stage, 'forwards', { width: 1280 });
    const { page } = staged;
    await choose(page, 'Plex Media Server', 'Delete');
    await page.getByText('“Plex Media Server” deleted.').waitFor();
    await disclosure(page, 'Minecraft').click();
    await actions(page, 'Minecraft').click();
    await staged.inLightAndDark({ width: 1280 }, async (theme) => {
      await staged.shot(`forwards-menu-${theme}`);
      expect.soft(await staged.accessibilityFaults(), theme).toEqual([]);
    });
  });

  test('states are shown without colours of our own', async () => {
    const stage = await exampleStage(exampleSnapshots.conflict);
    const staged = await openView(stage, 'forwards', { forcedColors: true });
    await staged.shot('forwards-forced-colors');
    await staged.page.getByText('Refused', { exact: true }).waitFor();
  });
});

test('behind two routers: the way out opens the port on both, and the row shows which one is in trouble', async () => {
  const stage = await settledStage({
    doubleNat: { range: 'private' },
    router: personality({ wan: { mapsWithoutPublicAddress: true } }),
  });
  const { home } = stage.app;
  await stage.app.alone(() => home.add('Minecraft', [tcp(25_565)]));
  const outer = home.home.outer?.router;
  if (outer === undefined) throw new Error('there is no second router');
  const taken = { transport: 'tcp', externalPort: 25_565, internalPort: 25_565, owner: 'manual' } as const;
  outer.addMapping({ ...taken, internalClient: ip('10.0.0.7'), description: 'theirs', expiresAt: 'never' });
  const staged = await openView(stage, 'forwards');
  const { page } = staged;
  await turn(page, 'Minecraft').click();
  await page.getByRole('button', { name: 'Open on 10.0.0.1 too' }).click();
  const row = profileRow(page, 'Minecraft');
  await row.getByText('192.168.1.1 → 10.0.0.1 (refused)').waitFor();
  await row
    .getByText(/router in front of yours \(10\.0\.0\.1\) already forwards port 25565\/TCP to 10\.0\.0\.7/)
    .waitFor();
  await staged.shot('two-routers-refused');

  await page.getByRole('link', { name: 'Router', exact: true }).click();
  await page.getByRole('radio', { name: 'Router in front' }).check();
  await page.getByRole('row', { name: /25565\/TCP 10\.0\.0\.7/ }).waitFor();
  await staged.shot('two-routers-table');
  await page.getByRole('link', { name: 'Forwards' }).click();

  await row.getByRole('button', { name: 'Close theirs' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Close theirs' }).click();
  await row.getByText('11.22.33.44:25565').waitFor();
  await disclosure(page, 'Minecraft').click();
  await row.getByText('192.168.1.1 → 10.0.0.1', { exact: true }).waitFor();
  await staged.shot('two-routers');
});
