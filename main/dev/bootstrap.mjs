// Makes a fresh checkout usable: installs what `npm ci` brings when it is missing or out of date, and names what only
// a person (or CI) can install. `--then SCRIPT ARGS` goes on with a script on the Node that it installed: a shell that
// has looked `node` up once would go on with the machine's. Runs on Node 20, before anything else, so it uses nothing but Node itself.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '../..');
const at = process.argv.indexOf('--then');
const then = at < 0 ? [] : process.argv.slice(at + 1);
const own = at < 0 ? process.argv : process.argv.slice(0, at);
const stamp = path.join(root, 'node_modules/.portkeeper-lock');
const wanted = createHash('sha256')
  .update(readFileSync(path.join(root, 'package-lock.json')))
  .digest('hex');
const installed = existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';

if (installed !== wanted || !existsSync(path.join(root, 'node_modules/.bin/node'))) {
  process.stderr.write('Installing the packages of package-lock.json (once, about a minute) ...\n');
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (npm.status !== 0) {
    process.stderr.write('npm ci failed. What it printed above says why; run it again once that is mended.\n');
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
}

/** Packages that each project of tests lacks. */
const lacking = {};
const projects = own.includes('--electron')
  ? ['electron']
  : own.includes('--tests') || own.includes('--lab')
    ? ['peers', 'window', 'packaging']
    : [];
if (projects.length > 0) {
  // Programs (any of several), and files where they are no programs, by the Debian package that brings them.
  const tools = JSON.parse(readFileSync(path.join(root, 'main/dev/test-tools.json'), 'utf8'));
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin', '/sbin'];
  const isThere = (tool) =>
    path.isAbsolute(tool) ? existsSync(tool) : folders.some((folder) => existsSync(path.join(folder, tool)));
  const missingOf = (project) =>
    Object.entries(tools[project])
      .filter(([anyOf]) => !anyOf.split('|').some(isThere))
      .map(([, name]) => name);
  const look = () => {
    for (const project of projects) lacking[project] = missingOf(project);
    return [...new Set(Object.values(lacking).flat())];
  };
  let missing = look();
  const rootUser = process.getuid?.() === 0;
  if (missing.length > 0 && rootUser && existsSync('/usr/bin/apt-get')) {
    process.stderr.write(`Installing what the tests talk to and look with: ${missing.join(' ')} ...\n`);
    const options = { stdio: ['ignore', 2, 2], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
    spawnSync('apt-get', ['-qq', 'update'], options);
    spawnSync('apt-get', ['-qq', 'install', '-y', '--no-install-recommends', ...missing], options);
    missing = look();
  }
  // `npm test` leaves out what cannot run, and says so at its end.
  if (own.includes('--lab') && (missing.length > 0 || !rootUser)) {
    process.stderr.write(
      'This needs Linux, root, and Debian packages.\n' +
        `Run as root${missing.length > 0 ? ` after: apt-get install ${missing.join(' ')}` : ''}\n`,
    );
    process.exit(1);
  }
}

if (then.length > 0) {
  const node = path.join(root, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node');
  const child = spawn(node, then, {
    stdio: 'inherit',
    env: { ...process.env, PORTKEEPER_LACKING: JSON.stringify(lacking) },
  });
  // Ctrl-C reaches the script by the terminal; what is sent to this process alone is passed on.
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`${node} cannot be started: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
  });
}
