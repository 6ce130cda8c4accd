/** The command line on a disk that is really full. */
import { mkdir } from 'node:fs/promises';
import { afterEach, expect, test } from 'vitest';
import { PORTKEEPER } from './lab/portkeeper.ts';
import { Workplace } from '../support/portkeeper-process.ts';

let place: Workplace;

afterEach(() => place.close());

test('ports are opened and closed all the same, and the problem is reported', async () => {
  place = await Workplace.create();
  const router = await place.demoRouter();
  const folder = place.path('full');
  await mkdir(folder);
  const program = [...PORTKEEPER, 'open', '41004/tcp', '--data-dir', folder, ...router.upnp];
  // Mounted in a mount namespace of its own: it is gone with the process.
  const script = `mount -t tmpfs -o size=64k,mode=700 tmpfs "$0" && { cat /dev/zero > "$0/ballast" 2>/dev/null; exec "$@"; }`;
  const held = place.spawn(['unshare', '--mount', 'sh', '-c', script, folder, ...program]);
  await held.note(/^1 port open/);
  await held.note(/^Couldn’t record open ports in .*journal\.jsonl\.$/);
  await held.note(/^ {4}The disk is full\.$/);
  const { code, stdout } = await held.interrupt();
  expect(code).toBe(0);
  expect(stdout).toContain('closed   41004/tcp');
});
