/** Package descriptions for winget, Homebrew and the AUR, made from a release's files. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Repository } from './dist-config.ts';

export interface Release {
  readonly version: string;
  readonly description: string;
  readonly repository: Repository;
  /** Every file of the release, by name; SHA-256 in lower-case hexadecimal. */
  readonly files: ReadonlyMap<string, string>;
}

const WINGET_ID = 'Portkeeper.Portkeeper';
const WINGET_SCHEMA = '1.6.0';

/** Reads the release that lies in `folder`, and writes its manifests into `manifests` in there. @throws Error naming a file that is absent */
export async function writeManifests(folder: string, about: Omit<Release, 'files'>): Promise<void> {
  const files = new Map<string, string>();
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const hash = createHash('sha256').update(await readFile(path.join(folder, entry.name)));
    files.set(entry.name, hash.digest('hex'));
  }
  for (const [name, text] of manifestsOf({ ...about, files })) {
    const file = path.join(folder, 'manifests', name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}

/** By path. @throws Error naming a file that is absent */
export function manifestsOf(release: Release): ReadonlyMap<string, string> {
  return new Map([...winget(release), ...homebrew(release), ...aur(release)]);
}

interface ReleasedFile {
  readonly name: string;
  readonly url: string;
  readonly sha256: string;
}

function released({ files, version, repository: { owner, repo } }: Release, pattern: RegExp): ReleasedFile {
  const found = [...files].filter(([name]) => pattern.test(name));
  const [[name, sha256] = ['', '']] = found;
  if (found.length !== 1) throw new Error(`The release has ${found.length} files like ${pattern}; it must have one.`);
  return { name, sha256, url: `https://github.com/${owner}/${repo}/releases/download/v${version}/${name}` };
}

const homepageOf = ({ repository: { owner, repo } }: Release): string => `https://github.com/${owner}/${repo}`;

/** winget-pkgs, manifest schema 1.6.0. */
function winget(release: Release): readonly (readonly [string, string])[] {
  const { version, description } = release;
  const file = (kind: string, lines: readonly string[]): string =>
    [
      `# yaml-language-server: $schema=https://aka.ms/winget-manifest.${kind}.${WINGET_SCHEMA}.schema.json`,
      `PackageIdentifier: ${WINGET_ID}`,
      `PackageVersion: ${JSON.stringify(version)}`,
      ...lines,
      `ManifestType: ${kind}`,
      `ManifestVersion: ${WINGET_SCHEMA}`,
      '',
    ].join('\n');
  const installers = ['x64', 'arm64'].flatMap((processor) => {
    const { url, sha256 } = released(release, new RegExp(`-Setup-.*-${processor}\\.exe$`));
    return [
      `  - Architecture: ${processor}`,
      `    InstallerUrl: ${url}`,
      `    InstallerSha256: ${sha256.toUpperCase()}`,
    ];
  });
  return [
    [`winget/${WINGET_ID}.yaml`, file('version', ['DefaultLocale: en-US'])],
    [
      `winget/${WINGET_ID}.installer.yaml`,
      file('installer', [
        'InstallerType: nullsoft',
        'Scope: user',
        'UpgradeBehavior: install',
        'Installers:',
        ...installers,
      ]),
    ],
    [
      `winget/${WINGET_ID}.locale.en-US.yaml`,
      file('defaultLocale', [
        'PackageLocale: en-US',
        'Publisher: The Portkeeper authors',
        'PackageName: Portkeeper',
        `PackageUrl: ${homepageOf(release)}`,
        'License: MIT',
        `ShortDescription: ${JSON.stringify(description)}`,
      ]),
    ],
  ];
}

function homebrew(release: Release): readonly (readonly [string, string])[] {
  const { url, sha256 } = released(release, /-universal\.dmg$/);
  const homepage = homepageOf(release);
  return [
    [
      'homebrew/portkeeper.rb',
      `cask "portkeeper" do
  version "${release.version}"
  sha256 "${sha256}"

  url "${url.replaceAll(release.version, '#{version}')}"
  name "Portkeeper"
  desc "Keeps the ports you need open on your home router"
  homepage "${homepage}"

  auto_updates true
  depends_on macos: ">= :ventura"

  app "Portkeeper.app"
  binary "#{appdir}/Portkeeper.app/Contents/Resources/bin/portkeeper"

  uninstall quit: "io.portkeeper.desktop"

  zap trash: [
    "~/Library/Application Support/portkeeper",
    "~/Library/LaunchAgents/Portkeeper.plist",
    "~/Library/LaunchAgents/io.portkeeper.serve.plist",
  ]
end
`,
    ],
  ];
}

/** Sources of the deb. `makepkg --printsrcinfo` would write the same .SRCINFO. */
function aur(release: Release): readonly (readonly [string, string])[] {
  const { description } = release;
  const version = release.version.replaceAll('-', '_');
  const debs = [
    ['x86_64', released(release, /amd64\.deb$/)],
    ['aarch64', released(release, /arm64\.deb$/)],
  ] as const;
  const depends = ['gtk3', 'nss', 'alsa-lib', 'libnotify'];
  const optional = 'libappindicator-gtk3: tray icon';
  const build = `# Maintainer: The Portkeeper authors
pkgname=portkeeper-bin
pkgver=${version}
pkgrel=1
pkgdesc=${shell(description)}
arch=(${debs.map(([processor]) => processor).join(' ')})
url=${shell(homepageOf(release))}
license=(MIT)
depends=(${depends.join(' ')})
optdepends=(${shell(optional)})
provides=(portkeeper)
conflicts=(portkeeper)
${debs.map(([processor, { url, sha256 }]) => `source_${processor}=(${shell(url)})\nsha256sums_${processor}=(${shell(sha256)})`).join('\n')}

package() {
  bsdtar -xf data.tar.* -C "$pkgdir"
  install -d "$pkgdir/usr/bin"
  ln -s /opt/Portkeeper/portkeeper-desktop "$pkgdir/usr/bin/portkeeper-desktop"
  ln -s /opt/Portkeeper/resources/bin/portkeeper "$pkgdir/usr/bin/portkeeper"
}
`;
  const source = [
    'pkgbase = portkeeper-bin',
    ...[
      `pkgdesc = ${description}`,
      `pkgver = ${version}`,
      'pkgrel = 1',
      `url = ${homepageOf(release)}`,
      ...debs.map(([processor]) => `arch = ${processor}`),
      'license = MIT',
      ...depends.map((name) => `depends = ${name}`),
      `optdepends = ${optional}`,
      'provides = portkeeper',
      'conflicts = portkeeper',
      ...debs.flatMap(([processor, { url, sha256 }]) => [
        `source_${processor} = ${url}`,
        `sha256sums_${processor} = ${sha256}`,
      ]),
    ].map((line) => `\t${line}`),
    '',
    'pkgname = portkeeper-bin',
    '',
  ].join('\n');
  return [
    ['aur/PKGBUILD', build],
    ['aur/.SRCINFO', source],
  ];
}

const shell = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
