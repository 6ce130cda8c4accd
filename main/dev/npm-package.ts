/** The command line as an npm package of its own, for machines with Node and no desktop. */
import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.join(import.meta.dirname, '../..');

/** The first one with `node:sqlite` and no flag for it. */
const OLDEST_NODE = '>=22.13';

/** Node 22 warns of `node:sqlite`, which it has as an experiment. */
const SHEBANG = '#!/usr/bin/env -S node --disable-warning=ExperimentalWarning\n';

const README = `# Portkeeper, the command line

Opens ports on your home router over UPnP, NAT-PMP and PCP, keeps them open, and closes them again.

\`\`\`
portkeeper discover              # is there a router, and does it open ports?
portkeeper open 25565/tcp        # open a port until Ctrl-C
portkeeper service install       # keep profiles open in the background
portkeeper --help
\`\`\`
`;

/**
 * Packs `out/cli`, which has been built, into `folder`.
 * @param homepage of the repository, if one is known
 * @returns the package's file. @throws Error with what npm printed
 */
export async function packCommandLine(folder: string, homepage: string | undefined): Promise<string> {
  const { version, description, license, author }: Record<string, string> = JSON.parse(
    await readFile(path.join(root, 'package.json'), 'utf8'),
  );
  const work = await mkdtemp(path.join(tmpdir(), 'portkeeper-npm-'));
  try {
    await cp(path.join(root, 'out/cli'), work, { recursive: true });
    await cp(path.join(root, 'LICENSE'), path.join(work, 'LICENSE'));
    const program = await readFile(path.join(work, 'portkeeper.mjs'), 'utf8');
    await writeFile(path.join(work, 'portkeeper.mjs'), program.replace(/^#!.*\n/, SHEBANG), { mode: 0o755 });
    await writeFile(path.join(work, 'README.md'), README);
    const about = {
      name: 'portkeeper-cli',
      version,
      description,
      license,
      author,
      homepage,
      type: 'module',
      bin: { portkeeper: 'portkeeper.mjs' },
      files: ['portkeeper.mjs', 'code', 'renderer'],
      engines: { node: OLDEST_NODE },
    };
    await writeFile(path.join(work, 'package.json'), `${JSON.stringify(about, undefined, 2)}\n`);
    await mkdir(folder, { recursive: true });
    const npm = spawnSync('npm', ['pack', '--silent', '--pack-destination', path.resolve(folder)], {
      cwd: work,
      encoding: 'utf8',
      shell: process.platform === 'win32',
    });
    if (npm.status !== 0) throw new Error(`npm pack failed: ${npm.stderr}`);
    return path.join(folder, npm.stdout.trim());
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
