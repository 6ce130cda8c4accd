/** Names that routers, files and people write may have characters that are not seen, and change what is. */
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { createConsole } from '../../main/cli/output/console.ts';
import { plainJson, withoutHidden } from '../../main/contract/words/hidden.ts';
import { explain } from '../../main/contract/words/problems.ts';
import { trayMenu } from '../../main/desktop/tray/tray-menu.ts';
import { trayState } from '../../main/desktop/tray/tray-state.ts';
import { shownNotice } from '../../main/desktop/notifications.ts';
import { inSeconds } from '../../main/contract/units.ts';
import { personality } from '../../main/simulator/personalities/personalities.ts';
import { logLine } from '../../main/system/node/files/log.ts';
import { EngineHome, forward } from '../support/engine-home.ts';
import { exampleSnapshots } from '../support/example-snapshots.ts';
import { problem } from '../support/problems.ts';

vi.mock('electron', async () => (await import('../desktop/electron-double.ts')).electronModule);

/** C0, C1, a new line, separators, marks and overrides of direction, no width, a tag beyond the first plane, fillers, selectors
 * of variants. */
const HIDDEN = [
  '\u0007', '\u001b', '\n', '\u0085', '\u009b', '\u2028', '\u2029', '\u200b', '\u200d', '\u200e', '\u061c', '\u202a',
  '\u202e', '\u2066', '\u2069', '\u2060', '\ufeff', '\u00ad', '\u{e0041}',
  '\u034f', '\u115f', '\u3164', '\u180b', '\ufe00', '\ufe0f', '\u{e0100}',
]; // prettier-ignore
const EVIL = `a${HIDDEN.join('b')}c`;
const FORBIDDEN = /[\p{Cc}\p{Zl}\p{Zp}\p{Cf}\p{Default_Ignorable_Code_Point}]/u;

test.each([
  ['standard output', (text: string) => printed((console) => console.line(text))],
  ['standard error', (text: string) => printed((console) => console.note(text))],
  ['JSON', (text: string) => printed((console) => console.record({ name: text, [text]: 1 }), true)],
  ['the log', (text: string) => logLine(new Date(0), 'info', text, { name: text, [`x`]: { inside: text } }).trimEnd()],
  ['a problem', (text: string) => explain(problem('gateway-away', { gateway: text, since: 0 as never })).what],
])('none is left in %s', (_where, show) => {
  const shown = show(EVIL);
  expect(shown).not.toMatch(FORBIDDEN);
  expect(shown).toContain('a');
});

function printed(say: (console: ReturnType<typeof createConsole>) => unknown, json = false): string {
  const lines: string[] = [];
  const screen = { write: (line: string): void => void lines.push(line) };
  say(createConsole(json, { out: screen, err: screen }));
  return lines.join('');
}

describe('JSON', () => {
  test('says the same as before, whatever is in it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...HIDDEN), (value, hidden) => {
        const whole = { value, [hidden]: `x${hidden}` };
        expect(JSON.parse(plainJson(whole))).toEqual(JSON.parse(JSON.stringify(whole)));
        expect(plainJson(whole)).not.toMatch(FORBIDDEN);
      }),
    );
  });
});

test('a name without any is left as it is', () => {
  for (const name of ['FRITZ!Box 7590', 'Jörgs Größe', 'راوتر', 'ルーター', 'R7000 🎮', 'Die 👨‍👩‍👧', 'Home ❤️ 1️⃣'])
    expect(withoutHidden(name)).toBe(name);
});

test('a router that is called so is called otherwise in the snapshot, and so are entries of its table', async () => {
  const at = await EngineHome.start({
    router: personality('upnp-only', { device: { friendlyName: `Box\u202e${EVIL}`, modelName: EVIL } }),
  });
  await at.want(forward('a', 25_565));
  const [gateway] = at.snapshot.gateways;
  expect(gateway?.name).toMatch(/^Boxa/);
  expect(`${gateway?.name}${gateway?.model}`).not.toMatch(FORBIDDEN);
  await at.world.run(inSeconds(1));
  await at.stop();
});

test('tray, its tooltip and notifications have none', () => {
  const { usual } = exampleSnapshots;
  const spoilt = problem('gateway-away', { gateway: EVIL, since: 0 as never });
  const snapshot = {
    ...usual,
    profiles: usual.profiles.map((profile) => ({ ...profile, name: EVIL })),
    engine: { ...usual.engine, problems: [{ ...spoilt, severity: 'error' as const }] },
  };
  const view = { snapshot, link: { at: 'own' }, isLeaving: false } as never;
  const shown = JSON.stringify([trayMenu(view, 'en', {} as never), trayState(view, 'de')]);
  expect(shown).not.toMatch(FORBIDDEN);
  expect(shown).not.toMatch(/\\u00[01]/);
  const notice = { of: 'trouble', facts: [{ is: 'problem', problem: spoilt }] } as never;
  expect(Object.values(shownNotice(notice, snapshot, 'en')).join('')).not.toMatch(FORBIDDEN);
});
