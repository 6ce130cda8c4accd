import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { listPackage } from '@electron/asar';
import { DebugLogger } from 'builder-util';
import { getConfig, validateConfiguration } from 'app-builder-lib/out/util/config/config.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { distConfig, repositoryOf } from '../../main/dev/dist-config.ts';
import { packCommandLine } from '../../main/dev/npm-package.ts';
import { NODE } from '../peers/lab/process.ts';
import { Workplace } from '../support/portkeeper-process.ts';
import { buildPackages, buildProgram, output, root, type Packages } from './packages.ts';
import { fusesOf } from './stand-in-electron.ts';

const FUSES = {
  runAsNode: true,
  cookieEncryption: false,
  nodeOptions: false,
  inspectArguments: false,
  asarIntegrity: true,
  onlyFromAsar: true,
  browserSnapshot: false,
  fileProtocolPrivileges: false,
};

/** Packages that run in the app; whatever else is there was bundled, or is there for nothing. */
const RUNNING = ['auto-launch', 'electron-store', 'electron-updater'];

beforeAll(async () => {
  await buildProgram();
});

function expectOnlyWhatIsNeeded(asar: string): void {
  const files = listPackage(asar, { isPack: false }).map((file) => file.replaceAll('\\', '/'));
  for (const needed of [
    '/package.json',
    '/LICENSE',
    '/out/main/desktop.js',
    '/out/preload/index.cjs',
    '/out/renderer/index.html',
    '/assets/tray/tray-problemTemplate@2x.png',
    '/assets/tray/tray-open-dark.ico',
    ...RUNNING.map((name) => `/node_modules/${name}/package.json`),
  ]) {
    expect(files).toContain(needed);
  }
  const top = new Set(files.map((file) => file.split('/')[1] ?? ''));
  expect([...top].toSorted()).toEqual(['LICENSE', 'assets', 'node_modules', 'out', 'package.json']);
  expect(files.filter((file) => /\.(?:ts|tsx|map|md)$|\/test\/|^\/out\/(?:types|cli|screenshots)/.test(file))).toEqual(
    [],
  );
  expect(
    files.filter((file) =>
      /^\/node_modules\/(?:electron|preact|vitest|typescript|playwright-core|commander|valibot)\//.test(file),
    ),
  ).toEqual([]);
}

describe('Linux', () => {
  let packages: Packages;
  let tree: string;
  const inTree = (name: string): string => path.join(tree, name);

  beforeAll(async () => {
    packages = await buildPackages('linux', ['dir', 'tar.gz', 'deb', 'rpm', '--x64']);
    tree = await mkdtemp(path.join(tmpdir(), 'portkeeper-tree-'));
    await output('dpkg-deb', ['-x', await made('.deb'), tree]);
  });
  afterAll(async () => {
    await packages.remove();
    await rm(tree, { recursive: true, force: true });
  });

  async function made(ending: string): Promise<string> {
    const [name, ...others] = (await readdir(packages.folder)).filter((each) => each.endsWith(ending));
    if (name === undefined || others.length > 0) throw new Error(`not one ${ending} in ${packages.folder}`);
    return path.join(packages.folder, name);
  }

  test('the app has what it needs and nothing else', () => {
    expectOnlyWhatIsNeeded(inTree('opt/Portkeeper/resources/app.asar'));
  });

  test('the fuses are set', async () => {
    expect(fusesOf(await readFile(inTree('opt/Portkeeper/portkeeper-desktop')))).toEqual(FUSES);
  });

  test('only the languages that it speaks are there', async () => {
    expect((await readdir(inTree('opt/Portkeeper/locales'))).toSorted()).toEqual(['de.pak', 'en-US.pak']);
  });

  test('the desktop entry is valid, starts the app, and belongs to its window', async () => {
    const file = inTree('usr/share/applications/portkeeper-desktop.desktop');
    await output('desktop-file-validate', [file]);
    const entry = await readFile(file, 'utf8');
    expect(entry).toMatch(/^Exec=\/opt\/Portkeeper\/portkeeper-desktop(?: %U)?$/m);
    expect(entry).toMatch(/^Icon=portkeeper-desktop$/m);
    expect(entry).toMatch(/^StartupWMClass=portkeeper-desktop$/m);
    expect(entry).toMatch(/^Comment\[de\]=.+$/m);
    expect(entry).toMatch(/^Categories=Network;$/m);
    for (const size of [16, 32, 48, 128, 256, 512]) {
      const icon = await lstat(inTree(`usr/share/icons/hicolor/${size}x${size}/apps/portkeeper-desktop.png`));
      expect(icon.isFile()).toBe(true);
    }
  });

  test('its command line runs without a display, from the place that it is installed to', async () => {
    const bin = inTree('usr/bin');
    await mkdir(bin, { recursive: true });
    // As the maintainer script links it, within the tree.
    await symlink('../../opt/Portkeeper/resources/bin/portkeeper', path.join(bin, 'portkeeper'));
    const env = { PORTKEEPER_TEST_NODE: process.execPath, DISPLAY: '', WAYLAND_DISPLAY: '' };
    const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as { version: string };
    expect((await output(path.join(bin, 'portkeeper'), ['--version'], { env })).trim()).toBe(version);
    const presets = await output(path.join(bin, 'portkeeper'), ['presets', 'minecraft', '--json'], { env });
    expect(presets).toContain('25565');
    expect(await readdir(inTree('opt/Portkeeper/resources/cli/renderer'))).toContain('index.html');
  });

  test.for([undefined, '1'])(
    'what its command line starts finds the environment as the person has it (ELECTRON_RUN_AS_NODE: %s)',
    async (theirs) => {
      const place = await Workplace.create();
      try {
        const { PATH, HOME } = process.env;
        // Names that a launcher written in shell may be tempted to use.
        const names = { program: 'theirs', self: 'theirs', resources: 'theirs' };
        const env = { PATH, HOME, ...names, PORTKEEPER_TEST_NODE: NODE, ELECTRON_RUN_AS_NODE: theirs };
        const installed = inTree('opt/Portkeeper/resources/bin/portkeeper');
        const portkeeper = (...args: readonly string[]) => place.spawn([installed, ...args], { env });
        const { location } = await portkeeper('demo-router', '--json').until('ready');
        const to = ['--data-dir', place.path('data'), '--gateway', String(location)];
        await portkeeper('profile', 'add', 'Web', '8080/tcp', ...to).ended();
        // PATH is longer by what the tests add; a shell sets PWD.
        const shows = [NODE, '-e', 'const { PATH, PWD, ...env } = process.env; console.log(JSON.stringify(env))'];
        const { stdout, stderr } = await portkeeper('with', 'web', ...to, '--', ...shows).ended();
        expect(stderr).toContain('open     8080/tcp');
        expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify({ ...env, PATH: undefined })));
      } finally {
        await place.close();
      }
    },
  );

  test('installing links both programs, an update keeps the links, removing takes them', async () => {
    const control = await mkdtemp(path.join(tmpdir(), 'portkeeper-control-'));
    await output('dpkg-deb', ['-e', await made('.deb'), control]);
    for (const script of ['postinst', 'postrm']) {
      await output('bash', ['-n', path.join(control, script)]);
      expect(await readFile(path.join(control, script), 'utf8')).not.toContain('${');
    }
    const postinst = await readFile(path.join(control, 'postinst'), 'utf8');
    expect(postinst).toContain("ln -sf '/opt/Portkeeper/resources/bin/portkeeper' '/usr/bin/portkeeper'");
    const text = await readFile(path.join(control, 'control'), 'utf8');
    expect(text).toMatch(/^Package: portkeeper$/m);
    expect(text).toMatch(/^Recommends: libayatana-appindicator3-1$/m);
    await rm(control, { recursive: true });
  });

  test('the rpm has the same files', async () => {
    const listed = (await output('rpm', ['-qlp', await made('.rpm')])).split('\n');
    expect(listed).toContain('/opt/Portkeeper/portkeeper-desktop');
    expect(listed).toContain('/opt/Portkeeper/resources/bin/portkeeper');
    expect(listed).toContain('/usr/share/applications/portkeeper-desktop.desktop');
    const scripts = await output('rpm', ['-qp', '--scripts', await made('.rpm')]);
    expect(scripts).toContain("ln -sf '/opt/Portkeeper/resources/bin/portkeeper' '/usr/bin/portkeeper'");
  });

  test('the archive unpacks to the same app', async () => {
    const listed = (await output('tar', ['-tzf', await made('.tar.gz')])).split('\n');
    expect(listed.some((file) => file.endsWith('/resources/app.asar'))).toBe(true);
    expect(listed.some((file) => file.endsWith('/portkeeper-desktop'))).toBe(true);
  });
});

describe('Windows', () => {
  let packages: Packages;
  const inApp = (name: string): string => path.join(packages.folder, 'win-unpacked', name);

  beforeAll(async () => {
    packages = await buildPackages('win32', ['dir', 'zip', '--x64']);
  });
  afterAll(() => packages.remove());

  test('the app has what it needs, with its fuses set', async () => {
    expectOnlyWhatIsNeeded(inApp('resources/app.asar'));
    expect(fusesOf(await readFile(inApp('Portkeeper.exe')))).toEqual(FUSES);
  });

  test('its command line is started beside it', async () => {
    const script = await readFile(inApp('resources/bin/portkeeper.cmd'), 'utf8');
    expect(script).toContain('set "ELECTRON_RUN_AS_NODE=portkeeper:%ELECTRON_RUN_AS_NODE%"\r\n');
    expect(script).toContain(String.raw`"%~dp0..\..\Portkeeper.exe" "%~dp0..\cli\portkeeper.mjs" %*`);
    expect(await readdir(inApp('resources/cli'))).toContain('portkeeper.mjs');
  });

  test('the archive is whole', async () => {
    const name = (await readdir(packages.folder)).find((each) => each.endsWith('.zip')) ?? '';
    await output('7za', ['t', path.join(packages.folder, name)]);
  });
});

describe('macOS', () => {
  let packages: Packages;
  const inApp = (name: string): string => path.join(packages.folder, 'mac-arm64/Portkeeper.app/Contents', name);

  beforeAll(async () => {
    packages = await buildPackages('darwin', ['dir', 'zip', '--arm64']);
  });
  afterAll(() => packages.remove());

  test('the app has what it needs, with its fuses set', async () => {
    expectOnlyWhatIsNeeded(inApp('Resources/app.asar'));
    const framework = await readFile(inApp('Frameworks/Electron Framework.framework/Electron Framework'));
    expect(fusesOf(framework)).toEqual(FUSES);
  });

  test('it says why it talks to the local network, and lives in the menu bar', async () => {
    const plist = await readFile(inApp('Info.plist'), 'utf8');
    // It sends no events to other programs: its login item is a launch agent.
    expect(plist).not.toContain('NSAppleEvents');
    expect(plist).toMatch(/<key>NSLocalNetworkUsageDescription<\/key>\s*<string>[^<]*router[^<]*<\/string>/);
    expect(plist).toMatch(/<key>NSUserNotificationAlertStyle<\/key>\s*<string>alert<\/string>/);
    expect(plist).toMatch(/<key>LSMinimumSystemVersion<\/key>\s*<string>13.0<\/string>/);
    expect(plist).toMatch(/<key>LSUIElement<\/key>\s*<true\/>/);
    expect(plist).toMatch(/<key>CFBundleIdentifier<\/key>\s*<string>io\.portkeeper\.desktop<\/string>/);
    expect(plist).toMatch(/<key>ElectronAsarIntegrity<\/key>/);
  });

  test('the command line may be run, and the framework keeps its links', async () => {
    const { mode } = await lstat(inApp('Resources/bin/portkeeper'));
    expect(mode & 0o111).toBe(0o111);
    expect(await readlink(inApp('Frameworks/Electron Framework.framework/Versions/Current'))).toBe('A');
  });
});

describe('the npm package of the command line', () => {
  test('is installed without anything else, and runs', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'portkeeper-npm-'));
    try {
      const file = await packCommandLine(folder, undefined);
      const env = { PATH: `${path.dirname(process.execPath)}:${process.env['PATH'] ?? ''}` };
      const listed = await output('tar', ['-tzf', file]);
      expect(listed).toMatch(/^package\/renderer\/index\.html$/m);
      await output('npm', ['install', '--global', '--offline', '--prefix', folder, file], { cwd: folder, env });
      const portkeeper = path.join(folder, 'bin/portkeeper');
      expect(await output(portkeeper, ['presets', 'minecraft'], { cwd: folder, env })).toContain('25565/tcp');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('the configuration', () => {
  const file = () => getConfig(root, 'electron-builder.yml', null);
  const debug = new DebugLogger(false);

  test('is one that electron-builder knows, with each installer that is promised', async () => {
    const config = await file();
    await validateConfiguration(config, debug);
    const { extends: _extends, ...rest } = distConfig({ owner: 'somebody', repo: 'portkeeper' });
    await validateConfiguration({ ...config, ...rest }, debug);
    expect(config).toMatchObject({
      win: { target: [{ target: 'nsis', arch: ['x64', 'arm64'] }] },
      mac: {
        target: [
          { target: 'dmg', arch: 'universal' },
          { target: 'zip', arch: 'universal' },
        ],
      },
      linux: { target: ['AppImage', 'deb', 'rpm'] },
    });
  });

  test('a mistake in it would be found', async () => {
    const mistaken = Object.assign(await file(), { asarr: true });
    await expect(validateConfiguration(mistaken, debug)).rejects.toThrow('asarr');
  });

  test.each([
    ['somebody/portkeeper', { owner: 'somebody', repo: 'portkeeper' }],
    ['https://github.com/somebody/portkeeper.git', { owner: 'somebody', repo: 'portkeeper' }],
    ['https://token@github.com/somebody/portkeeper', { owner: 'somebody', repo: 'portkeeper' }],
    ['git@github.com:some-body/port.keeper.git\n', { owner: 'some-body', repo: 'port.keeper' }],
    ['ssh://git@github.com/somebody/portkeeper', { owner: 'somebody', repo: 'portkeeper' }],
    ['https://example.org/somebody/portkeeper', undefined],
    ['/srv/git/portkeeper', undefined],
    ['', undefined],
  ])('updates come from the repository of "%s"', (text, expected) => {
    expect(repositoryOf(text)).toEqual(expected);
  });

  test('without a repository nothing claims to update itself', () => {
    expect(distConfig(undefined)).toMatchObject({ publish: null });
  });
});
