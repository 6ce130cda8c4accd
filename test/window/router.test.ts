import { expect, test } from 'vitest';
import { inMinutes, inSeconds } from '../../main/contract/units.ts';
import { personality } from '../../main/simulator/personalities/personalities.ts';
import { ip } from '../../main/contract/address.ts';
import { tcp, udp } from '../support/app-home.ts';
import { entryAt } from '../support/app-router.ts';
import type { HomeOnStage } from './stage/staged-app.ts';
import { homeStage, type Stage } from './stage/stage.ts';
import { openView, toEach } from './stage/views.ts';

/** A home in which Minecraft is open, the television has a port, and so has another program here. */
async function busyHome(): Promise<Stage<HomeOnStage>> {
  const stage = await homeStage();
  const { home } = stage.app;
  await stage.app.alone(async () => {
    await home.do('settings.change', { settings: { welcomed: true } });
    await home.add('Minecraft', [tcp(25_565), udp(19_132)], true);
    await home.world.until(() => home.table.length === 2, inSeconds(30), 'open');
  });
  const { router, client } = home.home;
  router.addMapping(entryAt(8080, { description: 'Television' }));
  router.addMapping(entryAt(3074, { internalClient: ip('192.168.1.10'), description: 'A game', transport: 'udp' }));
  expect(client.system).toBeDefined();
  return stage;
}

test('everything that the router maps is shown, whose it is, and can be closed', async () => {
  const stage = await busyHome();
  const { home } = stage.app;
  const { page } = await stage.open({ width: 1100 });
  await page.getByRole('link', { name: 'Router' }).click();
  const table = page.getByRole('table');
  await expect.poll(() => table.getByRole('row').count()).toBe(5);
  await expect.poll(() => table.getByRole('row', { name: /25565\/TCP/ }).textContent()).toContain('Minecraft');
  await expect.poll(() => table.getByRole('row', { name: /8080\/TCP/ }).textContent()).toContain('another device');
  await expect
    .poll(() => table.getByRole('row', { name: /3074\/UDP/ }).textContent())
    .toContain('a program on this computer');

  await page.getByRole('button', { name: 'Close 8080/TCP' }).click();
  const question = page.getByRole('dialog', { name: 'Close 8080/TCP?' });
  await expect.poll(() => question.textContent()).toContain('can’t undo this');
  await page.keyboard.press('Escape');
  expect(home.table).toContain('tcp 8080 -> 192.168.1.11:8080');
  await page.getByRole('button', { name: 'Close 8080/TCP' }).click();
  await question.getByRole('button', { name: 'Close port' }).click();
  await expect.poll(() => home.table.some((entry) => entry.startsWith('tcp 8080'))).toBe(false);
  await expect.poll(() => table.getByRole('row').count()).toBe(4);
});

test('an entry is named after its profile and purpose; the router’s own name is a hint', async () => {
  const stage = await busyHome();
  await stage.app.alone(() => stage.app.home.add('Valheim', [{ ...udp(2456), label: 'Server list' }], true));
  const { page } = await stage.open({ width: 1100 });
  await page.getByRole('link', { name: 'Router' }).click();
  const name = page.getByRole('row', { name: /2456\/UDP/ }).locator('[data-column=label]');
  await expect.poll(() => name.textContent()).toBe('Valheim · Server list');
  expect(await name.getByRole('link', { name: 'Valheim' }).getAttribute('title')).toMatch(/PCP|PK-2456U/);
  await name.getByRole('link', { name: 'Valheim' }).click();
  await page.locator('.view[data-view=forwards]').waitFor();
});

test('the essentials are shown first, and how the router was found on request', async () => {
  const stage = await busyHome();
  const { page } = await stage.open({ width: 1100 });
  await page.getByRole('link', { name: 'Router' }).click();
  const facts = page.locator('.facts').first();
  await facts.getByText('11.22.33.44').waitFor();
  await facts.getByText('192.168.1.1').waitFor();
  const meter = page.getByRole('meter');
  expect(await meter.isVisible()).toBe(false);
  await page.getByText('Details', { exact: true }).click();
  await meter.waitFor();
  await page.getByText('UPnP', { exact: true }).waitFor();
});

test('the table holds at each width, with long names', async () => {
  const stage = await busyHome();
  const { home } = stage.app;
  const long = 'A server for the whole family with a name that does not want to end';
  await stage.app.alone(() => home.add(long, [{ ...tcp(8096), label: 'Web page and apps' }], true));
  for (let port = 9000; port < 9004; port++) {
    home.home.router.addMapping(entryAt(port, { description: 'libminiupnpc-of-some-console-in-another-room' }));
  }
  const staged = await openView(stage, 'router', { width: 320, height: 900 });
  const { page } = staged;
  await page.getByRole('rowheader', { name: '8096/TCP' }).waitFor();
  const cells = page.locator('.router-table tbody').locator('th, td');
  for (const width of [320, 480, 700, 900, 980, 1440]) {
    await staged.showTo({ width, height: 900 });
    const boxes = await cells.evaluateAll((all) =>
      all.map((cell) => {
        const { left, right, width: wide } = cell.getBoundingClientRect();
        const isName = cell.getAttribute('data-column') === 'label';
        return { isCut: cell.scrollWidth > cell.clientWidth + 1, isOut: left < 0 || right > innerWidth, isName, wide };
      }),
    );
    expect
      .soft(
        boxes.filter(({ isCut, isOut }) => isCut || isOut),
        `${width} px`,
      )
      .toEqual([]);
    const names = boxes.filter(({ isName }) => isName).map(({ wide }) => wide);
    expect.soft(Math.min(...names), `${width} px`).toBeGreaterThan(140);
  }
  // Where there are no headings to press, a list of them stands above.
  const first = page.locator('td[data-column=label]').first();
  await page.getByRole('columnheader', { name: 'External port' }).getByRole('button').click();
  await expect.poll(() => first.textContent()).toBe('Minecraft');
  await staged.showTo({ width: 320, height: 900 });
  await page.getByRole('combobox', { name: 'Sort by' }).selectOption('Name');
  await expect.poll(() => first.textContent()).not.toBe('Minecraft');
});

test('a port that a profile opened for another device shows that device', async () => {
  const stage = await busyHome();
  const { home } = stage.app;
  const media = { ...tcp(8096), internal: { first: 8096, client: '192.168.1.11' } };
  await stage.app.alone(() => home.add('Media', [media], true));
  const { page } = await stage.open({ width: 1100 });
  await page.getByRole('link', { name: 'Router' }).click();
  const row = page.getByRole('row', { name: /8096\/TCP/ });
  await expect.poll(() => row.textContent()).toContain('192.168.1.11:8096');
  await expect.poll(() => page.getByRole('row', { name: /25565\/TCP/ }).textContent()).toContain('this computer:25565');
});

test('a port of a profile that is on is closed by switching the profile off', async () => {
  const stage = await busyHome();
  const { page } = await stage.open({ width: 1100 });
  await page.getByRole('link', { name: 'Router' }).click();
  await page.getByRole('button', { name: 'Close 25565/TCP' }).click();
  await page.getByRole('dialog', { name: 'Turn off Minecraft?' }).getByRole('button', { name: 'Turn off' }).click();
  await expect.poll(() => stage.app.home.table.filter((entry) => entry.includes('25565'))).toEqual([]);
  expect(stage.app.home.snapshot.profiles[0]?.on).toBe(false);
});

test('a long list is searched, filtered and sorted, by keyboard too', async () => {
  const stage = await busyHome();
  for (let port = 20_000; port < 20_300; port++) {
    stage.app.home.home.router.addMapping(entryAt(port, { description: `Device ${port}` }));
  }
  const { page } = await stage.open({ width: 1100 });
  await page.getByRole('link', { name: 'Router' }).click();
  const table = page.getByRole('table');
  await expect.poll(() => table.getByRole('row').count(), { timeout: 60_000 }).toBe(305);
  await page.keyboard.press('/');
  await page.keyboard.type('device 2017');
  await expect.poll(() => table.getByRole('row').count()).toBe(11);
  await page.keyboard.press('Escape');
  await page.getByRole('radio', { name: 'Portkeeper' }).check();
  await expect.poll(() => table.getByRole('row').count()).toBe(3);
  const byPort = page.getByRole('columnheader', { name: 'External port' });
  await byPort.getByRole('button').click();
  await expect.poll(() => byPort.getAttribute('aria-sort')).toBe('descending');
  await expect.poll(() => table.getByRole('rowheader').first().textContent()).toBe('25565/TCP');
});

test('a router that cannot show its list says so, and what could', async () => {
  const stage = await homeStage({ router: personality('pxp-only') });
  await stage.app.alone(() => stage.app.home.do('settings.change', { settings: { welcomed: true } }));
  await stage.app.elapse(inSeconds(20));
  const { page } = await stage.open();
  await page.getByRole('link', { name: 'Router' }).click();
  await page.getByText('This router can’t list its open ports.').waitFor();
});

test('a router that goes away is shown as away', async () => {
  const stage = await busyHome();
  const { page } = await stage.open();
  await page.getByRole('link', { name: 'Router' }).click();
  stage.app.home.home.router.powerOff();
  await stage.app.elapse(inMinutes(5));
  await page.getByText('Not answering').waitFor();
});

test('its workarounds are changed, forgotten, and restored', async () => {
  const stage = await busyHome();
  const { home } = stage.app;
  const [router] = home.snapshot.engine.gateways;
  if (router === undefined) throw new Error('there is no router');
  const { fingerprint } = router;
  const remembered = async (): Promise<readonly string[]> => {
    const { routers } = await stage.app.alone(() => home.do('memory.read', {}));
    return routers.flatMap(({ traits }) => traits.map(({ name, value }) => `${name} ${value}`));
  };
  await stage.app.alone(async () => {
    await home.do('memory.change', { fingerprint, trait: 'leases', value: '"capped"' });
    await home.do('memory.change', { fingerprint, trait: 'parallel', value: '4' });
  });
  const { page } = await stage.open({ width: 1100 });
  await page.getByRole('link', { name: 'Router' }).click();
  await page.getByRole('combobox', { name: 'Change: Lease time' }).selectOption({ index: 0 });
  await expect.poll(remembered).toContain('leases "permanent-only"');
  const parallel = page.getByRole('textbox', { name: 'Change: Simultaneous requests' });
  await parallel.fill('many');
  await page.getByText('Enter a whole number from 1 to 64.').waitFor();
  await parallel.fill('2');
  await page.keyboard.press('Enter');
  await expect.poll(remembered).toContain('parallel 2');
  await page.getByRole('button', { name: 'Remove all for this router' }).click();
  await expect.poll(remembered).toEqual([]);
  await page.locator('.toast', { hasText: 'Removed.' }).getByRole('button', { name: 'Undo' }).click();
  await expect.poll(remembered).toEqual(expect.arrayContaining(['leases "permanent-only"', 'parallel 2']));
});

test('how much goes through the internet connection is measured while somebody looks', async () => {
  const stage = await busyHome();
  const { page } = await stage.open({ width: 1100 });
  await page.getByRole('link', { name: 'Router' }).click();
  await page
    .getByRole('img', { name: /^Last 2 minutes; currently .* download and .* upload$/ })
    .waitFor({ timeout: 60_000 });
});

test('it can be used by everybody', async () => {
  const stage = await busyHome();
  const staged = await openView(stage, 'router', { width: 1100, height: 800 });
  const { page } = staged;
  await page.getByRole('rowheader', { name: '25565/TCP' }).waitFor();
  const looks = [
    { width: 1100, height: 800 },
    { width: 1100, height: 800, theme: 'dark' },
    { width: 320, height: 640, language: 'de' },
    { width: 480, height: 800, theme: 'dark', language: 'de' },
  ] as const;
  await toEach(stage, staged, looks, async (look) => {
    await staged.shot(`router-${look}`);
    expect.soft(await staged.accessibilityFaults(), look).toEqual([]);
    expect.soft(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), look).toBe(true);
  });
});
