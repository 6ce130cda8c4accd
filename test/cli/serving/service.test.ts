import { mkdtemp, readFile, rm, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  installService,
  removeService,
  serviceStatus,
  type Computer,
  type ServiceCommandOptions,
} from '../../../main/cli/commands/command-service.ts';
import { globalOptions } from '../../../main/cli/options/global-options.ts';
import { createConsole } from '../../../main/cli/output/console.ts';

let home: string;
let said: string[];
let records: unknown[];
/** Commands that were run, a line each. */
let ran: string[];
/** Output of a command, by the beginning of its line; an Error is thrown. */
let answers: Record<string, string | Error>;

beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'portkeeper-service-'));
  said = [];
  records = [];
  ran = [];
  answers = {};
});
afterEach(() => rm(home, { recursive: true, force: true }));

const RUNNING = { 'systemctl --user show': 'LoadState=loaded\nActiveState=active\nSubState=running\n' };
const unitFile = (): string => path.join(home, '.config/systemd/user/portkeeper.service');

function computer(more: Partial<Computer> = {}): Computer {
  return {
    platform: 'linux',
    env: {},
    home,
    userName: 'alex',
    uid: 1000,
    execPath: '/opt/node/bin/node',
    script: '/opt/pk/portkeeper.mjs',
    isElectron: false,
    hasSystemd: () => Promise.resolve(true),
    ask: undefined,
    pause: () => Promise.resolve(),
    run: (file, args) => {
      const line = [file, ...args].join(' ');
      ran.push(line);
      const [, answer = ''] = Object.entries(answers).find(([begin]) => line.startsWith(begin)) ?? [];
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    ...more,
  };
}

async function service(
  work: typeof installService,
  given: ServiceCommandOptions,
  on: Computer = computer(),
): Promise<number> {
  const output = {
    out: { write: (line: string) => void records.push(JSON.parse(line)) },
    err: { write: (line: string) => void said.push(line) },
  };
  return await work(await globalOptions(given), createConsole(true, output), given, on);
}

describe('portkeeper service install, on Linux', () => {
  it('writes a unit, starts it now and with the computer', async () => {
    answers = RUNNING;
    expect(await service(installService, { yes: true, windowPort: '9000', router: '192.168.1.1' })).toBe(0);
    const unit = await readFile(unitFile(), 'utf8');
    expect(unit).toContain(
      'ExecStart=:"/opt/node/bin/node" "/opt/pk/portkeeper.mjs" "serve" "--router" "192.168.1.1" "--window-port" "9000"\n',
    );
    expect(ran.slice(0, 4)).toEqual([
      'systemctl --user daemon-reload',
      'systemctl --user enable portkeeper.service',
      'systemctl --user restart portkeeper.service',
      'loginctl enable-linger',
    ]);
    expect(said).toEqual([
      'Installed. systemd starts it when the computer starts.',
      'See what is open with: portkeeper status',
    ]);
    expect(records).toEqual([{ event: 'service', state: 'running', manager: 'systemd', file: unitFile() }]);
  });

  it('shows what it would write and run, and changes nothing unless somebody agrees', async () => {
    let asked = '';
    const ask = (question: string): Promise<string> => {
      asked = question;
      return Promise.resolve('n');
    };
    await expect(service(installService, {}, computer({ ask }))).rejects.toThrow('Nothing was changed.');
    expect(asked).toBe('Install the service? [y/N] ');
    expect(said.join('\n')).toContain(`This writes ${unitFile()}:\n    # Written by "portkeeper service install".`);
    expect(said.join('\n')).toContain('Then it runs:\n    systemctl --user daemon-reload\n');
    await expect(service(installService, {})).rejects.toThrow(
      'Nothing was changed. To install without being asked, add --yes.',
    );
    expect(ran).toEqual([]);
    await expect(readFile(unitFile())).rejects.toThrow('ENOENT');
  });

  it('keeps a unit that a person wrote beside its own', async () => {
    await mkdir(path.dirname(unitFile()), { recursive: true });
    await writeFile(unitFile(), '[Service]\nExecStart=mine\n');
    answers = RUNNING;
    await service(installService, { yes: true });
    expect(await readFile(`${unitFile()}.old`, 'utf8')).toBe('[Service]\nExecStart=mine\n');
    await service(installService, { yes: true });
    expect(await readFile(`${unitFile()}.old`, 'utf8')).toBe('[Service]\nExecStart=mine\n');
  });

  it('leaves everything as it was when systemd refuses', async () => {
    answers = { 'systemctl --user enable': new Error('Unit is masked.') };
    await expect(service(installService, { yes: true })).rejects.toThrow(
      'systemctl --user enable portkeeper.service failed, so nothing was changed.\nUnit is masked.',
    );
    await expect(readFile(unitFile())).rejects.toThrow('ENOENT');
    expect(ran.at(-1)).toBe('systemctl --user daemon-reload');
  });

  it('says how to stay after logging out where that is not allowed', async () => {
    answers = { ...RUNNING, loginctl: new Error('Access denied') };
    expect(await service(installService, { yes: true })).toBe(0);
    expect(said[0]).toBe('It runs only while you are logged in. To change that: sudo loginctl enable-linger "$USER"');
  });

  it('does not call a service that fails at once installed and running', async () => {
    answers = { 'systemctl --user show': 'LoadState=loaded\nActiveState=activating\nSubState=auto-restart\n' };
    await expect(service(installService, { yes: true })).rejects.toThrow(
      'Installed, but it fails to start. See why with: journalctl --user -u portkeeper',
    );
  });

  it('writes awkward paths so that systemd reads them back', async () => {
    answers = RUNNING;
    await service(installService, { yes: true }, computer({ script: '/opt/a b/100%/"q"\\$x/portkeeper.mjs' }));
    expect(await readFile(unitFile(), 'utf8')).toContain(String.raw`"/opt/a b/100%%/\"q\"\\$x/portkeeper.mjs"`);
  });

  it.each([
    [{ system: true }, {}, '--system needs administrator rights. Try: sudo portkeeper service … --system'],
    [{ as: 'sam' }, {}, '--as needs --system.'],
    [{}, { uid: 0, env: { SUDO_USER: 'alex' } }, 'Leave sudo out to install the service for yourself'],
    [{}, { script: '/home/alex/.npm/_npx/12/portkeeper.mjs' }, 'Portkeeper is running from a temporary location'],
    [{}, { env: { APPIMAGE: '/home/alex/Portkeeper.AppImage' } }, 'Portkeeper is running from a temporary location'],
    [{}, { script: '/opt/a\nUser=root/portkeeper.mjs' }, 'characters that can’t be written to its file'],
    [{ system: true, as: 'x\nUser=root' }, { uid: 0 }, 'characters that can’t be written to its file'],
    [{}, { hasSystemd: () => Promise.resolve(false) }, 'This computer doesn’t use systemd'],
  ])('refuses %j on a computer with %j', async (given, more, message) => {
    await expect(service(installService, { ...given, yes: true }, computer(more))).rejects.toThrow(message);
    expect(ran).toEqual([]);
  });
});

describe('an installed package', () => {
  it('is started by its command, which sets up Electron’s Node', async () => {
    answers = RUNNING;
    const script = '/opt/Portkeeper/resources/cli/portkeeper.mjs';
    await service(installService, { yes: true }, computer({ isElectron: true, script }));
    expect(await readFile(unitFile(), 'utf8')).toContain(
      'ExecStart=:"/opt/Portkeeper/resources/bin/portkeeper" "serve"',
    );
  });
});

describe('portkeeper service status and remove', () => {
  it.each([
    ['LoadState=not-found\nActiveState=inactive\nSubState=dead', 1, 'not installed'],
    ['LoadState=loaded\nActiveState=inactive\nSubState=dead', 1, 'stopped'],
    ['LoadState=loaded\nActiveState=failed\nSubState=failed', 1, 'failed'],
    ['LoadState=loaded\nActiveState=active\nSubState=running', 0, 'running'],
  ])('systemd says %j', async (answer, code, state) => {
    answers = { 'systemctl --user show': answer };
    expect(await service(serviceStatus, {})).toBe(code);
    expect(records).toMatchObject([{ state }]);
  });

  it('removes what it installed, and says so when there is nothing', async () => {
    answers = RUNNING;
    await service(installService, { yes: true });
    ran = [];
    expect(await service(removeService, {})).toBe(0);
    expect(ran.filter((line) => !line.includes('show'))).toEqual([
      'systemctl --user disable --now portkeeper.service',
      'systemctl --user daemon-reload',
    ]);
    await expect(readFile(unitFile())).rejects.toThrow('ENOENT');
    answers = { 'systemctl --user show': 'LoadState=not-found\n' };
    expect(await service(removeService, {})).toBe(0);
    expect(said.at(-1)).toBe('The service is not installed.');
  });
});

describe('a portkeeper that runs from a temporary location', () => {
  it.each([
    { script: '/home/alex/.npm/_npx/12/portkeeper.mjs' },
    { env: { APPIMAGE: '/home/alex/Portkeeper.AppImage' } },
  ])('says how a service is, and removes it: %j', async (more) => {
    answers = RUNNING;
    await service(installService, { yes: true });
    expect(await service(serviceStatus, {}, computer(more))).toBe(0);
    expect(await service(removeService, {}, computer(more))).toBe(0);
    await expect(readFile(unitFile())).rejects.toThrow('ENOENT');
  });
});

describe('other systems', () => {
  it('macOS: a launch agent', async () => {
    answers = { 'launchctl print': 'gui/501/io.portkeeper.serve = {\n\tstate = running\n}\n' };
    const mac = computer({ platform: 'darwin', uid: 501, script: '/opt/a & b/portkeeper.mjs' });
    expect(await service(installService, { yes: true, window: false }, mac)).toBe(0);
    const file = path.join(home, 'Library/LaunchAgents/io.portkeeper.serve.plist');
    const plist = await readFile(file, 'utf8');
    expect(plist).toContain('<string>/opt/a &amp; b/portkeeper.mjs</string>\n      <string>serve</string>');
    expect(plist).toContain('<string>--no-window</string>');
    expect(ran).toContain(`launchctl bootstrap gui/501 ${file}`);
    answers = { 'launchctl print': new Error('Could not find service') };
    expect(await service(serviceStatus, {}, mac)).toBe(1);
    expect(records.at(-1)).toMatchObject({ state: 'not installed' });
  });

  it('Windows: a task at log-on, whose definition is read once', async () => {
    const env = { SystemRoot: String.raw`C:\Windows`, TEMP: home, USERDOMAIN: 'PC', USERNAME: 'Alex' };
    let task = '';
    const windows = computer({
      platform: 'win32',
      uid: undefined,
      env,
      execPath: String.raw`C:\Program Files\nodejs\node.exe`,
      script: String.raw`C:\pk\portkeeper.mjs`,
      run: async (file, args) => {
        if (args.includes('/Create')) task = await readFile(args[args.indexOf('/XML') + 1] ?? '', 'utf16le');
        return file.endsWith('powershell.exe') ? 'Running\r\n' : '';
      },
    });
    expect(await service(installService, { yes: true }, windows)).toBe(0);
    expect(task.startsWith('\uFEFF<?xml version="1.0" encoding="UTF-16"?>\r\n')).toBe(true);
    expect(task).toContain('<UserId>PC\\Alex</UserId>');
    expect(task).toContain(
      String.raw`<Arguments>--headless &quot;C:\Program Files\nodejs\node.exe&quot; C:\pk\portkeeper.mjs serve</Arguments>`,
    );
    expect(records).toEqual([{ event: 'service', state: 'running', manager: 'Task Scheduler', file: null }]);
  });
});
