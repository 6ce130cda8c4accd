import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ip } from '../../main/contract/address.ts';
import { DNS_DELAYS, DNS_REFUSALS } from '../../main/contract/dynamic-dns.ts';
import { LOST_CONTENTS } from '../../main/contract/fault-reasons.ts';
import { LANGUAGES } from '../../main/contract/words/catalogues.ts';
import type { Problem } from '../../main/contract/problems.ts';
import { epochMs, port } from '../../main/contract/units.ts';
import { explain, inOneLine } from '../../main/contract/words/problems.ts';
import { codes, examples, problem } from '../support/problems.ts';
import { blemishesIn } from '../support/languages.ts';

const text = fc.string({ unit: 'binary', maxLength: 40 });
const anyPort = fc.integer({ min: 1, max: 65_535 }).map(port);
const address = fc.oneof(fc.ipV4(), fc.ipV6()).map(ip);

/** Anything that a parameter of this name can be. */
const anyParameter: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  lease: fc.nat(60_000),
  transport: fc.constantFrom('tcp', 'udp'),
  family: fc.constantFrom('ipv4', 'ipv6'),
  port: anyPort,
  internal: anyPort,
  suggestion: fc.option(anyPort, { nil: undefined }),
  holder: fc.option(address, { nil: undefined }),
  holderName: fc.option(text, { nil: undefined }),
  router: address,
  client: address,
  external: address,
  routers: fc.array(address, { maxLength: 3 }),
  count: fc.nat(),
  most: fc.nat(),
  how: fc.constantFrom('hung-up', 'silent', 'not-there'),
  what: fc.constantFrom('service-description', 'web-page', 'other-device', 'other', 'missing', 'closed', 'silent'),
  known: fc.array(text, { maxLength: 3 }),
  since: fc.integer({ min: 0, max: 8e15 }).map(epochMs),
};

function anyProblem(): fc.Arbitrary<Problem> {
  return fc.constantFrom(...codes).chain((code) => {
    const names = Object.keys(examples[code]);
    const record = Object.fromEntries(names.map((name) => [name, parameterOf(code, name)]));
    // Every parameter is made as its name says.
    return fc.record(record).map((parameters) => ({ code, parameters, severity: 'error', since: 0 }) as never);
  });
}

function parameterOf(code: Problem['code'], name: string): fc.Arbitrary<unknown> {
  if (name === 'fault' && code === 'login-item-failed') {
    return fc.constantFrom('not-installed', 'path', 'not-kept', 'other');
  }
  if (name === 'fault' && code !== 'profiles-misunderstood') {
    return fc.constantFrom('no-permission', 'no-space', 'not-a-folder', 'not-private', 'unreadable', 'locked', 'other');
  }
  if (name === 'why' && code === 'name-refused') return fc.constantFrom(...DNS_REFUSALS);
  if (name === 'why' && code === 'name-not-updated') return fc.constantFrom(...DNS_DELAYS);
  if (name === 'until') return fc.integer({ min: 0, max: 8e15 }).map(epochMs);
  if (name === 'lost') return fc.constantFrom(...LOST_CONTENTS);
  return anyParameter[name] ?? text;
}

/** Said of the home's own router alone: what finds none, and IPv6, which passes the other. */
const OF_THE_HOME: ReadonlySet<Problem['code']> = new Set(['port-control-off', 'pinholes-off']);

describe.each(LANGUAGES)('every problem, in %s', (language) => {
  test.each(codes)('%s has whole sentences', (code) => {
    const { what, why, todo } = explain(problem(code), language);
    for (const sentence of [what, why, todo]) {
      expect(sentence).toMatch(/^[\p{Lu}/"„\d].*[.?"“]$/u);
      expect(sentence).not.toMatch(/undefined|null|\[object|NaN|  /);
    }
  });

  test('has words for any parameters, and never shows raw objects', () => {
    fc.assert(
      fc.property(anyProblem(), (each) => {
        const { what, why, todo } = explain(each, language);
        for (const sentence of [what, why, todo]) expect(sentence.trim()).not.toBe('');
        expect(inOneLine({ what, why, todo })).not.toMatch(/\[object|NaN/);
      }),
    );
  });

  test('names the port, the holder and the way out of a conflict', () => {
    const said = inOneLine(explain(problem('conflict'), language));
    for (const part of ['25565/TCP', '192.168.1.9', 'xbox', '25566']) expect(said).toContain(part);
  });

  test('names where something could not be written, and why', () => {
    const full = inOneLine(explain(problem('storage-failed'), language));
    const locked = inOneLine(
      explain(problem('storage-failed', { path: '/data/journal.jsonl', fault: 'locked' }), language),
    );
    expect(full).toContain('/data/journal.jsonl');
    expect(full).not.toBe(locked);
  });
});

test.each(codes)('%s has no blemishes in either language', (code) => {
  for (const language of LANGUAGES) {
    expect(blemishesIn(inOneLine(explain(problem(code), language)), language)).toEqual([]);
  }
  expect(explain(problem(code), 'de')).not.toEqual(explain(problem(code), 'en'));
});

test('a problem that only another version knows is reported as such', () => {
  // As it comes over a socket.
  const later = { ...problem('no-network'), code: 'constructor' } as unknown as Problem;
  for (const language of LANGUAGES) expect(explain(later, language).what).toContain('(constructor)');
});

test.each(codes)('%s of the router in front is not blamed on the home’s own', (code) => {
  for (const language of LANGUAGES) {
    const { what, why, todo } = explain({ ...problem(code), front: ip('10.0.0.1') }, language);
    const isOurs = /^(Your router|Dein Router)/.test(explain(problem(code), language).what);
    if (isOurs && !OF_THE_HOME.has(code))
      expect(what).toMatch(/(in front of yours|vorgeschaltete Router) \(10\.0\.0\.1\)/);
    expect(blemishesIn(inOneLine({ what, why, todo }), language)).toEqual([]);
  }
});

test('the time of a day is written as the language writes it', () => {
  const at = { gateway: 'FRITZ!Box', since: epochMs(new Date(2026, 4, 1, 9, 5).getTime()) };
  expect(explain(problem('gateway-away', at)).what).toBe('FRITZ!Box hasn’t answered since 09:05.');
  expect(explain(problem('gateway-away', at), 'de').what).toBe('FRITZ!Box antwortet seit 09:05 Uhr nicht mehr.');
});

test('a file that may not be read is not reported as one that may not be written', () => {
  const reading = explain(problem('profiles-unreadable', { path: '/p.json', fault: 'no-permission' }));
  const writing = explain(problem('storage-failed', { path: '/p.json', fault: 'no-permission' }));
  expect(reading.why).toBe('You don’t have permission to read there.');
  expect(writing.why).toBe('You don’t have permission to write there.');
});
