import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { becomeOrConnect, type Guest, type FolderHost } from '../../main/connect/rendezvous.ts';
import { FolderLocked, lockFolder } from '../../main/system/node/files/folder-lock.ts';
import { AppHome } from '../support/app-home.ts';

let at: AppHome;
let folder: string;
const never = new AbortController().signal;

beforeEach(async () => {
  at = await AppHome.start({ runs: false });
  folder = await mkdtemp(path.join(tmpdir(), 'portkeeper-rendezvous-'));
});
afterEach(() => rm(folder, { recursive: true, maxRetries: 5 }));

async function become(place = folder): Promise<FolderHost> {
  const met = await becomeOrConnect(place, never);
  if (met.role !== 'host') throw new Error('somebody else has the folder');
  return met;
}

async function join(place = folder): Promise<Guest> {
  const met = await becomeOrConnect(place, never);
  if (met.role !== 'guest') throw new Error('nobody has the folder');
  return met;
}

const serving = { log: { write: () => undefined } };

test('the first has the folder, the others talk to it, and when it leaves another may have it', async () => {
  const host = await become();
  await host.serve({ ...serving, dispatch: at.dispatch });
  const { client } = await join();
  await client.hello(never);
  await host.leave();
  await host.leave();
  await expect(client.hello(never)).rejects.toThrow('the connection to Portkeeper is lost');
  const next = await become();
  await next.leave();
});

test('out of many at once exactly one becomes the host', async () => {
  const met = await Promise.all(
    Array.from({ length: 12 }, async () => {
      const each = await becomeOrConnect(folder, never);
      if (each.role === 'host') await each.serve({ ...serving, dispatch: at.dispatch });
      return each;
    }),
  );
  const hosts = met.filter((each) => each.role === 'host');
  expect(hosts).toHaveLength(1);
  await hosts[0]?.leave();
});

test('leftovers of a crash keep nobody out', async () => {
  await mkdir(path.join(folder, 'control'));
  await writeFile(path.join(folder, 'control', 'socket'), '');
  await writeFile(path.join(folder, 'control.json'), JSON.stringify({ address: path.join(folder, 'control/socket') }));
  const host = await become();
  await host.serve({ ...serving, dispatch: at.dispatch });
  await join();
  await host.leave();
  expect(await readdir(folder)).toEqual(['lock']);
});

test('whoever has the folder and answers nobody is named', async () => {
  await writeFile(path.join(folder, 'control.json'), '{"address": 7}');
  const lock = await lockFolder(folder);
  await expect(becomeOrConnect(folder, never)).rejects.toBeInstanceOf(FolderLocked);
  await lock.release();
});

test('anyone who stops waiting waits no longer', async () => {
  const lock = await lockFolder(folder);
  const reason = new Error('enough');
  const stop = new AbortController();
  const waiting = becomeOrConnect(folder, stop.signal);
  stop.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  await lock.release();
});

test('only the owner can reach it, however long the path is', async () => {
  const deep = path.join(folder, 'x'.repeat(100));
  for (const place of [folder, deep]) {
    const host = await become(place);
    await host.serve({ ...serving, dispatch: at.dispatch });
    await join(place);
    if (place === folder) {
      expect((await stat(path.join(folder, 'control'))).mode & 0o777).toBe(0o700);
      expect((await stat(path.join(folder, 'control', 'socket'))).mode & 0o777).toBe(0o600);
    }
    expect((await stat(path.join(place, 'control.json'))).mode & 0o777).toBe(0o600);
    await host.leave();
  }
});
