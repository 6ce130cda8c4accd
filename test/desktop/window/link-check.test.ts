import { describe, expect, test } from 'vitest';
import { ip } from '../../../main/contract/address.ts';
import { knownPlaces, openableLink } from '../../../main/desktop/window/links.ts';
import { exampleSnapshots } from '../../support/example-snapshots.ts';

const { usual } = exampleSnapshots;
const [router] = usual.engine.gateways;
if (router === undefined) throw new Error('the example has no router');
const engine = {
  ...usual.engine,
  gateways: [router, { ...router, address: ip('2001:db8::1') }],
};
const places = knownPlaces({ ...usual, engine }, ['https://docs.example/ports?game=1', 'http://plain.example/']);
const opened = (link: string): string | undefined => openableLink(link, places);
const first = `http://${router.address}/`;

test.each(['https://docs.example/ports?game=1', first, 'http://[2001:db8::1]/'])('%s is opened', (link) => {
  expect(opened(link)).toBe(link);
});

describe('is not opened', () => {
  test.each([
    '',
    'no link',
    'javascript:alert(1)',
    'file:///etc/passwd',
    'smb://192.168.1.1/share',
    'ms-settings:network',
    'data:text/html,hello',
    // Another page of a known place.
    'https://docs.example/ports?game=2',
    'https://docs.example.evil.example/ports?game=1',
    'https://user:secret@docs.example/ports?game=1',
    'http://docs.example/ports?game=1',
    'http://plain.example/',
    // Another port or page of the router, or another device of the home.
    `${first}reboot.cgi`,
    `${first}?reboot`,
    first.replace(/\/$/, ':8080/'),
    first.replace('http:', 'https:'),
    first.replace('http://', 'http://admin:secret@'),
    'http://192.168.1.77/',
    'http://[fe80::77]/',
    'http://localhost/',
    'http://127.0.0.1:8788/',
    'http://8.8.8.8/',
    'http://fritz.box/',
  ])('%s', (link) => {
    expect(opened(link)).toBeUndefined();
  });

  test('anything of a router before there is one', () => {
    expect(openableLink(first, knownPlaces(undefined, []))).toBeUndefined();
  });
});
