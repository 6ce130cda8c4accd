/** The command line of the Debian package, as it is unpacked, with a real router. */
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { homeFor } from '../../peers/lab/opening.ts';
import { NODE, type RunningProcess } from '../../peers/lab/process.ts';
import { buildPackages, output } from '../../packaging/packages.ts';
import { PROGRAM } from '../stage/stage.ts';
import { until } from '../stage/until.ts';

/** Unpacks the package of the app under test; it is removed with the test. */
async function unpacked(): Promise<string> {
  const packages = await buildPackages('linux', ['deb', '--x64'], path.dirname(PROGRAM));
  onTestFinished(() => packages.remove());
  const tree = await mkdtemp(path.join(tmpdir(), 'portkeeper-deb-'));
  onTestFinished(() => rm(tree, { recursive: true, force: true }));
  const deb = (await readdir(packages.folder)).find((name) => name.endsWith('.deb')) ?? '';
  await output('dpkg-deb', ['-x', path.join(packages.folder, deb), tree]);
  // As the maintainer script links it, within the tree.
  await mkdir(path.join(tree, 'usr/bin'), { recursive: true });
  await symlink('../../opt/Portkeeper/resources/bin/portkeeper', path.join(tree, 'usr/bin/portkeeper'));
  return tree;
}

// Homes with a router take root.
test.runIf(process.getuid?.() === 0)('its command line looks up, opens, serves and closes', async () => {
  const tree = await unpacked();
  const home = await homeFor('igd2');
  const env = { ...process.env, PORTKEEPER_DATA_DIR: path.join(home.client.namespace.home, 'data') };
  const start = (...args: readonly string[]): RunningProcess =>
    home.client.spawn([path.join(tree, 'usr/bin/portkeeper'), ...args], { env });
  const said = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await start(...args).exited;
    expect(code, `${stdout}\n${stderr}`).toBe(0);
    return stdout;
  };
  const rules = async (): Promise<readonly number[]> =>
    (await home.gateway.nftRules()).map(({ external }) => external).toSorted((one, other) => one - other);

  expect(await said('presets', 'minecraft')).toContain('25565/tcp');
  await said('open', '25565/tcp', '--once');
  expect(await rules()).toEqual([25_565]);

  await said('profile', 'add', 'Web', '8080/tcp', '--on');
  const serving = start('serve', '--json');
  const address = await serving.line((line) => /"(http:[^"]+)"/.exec(line)?.[1]);
  await until('both ports', async () => (await rules()).join() === '8080,25565');
  // Its page comes out of the package, too.
  const fetches = 'fetch(process.argv[1]).then((answer) => answer.text()).then(console.log)';
  expect((await home.client.exec([NODE, '-e', fetches, address])).stdout).toContain('<title>Portkeeper</title>');
  expect((await serving.end('SIGINT')).code).toBe(0);
  expect(await rules()).toEqual([25_565]);

  await said('close', '--all');
  expect(await rules()).toEqual([]);
});
