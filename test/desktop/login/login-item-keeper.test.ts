import { describe, expect, test } from 'vitest';
import { LANGUAGES } from '../../../main/contract/words/catalogues.ts';
import type { Problem } from '../../../main/contract/problems.ts';
import { epochMs } from '../../../main/contract/units.ts';
import { explain } from '../../../main/contract/words/problems.ts';
import type { LoginItemState } from '../../../main/desktop/login/login-item.ts';
import { LoginItemKeeper, asksForLoginItem } from '../../../main/desktop/login/login-item-keeper.ts';
import { problem } from '../../support/problems.ts';

interface Given {
  /** As the system has it. */
  readonly system: LoginItemState;
  /** As Portkeeper left it. */
  readonly left?: boolean;
  readonly fails?: boolean;
  readonly item?: 'not-installed';
}

function keeping(given: Given) {
  const seen = { system: given.system, left: given.left, fails: given.fails ?? false };
  const settings: boolean[] = [];
  const done: string[] = [];
  let problem: Problem | undefined;
  const act = (what: string, now: LoginItemState): Promise<void> => {
    if (seen.fails) return Promise.reject(new Error('the system refused'));
    done.push(what);
    seen.system = now;
    return Promise.resolve();
  };
  const keeper = new LoginItemKeeper({
    item: given.item ?? {
      state: async () => seen.system,
      add: () => act('add', 'here'),
      remove: () => act('remove', 'absent'),
    },
    clock: { now: () => epochMs(1000) },
    log: { write: () => undefined },
    left: {
      isThere: given.left,
      remember: (isThere) => {
        seen.left = isThere;
      },
    },
    changeSetting: async (startAtLogin) => void settings.push(startAtLogin),
    onProblem: (now) => {
      problem = now;
    },
  });
  return {
    seen,
    settings,
    done,
    problem: () => problem,
    /** As with each snapshot. */
    async want(startAtLogin: boolean): Promise<void> {
      keeper.want(startAtLogin);
      await keeper.settled();
    },
    async again(): Promise<void> {
      keeper.again();
      await keeper.settled();
    },
  };
}

describe('at the start', () => {
  test('nothing is done when all is as it should be', async () => {
    for (const [system, wanted] of [
      ['absent', false],
      ['here', true],
    ] as const) {
      const kept = keeping({ system });
      await kept.want(wanted);
      expect(kept.done).toEqual([]);
      expect(kept.settings).toEqual([]);
    }
  });

  test('an entry that starts something else is written again', async () => {
    const kept = keeping({ system: 'elsewhere', left: true });
    await kept.want(true);
    expect(kept.done).toEqual(['add']);
  });

  test('an item the person removed in the system stays removed, and the setting follows', async () => {
    const kept = keeping({ system: 'absent', left: true });
    await kept.want(true);
    expect(kept.done).toEqual([]);
    expect(kept.settings).toEqual([false]);
    expect(kept.seen.left).toBe(false);
    // The setting comes back with the next snapshot.
    await kept.want(false);
    expect(kept.done).toEqual([]);
  });

  test('an item the person turned on again in the system stays on', async () => {
    const kept = keeping({ system: 'here', left: false });
    await kept.want(false);
    expect(kept.done).toEqual([]);
    expect(kept.settings).toEqual([true]);
  });

  test('a setting that was changed while the app did not run counts', async () => {
    const on = keeping({ system: 'absent', left: false });
    await on.want(true);
    expect(on.done).toEqual(['add']);
    const off = keeping({ system: 'here', left: true });
    await off.want(false);
    expect(off.done).toEqual(['remove']);
  });

  test('an item nobody has touched yet follows the setting', async () => {
    const kept = keeping({ system: 'absent' });
    await kept.want(true);
    expect(kept.done).toEqual(['add']);
    expect(kept.seen.left).toBe(true);
  });
});

describe('later', () => {
  test('each change of the setting is done, once', async () => {
    const kept = keeping({ system: 'absent' });
    for (const wanted of [false, true, true, false, false]) await kept.want(wanted);
    expect(kept.done).toEqual(['add', 'remove']);
    expect(kept.problem()).toBeUndefined();
  });

  test('a failure is a problem until it is fixed', async () => {
    const kept = keeping({ system: 'absent', fails: true });
    await kept.want(true);
    const parameters = { fault: 'other', detail: 'the system refused' };
    expect(kept.problem()).toMatchObject({ code: 'login-item-failed', parameters });
    await kept.again();
    expect(kept.problem()).toMatchObject({ code: 'login-item-failed' });
    kept.seen.fails = false;
    await kept.again();
    expect(kept.problem()).toBeUndefined();
    expect(kept.done).toEqual(['add']);
  });

  test('or until it is not wanted any more', async () => {
    const kept = keeping({ system: 'absent', fails: true });
    await kept.want(true);
    await kept.want(false);
    expect(kept.problem()).toBeUndefined();
  });
});

test('where there is nothing lasting to start, wanting it is a problem', async () => {
  const kept = keeping({ system: 'absent', item: 'not-installed' });
  await kept.want(false);
  expect(kept.problem()).toBeUndefined();
  await kept.want(true);
  expect(kept.problem()).toMatchObject({ parameters: { fault: 'not-installed', detail: '' } });
  await kept.want(false);
  expect(kept.problem()).toBeUndefined();
});

test.each(LANGUAGES)('each reason has a way out of its own, in %s', (language) => {
  const faults = ['not-installed', 'path', 'not-kept', 'other'] as const;
  const said = faults.map((fault) => explain(problem('login-item-failed', { fault, detail: '' }), language));
  for (const part of ['why', 'todo'] as const) {
    expect(new Set(said.map((sentences) => sentences[part])).size).toBe(faults.length);
    for (const sentences of said) expect(sentences[part]).toMatch(/^\p{Lu}.*\.$/u);
  }
});

test('which commands ask for it', () => {
  expect(asksForLoginItem('settings.change', { settings: { startAtLogin: true } })).toBe(true);
  expect(asksForLoginItem('settings.change', { settings: { startAtLogin: false } })).toBe(false);
  expect(asksForLoginItem('settings.change', { settings: { theme: 'dark' } })).toBe(false);
  expect(asksForLoginItem('profile.change', { settings: { startAtLogin: true } })).toBe(false);
  for (const input of [null, undefined, 7, {}, { settings: null }]) {
    expect(asksForLoginItem('settings.change', input)).toBe(false);
  }
});
