/** Is there a tray at all? Linux desktops may have none, and GNOME has none without an extension. */
import { inSeconds } from '../contract/units.ts';
import type { Millis } from '../contract/units.ts';
import type { Clock } from '../system/system.ts';
import type { RunTool } from './login-item-windows.ts';

const WATCHER = 'org.kde.StatusNotifierWatcher';
const PLACE = '/StatusNotifierWatcher';
const GET = 'org.freedesktop.DBus.Properties.Get';
const HOST_IS_THERE = 'IsStatusNotifierHostRegistered';

/** Each asks the session's bus the same; which of them is installed differs. */
const QUESTIONS: readonly { readonly file: string; readonly args: readonly string[] }[] = [
  {
    file: 'gdbus',
    args: [
      'call',
      '--session',
      '--timeout',
      '2',
      '--dest',
      WATCHER,
      '--object-path',
      PLACE,
      '--method',
      GET,
      WATCHER,
      HOST_IS_THERE,
    ],
  },
  {
    file: 'busctl',
    args: ['--user', '--timeout=2', 'get-property', WATCHER, PLACE, WATCHER, HOST_IS_THERE],
  },
  {
    file: 'dbus-send',
    args: [
      '--session',
      '--print-reply',
      '--reply-timeout=2000',
      `--dest=${WATCHER}`,
      PLACE,
      GET,
      `string:${WATCHER}`,
      `string:${HOST_IS_THERE}`,
    ],
  },
];

/** Panels start beside us at login. */
const PATIENCE: readonly Millis[] = [2, 3, 5, 10, 10].map((count) => inSeconds(count));

export async function hasTray(platform: NodeJS.Platform, run: RunTool): Promise<boolean> {
  if (platform !== 'linux') return true;
  for (const { file, args } of QUESTIONS) {
    const said = await run(file, args).catch(() => '');
    if (/\btrue\b/.test(said)) return true;
    if (/\bfalse\b/.test(said)) return false;
  }
  return false;
}

/** `true` as soon as there is one; `false` when half a minute has brought none. @throws the signal's reason */
export async function awaitTray(
  look: () => Promise<boolean>,
  clock: Pick<Clock, 'sleep'>,
  signal: AbortSignal,
): Promise<boolean> {
  for (const pause of PATIENCE) {
    if (await look()) return true;
    await clock.sleep(pause, signal);
  }
  return await look();
}
