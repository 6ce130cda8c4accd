import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  createDocumentStore,
  type DocumentStoreOptions,
  type SetAside,
} from '../../../main/system/node/files/document-store.ts';
import { temporaryFolder } from './temporary-folder.ts';

const profiles = { version: 1, profiles: [{ name: 'Minecraft', ports: [25_565] }] };
const others = { version: 1, profiles: [] };

/** Tests of every document store, whatever writes its files. */
export function documentStoreSuite(name: string, options: Pick<DocumentStoreOptions, 'openFile'>): void {
  describe(name, () => {
    documentStoreTests(options);
  });
}

function documentStoreTests(options: Pick<DocumentStoreOptions, 'openFile'>): void {
  /** The store as after a start of the program, and what it set aside. */
  function started(folder: string) {
    const setAside: SetAside[] = [];
    const store = createDocumentStore(folder, { ...options, onSetAside: (what) => setAside.push(what) });
    return { store, setAside };
  }

  describe('documents', () => {
    it('are there after a restart, whole, also with other programs of the kind', async () => {
      const folder = path.join(temporaryFolder(), 'not', 'yet', 'there');
      await started(folder).store.write('profiles', profiles);
      await started(folder).store.write('settings', { language: 'de' });
      expect(await started(folder).store.read('profiles')).toEqual(profiles);
      expect(JSON.parse(readFileSync(path.join(folder, 'profiles.json'), 'utf8'))).toEqual(profiles);
      expect(await started(folder).store.read('settings')).toEqual({ language: 'de' });
    });

    it('are absent until written, and reading makes no file', async () => {
      const folder = temporaryFolder();
      expect(await started(folder).store.read('profiles')).toBeUndefined();
      expect(readdirSync(folder)).toEqual([]);
    });

    it('are replaced whole, the last write winning', async () => {
      const { store } = started(temporaryFolder());
      const writes = Array.from({ length: 10 }, (_, count) => store.write('profiles', { [`only ${count}`]: count }));
      await Promise.all(writes);
      expect(await store.read('profiles')).toEqual({ 'only 9': 9 });
    });

    it('are not shared with whoever wrote or read them', async () => {
      const { store } = started(temporaryFolder());
      const mine = { ports: [1] };
      const writing = store.write('profiles', mine);
      mine.ports.push(2);
      await writing;
      expect(await store.read('profiles')).toEqual({ ports: [1] });
      expect(await store.read('profiles')).not.toBe(await store.read('profiles'));
    });

    it('are for the owner only', async () => {
      const folder = temporaryFolder();
      await started(folder).store.write('profiles', profiles);
      for (const name of readdirSync(folder)) expect(statSync(path.join(folder, name)).mode & 0o077).toBe(0);
    });

    it('are JSON objects, since electron-store would write anything else as an empty one', async () => {
      const { store } = started(temporaryFolder());
      for (const wrong of [[1, 2], 'text', null, undefined, 7])
        await expect(store.write('profiles', wrong)).rejects.toThrow(TypeError);
      await expect(store.read('../profiles')).rejects.toThrow(TypeError);
    });
  });

  describe('a damaged file', () => {
    const damages: readonly (readonly [string, string])[] = [
      ['cut short', JSON.stringify(profiles).slice(0, 30)],
      ['emptied', ''],
      ['full of NULs', '\0'.repeat(64)],
      ['edited into another kind of JSON', '[]'],
      ['null', 'null'],
      ['nested too deep', `{"version":1,"profiles":${'['.repeat(50_000)}${']'.repeat(50_000)}}`],
    ];

    it.each(damages)('that was %s is set aside, and the last good version is back', async (_, damage) => {
      const folder = temporaryFolder();
      await started(folder).store.write('profiles', others);
      await started(folder).store.write('profiles', profiles);
      const file = path.join(folder, 'profiles.json');
      writeFileSync(file, damage);
      const { store, setAside } = started(folder);
      expect(await store.read('profiles')).toEqual(profiles);
      expect(await store.read('profiles')).toEqual(profiles);
      expect(setAside).toEqual([
        { path: file, kept: expect.stringMatching(/profiles\.unreadable-[\dTZ-]+\.json$/), lost: 'latest' },
      ]);
      expect(readFileSync(setAside[0]?.kept ?? '', 'utf8')).toBe(damage);
    });

    it('is also set aside by a program that only writes', async () => {
      const folder = temporaryFolder();
      writeFileSync(path.join(folder, 'profiles.json'), '{ "precious": ');
      const { store, setAside } = started(folder);
      await store.write('profiles', profiles);
      expect(setAside).toHaveLength(1);
      expect(readFileSync(setAside[0]?.kept ?? '', 'utf8')).toBe('{ "precious": ');
      expect(await started(folder).store.read('profiles')).toEqual(profiles);
    });

    it('without a good version beside it is not taken for none, and left as it is', async () => {
      const folder = temporaryFolder();
      const file = path.join(folder, 'profiles.json');
      writeFileSync(file, '{');
      writeFileSync(path.join(folder, 'profiles.last-good.json'), '{');
      const { store, setAside } = started(folder);
      await expect(store.read('profiles')).rejects.toMatchObject({ fault: 'unreadable', path: file });
      expect(setAside).toEqual([]);
      writeFileSync(file, JSON.stringify(profiles));
      expect(await store.read('profiles')).toEqual(profiles);
    });

    it('in the place of both files is set aside by the writer', async () => {
      const folder = temporaryFolder();
      for (const name of ['profiles.json', 'profiles.last-good.json']) mkdirSync(path.join(folder, name));
      const { store, setAside } = started(folder);
      await store.write('profiles', profiles);
      expect(setAside).toMatchObject([{ path: path.join(folder, 'profiles.json'), lost: 'all' }]);
      expect(await started(folder).store.read('profiles')).toEqual(profiles);
    });

    it.each([
      ['a folder', (file: string) => mkdirSync(file)],
      ['a device', (file: string) => symlinkSync('/dev/zero', file)],
      [
        'too large',
        (file: string) => {
          writeFileSync(file, '');
          truncateSync(file, 64 * 1024 ** 2 + 1);
        },
      ],
    ])('that is %s gives way to the last good version', async (_, spoil) => {
      const folder = temporaryFolder();
      const file = path.join(folder, 'profiles.json');
      await started(folder).store.write('profiles', profiles);
      rmSync(file);
      spoil(file);
      const { store, setAside } = started(folder);
      expect(await store.read('profiles')).toEqual(profiles);
      expect(setAside).toMatchObject([{ path: file, kept: expect.stringContaining('unreadable'), lost: 'latest' }]);
      await store.write('profiles', others);
      expect(await started(folder).store.read('profiles')).toEqual(others);
    });

    it('is not lost when only the copy survived', async () => {
      const folder = temporaryFolder();
      writeFileSync(path.join(folder, 'profiles.last-good.json'), JSON.stringify(profiles));
      expect(await started(folder).store.read('profiles')).toEqual(profiles);
    });
  });

  describe('a document that its reader cannot use', () => {
    const isUsable = (document: unknown): boolean =>
      typeof document === 'object' && document !== null && 'version' in document && document.version === 1;
    const strange = { version: 99 };

    it('gives way to the last good version, which is the last that was read or written', async () => {
      const folder = temporaryFolder();
      const file = path.join(folder, 'profiles.json');
      await started(folder).store.write('profiles', others);
      // By hand.
      writeFileSync(file, JSON.stringify(profiles));
      expect(await started(folder).store.read('profiles', { isUsable, onLastGood: () => undefined })).toEqual(profiles);
      writeFileSync(file, JSON.stringify(strange));
      const { store, setAside } = started(folder);
      let isFormer = false;
      const onLastGood = (): void => {
        isFormer = true;
      };
      expect(await store.read('profiles', { isUsable, onLastGood })).toEqual(profiles);
      expect(isFormer).toBe(true);
      expect(readFileSync(setAside[0]?.kept ?? '', 'utf8')).toBe(JSON.stringify(strange));
    });

    it('is given as it is where there is no good version', async () => {
      const folder = temporaryFolder();
      writeFileSync(path.join(folder, 'profiles.json'), JSON.stringify(strange));
      const { store, setAside } = started(folder);
      expect(await store.read('profiles', { isUsable, onLastGood: () => undefined })).toEqual(strange);
      expect(setAside).toEqual([]);
    });
  });

  describe('a write that is cut short by a full disk, and taken for whole', () => {
    it('does not cost the document', async () => {
      const folder = temporaryFolder();
      await started(folder).store.write('profiles', others);
      const store = createDocumentStore(folder, {
        openFile: ({ cwd, name }) => ({
          get store() {
            return {};
          },
          set store(members) {
            writeFileSync(path.join(cwd, `${name}.json`), JSON.stringify(members).slice(0, 10));
          },
        }),
      });
      await store.write('profiles', profiles);
      const { store: later, setAside } = started(folder);
      expect(await later.read('profiles')).toEqual(profiles);
      expect(setAside).toEqual([]);
    });
  });

  it('says when the folder is none', async () => {
    const file = path.join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const { store } = started(file);
    await expect(store.write('profiles', profiles)).rejects.toMatchObject({
      name: 'StorageError',
      fault: 'not-a-folder',
    });
    await expect(store.read('profiles')).rejects.toMatchObject({ fault: 'not-a-folder' });
  });

  it('keeps the former version when the new one cannot be written', async () => {
    const folder = temporaryFolder();
    const { store } = started(folder);
    await store.write('profiles', others);
    mkdirSync(path.join(folder, 'profiles.last-good.json.new'));
    await expect(store.write('profiles', profiles)).rejects.toMatchObject({ name: 'StorageError' });
    expect(await store.read('profiles')).toEqual(others);
    expect(await started(folder).store.read('profiles')).toEqual(others);
  });

  it('sweeps up what a killed process left behind', async () => {
    const folder = temporaryFolder();
    await started(folder).store.write('profiles', profiles);
    writeFileSync(path.join(folder, 'profiles.json.tmp-1234567890abcdef'), '{');
    expect(await started(folder).store.read('profiles')).toEqual(profiles);
    expect(readdirSync(folder).toSorted()).toEqual(['profiles.json', 'profiles.last-good.json']);
  });
}
