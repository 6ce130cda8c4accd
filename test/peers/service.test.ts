/** `portkeeper service` on a real systemd: a user instance of it, on the client of a home. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Home } from './lab/home.ts';
import { RunningProcess } from './lab/process.ts';
import { homeFor } from './lab/opening.ts';
import { portkeeperOnce } from './lab/portkeeper.ts';

const ENV = { XDG_RUNTIME_DIR: '/run/user', DBUS_SESSION_BUS_ADDRESS: 'unix:path=/run/user/bus' };

/** Bus and user instance of systemd, which see the same /run as everything else on the client. */
async function startSystemd({ client: { namespace } }: Home): Promise<void> {
  const run = join(namespace.folder, 'run');
  // sd_booted(3): no systemd program works without it.
  await mkdir(join(run, 'systemd/system'), { recursive: true });
  await mkdir(join(run, 'user'), { mode: 0o700 });
  const environment = { env: namespace.environment(ENV) };
  const listen = `--address=${ENV.DBUS_SESSION_BUS_ADDRESS}`;
  const bus = namespace.spawn(['dbus-daemon', '--session', listen, '--nofork', '--print-address'], { env: ENV });
  onTestFinished(async () => void (await bus.end()));
  await bus.line((line) => line || undefined);
  // Not by `ip netns exec`: it hides the control groups, in which systemd keeps its services.
  const enter = ['nsenter', `--net=/run/netns/${namespace.name}`, 'unshare', '--mount', 'sh', '-c'];
  const work = 'mount --bind "$0" /run && exec /lib/systemd/systemd --user';
  const systemd = RunningProcess.start([...enter, work, run], environment);
  onTestFinished(async () => void (await systemd.end()));
}

test('installed, it keeps ports open, comes back when it is killed, and is gone when removed', async () => {
  const home = await homeFor('igd2');
  await startSystemd(home);
  const portkeeper = (...args: readonly string[]) => portkeeperOnce(home.client, args, { env: ENV });
  const rules = async () =>
    (await home.gateway.nftRules()).map(({ external, transport }) => `${external}/${transport}`);
  const state = async () => Object(JSON.parse((await portkeeper('service', 'status', '--json')).stdout)).state;
  const until = (work: () => Promise<unknown>) => expect.poll(work, { timeout: 90_000, interval: 500 });
  await until(
    async () => (await home.client.exec(['systemctl', '--user', 'is-system-running'], { env: ENV })).stdout,
  ).toBe('running');
  await portkeeper('profile', 'add', 'Minecraft', '25565/tcp', '--on');
  expect(await state()).toBe('not installed');

  const installed = await portkeeper('service', 'install', '--yes', '--no-window');
  expect(installed).toMatchObject({ code: 0 });
  expect(installed.stderr).toContain('Installed. systemd starts it when the computer starts.');
  await until(rules).toEqual(['25565/tcp']);
  const verified = await home.client.exec(
    [
      'systemd-analyze',
      '--user',
      'verify',
      join(home.client.namespace.home, '.config/systemd/user/portkeeper.service'),
    ],
    { env: ENV },
  );
  expect(verified).toMatchObject({ code: 0, stderr: '' });

  const show = ['systemctl', '--user', 'show', 'portkeeper', '--property=MainPID', '--value'];
  const pid = Number((await home.client.exec(show, { env: ENV })).stdout);
  process.kill(pid, 'SIGKILL');
  await until(async () => Number((await home.client.exec(show, { env: ENV })).stdout)).not.toBe(pid);
  await until(state).toBe('running');
  // It has begun, and will close what is open.
  await until(async () => (await portkeeper('status')).code).toBe(0);

  expect(await portkeeper('service', 'remove')).toMatchObject({ code: 0 });
  await until(rules).toEqual([]);
  expect(await state()).toBe('not installed');
});
