import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runProgram } from '../../main/system/node/run-program.ts';

const never = new AbortController().signal;
const node = (script: string, ...args: readonly string[]) => ({
  file: process.execPath,
  args: ['-e', script, ...args],
  environment: { PORTKEEPER_IPV4: '11.22.33.44' },
});

describe('a program of the person’s choice', () => {
  test('gets its arguments as they are, and its environment', async () => {
    const script = 'console.log(process.argv.slice(1).join("|"), process.env.PORTKEEPER_IPV4); process.exit(3)';
    const end = await runProgram(node(script, '$HOME; *', 'a b'), never);
    expect(end).toEqual({ is: 'ended', code: 3, output: '$HOME; *|a b 11.22.33.44\n' });
  });

  test('may print without end, or leave something running that keeps its output open', async () => {
    const lots = await runProgram(node('process.stdout.write("x".repeat(1e6))'), never);
    expect(lots).toMatchObject({ is: 'ended', code: 0, output: 'x'.repeat(8192) });
    const script = `require('child_process').spawn('sleep', ['3'], { stdio: 'inherit' }); process.exit()`;
    expect(await runProgram(node(script), never)).toMatchObject({ is: 'ended', code: 0 });
  });

  test('that is not there says so', async () => {
    const end = await runProgram({ file: '/no/such/program', args: [], environment: {} }, never);
    expect(end).toEqual({ is: 'not-started', fault: 'ENOENT' });
  });

  test.skipIf(process.platform === 'win32')('is ended with what it started, even if it does not listen', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'portkeeper-program-'));
    onTestFinished(() => rm(folder, { recursive: true, maxRetries: 5 }));
    const file = path.join(folder, 'beats');
    const beat = `process.on('SIGTERM', () => {}); setInterval(() => require('fs').appendFileSync(${JSON.stringify(file)}, '.'), 20)`;
    const script = `${beat}; require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(beat)}])`;
    const stop = new AbortController();
    const run = runProgram(node(script), stop.signal);
    while ((await readFile(file, 'utf8').catch(() => '')).length < 10) await sleep(20);
    stop.abort(new Error('enough'));
    await expect(run).rejects.toThrow('enough');
    const { length } = await readFile(file, 'utf8');
    await sleep(200);
    expect(await readFile(file, 'utf8')).toHaveLength(length);
  });
});
