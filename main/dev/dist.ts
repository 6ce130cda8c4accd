/**
 * `npm run dist`: builds the program and the installers of this system into `dist/`. Arguments go to electron-builder:
 * `npm run dist -- --linux deb`. Nothing is published unless `--publish` says so. `npm run dist -- npm` makes the command
 * line's npm package instead, `npm run dist -- manifests` those for package managers, from a release in `dist/`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { distConfig, repositoryOf } from './dist-config.ts';
import { writeManifests } from './manifests.ts';
import { packCommandLine } from './npm-package.ts';

const root = path.join(import.meta.dirname, '../..');

/** Where tools of the checkout are, by their package's own script. */
const TOOLS = {
  'electron-vite': 'node_modules/electron-vite/bin/electron-vite.js',
  vite: 'node_modules/vite/bin/vite.js',
  'electron-builder': 'node_modules/electron-builder/cli.js',
} as const;

function run(tool: keyof typeof TOOLS, args: readonly string[]): void {
  const { status } = spawnSync(process.execPath, [path.join(root, TOOLS[tool]), ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}

function origin(): string {
  const { stdout } = spawnSync('git', ['remote', 'get-url', 'origin'], { cwd: root, encoding: 'utf8' });
  return stdout ?? '';
}

const args = process.argv.slice(2);
const repository = repositoryOf(process.env['GITHUB_REPOSITORY'] ?? origin());
if (repository === undefined) {
  console.error(
    'No repository on GitHub is known (GITHUB_REPOSITORY or the remote "origin"): these packages will not update themselves.',
  );
}
const dist = path.join(root, 'dist');
if (args[0] === 'npm') {
  build();
  const homepage = repository === undefined ? undefined : `https://github.com/${repository.owner}/${repository.repo}`;
  console.log(await packCommandLine(dist, homepage));
} else if (args[0] === 'manifests') {
  if (repository === undefined) process.exit(1);
  const { version, description }: Record<string, string> = JSON.parse(
    await readFile(path.join(root, 'package.json'), 'utf8'),
  );
  await writeManifests(dist, { version: version ?? '', description: description ?? '', repository });
} else {
  await buildInstallers();
}

function build(): void {
  run('electron-vite', ['build']);
  run('vite', ['build', '--config', 'vite.cli.config.ts']);
}

async function buildInstallers(): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'portkeeper-dist-'));
  try {
    const config = path.join(folder, 'electron-builder.json');
    await writeFile(
      config,
      JSON.stringify({ ...distConfig(repository), extends: path.join(root, 'electron-builder.yml') }),
    );
    build();
    const publish = args.some((arg) => arg.startsWith('--publish')) ? [] : ['--publish', 'never'];
    run('electron-builder', ['--config', config, ...publish, ...args]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
