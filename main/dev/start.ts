/**
 * `npm start`: finds the router and shows it; where there is none, runs the simulated one and holds two ports open on
 * it until Ctrl-C. With arguments (`npm start -- open 25565/tcp`) it is the `portkeeper` command.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startDemoRouter } from '../simulator/on-loopback/demo-router.ts';
import { createLog } from '../system/node/log.ts';
import { createNodeSystem } from '../system/node/node-system.ts';

const cli = path.join(import.meta.dirname, '../cli/index.ts');
const NO_GATEWAY = 3;

function portkeeper(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [cli, ...args], { stdio: 'inherit' });
}

function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)));
}

/** The router lives in this process: a Ctrl-C must not end it before its ports are closed. */
async function demo(): Promise<number> {
  console.log('\nNo router to work with: here is a simulated one on this computer, and two ports held open on it.\n');
  const stop = new AbortController();
  const folder = await mkdtemp(path.join(tmpdir(), 'portkeeper-demo-'));
  const system = createNodeSystem({ log: createLog({ level: 'error', stderr: true }) });
  try {
    const { location } = await startDemoRouter({ log: (line) => console.log(`router   ${line}`) }, system, stop.signal);
    const ports = ['25565/tcp', '34197/udp'];
    return await exitOf(portkeeper(['open', ...ports, '--gateway', location, '--data-dir', folder]));
  } finally {
    stop.abort();
    await rm(folder, { recursive: true, force: true });
  }
}

// Ctrl-C reaches the children by the terminal; this process waits for their tidy end.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);

const args = process.argv.slice(2);
if (args.length > 0) {
  process.exitCode = await exitOf(portkeeper(args));
} else {
  const code = await exitOf(portkeeper(['discover']));
  if (code === NO_GATEWAY) process.exitCode = await demo();
  else {
    console.log('\nNext:  npm start -- open 25565/tcp      (opens a port until Ctrl-C)');
    console.log('       npm start -- --help              (everything else)');
    process.exitCode = code;
  }
}
