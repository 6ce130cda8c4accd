/** GNOME's keyring on a session bus of its own, as a desktop has it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { secretServiceVault } from '../../main/system/node/secret-service.ts';
import { BUS, openSessionBus } from '../../main/system/node/session-bus.ts';

const BUS_CONFIG = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir=FOLDER</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>`;

const never = new AbortController().signal;
let folder: string;
let address: string;
const running: ChildProcess[] = [];

function start(command: string, args: readonly string[], input: string): ChildProcess {
  const env = { PATH: process.env['PATH'], HOME: folder, XDG_RUNTIME_DIR: folder, DBUS_SESSION_BUS_ADDRESS: address };
  const child = spawn(command, [...args], { env, stdio: ['pipe', 'pipe', 'ignore'] });
  running.push(child);
  // Who needs no input may have closed it.
  child.stdin.on('error', () => undefined).end(input);
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, 'exit');
}

async function isThere(): Promise<boolean> {
  const bus = await openSessionBus(address, () => undefined, never);
  try {
    const call = { ...BUS, member: 'NameHasOwner', signature: 's', body: ['org.freedesktop.secrets'] };
    return (await bus.call(call, never))[0] === true;
  } finally {
    bus.close();
  }
}

/** @param password of the person's login; without one all that was kept is locked */
async function keyring(password: string | undefined): Promise<ChildProcess> {
  const unlock = password === undefined ? [] : ['--unlock'];
  const child = start('gnome-keyring-daemon', ['--foreground', '--components=secrets', ...unlock], password ?? '');
  while (!(await isThere())) await sleep(20);
  return child;
}

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pk-keyring-'));
  address = '';
  // Starts nothing on its own, unlike a desktop's.
  const config = path.join(folder, 'bus.conf');
  await writeFile(config, BUS_CONFIG.replace('FOLDER', folder));
  const bus = start('dbus-daemon', [`--config-file=${config}`, '--nofork', '--print-address=1'], '');
  const lines = createInterface({ input: bus.stdout ?? process.stdin });
  [address] = (await once(lines, 'line')) as [string];
});
afterEach(async () => {
  for (const child of running.splice(0).toReversed()) await end(child);
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

const vault = () => secretServiceVault((onSignal, signal) => openSessionBus(address, onSignal, signal));

test('a secret is kept, replaced, removed, and locked away while the person is logged out', async () => {
  const daemon = await keyring('login password');
  expect(await vault().read('one', never)).toBeUndefined();
  await vault().write('one', 'geheim ü', never);
  await vault().write('other', 'anders', never);
  await vault().write('one', 'neu', never);
  expect(await vault().read('one', never)).toBe('neu');
  await vault().write('other', undefined, never);
  expect(await vault().read('other', never)).toBeUndefined();
  await end(daemon);
  await keyring(undefined);
  await expect(vault().read('one', never)).rejects.toMatchObject({ fault: 'locked' });
});

test('without a keyring that is said, and nothing waits', async () => {
  await expect(vault().read('one', never)).rejects.toMatchObject({ fault: 'unavailable' });
});
