import path from 'node:path';
import {
  WRITTEN_BY,
  type ServiceManager,
  type ServiceOptions,
  type ServiceState,
  type Step,
} from './service-manager.ts';

const UNIT = 'portkeeper.service';

/** A user unit, or with `systemUser` a system unit (systemd.unit(5), systemd.service(5)). */
export function systemd({ command, home, systemUser, env }: ServiceOptions): ServiceManager {
  const isSystem = systemUser !== undefined;
  const config = env['XDG_CONFIG_HOME'];
  const folder = isSystem
    ? '/etc/systemd/system'
    : path.posix.join(config?.startsWith('/') ? config : path.posix.join(home, '.config'), 'systemd/user');
  const level = isSystem ? [] : ['--user'];
  const systemctl = (...args: string[]): Step => ({ command: ['systemctl', ...level, ...args] });
  return {
    name: 'systemd',
    starts: 'when the computer starts',
    file: {
      path: path.posix.join(folder, UNIT),
      text: unit(command, systemUser),
      encoding: 'utf8',
      isTemporary: false,
    },
    install: [
      systemctl('daemon-reload'),
      systemctl('enable', UNIT),
      systemctl('restart', UNIT),
      // Otherwise systemd ends the services of a user when they log out, and starts them when they log in.
      ...(isSystem
        ? []
        : [
            {
              command: ['loginctl', 'enable-linger'] as const,
              ifItFails: 'It runs only while you are logged in. To change that: sudo loginctl enable-linger "$USER"',
            },
          ]),
    ],
    stop: [systemctl('disable', '--now', UNIT)],
    forget: [systemctl('daemon-reload')],
    log: `journalctl ${isSystem ? '' : '--user '}-u portkeeper`,
    state: async (run) =>
      stateOf(await run('systemctl', [...level, 'show', UNIT, '--property=LoadState,ActiveState,SubState'])),
  };
}

function unit(command: readonly string[], systemUser: string | undefined): string {
  const isSystem = systemUser !== undefined;
  return `# ${WRITTEN_BY}. "portkeeper service remove" removes it.
[Unit]
Description=Portkeeper: keeps ports open on the router
${isSystem ? 'Wants=network-online.target\nAfter=network-online.target\n' : ''}
[Service]
ExecStart=:${command.map(quoted).join(' ')}
${isSystem ? `User=${systemUser}\n` : ''}Restart=on-failure
# Another Portkeeper may be running: this one takes its turn when that one quits.
RestartSec=30
# 2: a mistake in its options.
RestartPreventExitStatus=2
TimeoutStopSec=30
NoNewPrivileges=yes
${isSystem ? 'ProtectSystem=full\nProtectKernelTunables=yes\nProtectControlGroups=yes\nRestrictSUIDSGID=yes\nLockPersonality=yes\n' : ''}
[Install]
WantedBy=${isSystem ? 'multi-user.target' : 'default.target'}
`;
}

/** For a line that begins with a colon, which leaves variables alone (systemd.service(5), "Command lines"). */
const quoted = (argument: string): string =>
  `"${argument.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%')}"`;

function stateOf(answer: string): ServiceState {
  const properties = new Map(answer.split('\n').map((line) => line.split('=', 2) as [string, string]));
  if (properties.get('LoadState') === 'not-found') return 'not installed';
  const active = properties.get('ActiveState');
  if (active === 'failed' || properties.get('SubState') === 'auto-restart') return 'failed';
  return active === 'active' || active === 'activating' || active === 'reloading' ? 'running' : 'stopped';
}
