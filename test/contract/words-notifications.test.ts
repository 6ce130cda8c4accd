import { describe, expect, test } from 'vitest';
import type { ShownFact } from '../../main/contract/activity.ts';
import { ip } from '../../main/contract/address.ts';
import { LANGUAGES } from '../../main/contract/words/catalogues.ts';
import { asForwardId } from '../../main/contract/model.ts';
import { inMinutes, port } from '../../main/contract/units.ts';
import type { FactOf } from '../../main/contract/words/activity.ts';
import { factNotification, noticeNotification, notificationWords } from '../../main/contract/words/notifications.ts';
import { blemishesIn } from '../support/languages.ts';
import { codes, problem } from '../support/problems.ts';

/** Longer titles are cut by some systems. */
const TITLE = 45;
const gateway = 'FRITZ!Box';
const minecraft = {
  forward: asForwardId('minecraft/1'),
  name: 'Minecraft',
  transports: ['tcp'],
  external: { first: port(25_565), last: port(25_565) },
} as const;

/** A fact without an example does not compile. */
const facts: { readonly [Is in ShownFact['is']]: FactOf<Is> } = {
  started: { is: 'started' },
  ended: { is: 'ended', left: 'closed' },
  woke: { is: 'woke', asleep: inMinutes(90) },
  'gateway-found': { is: 'gateway-found', gateway },
  'gateway-away': { is: 'gateway-away', gateway },
  'gateway-back': { is: 'gateway-back', gateway },
  'gateway-restarted': { is: 'gateway-restarted', gateway },
  'address-changed': { is: 'address-changed', gateway, from: 'none', to: ip('203.0.113.9') },
  'name-updated': { is: 'name-updated', host: 'home.example.org', addresses: [ip('203.0.113.9')] },
  'command-ran': { is: 'command-ran', program: '/usr/local/bin/announce' },
  switched: { is: 'switched', profile: 'minecraft' as never, name: 'Minecraft', on: true },
  condition: {
    is: 'condition',
    profile: 'minecraft' as never,
    name: 'Minecraft',
    opensWhile: { is: 'listening' },
    isMet: true,
  },
  paused: { is: 'paused' },
  resumed: { is: 'resumed' },
  demo: { is: 'demo', on: true },
  opened: { is: 'opened', gateway, ...minecraft },
  renewed: { is: 'renewed', gateway, forwards: 2 },
  closed: { is: 'closed', ...minecraft },
  lost: { is: 'lost', ...minecraft },
  refused: { is: 'refused', problem: problem('conflict'), ...minecraft },
  problem: { is: 'problem', problem: problem('no-gateway') },
  solved: { is: 'solved', problem: problem('no-gateway') },
};

describe.each(LANGUAGES)('in %s', (language) => {
  test.each(codes)('%s has a short title, and says what to do', (code) => {
    const { title, body } = factNotification({ is: 'problem', problem: problem(code) }, language);
    expect(title.length).toBeLessThan(TITLE);
    expect(title).toMatch(/^\p{Lu}.*[^.]$/u);
    expect(body).toMatch(/\.\s\S.*[.?]$/);
  });

  test.each(Object.values(facts))('$is has a short title, and a sentence', (fact) => {
    const { title, body } = factNotification(fact, language);
    expect(title.length).toBeLessThan(TITLE);
    expect(title).not.toMatch(/undefined|^$/);
    expect(body).toMatch(/[.?]$/);
    expect(blemishesIn(`${title} ${body}`, language)).toEqual([]);
  });

  test('one thing is named, many are counted, and a few of them named', () => {
    const { refused, opened } = facts;
    expect(noticeNotification({ of: 'trouble', facts: [refused] }, language)).toEqual(
      factNotification(refused, language),
    );
    const many = noticeNotification({ of: 'news', facts: Array.from({ length: 12 }, () => opened) }, language);
    expect(many.title).toContain('12');
    expect(many.body.split('\n')).toHaveLength(3);
    expect(many.body).toMatch(/10 .*\.$/);
    const recovery = noticeNotification({ of: 'recovery', facts: [opened] }, language);
    expect(recovery.title).toBe(notificationWords[language].allOpen);
    expect(blemishesIn(`${many.title} ${many.body} ${recovery.title}`, language)).toEqual([]);
  });

  test('a notification about a profile is named after it, where that has a name', () => {
    expect(factNotification(facts.refused, language).title).toContain('Minecraft');
    expect(factNotification({ ...facts.lost, name: '' }, language).title).not.toMatch(/^ | {2}/);
  });
});

test('an address that is gone is not called a new one', () => {
  const gone = { ...facts['address-changed'], from: ip('203.0.113.9'), to: 'none' } as const;
  expect(factNotification(gone, 'en').title).toBe('No public IP address');
  expect(factNotification(facts['address-changed'], 'en').title).toBe('New public IP address');
});

test('a newer version is named', () => {
  expect(notificationWords.en.update('2.0.0').title).toBe('Portkeeper 2.0.0 is ready');
  expect(notificationWords.de.update('2.0.0').title).toBe('Portkeeper 2.0.0 ist bereit');
});
