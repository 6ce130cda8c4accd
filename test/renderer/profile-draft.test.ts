import { describe, expect, test } from 'vitest';
import { checked } from '../../main/contract/checked.ts';
import { COMMANDS } from '../../main/contract/commands.ts';
import type { Language } from '../../main/contract/words/catalogues.ts';
import { seconds } from '../../main/contract/units.ts';
import {
  ALWAYS_OPEN,
  draftOf,
  faultsOf,
  foreignClash,
  inputOf,
  newForward,
  type ForwardDraft,
  type ProfileDraft,
} from '../../renderer/views/forwards/editor/profile-draft.ts';
import { forward, profile } from '../support/example-snapshots.ts';

const draft = (change: Partial<ForwardDraft> = {}, name = 'Game'): ProfileDraft => ({
  name,
  opens: ALWAYS_OPEN,
  forwards: [{ ...newForward(7), outside: '25565', ...change }],
});

/** Field and text of everything that is wrong. */
const faults = (of: ProfileDraft, language: Language = 'en') => [...faultsOf(of, language)];

describe('typed text', () => {
  test('becomes what is stored, and back, whatever the profile has', () => {
    const all = profile('all', 'All of it', true, [
      forward(25_565, { label: 'Game' }),
      forward(8080, { internal: { first: 80, client: '192.168.1.20' }, families: ['ipv4', 'ipv6'] }),
      forward(2456, { transports: ['tcp', 'udp'], external: { first: 2456, last: 2458 }, ifTaken: 'next-free' }),
      forward(5000, { lease: 'permanent', gateway: 'FRITZ' }),
      // No whole number of minutes, as files may have it.
      forward(5001, { lease: seconds(100) }),
    ]);
    const { name, forwards } = all;
    const parsed = checked(COMMANDS['profile.add'], { profile: inputOf(draftOf({ name, forwards })) });
    expect(parsed).toMatchObject({ ok: true, value: { profile: { name, forwards } } });
  });

  test('says while what it is open, and keeps it', () => {
    const opensWhile = { is: 'hours', days: ['sat', 'sun'], from: '09:00', to: '18:30' } as const;
    const stored = { ...profile('web', 'Web', true, [forward(80)]), opensWhile };
    expect(inputOf(draftOf(stored)).opensWhile).toEqual(opensWhile);
    const opens = { ...ALWAYS_OPEN, is: 'hours', from: '9:00', to: '18.30' } as const;
    expect(inputOf({ ...draft(), opens }).opensWhile).toMatchObject({ from: '09:00', to: '18:30' });
    expect(inputOf(draft()).opensWhile).toEqual({ is: 'always' });
    expect(faults({ ...draft(), opens: { ...opens, to: 'late', days: [] } })).toEqual([
      ['opensWhile.days', 'Choose at least one day.'],
      ['opensWhile.to', 'Must be a time from 00:00 to 23:59, such as 18:30.'],
    ]);
  });

  test('may have a dash of any kind and blanks in a range', () => {
    for (const outside of ['27015-27020', ' 27015 – 27020 ', '27015—27020']) {
      expect(inputOf(draft({ outside })).forwards[0]?.external).toEqual({ first: 27_015, last: 27_020 });
    }
  });

  test('may be a list: each port or range forwards to itself, and all else is the same for each', () => {
    const list = draft({ outside: '80, 443,8000-8010', inside: '99', label: 'Web', transports: 'both' });
    const { forwards } = inputOf(list);
    expect(forwards.map(({ external, internal }) => [external.first, external.last, internal.first])).toEqual([
      [80, 80, 80],
      [443, 443, 443],
      [8000, 8010, 8000],
    ]);
    expect(new Set(forwards.map(({ label, transports }) => `${label} ${transports?.join()}`))).toEqual(
      new Set(['Web tcp,udp']),
    );
    expect(faults(list)).toEqual([]);
  });

  test('that is a list is reported at its line, whichever of its ports is wrong', () => {
    const two = (outside: string): ProfileDraft => ({
      ...draft(),
      forwards: [
        { ...newForward(1), outside: '1000,2000' },
        { ...newForward(2), outside },
      ],
    });
    expect(faults(two('80,http'))).toEqual([['2.outside', '“http” is not a port. Ports are numbers from 1 to 65535.']]);
    expect(faults(two('80,'))).toEqual([['2.outside', 'A port is missing here.']]);
    expect(faults(two('80,2000'))).toEqual([['2.outside', 'This profile already uses 2000/tcp.']]);
    expect(faults(two('80,80'))).toEqual([['2.outside', 'This profile already uses 80/tcp.']]);
    expect(faults(two('80/udp,81')).map(([field]) => field)).toEqual(['2.outside']);
  });

  test('forwards to the same internal port when nothing else is given', () => {
    expect(inputOf(draft()).forwards[0]?.internal).toEqual({ first: 25_565 });
    expect(inputOf(draft({ inside: ' 80 ' })).forwards[0]?.internal).toEqual({ first: 80 });
  });

  test('of an address that is not used does not count', () => {
    expect(inputOf(draft({ device: 'this', client: 'nonsense' })).forwards[0]?.internal).toEqual({ first: 25_565 });
  });
});

describe('a fault is shown at its field', () => {
  test.each<readonly [Partial<ForwardDraft>, string]>([
    [{ outside: '' }, '7.outside'],
    [{ outside: 'http' }, '7.outside'],
    [{ outside: '0' }, '7.outside'],
    [{ outside: '65536' }, '7.outside'],
    [{ outside: '1e3' }, '7.outside'],
    [{ outside: '1-2-3' }, '7.outside'],
    [{ outside: '10-' }, '7.outside'],
    [{ outside: '20-10' }, '7.outside'],
    [{ outside: '1-600' }, '7.outside'],
    [{ inside: '70000' }, '7.inside'],
    [{ inside: 'x' }, '7.inside'],
    [{ outside: '1-100', inside: '65500' }, '7.inside'],
    [{ device: 'other', client: '' }, '7.client'],
    [{ device: 'other', client: '192.168.1' }, '7.client'],
    [{ families: [] }, '7.families'],
    [{ lease: 'minutes', minutes: '' }, '7.minutes'],
    [{ lease: 'minutes', minutes: '0' }, '7.minutes'],
    [{ lease: 'minutes', minutes: 'an hour' }, '7.minutes'],
    [{ label: 'x'.repeat(81) }, '7.label'],
    [{ gateway: 'x'.repeat(81) }, '7.gateway'],
  ])('%o', (change, field) => {
    const english = faults(draft(change));
    expect(english.map(([name]) => name)).toEqual([field]);
    const german = faults(draft(change), 'de');
    expect(german.map(([name]) => name)).toEqual([field]);
    expect(german[0]?.[1]).not.toBe(english[0]?.[1]);
  });

  test('a name is needed', () => {
    expect(faults(draft({}, '  '))).toEqual([['name', 'Enter a name.']]);
  });

  test('a range says what is wrong with it', () => {
    expect(faults(draft({ outside: '20-10' }))).toEqual([['7.outside', 'The range 20-10 ends before it begins.']]);
    expect(faults(draft({ outside: '1-600' }))).toEqual([['7.outside', 'A range can have at most 512 ports.']]);
  });

  test('two lines for one port are reported at the second', () => {
    const twice = { ...draft(), forwards: [0, 1].map((key) => ({ ...newForward(key), outside: '25565' })) };
    expect(faults(twice)).toEqual([['1.outside', 'This profile already uses 25565/tcp.']]);
  });

  test('valid text has none', () => {
    expect(faults(draft())).toEqual([]);
    expect(faults({ ...draft(), forwards: [] })).toEqual([]);
  });
});

describe('other profiles with the same port', () => {
  const others = [
    profile('a', 'Sleeping', false, [forward(25_565)]),
    profile('b', 'Awake', true, [forward(25_560, { external: { first: 25_560, last: 25_570 } })]),
  ];
  const line = { ...newForward(0), outside: '25565' };

  test('are named before it is saved', () => {
    expect(foreignClash(line, others.slice(0, 1), false)).toEqual({
      ports: '25565/tcp',
      name: 'Sleeping',
      isRefused: false,
    });
    expect(foreignClash({ ...line, transports: 'udp' }, others, true)).toBeUndefined();
  });

  test('that are on, as this one is, come first: that is refused', () => {
    expect(foreignClash(line, others, true)).toEqual({ ports: '25565/tcp', name: 'Awake', isRefused: true });
  });

  test('say nothing about what is not a port yet', () => {
    expect(foreignClash({ ...line, outside: '2556x' }, others, true)).toBeUndefined();
  });
});
