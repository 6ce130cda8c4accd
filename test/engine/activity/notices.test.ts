import { describe, expect, test } from 'vitest';
import type { ActivityFact, ForwardThen, Notice } from '../../../main/contract/activity.ts';
import { ip } from '../../../main/contract/address.ts';
import { asForwardId, asGatewayId } from '../../../main/contract/model.ts';
import type { Problem } from '../../../main/contract/problems.ts';
import type { Settings } from '../../../main/contract/settings.ts';
import { epochMs, port } from '../../../main/contract/units.ts';
import { NO_TROUBLES, noticesFor } from '../../../main/engine/activity/notices.ts';

const gateway = 'Router';
const then = (name: string): ForwardThen => ({
  forward: asForwardId(`${name}/1`),
  name,
  transports: ['tcp'],
  external: { first: port(80), last: port(80) },
});
const about = { severity: 'error', since: epochMs(0) } as const;
const full: Problem = { code: 'table-full', parameters: { transport: 'tcp', port: port(80) }, ...about };
const noNetwork: Problem = { code: 'no-network', parameters: {}, ...about };
const doubleNat: Problem = {
  code: 'behind-another-nat',
  parameters: { gateway, external: ip('10.0.0.2') },
  gateway: asGatewayId('eth0/192.168.1.1'),
  ...about,
};

const opened = (name: string): ActivityFact => ({ is: 'opened', gateway, ...then(name) });
const closed = (name: string): ActivityFact => ({ is: 'closed', ...then(name) });
const refused = (name: string): ActivityFact => ({ is: 'refused', problem: full, ...then(name) });
const lost = (name: string, because?: 'gateway' | 'network'): ActivityFact => ({
  is: 'lost',
  ...(because === undefined ? {} : { because }),
  ...then(name),
});
const away: ActivityFact = { is: 'gateway-away', gateway };
const back: ActivityFact = { is: 'gateway-back', gateway };
const started: ActivityFact = { is: 'started' };

/** As `trouble: gateway-away, refused`. */
const inBrief = ({ of, facts }: Notice): string => `${of}: ${facts.map(({ is }) => is).join(', ')}`;

/** Notices about events within a few seconds, one time after the other. */
function hear(wanted: Settings['notifications'], ...times: readonly (readonly ActivityFact[])[]): readonly string[][] {
  let troubles = NO_TROUBLES;
  return times.map((facts) => {
    const told = noticesFor(troubles, facts, wanted);
    troubles = told.troubles;
    return told.notices.map(inBrief);
  });
}

describe('problems', () => {
  test('are reported once, and their end', () => {
    expect(hear('problems', [refused('web')], [refused('web')], [opened('web')])).toEqual([
      ['trouble: refused'],
      [],
      ['recovery: opened'],
    ]);
  });

  test('of many are reported together', () => {
    expect(hear('problems', [refused('web'), refused('game'), lost('mail')])).toEqual([
      ['trouble: refused, refused, lost'],
    ]);
  });

  test('are hidden beneath their cause, and over when all is open again', () => {
    const gone = [lost('web', 'gateway'), away, lost('game', 'gateway')];
    expect(hear('problems', gone, [back], [opened('web')], [opened('game')])).toEqual([
      ['trouble: gateway-away'],
      [],
      [],
      ['recovery: opened'],
    ]);
  });

  test('that show when the cause is gone are reported then', () => {
    expect(hear('problems', [away, lost('web', 'gateway')], [back, refused('web')], [opened('web')])).toEqual([
      ['trouble: gateway-away'],
      ['trouble: refused'],
      ['recovery: opened'],
    ]);
  });

  test('that are over within seconds are not reported, nor is their end', () => {
    expect(hear('problems', [away, back], [refused('web'), opened('web')])).toEqual([[], []]);
  });

  test('end without a word when a person closes what they concern', () => {
    expect(hear('problems', [refused('web')], [closed('web')], [refused('web')])).toEqual([
      ['trouble: refused'],
      [],
      ['trouble: refused'],
    ]);
  });

  test('of a gateway end with what is open by another', () => {
    expect(hear('problems', [away, lost('web', 'gateway')], [opened('web')], [away])).toEqual([
      ['trouble: gateway-away'],
      ['recovery: opened'],
      ['trouble: gateway-away'],
    ]);
  });

  test('of a gateway alone, when nothing is wanted, end with its return', () => {
    expect(hear('problems', [away], [back])).toEqual([['trouble: gateway-away'], ['recovery: gateway-back']]);
  });

  test('of the network end with it', () => {
    const gone: ActivityFact = { is: 'problem', problem: noNetwork };
    const solved: ActivityFact = { is: 'solved', problem: noNetwork };
    expect(hear('problems', [lost('web', 'network')], [gone], [solved], [opened('web')])).toEqual([
      [],
      ['trouble: problem'],
      [],
      ['recovery: opened'],
    ]);
  });

  test('that keep nothing closed do not keep a recovery from being reported', () => {
    expect(hear('problems', [{ is: 'problem', problem: doubleNat }], [refused('web')], [opened('web')])).toEqual([
      ['trouble: problem'],
      ['trouble: refused'],
      ['recovery: opened'],
    ]);
  });

  test('of an earlier start are history', () => {
    expect(hear('problems', [refused('web'), started], [opened('web')])).toEqual([[], []]);
    expect(hear('problems', [refused('web')], [started, opened('web')])).toEqual([['trouble: refused'], []]);
  });
});

describe('other events', () => {
  const news: ActivityFact[] = [
    { is: 'address-changed', gateway, from: ip('11.22.33.44'), to: ip('11.22.33.99') },
    { is: 'gateway-restarted', gateway },
    opened('web'),
    closed('game'),
  ];

  test('is reported together to anyone who wants all notices', () => {
    expect(hear('all', news)).toEqual([['news: opened, gateway-restarted, address-changed, closed']]);
    expect(hear('problems', news)).toEqual([[]]);
  });

  test('is not reported when it is a matter of course', () => {
    const course: ActivityFact[] = [
      started,
      { is: 'running' },
      { is: 'paused' },
      { is: 'renewed', gateway, forwards: 50 },
      { is: 'ended', left: 'open' },
    ];
    expect(hear('all', course)).toEqual([[]]);
  });
});

test('anyone who wants none gets none; anyone who changes that gets what is new from then on', () => {
  expect(hear('none', [refused('web')], [away, opened('web')])).toEqual([[], []]);
  const { troubles } = noticesFor(NO_TROUBLES, [refused('web')], 'none');
  expect(noticesFor(troubles, [refused('web'), refused('game')], 'problems').notices.map(inBrief)).toEqual([
    'trouble: refused',
  ]);
});
