import path from 'node:path';
import { windowsTool } from '../../system/node/run-command.ts';
import { WRITTEN_BY, xmlText, type ServiceManager, type ServiceOptions, type Step } from './service-manager.ts';

const TASK = 'Portkeeper';

/** A task at log-on (Task Scheduler schema 1.4). Windows' own programs by their full path: others may have their names. */
export function taskScheduler({ command, env }: ServiceOptions): ServiceManager {
  const file = path.win32.join(env['TEMP'] ?? String.raw`C:\Windows\Temp`, 'portkeeper-task.xml');
  const user = `${env['USERDOMAIN'] ?? '.'}\\${env['USERNAME'] ?? ''}`;
  const schtasks = (...args: string[]): Step => ({ command: [windowsTool('schtasks.exe', env), ...args] });
  return {
    name: 'Task Scheduler',
    starts: 'when you log in',
    file: {
      path: file,
      text: task(windowsTool('conhost.exe', env), user, command),
      encoding: 'utf16le',
      isTemporary: true,
    },
    install: [schtasks('/Create', '/TN', TASK, '/XML', file, '/F'), schtasks('/Run', '/TN', TASK)],
    stop: [{ ...schtasks('/End', '/TN', TASK), ifItFails: '' }, schtasks('/Delete', '/TN', TASK, '/F')],
    forget: [],
    log: `${TASK} in Windows Task Scheduler`,
    // The output of schtasks is translated; the names of PowerShell's states are not.
    async state(run) {
      const powershell = windowsTool(String.raw`WindowsPowerShell\v1.0\powershell.exe`, env);
      const ask = `(Get-ScheduledTask -TaskName ${TASK} -ErrorAction SilentlyContinue).State`;
      const state = (await run(powershell, ['-NoProfile', '-NonInteractive', '-Command', ask])).trim();
      if (state === '') return 'not installed';
      return state === 'Running' ? 'running' : 'stopped';
    },
  };
}

/** Node is a console program: conhost keeps it from showing a window. */
function task(conhost: string, user: string, command: readonly string[]): string {
  const args = ['--headless', ...command].map(argument).join(' ');
  return `<?xml version="1.0" encoding="UTF-16"?>
<!-- ${WRITTEN_BY}. "portkeeper service remove" removes it. -->
<Task version="1.4" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>Keeps ports open on the router.</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Enabled>true</Enabled>
      <UserId>${xmlText(user)}</UserId>
    </LogonTrigger>
  </Triggers>
  <Principals>
    <Principal>
      <UserId>${xmlText(user)}</UserId>
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>999</Count>
    </RestartOnFailure>
  </Settings>
  <Actions>
    <Exec>
      <Command>${xmlText(conhost)}</Command>
      <Arguments>${xmlText(args)}</Arguments>
    </Exec>
  </Actions>
</Task>
`;
}

/** As CommandLineToArgvW reads it: backslashes count only before a quote. */
const argument = (text: string): string =>
  /^[\w./:\\-]+$/.test(text)
    ? text
    : `"${text.replaceAll(/(\\*)("|$)/g, (_all, slashes: string, end: string) => `${slashes}${slashes}${end === '' ? '' : '\\"'}`)}"`;
