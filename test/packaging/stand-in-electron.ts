/**
 * Folders laid out like Electron's own, for packaging where its binary cannot be had: what electron-builder does to it
 * and puts beside it is the same. The Linux one runs Node when it is asked to, as Electron does with ELECTRON_RUN_AS_NODE:
 * what runs there still finds itself in Electron.
 */
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { NtExecutable, NtExecutableResource, Resource } from 'resedit';

export type Platform = 'linux' | 'win32' | 'darwin';

/** Electron's own, which electron-builder looks for and rewrites: the mark, version 1, eight fuses as delivered. */
const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const FUSES = Buffer.concat([Buffer.from(SENTINEL), Buffer.from([1, 8]), Buffer.from('10110001')]);

/** Names of the fuses in their order in the wire. */
const FUSE_NAMES = [
  'runAsNode',
  'cookieEncryption',
  'nodeOptions',
  'inspectArguments',
  'asarIntegrity',
  'onlyFromAsar',
  'browserSnapshot',
  'fileProtocolPrivileges',
] as const;

/** The fuses of a packaged program. @throws Error when it has none */
export function fusesOf(program: Uint8Array): Readonly<Record<(typeof FUSE_NAMES)[number], boolean>> {
  const bytes = Buffer.from(program);
  const at = bytes.indexOf(SENTINEL);
  if (at < 0) throw new Error('there are no fuses');
  const wire = bytes.subarray(at + SENTINEL.length + 2).toString('latin1');
  const entries = FUSE_NAMES.map((name, place) => [name, wire[place] === '1'] as const);
  return Object.fromEntries(entries) as Record<(typeof FUSE_NAMES)[number], boolean>;
}

/** @param version of Electron */
export async function makeStandIn(folder: string, platform: Platform, version: string): Promise<void> {
  const put = async (name: string, content: string | Uint8Array, mode = 0o644): Promise<void> => {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
    await chmod(file, mode);
  };
  await put('version', version);
  await put('LICENSE', 'The licence of Electron stands here.\n');
  await put('LICENSES.chromium.html', '<p>The licences of Chromium stand here.</p>\n');
  if (platform === 'linux') {
    await put('electron', Buffer.concat([Buffer.from(linuxProgram(version)), FUSES, Buffer.from('\n')]), 0o755);
    await put('chrome-sandbox', '', 0o755);
    for (const locale of ['en-US', 'de', 'fr']) await put(`locales/${locale}.pak`, locale);
  } else if (platform === 'win32') {
    await put('electron.exe', windowsProgram(version), 0o755);
    for (const locale of ['en-US', 'de', 'fr']) await put(`locales/${locale}.pak`, locale);
  } else {
    const contents = 'Electron.app/Contents';
    await put(`${contents}/Info.plist`, infoPlist('Electron', 'com.github.Electron'));
    await put(`${contents}/MacOS/Electron`, '', 0o755);
    await put(`${contents}/Resources/electron.icns`, '');
    for (const part of ['', ' (GPU)', ' (Plugin)', ' (Renderer)']) {
      const helper = `${contents}/Frameworks/Electron Helper${part}.app/Contents`;
      await put(`${helper}/Info.plist`, infoPlist(`Electron Helper${part}`, 'com.github.Electron.helper'));
      await put(`${helper}/MacOS/Electron Helper${part}`, '', 0o755);
    }
    const framework = `${contents}/Frameworks/Electron Framework.framework`;
    await put(`${framework}/Versions/A/Electron Framework`, FUSES, 0o755);
    await put(
      `${framework}/Versions/A/Resources/Info.plist`,
      infoPlist('Electron Framework', 'com.github.Electron.framework'),
    );
    for (const locale of ['en', 'de', 'fr'])
      await put(`${framework}/Versions/A/Resources/${locale}.lproj/locale.pak`, locale);
    await symlink('A', path.join(folder, framework, 'Versions/Current'));
    for (const name of ['Electron Framework', 'Resources']) {
      await symlink(`Versions/Current/${name}`, path.join(folder, framework, name));
    }
  }
}

function linuxProgram(version: string): string {
  const inElectron = `data:text/javascript,Object.defineProperty(process.versions, "electron", { value: "${version}" })`;
  return `#!/bin/sh
[ -n "$ELECTRON_RUN_AS_NODE" ] && exec "\${PORTKEEPER_TEST_NODE:-node}" --import '${inElectron}' "$@"
echo "started $*"
exit 0
# `;
}

/** As Electron's own: electron-builder wants strings of one language. */
const AMERICAN_ENGLISH = 0x409;
const UTF_16 = 1200;

/** An executable without code: what electron-builder writes into it is resources. */
function windowsProgram(version: string): Uint8Array {
  const program = NtExecutable.createEmpty(false, false);
  const info = Resource.VersionInfo.createEmpty();
  info.setFileVersion(version, AMERICAN_ENGLISH);
  info.setProductVersion(version, AMERICAN_ENGLISH);
  info.setStringValues(
    { lang: AMERICAN_ENGLISH, codepage: UTF_16 },
    { ProductName: 'Electron', FileDescription: 'Electron' },
  );
  const resources = NtExecutableResource.from(program);
  info.outputToResourceEntries(resources.entries);
  resources.outputResource(program);
  return Buffer.concat([Buffer.from(program.generate()), FUSES]);
}

function infoPlist(name: string, id: string): string {
  const entries = { CFBundleName: name, CFBundleDisplayName: name, CFBundleExecutable: name, CFBundleIdentifier: id };
  const lines = Object.entries(entries).map(([key, value]) => `    <key>${key}</key>\n    <string>${value}</string>`);
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
  <dict>
${lines.join('\n')}
  </dict>
</plist>
`;
}
