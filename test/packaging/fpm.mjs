#!/usr/bin/env node
// In the place of fpm, which electron-builder fetches: takes the arguments that it gives and asks dpkg-deb or rpmbuild.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const given = { depends: [], recommends: [], sources: [] };
const LISTS = { '-d': 'depends', '--deb-recommends': 'recommends' };
const ALONE = new Set(['--force']);
const args = process.argv.slice(2);
for (let at = 0; at < args.length; at++) {
  const arg = args[at];
  if (ALONE.has(arg)) continue;
  if (!arg.startsWith('-')) given.sources.push(arg);
  else if (arg in LISTS) given[LISTS[arg]].push(args[++at]);
  else given[arg.replace(/^-+/, '')] = args[++at];
}

function run(program, argv, options = {}) {
  const { status, error } = spawnSync(program, argv, { stdio: ['ignore', 2, 2], ...options });
  if (error !== undefined || status !== 0) {
    process.stderr.write(`${program} failed: ${error?.message ?? `exit ${status}`}\n`);
    process.exit(1);
  }
}

const work = mkdtempSync(path.join(tmpdir(), 'fpm-'));
const tree = path.join(work, 'tree');
for (const source of given.sources) {
  const [from, to] = source.split('=');
  const target = path.join(tree, to);
  mkdirSync(path.dirname(target), { recursive: true });
  cpSync(from, target, { recursive: true, verbatimSymlinks: true });
}
const [synopsis = '', ...description] = given.description.split('\n');

if (given.t === 'deb') {
  const control = path.join(tree, 'DEBIAN');
  mkdirSync(control);
  const fields = {
    Package: given.name,
    Version: given.version,
    License: given.license,
    Vendor: given.vendor,
    Architecture: given.architecture,
    Maintainer: given.maintainer,
    Depends: given.depends.join(', '),
    Recommends: given.recommends.join(', '),
    Section: given.category,
    Priority: given['deb-priority'],
    Homepage: given.url,
    Description: [synopsis || given.name, ...description].join('\n'),
  };
  const text = Object.entries(fields)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([key, value]) => `${key}: ${value}\n`);
  writeFileSync(path.join(control, 'control'), text.join(''));
  for (const [name, from] of [
    ['postinst', given['after-install']],
    ['postrm', given['after-remove']],
  ]) {
    writeFileSync(path.join(control, name), readFileSync(from));
    chmodSync(path.join(control, name), 0o755);
  }
  run('dpkg-deb', ['--root-owner-group', '-Znone', '--build', tree, given.package]);
} else {
  const architecture = { amd64: 'x86_64', x86_64: 'x86_64', aarch64: 'aarch64', arm64: 'aarch64' }[given.architecture];
  const script = (file) => readFileSync(file, 'utf8').replaceAll('%', '%%');
  const requires = given.depends.map((one) => ['Requires: ', one, '\n'].join('')).join('');
  const spec = `%global _build_id_links none
%global __os_install_post %{nil}
%global debug_package %{nil}
%define _binary_payload w0.gzdio
Name: ${given.name}
Version: ${given.version.replaceAll('-', '_')}
Release: 1
Summary: ${given['rpm-summary'] ?? given.name}
License: ${given.license}
Vendor: ${given.vendor}
URL: ${given.url}
AutoReqProv: no
${requires}
%description
${given.description}
%install
mkdir -p %{buildroot}
cp -a '${tree}/.' %{buildroot}/
%files
"/opt/*"
"/usr/share/*"
%post
${script(given['after-install'])}
%postun
${script(given['after-remove'])}
`;
  const file = path.join(work, 'portkeeper.spec');
  writeFileSync(file, spec);
  run('rpmbuild', [
    '-bb',
    '--target',
    architecture,
    '--define',
    `_topdir ${work}/rpm`,
    '--define',
    `_rpmdir ${work}/out`,
    file,
  ]);
  run('sh', ['-c', `cp ${work}/out/*/*.rpm '${given.package}'`]);
}
rmSync(work, { recursive: true, force: true });
