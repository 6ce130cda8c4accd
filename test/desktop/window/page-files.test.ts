import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerPage } from '../../../main/desktop/window/page.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'portkeeper-page-'));
  await mkdir(path.join(folder, 'page/assets'), { recursive: true });
  await writeFile(path.join(folder, 'secret.json'), '{}');
  await writeFile(path.join(folder, 'page/index.html'), '<!doctype html>');
  await writeFile(path.join(folder, 'page/assets/index-a1_b2.js'), 'void 0;');
  await writeFile(path.join(folder, 'page/assets/index-a1_b2.js.map'), '{}');
  await writeFile(path.join(folder, 'page/.hidden.json'), '{}');
});
afterAll(() => rm(folder, { recursive: true }));

const get = (url: string, method = 'GET'): Promise<Response> => answerPage(path.join(folder, 'page'), { method, url });

test('the page and what it is made of, under a strict policy', async () => {
  const page = await get('portkeeper://app/');
  expect(page.status).toBe(200);
  expect(await page.text()).toBe('<!doctype html>');
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(page.headers.get('content-security-policy')).toBe(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  );
  expect(page.headers.get('x-content-type-options')).toBe('nosniff');
  const script = await get('portkeeper://app/assets/index-a1_b2.js?again#there');
  expect(await script.text()).toBe('void 0;');
  expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
});

describe('nothing else', () => {
  test.each([
    'portkeeper://app/missing.js',
    'portkeeper://app/assets/',
    'portkeeper://app/assets/index-a1_b2.js.map',
    'portkeeper://app/.hidden.json',
    'portkeeper://app/../secret.json',
    'portkeeper://app/%2e%2e/secret.json',
    'portkeeper://app/..%2fsecret.json',
    'portkeeper://app/assets/..%5c..%5csecret.json',
    'portkeeper://app//etc/passwd.json',
    'portkeeper://app/C:/secret.json',
    'portkeeper://app/assets/%00.js',
    'portkeeper://elsewhere/',
    'https://app/',
    'no url',
  ])('%s', async (url) => {
    const answer = await get(url);
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await answer.text()).toBe('');
  });

  test('and nothing but to be read', async () => {
    expect((await get('portkeeper://app/', 'POST')).status).toBe(405);
  });
});
