/** That the layers hold: each line planted here, in a copy of the tree's shape, is refused or let through by the real rules. */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = path.join(import.meta.dirname, '../..');

const REFUSED = {
  'main/contract/model.ts': ["from '../core/plan.ts'", "from 'node:fs'", "from 'commander'"],
  'main/core/plan.ts': ["from '../wire/pcp.ts'", "from '../gateways/gateway.ts'", "from 'valibot'", 'Date.now()'],
  'main/wire/pcp.ts': ["from '../system/system.ts'", "from 'fast-xml-parser'", 'Math.random()'],
  'main/system/system.ts': ["from './node/udp.ts'", "from 'node:dgram'"],
  'main/system/node/network/udp.ts': ["from '../../wire/pcp.ts'", "from 'electron'", "from 'electron-store'"],
  'main/gateways/pxp/pcp.ts': ["from '../core/plan.ts'", "from '../system/node/udp.ts'", 'setTimeout(() => 1, 1)'],
  'main/probe/server.ts': [
    "from '../gateways/pxp/pcp.ts'",
    "from '../engine/app.ts'",
    "from 'node:crypto'",
    'Date.now()',
  ],
  'main/diagnose/run-checks.ts': ["from '../engine/app.ts'", "from '../wire/pcp.ts'", "from 'node:fs'", 'Date.now()'],
  'main/engine/app.ts': ["from '../wire/pcp.ts'", "from '../cli/console.ts'", "from 'node:fs/promises'", 'process.pid'],
  'main/simulator/router/router.ts': [
    "from '../wire/pcp.ts'",
    "from '../gateways/pcp.ts'",
    "from '../engine/app.ts'",
    'Date.now()',
  ],
  'main/simulator/on-loopback/demo-router.ts': ["from '../../wire/pcp.ts'", "from '../../system/node/udp.ts'"],
  'main/connect/client.ts': ["from '../wire/http.ts'", "from '../desktop/ipc.ts'", "from 'electron'"],
  'main/cli/open.ts': ["from '../desktop/ipc.ts'", "from 'electron'", "from 'conf'"],
  'main/desktop/quit.ts': ["from 'electron'", "from '../cli/console.ts'", "from '../wire/pcp.ts'"],
  'main/desktop/window/ipc.ts': ["from 'commander'"],
  'preload/index.ts': ["from '../main/engine/app.ts'", "from 'valibot'", "from 'node:path'"],
  'renderer/app.tsx': ["from '../main/core/plan.ts'", "from 'valibot'", "from 'electron'"],
} as const;

const ALLOWED = {
  'main/core/expand.ts': ["from '../contract/model.ts'"],
  'main/wire/xml.ts': ["from 'fast-xml-parser'", "from './text.ts'"],
  'main/system/node/network/tcp.ts': ["from 'node:fs/promises'", "from '../system.ts'", 'setTimeout(() => 1, 1)'],
  'main/probe/proof.ts': ["from 'node:crypto'", "from '../wire/probe.ts'"],
  'main/engine/dispatch.ts': ["from 'csv-parse/sync'", "from '../gateways/pcp.ts'"],
  'main/desktop/tray/tray.ts': ["from 'electron'"],
  'renderer/index.tsx': ["from 'preact/hooks'", "from '../main/contract/model.ts'", 'Date.now()'],
} as const;

type Table = Readonly<Record<string, readonly string[]>>;

const asStatement = (line: string, at: number): string =>
  line.startsWith('from ') ? `export * as planted${at} ${line};` : `export const planted${at} = ${line};`;

/** FILE:LINE of everything that the rules refuse. */
const refused = new Set<string>();
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'portkeeper-layers-'));
  await symlink(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'), 'junction');
  await copyFile(path.join(ROOT, 'oxlint.config.ts'), path.join(folder, 'oxlint.config.ts'));
  for (const [file, lines] of Object.entries<readonly string[]>({ ...REFUSED, ...ALLOWED })) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), lines.map(asStatement).join('\n'));
  }
  const lint = path.join(ROOT, 'node_modules/oxlint/bin/oxlint');
  const said = await promisify(execFile)(process.execPath, [lint, '-f', 'unix', '.'], { cwd: folder }).then(
    ({ stdout }) => stdout,
    (failure: { stdout?: string }) => failure.stdout ?? '',
  );
  for (const [, place] of said.matchAll(/^(.+:\d+):\d+: .*no-restricted-(?:imports|globals|properties)/gm)) {
    if (place !== undefined) refused.add(place);
  }
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** As `test.each` takes them: the file, the line, and where oxlint sees it. */
const planted = (table: Table): readonly (readonly [string, string, string])[] =>
  Object.entries(table).flatMap(([file, lines]) => lines.map((line, at) => [file, line, `${file}:${at + 1}`] as const));

test.each(planted(REFUSED))('%s may not have: %s', (_file, _line, place) => {
  expect(refused).toContain(place);
});

test.each(planted(ALLOWED))('%s may have: %s', (_file, _line, place) => {
  expect(refused).not.toContain(place);
});
