import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hash } from '../../main/system/node/node-system.ts';
import { digestAuthorization, parseDigestChallenge } from '../../main/wire/digest.ts';

/** RFC 7616 §3.9.1. */
const EXAMPLE =
  'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS", ' +
  'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';
const mufasa = {
  user: 'Mufasa',
  password: 'Circle of Life',
  method: 'GET',
  target: '/dir/index.html',
  count: 1,
  clientNonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
} as const;

const responseOf = (header: string): string | undefined => /response="([0-9a-f]+)"/.exec(header)?.[1];

describe('an answer', () => {
  test('is that of the RFC, with SHA-256 before MD5', () => {
    const best = parseDigestChallenge(EXAMPLE);
    expect(best).toMatchObject({ algorithm: 'sha-256', hasQop: true, isStale: false });
    if (best === undefined) return;
    expect(responseOf(digestAuthorization(best, mufasa, hash))).toBe(
      '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
    );
    const md5 = { ...best, algorithm: 'md5', algorithmText: 'MD5' } as const;
    const header = digestAuthorization(md5, mufasa, hash);
    expect(responseOf(header)).toBe('8ca523f5e9506fed4657c9700eebdbec');
    expect(header).toContain('qop=auth, nc=00000001, cnonce="f2/wE4q7');
  });

  test('without qop is that of RFC 2069, and without an algorithm MD5', () => {
    const old = parseDigestChallenge('Digest realm="HTTPS Access", nonce="A1"');
    expect(old).toMatchObject({ algorithm: 'md5', hasQop: false });
    if (old === undefined) return;
    const header = digestAuthorization(old, mufasa, hash);
    expect(header).not.toMatch(/qop|cnonce|algorithm/);
    const secret = hash('md5', 'Mufasa:HTTPS Access:Circle of Life');
    expect(responseOf(header)).toBe(hash('md5', `${secret}:A1:${hash('md5', 'GET:/dir/index.html')}`));
  });

  test('cannot break the line, whatever the router and the person wrote', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (realm, nonce, user) => {
        const challenge = { realm, nonce, opaque: nonce, algorithm: 'md5', algorithmText: undefined } as const;
        const answer = { ...mufasa, user };
        const header = digestAuthorization({ ...challenge, hasQop: true, isStale: false }, answer, hash);
        expect(header).not.toMatch(/[\r\n\0]/);
      }),
    );
  });
});

describe('a challenge', () => {
  test.each([
    [
      'as FRITZ!Boxes have it',
      'Digest realm="F!Box SOAP-Auth",nonce="9A31",algorithm=MD5,qop="auth"',
      'F!Box SOAP-Auth',
    ],
    ['beside Basic', 'Basic realm="no", Digest realm="yes", nonce="1", qop=auth', 'yes'],
    ['with quotation marks in it', String.raw`Digest realm="a \"b\"", nonce="1"`, 'a "b"'],
    ['with odd spacing', 'digest  REALM = "x" ,\tnonce="1"', 'x'],
  ])('%s', (_name, header, realm) => {
    expect(parseDigestChallenge(header)?.realm).toBe(realm);
  });

  test.each([
    ['Basic alone', 'Basic realm="x"'],
    ['without a nonce', 'Digest realm="x"'],
    ['an algorithm that nobody has', 'Digest realm="x", nonce="1", algorithm=SHA-512-256'],
    ['with the body in the digest only', 'Digest realm="x", nonce="1", qop="auth-int"'],
    ['nothing', ''],
  ])('%s cannot be answered', (_name, header) => {
    expect(parseDigestChallenge(header)).toBeUndefined();
  });

  test('any text is taken', () => {
    const marks = fc.string({
      unit: fc.constantFrom('"', '\\', ',', '=', ' ', 'Digest ', 'a', 'realm', 'nonce', '\t'),
    });
    fc.assert(
      fc.property(fc.oneof(fc.string(), marks), (text) => {
        const challenge = parseDigestChallenge(text);
        expect(challenge === undefined || typeof challenge.nonce === 'string').toBe(true);
      }),
    );
  });
});
