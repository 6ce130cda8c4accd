import { describe, expect, it } from 'vitest';
import { manifestsOf } from '../../main/dev/manifests.ts';

const FILES = [
  'Portkeeper-Setup-1.2.3-x64.exe',
  'Portkeeper-Setup-1.2.3-arm64.exe',
  'Portkeeper-1.2.3-universal.dmg',
  'portkeeper_1.2.3_amd64.deb',
  'portkeeper_1.2.3_arm64.deb',
  'latest.yml',
];
const release = (names: readonly string[]) => ({
  version: '1.2.3',
  description: 'Keeps the ports you need open.',
  repository: { owner: 'someone', repo: 'portkeeper' },
  files: new Map(names.map((name, at) => [name, String(at).repeat(64)])),
});

describe('the manifests of a release for package managers', () => {
  const made = manifestsOf(release(FILES));

  it('has a file for each', () => {
    expect([...made.keys()]).toEqual([
      'winget/Portkeeper.Portkeeper.yaml',
      'winget/Portkeeper.Portkeeper.installer.yaml',
      'winget/Portkeeper.Portkeeper.locale.en-US.yaml',
      'homebrew/portkeeper.rb',
      'aur/PKGBUILD',
      'aur/.SRCINFO',
    ]);
  });

  it('names each installer with its own hash', () => {
    expect(made.get('winget/Portkeeper.Portkeeper.installer.yaml')).toContain(
      `  - Architecture: arm64
    InstallerUrl: https://github.com/someone/portkeeper/releases/download/v1.2.3/Portkeeper-Setup-1.2.3-arm64.exe
    InstallerSha256: ${'1'.repeat(64)}`,
    );
    expect(made.get('homebrew/portkeeper.rb')).toContain(`sha256 "${'2'.repeat(64)}"`);
    expect(made.get('aur/PKGBUILD')).toContain(`sha256sums_aarch64=('${'4'.repeat(64)}')`);
    expect(made.get('aur/.SRCINFO')).toContain(`\tsha256sums_x86_64 = ${'3'.repeat(64)}`);
  });

  it('lets Homebrew find the next version automatically', () => {
    expect(made.get('homebrew/portkeeper.rb')).toContain(
      'url "https://github.com/someone/portkeeper/releases/download/v#{version}/Portkeeper-#{version}-universal.dmg"',
    );
  });

  it.each(FILES.slice(0, 5))('is not made without %s', (name) => {
    expect(() => manifestsOf(release(FILES.filter((each) => each !== name)))).toThrow('it must have one');
  });
});
