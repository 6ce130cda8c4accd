import path from 'node:path';
import { WRITTEN_BY, xmlText, type ServiceManager, type ServiceOptions } from './service-manager.ts';

const LABEL = 'io.portkeeper.serve';

/** A launch agent, or with `systemUser` a launch daemon (launchd.plist(5), launchctl(1)). */
export function launchd({ command, home, uid, systemUser }: ServiceOptions): ServiceManager {
  const isSystem = systemUser !== undefined;
  const folder = isSystem ? '/Library/LaunchDaemons' : path.posix.join(home, 'Library/LaunchAgents');
  const file = path.posix.join(folder, `${LABEL}.plist`);
  const domain = isSystem ? 'system' : `gui/${uid ?? 0}`;
  const target = `${domain}/${LABEL}`;
  return {
    name: 'launchd',
    starts: isSystem ? 'when the computer starts' : 'when you log in',
    file: { path: file, text: plist(command, systemUser), encoding: 'utf8', isTemporary: false },
    install: [
      // One that is loaded keeps its old definition. None is loaded the first time.
      { command: ['launchctl', 'bootout', target], ifItFails: '' },
      { command: ['launchctl', 'enable', target] },
      { command: ['launchctl', 'bootstrap', domain, file] },
    ],
    stop: [{ command: ['launchctl', 'bootout', target], ifItFails: '' }],
    forget: [],
    log: `launchctl print ${target}`,
    async state(run) {
      const answer = await run('launchctl', ['print', target]).catch(() => undefined);
      if (answer === undefined) return 'not installed';
      if (/^\s*state = running$/m.test(answer)) return 'running';
      return /^\s*last exit code = (?!0\b|\(never exited\))/m.test(answer) ? 'failed' : 'stopped';
    },
  };
}

function plist(command: readonly string[], systemUser: string | undefined): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- ${WRITTEN_BY}. "portkeeper service remove" removes it. -->
<plist version="1.0">
  <dict>
    <key>Label</key>
    <string>${LABEL}</string>
    <key>ProgramArguments</key>
    <array>
${command.map((argument) => `      <string>${xmlText(argument)}</string>`).join('\n')}
    </array>
${systemUser === undefined ? '' : `    <key>UserName</key>\n    <string>${xmlText(systemUser)}</string>\n`}    <key>RunAtLoad</key>
    <true/>
    <key>KeepAlive</key>
    <dict>
      <key>SuccessfulExit</key>
      <false/>
    </dict>
    <key>ThrottleInterval</key>
    <integer>30</integer>
    <key>ExitTimeOut</key>
    <integer>30</integer>
    <key>ProcessType</key>
    <string>Background</string>
  </dict>
</plist>
`;
}
