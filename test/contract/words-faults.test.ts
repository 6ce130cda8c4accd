import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checked } from '../../main/contract/checked.ts';
import { COMMANDS } from '../../main/contract/commands.ts';
import {
  reasonIn,
  says,
  type CommandReason,
  type CommandReasons,
  type ValueReason,
  type ValueReasons,
} from '../../main/contract/fault-reasons.ts';
import { LANGUAGES } from '../../main/contract/words/catalogues.ts';
import { parseProfileDocument } from '../../main/contract/profiles/profile-document.ts';
import { SettingsSchema } from '../../main/contract/settings.ts';
import { commandFault, faultText, fieldText, reasonText } from '../../main/contract/words/faults.ts';
import { placeText } from '../../main/contract/words/places.ts';
import { badInput, type CommandError } from '../../main/engine/command-error.ts';
import { blemishesIn } from '../support/languages.ts';

/** A reason without an example does not compile. */
const values: { readonly [Code in keyof ValueReasons]: ValueReasons[Code] } = {
  missing: {},
  unexpected: { what: '"colour"' },
  'too-long': { most: 80 },
  'too-short': { least: 2 },
  'too-large': { most: 65_535 },
  'too-small': { least: 60 },
  'whole-number': {},
  empty: {},
  'wrong-type': { expected: ['"tcp"', 'string'], received: 'Object' },
  invalid: {},
  'one-line': {},
  'name-needed': {},
  port: {},
  id: {},
  'transports-needed': {},
  'families-needed': {},
  'each-once': {},
  'ip-address': {},
  'not-a-device': { address: '8.8.8.8', why: 'public' },
  lease: {},
  'range-backwards': {},
  'too-many-mappings': { count: 131_072, most: 4000 },
  'range-too-wide': { most: 512 },
  'inside-too-high': {},
  'ports-twice': { ports: '25565/tcp' },
  'id-twice': { id: 'minecraft' },
  'newer-version': { known: 1 },
  'unknown-version': { version: 0 },
  'probe-place': {},
  'tester-place': {},
  'router-place': {},
  'host-name': {},
  'dns-server': {},
  'program-line': {},
  'file-too-large': { mebibytes: 4 },
  'clock-time': {},
  'days-needed': {},
  'program-needed': {},
  'nothing-listens-here': {},
  other: { text: 'Something.' },
};

const commands: { readonly [Code in keyof CommandReasons]: CommandReasons[Code] } = {
  'bad-input': { place: 'profile.name', why: { code: 'name-needed', parameters: {} }, more: 2 },
  'bad-file': { file: 'Ports.csv', at: { line: 3 }, why: { code: 'no-ports', parameters: {} } },
  'no-such-command': { name: 'profile.fly' },
  'no-such-profile': { id: 'minecraft' },
  'nothing-to-restore': { id: 'minecraft' },
  'too-many-profiles': { most: 500 },
  'too-many-mappings': { count: 10_001, most: 10_000 },
  'profile-changed': { name: 'Web' },
  'profiles-clash': { one: 'Minecraft', other: 'Web', ports: '25565/tcp' },
  'ports-of-profile': { ports: '25565/tcp', profile: 'Minecraft', id: 'minecraft' },
  'ports-held': { ports: '25565/tcp', from: 'terminal', label: 'Minecraft' },
  'no-such-hold': {},
  'profiles-too-large': { mebibytes: 4 },
  'confirm-first': {
    questions: [{ code: 'dangerous-port', key: 'port 22', port: 22, service: 'SSH', danger: 'remote-login' }],
  },
  'not-stored': { path: '/data/profiles.json', fault: 'no-space' },
  'not-read': {},
  'no-such-forward': { forward: 'minecraft/2' },
  'same-port-over-ipv6': {},
  'no-room-for-range': { most: 65_530 },
  'ports-claimed': { profile: 'Minecraft', ports: '25565/tcp' },
  'no-network': {},
  'too-many-networks': { most: 64 },
  'no-such-gateway': {},
  'no-sign-in': {},
  'wrong-password': { router: '192.168.178.1' },
  'cannot-list': { gateway: 'FRITZ!Box', speaks: ['pcp', 'nat-pmp'] },
  'gateway-unreachable': { gateway: 'FRITZ!Box', why: 'timeout' },
  'gateway-garbled': { gateway: 'FRITZ!Box' },
  'gateway-refused': { gateway: 'FRITZ!Box', why: 'not-authorized', failure: '606' },
  'counts-no-traffic': { gateway: 'FRITZ!Box' },
  'asked-enough': { gateway: 'FRITZ!Box' },
  'entry-untold': { gateway: 'FRITZ!Box', port: '25565/tcp' },
  'entry-elsewhere': { port: '25565/tcp', holder: '192.168.1.12', name: 'Television' },
  'entry-wanted': { port: '25565/tcp', profile: 'Minecraft' },
  'entry-refused': { gateway: 'FRITZ!Box', port: '25565/tcp', why: 'not-authorized', failure: 'upnp 606' },
  'entry-unsure': { gateway: 'FRITZ!Box', port: '25565/tcp', why: 'timeout' },
  'entry-still-there': { gateway: 'FRITZ!Box', port: '25565/tcp' },
  'unknown-router': {},
  'no-such-trait': { trait: 'colour', known: ['leases', 'parallel'] },
  'trait-value': { trait: 'leases', may: ['"capped"', '1 … 64'] },
  'no-probe-server': {},
  'probe-demo': {},
  'nothing-open': {},
  'no-secret-file': { path: '/home/alice/secret' },
  'secret-unreadable': { path: '/home/alice/secret', why: 'no-permission' },
  'secret-length': { path: '/home/alice/secret', least: 16, most: 1024 },
  'no-demo': {},
  'demo-failed': { fault: 'EACCES' },
  'not-running': {},
  'no-desktop': { folder: '/data' },
  'nothing-fetched': {},
  'no-dns-provider': {},
  'command-by-terminal': {},
  'no-self-update': {},
  stopped: {},
  'not-connected': {},
  'own-fault': {},
  'bad-request': { text: 'There is no such address.' },
};

// A reason's code and parameters belong together; the type system cannot follow that through the table.
const valueReasons = Object.entries(values).map(([code, parameters]) => ({ code, parameters }) as ValueReason);
const commandReasons = Object.entries(commands).map(([code, parameters]) => ({ code, parameters }) as CommandReason);

const port = (first: unknown): unknown => ({
  profile: {
    name: 'Web',
    forwards: [{ transports: ['tcp'], external: { first, last: 80 }, internal: { first: 80 } }],
  },
});

function refusal(input: unknown): CommandError {
  const parsed = checked(COMMANDS['profile.add'], input);
  if (parsed.ok) throw new Error('is not refused');
  return badInput(parsed.faults);
}

describe.each(LANGUAGES)('in %s', (language) => {
  test.each(commandReasons)('$code is a whole sentence', (reason) => {
    const text = faultText(commandFault('failed', '', reason), language);
    expect(text).toMatch(/^[\p{Lu}“„].*(?:[.)?]|\/data|serve)$/u);
    expect(text).not.toMatch(/undefined|null|\[object|NaN/);
    // Codes have a sentence of their own.
    for (const [name, each] of Object.entries(reason.parameters)) {
      const isCode = name === 'why' || name === 'from' || name === 'place' || reason.code === 'not-stored';
      if (typeof each === 'string' && !isCode) expect(text).toContain(each);
    }
  });

  test.each(valueReasons)('$code is a part of a sentence, and whole beside a field', (reason) => {
    const part = reasonText(reason, language) ?? '';
    expect(part).not.toMatch(/^$|undefined|null|\[object|NaN/);
    const fault = commandFault('bad-input', 'x', {
      code: 'bad-input',
      parameters: { place: 'x', why: reason, more: 0 },
    });
    expect(fieldText(fault, language)).toMatch(/^[\p{Lu}“„].*[.]$/u);
    for (const each of Object.values(reason.parameters)) {
      if (typeof each === 'number') expect(part).toContain(String(each));
    }
  });

  test('any place has words, and never throws', () => {
    const step = fc.oneof(
      fc.constantFrom('profile', 'profiles', 'forwards', 'external', 'first', 'settings', 'document', '0', '12'),
      fc.constantFrom('constructor', '__proto__', 'toString', '99999999999999999999'),
      fc.string({ unit: 'binary', maxLength: 90 }),
    );
    const places = fc.array(step, { maxLength: 30 }).map((steps) => steps.join('.'));
    fc.assert(
      fc.property(places, (place) => {
        const text = placeText(place, language);
        expect(text).not.toBe('');
        expect(text.length).toBeLessThan(2500);
        expect(text).not.toMatch(/\[native code\]/);
      }),
    );
  });
});

test.each([...valueReasons, ...commandReasons])('$code has no blemishes', (reason) => {
  for (const language of LANGUAGES) {
    const text =
      reason.code in commands
        ? faultText(commandFault('failed', '', reason as CommandReason), language)
        : (reasonText(reason as ValueReason, language) ?? '');
    // A trait is written as JSON.
    expect(blemishesIn(text.replaceAll('"capped"', ''), language)).toEqual([]);
  }
});

describe('a place', () => {
  test.each([
    ['', 'The input', 'Die Eingabe'],
    ['profile.forwards.0.external.first', 'Forward 1, external port', 'Freigabe 1, externer Port'],
    ['document.profiles.2.forwards.0.transports', 'Profile 3, Forward 1, protocol', 'Profil 3, Freigabe 1, Protokoll'],
    ['profile.forwards.1.internal.client', 'Forward 2, device', 'Freigabe 2, Gerät'],
    ['profile.forwards.1.transports.0', 'Forward 2, protocol, entry 1', 'Freigabe 2, Protokoll, Eintrag 1'],
    ['profile.forwards', 'Forwards', 'Freigaben'],
    ['settings.lease', 'Lease time', 'Laufzeit'],
    ['settings.approvedNetworks.0.name', 'Approved network 1, name', 'Freigegebenes Netzwerk 1, Name'],
    ['settings.colour', 'Colour', 'Colour'],
    ['document', 'Document', 'Dokument'],
  ])('%s', (place, english, german) => {
    expect(placeText(place, 'en')).toBe(english);
    expect(placeText(place, 'de')).toBe(german);
  });

  test('of every value of the commands and the settings has words', () => {
    const objects = Object.values(COMMANDS).map((schema) => ('options' in schema ? schema.options : [schema]));
    const keys = objects.flat().flatMap(({ entries }) => Object.keys(entries));
    for (const key of [...keys, ...Object.keys(SettingsSchema.entries)]) {
      if (key === 'name' || key === 'version' || key === 'format') continue;
      expect(placeText(`x.${key}`, 'de').toLowerCase(), key).not.toMatch(new RegExp(`\\b${key.toLowerCase()}$`));
    }
  });
});

describe('a refusal', () => {
  test('names the place in words for people, and as it is written for terminals', () => {
    const { fault } = refusal(port(0));
    expect(fault.place).toBe('profile.forwards.0.external.first');
    expect(fault.message).toBe('profile.forwards.0.external.first: must be a port from 1 to 65535');
    expect(faultText(fault, 'en')).toBe('Forward 1, external port: must be a port from 1 to 65535.');
    expect(faultText(fault, 'de')).toBe('Freigabe 1, externer Port: muss ein Port von 1 bis 65535 sein.');
    expect(fieldText(fault, 'de')).toBe('Muss ein Port von 1 bis 65535 sein.');
  });

  test('of several faults says how many there are, and shows the first', () => {
    const { fault } = refusal({ profile: { name: 7, on: 'yes' } });
    expect(fault.message).toMatch(/^There are 3 mistakes:\nprofile\.name: .*\nprofile\.on: .*\nprofile\.forwards: .*$/);
    expect(faultText(fault, 'de')).toBe('Name: muss Text sein, nicht 7 (und 2 weitere Fehler).');
  });

  test('of a document that another version knows better has words of its own', () => {
    const fault = { ...commandFault('failed', '', { code: 'stopped', parameters: {} }), message: 'Later words.' };
    // As it comes over a socket.
    const later = { ...fault, reason: { ...fault.reason, code: 'later' } } as unknown as typeof fault;
    expect(faultText(later, 'de')).toBe('Later words.');
    expect(fieldText(later, 'de')).toBe('Later words.');
  });

  test('of a document says what is wrong in each language', () => {
    const parsed = parseProfileDocument({ version: 2 });
    const [fault] = parsed.ok ? [] : parsed.faults;
    expect(fault?.message).toBe('comes from a newer version of Portkeeper (this one reads up to version 1)');
    expect(fault && fieldText(fault, 'de')).toBe(
      'Stammt aus einer neueren Portkeeper-Version (diese liest bis Version 1).',
    );
  });
});

test('a reason survives being the message of a schema', () => {
  expect(reasonIn(says('port'))).toEqual({ code: 'port', parameters: {} });
  expect(reasonIn(says('ports-twice', { ports: '"}' }))).toEqual({ code: 'ports-twice', parameters: { ports: '"}' } });
  expect(reasonIn('Invalid type')).toEqual({ code: 'other', parameters: { text: 'Invalid type' } });
});

/** Schemas carry their messages; those of a check that builds its own are seen by the tests of what it checks. */
function messagesOf(part: unknown, seen = new Set<unknown>()): readonly string[] {
  if (typeof part !== 'object' || part === null || seen.has(part)) return [];
  seen.add(part);
  return Object.entries(part).flatMap(([key, value]) =>
    key === 'message' && typeof value === 'string' ? [value] : messagesOf(value, seen),
  );
}

test('every message of the schemas is a reason, so that it has words in each language', () => {
  const messages = messagesOf({ COMMANDS, SettingsSchema });
  expect(messages.length).toBeGreaterThan(5);
  expect(messages.filter((message) => reasonIn(message).code === 'other')).toEqual([]);
});
