/** Traps of other users of this computer: links, forged files, folders that they can write to. */
import { chmod, chown, link, lstat, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { takePidFile } from '../../main/cli/daemon.ts';
import { endingOf } from '../../main/cli/output/ending.ts';
import { becomeOrConnect } from '../../main/connect/rendezvous.ts';
import { defaultPidFile } from '../../main/system/node/files/data-folder.ts';
import { AppHome } from '../support/app-home.ts';

const isRoot = process.getuid?.() === 0;
const STRANGER = 12_345;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'portkeeper-others-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const at = (name: string): string => path.join(folder, name);

/** A folder such as /tmp: anybody may write there, and remove only what is theirs. */
async function shared(): Promise<string> {
  await mkdir(at('shared'));
  await chmod(at('shared'), 0o1777);
  return at('shared');
}

describe.skipIf(process.platform === 'win32')('a pid file', () => {
  test('is written into a shared folder, read by the next, and removed', async () => {
    const file = path.join(await shared(), 'portkeeper.pid');
    const first = await takePidFile(file);
    expect((await readFile(file, 'utf8')).trim()).toBe(String(process.pid));
    await expect(takePidFile(file)).rejects.toThrow(`kill ${process.pid}`);
    await first.release();
    await expect(lstat(file)).rejects.toThrow('ENOENT');
    await (await takePidFile(file)).release();
  });

  test.each(['portkeeper.pid', 'portkeeper.pid.lock'])(
    '%s that leads elsewhere is not written through',
    async (name) => {
      await writeFile(at('precious'), 'precious');
      await symlink(at('precious'), path.join(await shared(), name));
      await expect(takePidFile(path.join(at('shared'), 'portkeeper.pid'))).rejects.toThrow('it is a link, or no file');
      expect(await readFile(at('precious'), 'utf8')).toBe('precious');
    },
  );

  test('that is another name of a precious file is not written', async () => {
    await writeFile(at('precious'), 'precious');
    await link(at('precious'), at('portkeeper.pid'));
    await expect(takePidFile(at('portkeeper.pid'))).rejects.toThrow('it has another name elsewhere');
    expect(await readFile(at('precious'), 'utf8')).toBe('precious');
  });

  test.runIf(isRoot)('owned by another user is neither written nor trusted', async () => {
    const file = path.join(await shared(), 'portkeeper.pid');
    await writeFile(file, '1\n');
    await chown(file, STRANGER, STRANGER);
    await expect(takePidFile(file)).rejects.toThrow(`it belongs to user ${STRANGER}`);
    await rm(file);
    const first = await takePidFile(file);
    await rm(file);
    await writeFile(file, '1\n');
    await chown(file, STRANGER, STRANGER);
    const told = await takePidFile(file).catch((error: unknown) => endingOf(error).text);
    expect(told).toMatch(/^Another Portkeeper uses the pid file/);
    expect(told).not.toContain('kill');
    await first.release();
  });

  test('never names process 1 as the one to end', async () => {
    const first = await takePidFile(at('portkeeper.pid'));
    await writeFile(at('portkeeper.pid'), '1\n');
    const told = await takePidFile(at('portkeeper.pid')).catch((error: unknown) => endingOf(error).text);
    expect(told).not.toContain('kill');
    await first.release();
  });

  test('in a folder in which others can replace it is refused', async () => {
    await mkdir(at('open'));
    await chmod(at('open'), 0o777);
    await expect(takePidFile(path.join(at('open'), 'x.pid'))).rejects.toThrow('others may write into its folder');
  });

  test('is in the runtime folder unless another is named', () => {
    expect(path.dirname(defaultPidFile())).not.toBe('/tmp');
  });
});

describe.skipIf(process.platform === 'win32')('a data folder', () => {
  const never = new AbortController().signal;

  /** Why it is refused, as people read it; whoever may use it gives it back. */
  async function refusal(): Promise<string> {
    try {
      const host = await becomeOrConnect(at('data'), never);
      if (host.role === 'host') await host.leave();
      return '';
    } catch (error) {
      return endingOf(error).text;
    }
  }

  test.each([
    [0o777, 'that anybody may write to'],
    [0o1777, 'that anybody may add files to'],
  ])('%o, %s, is refused with the reason', async (mode) => {
    await mkdir(at('data'));
    await chmod(at('data'), mode);
    expect(await refusal()).toContain('Other users of this computer could change it');
  });

  test.each([0o700, 0o755])('%o is used', async (mode) => {
    await mkdir(at('data'));
    await chmod(at('data'), mode);
    expect(await refusal()).toBe('');
  });

  test('below a folder in which others can replace it is refused', async () => {
    await chmod(folder, 0o777);
    expect(await refusal()).toContain('Other users of this computer could change it');
  });

  test.runIf(isRoot)('owned by another user, or shared with a group, is refused', async () => {
    await mkdir(at('data'));
    await chown(at('data'), STRANGER, STRANGER);
    expect(await refusal()).toContain('Other users of this computer could change it');
    await chown(at('data'), 0, STRANGER);
    await chmod(at('data'), 0o775);
    expect(await refusal()).toContain('Other users of this computer could change it');
    // As systems make it where each user has a group of their own.
    await chown(at('data'), 0, 0);
    expect(await refusal()).toBe('');
  });

  test('whose address is somebody else’s is not asked for it', async () => {
    await mkdir(at('data'));
    await writeFile(path.join(at('data'), 'control.json'), JSON.stringify({ address: at('theirs') }));
    await chmod(at('data'), 0o777);
    expect(await refusal()).not.toBe('');
  });
});

test.runIf(isRoot)('root gives commands to the Portkeeper of a folder’s owner, and does not become it', async () => {
  const { signal } = new AbortController();
  await mkdir(at('data'));
  const host = await becomeOrConnect(at('data'), signal);
  if (host.role !== 'host') throw new Error('somebody has the folder');
  const app = await AppHome.start();
  await host.serve({ dispatch: app.dispatch, log: app.home.client.system.log });
  await chmod(folder, 0o711);
  await chown(at('data'), STRANGER, STRANGER);
  const guest = await becomeOrConnect(at('data'), signal);
  expect(guest.role).toBe('guest');
  await chown(at('data'), 0, 0);
  await host.leave();
  await app.stop();
});
