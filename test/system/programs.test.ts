import { expect, test } from 'vitest';
import { createNodeSystem } from '../../main/system/node/node-system.ts';
import { parsePs, parseTasklist } from '../../main/system/node/programs.ts';

test('the list on macOS: paths, which may have spaces', () => {
  const text = '/sbin/launchd\n/Applications/Factorio Server.app/Contents/MacOS/factorio\njava\n';
  expect(parsePs(text)).toEqual(['launchd', 'factorio', 'java']);
});

test('the list on Windows', () => {
  const text =
    '"System Idle Process","0","Services","0","8 K"\r\n"Valheim_Server.exe","4711","Console","1","1.234 K"\r\n';
  expect(parseTasklist(text)).toEqual(['system idle process', 'valheim_server']);
});

test.runIf(process.platform === 'linux')('a program of this machine is noticed', async () => {
  const system = createNodeSystem({ log: { write: () => undefined } });
  const own = process.execPath.split('/').at(-1);
  expect(await system.programs?.(new AbortController().signal)).toContain(own);
});
