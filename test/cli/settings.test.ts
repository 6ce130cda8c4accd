/** `portkeeper settings`, for machines without a desktop. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from '../../main/contract/settings.ts';
import { Workplace } from '../support/portkeeper-process.ts';

let place: Workplace;

beforeAll(async () => {
  place = await Workplace.create();
});
afterAll(() => place.close());

test('are listed, changed and read again, for people and for programs', async () => {
  const { welcomed: _welcomed, firstOpenSeen: _seen, ...defaults } = DEFAULT_SETTINGS;
  const { code, said } = await place.run(['settings', 'list', '--json']);
  expect({ code, said }).toEqual({ code: 0, said: [defaults] });
  const list = await place.run(['settings', 'list']);
  expect(list.stdout).toMatch(/^onQuit +close +What happens to open ports when you quit: close or keep$/m);
  expect(await place.run(['settings', 'set', 'on-quit', 'Keep'])).toMatchObject({ code: 0, stdout: 'onQuit: keep' });
  expect((await place.run(['settings', 'set', 'lease', '2h', '--json'])).said).toEqual([
    { event: 'changed', name: 'lease', value: 7200 },
  ]);
  expect((await place.run(['settings', 'set', 'exceptInterfaces', 'wg0,tun0'])).stdout).toBe(
    'exceptInterfaces: wg0, tun0',
  );
  expect((await place.run(['settings', 'set', 'paused', 'on'])).code).toBe(0);
  expect((await place.run(['settings', 'get', 'paused'])).stdout).toBe('on');
  expect((await place.run(['settings', 'set', 'lease', 'default'])).stdout).toBe('lease: default');
  expect((await place.run(['settings', 'list', '--json'])).said).toEqual([
    { ...defaults, onQuit: 'keep', exceptInterfaces: ['wg0', 'tun0'], paused: true },
  ]);
});

test.each([
  [['set', 'onQuit', 'later'], 'Couldn’t set onQuit to “later”. Must be “close” or “keep”, not “later”.\n'],
  [['set', 'paused', 'perhaps'], 'Couldn’t set paused to “perhaps”. '],
  [['set', 'router', 'here'], 'Couldn’t set gateway to “here”. '],
  [['set', 'lease', '5s'], 'Couldn’t set lease to “5s”. '],
  [['set', 'lease', 'soon'], '“soon” is not a value for lease. Use a time from 1m to 7d'],
  [['set', 'colour', 'red'], 'There is no setting “colour”. Available: onQuit, protocol, '],
  [['set', 'onQuit'], 'VALUE is missing.'],
])('%j is refused whole, with the reason', async (args, words) => {
  const before = (await place.run(['settings', 'list', '--json'])).stdout;
  const { code, stdout, stderr } = await place.run(['settings', ...args]);
  expect(stderr).toContain(words);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect((await place.run(['settings', 'list', '--json'])).stdout).toBe(before);
});
