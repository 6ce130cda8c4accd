import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createNodeClock } from '../../main/system/node/clock.ts';
import { createSecretStore, type Sealer, type Vault } from '../../main/system/node/secrets.ts';
import { SecretError } from '../../main/system/system.ts';

const never = new AbortController().signal;
const log = { write: () => undefined };
let folder: string;

beforeEach(() => {
  folder = path.join(mkdtempSync(path.join(tmpdir(), 'portkeeper-secrets-')), 'data');
});
afterEach(() => rm(path.dirname(folder), { recursive: true }));

const store = (by: { readonly sealer?: Sealer; readonly vault?: Vault } = {}) =>
  createSecretStore({ folder, clock: createNodeClock(), log, ...by });
const file = (): Promise<string> => readFile(path.join(folder, 'secrets.json'), 'utf8').catch(() => '');

/** Turns texts around: enough to see what is sealed. */
const sealer: Sealer = {
  isAvailable: async () => true,
  seal: async (text) => Buffer.from(text).toReversed(),
  open: async (sealed) => Buffer.from(Buffer.from(sealed).toReversed()).toString(),
};

function memoryVault(): Vault & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return {
    kept,
    read: async (key) => kept.get(key),
    write: async (key, secret) => void (secret === undefined ? kept.delete(key) : kept.set(key, secret)),
  };
}

const noVault: Vault = {
  read: () => Promise.reject(new SecretError('unavailable')),
  write: () => Promise.reject(new SecretError('unavailable')),
};

describe('a secret', () => {
  test('is in a file of the owner alone where the system keeps none, and said to be', async () => {
    const secrets = store({ vault: noVault });
    expect(await secrets.read('a', never)).toBeUndefined();
    expect(await secrets.write('a', 'geheim', never)).toBe('file');
    expect(await store().read('a', never)).toEqual({ secret: 'geheim', place: 'file' });
    if (process.platform !== 'win32') {
      expect((await stat(path.join(folder, 'secrets.json'))).mode & 0o777).toBe(0o600);
    }
    await secrets.write('a', undefined, never);
    expect(await file()).toBe('');
  });

  test('is in the keyring where there is one, and in no file', async () => {
    const vault = memoryVault();
    await store().write('a', 'former', never);
    expect(await store({ vault }).write('a', 'geheim', never)).toBe('system');
    expect(await file()).toBe('');
    expect(await store({ vault }).read('a', never)).toEqual({ secret: 'geheim', place: 'system' });
    await store({ vault }).write('a', undefined, never);
    expect(vault.kept.size).toBe(0);
  });

  test('is sealed in the app, and cannot be read by another program', async () => {
    expect(await store({ sealer }).write('a', 'geheim', never)).toBe('system');
    expect(await file()).not.toContain('geheim');
    expect(await store({ sealer }).read('a', never)).toEqual({ secret: 'geheim', place: 'system' });
    await expect(store().read('a', never)).rejects.toMatchObject({ fault: 'elsewhere' });
    // Typed again there, it takes the place of the other.
    await store().write('a', 'anew', never);
    expect(await store({ sealer }).read('a', never)).toEqual({ secret: 'anew', place: 'file' });
  });

  test('that cannot be sealed after all is kept elsewhere', async () => {
    const broken: Sealer = { ...sealer, seal: () => Promise.reject(new Error('the keyring has gone')) };
    expect(await store({ sealer: broken }).write('a', 'geheim', never)).toBe('file');
    expect(await store({ sealer: broken }).read('a', never)).toEqual({ secret: 'geheim', place: 'file' });
  });

  test('in a locked keyring is unavailable for now', async () => {
    const vault: Vault = { ...memoryVault(), read: () => Promise.reject(new SecretError('locked')) };
    await expect(store({ vault }).read('a', never)).rejects.toMatchObject({ fault: 'locked' });
  });

  test('is not lost with a file that is damaged', async () => {
    await store().write('a', 'geheim', never);
    await writeFile(path.join(folder, 'secrets.json'), '{"a": {"pla');
    await expect(store().write('b', 'other', never)).rejects.toMatchObject({ fault: 'unreadable' });
    expect(await file()).toBe('{"a": {"pla');
  });
});
