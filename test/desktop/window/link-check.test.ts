import { describe, expect, test } from 'vitest';
import { ip } from '../../../main/contract/address.ts';
import { openableLink } from '../../../main/desktop/window/links.ts';

const places = {
  pages: new Set(['https://docs.example/ports?game=1', 'http://plain.example/']),
  routers: [ip('203.0.113.1'), ip('2001:db8::1')],
};
const opened = (link: string): string | undefined => openableLink(link, places);

describe('is opened', () => {
  test.each([
    'https://docs.example/ports?game=1',
    'http://192.168.1.1/',
    'https://10.0.0.138/login',
    'http://172.16.0.1:8080/',
    'http://169.254.1.1/',
    'http://[fe80::1]/',
    'http://[fd00::1]:49000/',
    'http://203.0.113.1/',
    'http://[2001:db8::1]/',
  ])('%s', (link) => {
    expect(opened(link)).toBe(link);
  });
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
    'ftp://192.168.1.1/',
    // Another page of a known place.
    'https://docs.example/ports?game=2',
    'https://docs.example.evil.example/ports?game=1',
    'https://user:secret@docs.example/ports?game=1',
    'http://docs.example/ports?game=1',
    'http://plain.example/',
    'http://192.168.1.1@evil.example/',
    'http://admin:secret@192.168.1.1/',
    'http://192.168.1.1.evil.example/',
    'http://localhost/',
    'http://127.0.0.1:8788/',
    'http://[::1]/',
    'http://8.8.8.8/',
    'http://[2001:4860:4860::8888]/',
    'http://fritz.box/',
  ])('%s', (link) => {
    expect(opened(link)).toBeUndefined();
  });
});

test('what only looks otherwise is the address that it is', () => {
  // URL makes both the same: what is opened is what was checked.
  expect(opened('http://0300.0250.1.1/')).toBe('http://192.168.1.1/');
  expect(opened('http://134744072/')).toBeUndefined();
});
