/** The menu as a description of the snapshot; what a click does is in tray.test.ts. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AppSnapshot } from '../../../main/contract/commands.ts';
import { ip } from '../../../main/contract/address.ts';
import { asGatewayId } from '../../../main/contract/model.ts';
import { epochMs, inMinutes } from '../../../main/contract/units.ts';
import { trayMenu, type MenuLine } from '../../../main/desktop/tray/tray-menu.ts';
import { problemsToShow, trayState } from '../../../main/desktop/tray/tray-state.ts';
import { AppHome, tcp, udp } from '../../support/app-home.ts';

let at: AppHome;

beforeEach(async () => {
  at = await AppHome.start();
});
afterEach(async () => {
  await at.stop();
});

const NOW = epochMs(Date.UTC(2026, 5, 1, 12));
const HOST = { at: 'connected', role: 'host' } as const;
const menuOf = (snapshot: AppSnapshot | undefined, more: Partial<Parameters<typeof trayMenu>[0]> = {}) =>
  trayMenu({ snapshot, link: HOST, isLeaving: false, ...more }, 'en', { loginItem: true, now: NOW });

function labels(lines: readonly MenuLine[]): readonly string[] {
  return lines.map((line) => (line.kind === 'line' ? '-' : line.label));
}

test('the menu for a newcomer', async () => {
  await at.world.run(inMinutes(1));
  expect(labels(menuOf(at.snapshot))).toEqual([
    'Copy public IP (11.22.33.44)',
    '-',
    'No profiles yet. Add one…',
    '-',
    'No port is open',
    '-',
    'Pause everything',
    '-',
    'Open Portkeeper',
    'Start at login',
    '-',
    'Quit Portkeeper',
  ]);
});

test('a port kept open by a terminal is listed, and can be turned off', async () => {
  const forwards = [{ id: '25565/tcp', ...tcp(25_565) }];
  const held = {
    what: 'forwards',
    forwards,
    from: 'terminal',
    label: 'Game',
    hold: 'open-1',
    afterwards: 'close',
  } as const;
  await at.finish(at.client.hold(held, new AbortController().signal));
  const menu = menuOf(at.snapshot);
  expect(labels(menu).slice(3, 8)).toEqual(['No profiles yet. Add one…', '-', 'Opened from a terminal', 'Game', '-']);
  expect(labels(menu)).toContain('25565/TCP  Game: open');
  expect(menu.find((line) => line.kind === 'check' && line.label === 'Game')).toMatchObject({
    checked: true,
    action: { do: 'command', command: 'forwards.release', input: { hold: 'open-1' } },
  });
});

test('another router that answers has no address here, unless it serves; then it is named', async () => {
  await at.add('Minecraft', [tcp(25_565)], true);
  await at.world.run(inMinutes(1));
  const { engine } = at.snapshot;
  const [own] = engine.gateways;
  if (own === undefined) throw new Error('no router was found');
  const id = asGatewayId('eth0/192.168.1.66');
  const address = ip('192.168.1.66');
  const other = { ...own, id, address, isDefault: false, externalAddress: ip('11.22.33.66') };
  const both = { ...at.snapshot, engine: { ...engine, gateways: [other, own] } };
  expect(labels(menuOf(both)).slice(1, 3)).toEqual(['Copy public IP (11.22.33.44)', '-']);
  const parameters = { gateway: 'Media box', address, router: own.address };
  const about = { severity: 'warning', since: engine.at, gateway: id } as const;
  const alone = {
    ...at.snapshot,
    engine: { ...engine, gateways: [other], problems: [{ code: 'not-default-router', parameters, ...about } as const] },
  };
  expect(labels(menuOf(alone)).slice(1, 5)).toEqual([
    'Copy public IP (11.22.33.66)',
    '-',
    '⚠ Not your default router: opened on 192.168.1.66 (Media box).',
    '    Open router settings',
  ]);
});

test('a profile is one line, and so is a forward, however many ports it has', async () => {
  await at.add('Minecraft', [tcp(25_565), { ...udp(19_132, 19_133), transports: ['tcp', 'udp'] }], true);
  await at.world.run(inMinutes(1));
  const menu = menuOf(at.snapshot);
  expect(labels(menu).slice(4, 8)).toEqual([
    'Minecraft',
    '-',
    '25565/TCP  Minecraft: open',
    '19132-19133/TCP+UDP  Minecraft: open',
  ]);
  // The address for friends comes first, and a click copies it.
  expect(menu[0]).toEqual({
    kind: 'item',
    label: 'Copy 11.22.33.44:25565 (Minecraft)',
    action: { do: 'copy', text: '11.22.33.44:25565' },
  });
  expect(menu[1]).toMatchObject({ action: { do: 'copy', text: '11.22.33.44:19132-19133' } });
});

test('many profiles are a menu of their own, and many forwards end in how many more there are', async () => {
  for (let each = 0; each < 20; each += 1) await at.add(`P ${each}`, [tcp(3000 + each)], each < 15);
  await at.world.run(inMinutes(1));
  const menu = menuOf(at.snapshot);
  const profiles = menu.find((line) => line.kind === 'submenu');
  expect(profiles).toMatchObject({ label: 'Profiles (15 of 20 on)' });
  expect(profiles?.kind === 'submenu' && profiles.lines).toHaveLength(20);
  expect(labels(menu)).toContain('3 more…');
});

test('a refusal is shown with a remedy, once for both transports', async () => {
  for (const transport of ['tcp', 'udp'] as const) {
    at.home.router.addMapping({
      transport,
      externalPort: 25_565,
      internalClient: ip('192.168.1.11'),
      internalPort: 25_565,
      description: 'Console',
      expiresAt: 'never',
      owner: 'manual',
    });
  }
  await at.add('Minecraft', [{ ...tcp(25_565), transports: ['tcp', 'udp'] }], true);
  await at.world.run(inMinutes(2));
  const menu = menuOf(at.snapshot);
  expect(labels(menu)).toContain('25565/TCP+UDP  Minecraft: refused');
  const problems = problemsToShow(at.snapshot);
  expect(problems).toMatchObject([{ code: 'conflict' }]);
  const action = menu.find((line) => line.kind === 'item' && line.label.startsWith('    Use'));
  expect(action).toMatchObject({ action: { do: 'command', command: 'forward.use-port' } });
  expect(trayState({ snapshot: at.snapshot, link: HOST, isLeaving: false }, 'en')).toMatchObject({ icon: 'problem' });
});

test('a router that is away alarms nobody who wants nothing open', async () => {
  at.home.router.powerOff();
  await at.world.run(inMinutes(30));
  expect(at.snapshot.engine.problems).not.toEqual([]);
  expect(problemsToShow(at.snapshot)).toEqual([]);
  expect(trayState({ snapshot: at.snapshot, link: HOST, isLeaving: false }, 'en')).toMatchObject({ icon: 'idle' });
});

describe('other times', () => {
  test('before there is an engine', () => {
    expect(labels(menuOf(undefined, { link: { at: 'connecting' } }))).toEqual(['Starting…', '-', 'Quit Portkeeper']);
    const blocked = { at: 'blocked', fault: 'locked', path: '/data' } as const;
    expect(labels(menuOf(undefined, { link: blocked }))).toEqual([
      'Waiting: another copy of Portkeeper is using the same data',
      '-',
      'Quit Portkeeper',
    ]);
    // Or when it is lost.
    expect(labels(menuOf(at.snapshot, { link: blocked }))[0]).toBe(
      'Waiting: another copy of Portkeeper is using the same data',
    );
  });

  test('while it ends', async () => {
    await at.add('Web', [tcp(8080)], true);
    await at.world.run(inMinutes(1));
    expect(labels(menuOf(at.snapshot, { isLeaving: true }))).toEqual(['Quitting…', '-', 'Quit now without waiting']);
  });

  test('with a newer version', () => {
    const ready = { ...at.snapshot.host, update: { at: 'ready', version: '2.0.0' } } as const;
    expect(labels(menuOf({ ...at.snapshot, host: ready }))).toContain('Restart to update to 2.0.0');
    const url = 'https://portkeeper.example/releases';
    const available = { ...at.snapshot.host, update: { at: 'available', version: '2.0.0', url } } as const;
    expect(menuOf({ ...at.snapshot, host: available })).toContainEqual({
      kind: 'item',
      label: 'Version 2.0.0 is available…',
      action: { do: 'browse', url },
    });
  });

  test('on the simulated router, and as a guest', () => {
    expect(labels(menuOf({ ...at.snapshot, demo: true }))[0]).toBe('Simulated router: nothing is open to the internet');
    expect(labels(menuOf(at.snapshot, { link: { at: 'connected', role: 'guest' } }))[0]).toBe(
      'Controlled by “portkeeper serve”',
    );
  });

  test('where it cannot be started at login', () => {
    const menu = trayMenu({ snapshot: at.snapshot, link: HOST, isLeaving: false }, 'en', {
      loginItem: false,
      now: NOW,
    });
    expect(labels(menu)).not.toContain('Start at login');
  });
});

test('long names are cut; what counts is what people see', async () => {
  const family = '👨‍👩‍👧‍👦';
  await at.add(`${family}${family}${'x'.repeat(58)}`, []);
  await at.add('x'.repeat(80), []);
  await at.add(`${'x'.repeat(68)}${family}`, []);
  const checks = menuOf(at.snapshot).flatMap((line) => (line.kind === 'check' ? line.label : []));
  expect(checks.slice(0, 3)).toEqual([
    `${family}${family}${'x'.repeat(58)}`,
    `${'x'.repeat(69)}…`,
    `${'x'.repeat(68)}${family}`,
  ]);
});

test('while nothing has changed, the description is the same', async () => {
  await at.add('Web', [tcp(8080)], true);
  await at.world.run(inMinutes(5));
  const before = JSON.stringify(menuOf(at.snapshot));
  const { revision } = at.snapshot;
  await at.world.run(inMinutes(55));
  expect(at.snapshot.revision).toBeGreaterThan(revision);
  expect(JSON.stringify(menuOf(at.snapshot))).toBe(before);
});
