/** Electron's side of notifications. */
import { Notification } from 'electron';
import type { Notice } from '../contract/activity.ts';
import type { AppSnapshot } from '../contract/commands.ts';
import type { Language } from '../contract/words/catalogues.ts';
import { actionContextOf, actionsFor } from '../contract/problem-actions.ts';
import { actionLabel } from '../contract/words/actions.ts';
import { noticeNotification, notificationWords } from '../contract/words/notifications.ts';
import type { TrayAction } from './tray/tray-menu.ts';
import { trayActionOf } from './tray/tray-menu.ts';

/** Older ones are let go: whoever still clicks on them gets nothing, as after a restart. */
const MOST_KEPT = 20;

export class Notifications {
  readonly #platform: NodeJS.Platform;
  readonly #act: (action: TrayAction) => void;
  /** Electron forgets those that nobody holds, and their clicks with them. */
  readonly #kept = new Set<Notification>();

  constructor(platform: NodeJS.Platform, act: (action: TrayAction) => void) {
    this.#platform = platform;
    this.#act = act;
  }

  show({ title, body, button }: ShownNotice): void {
    if (!Notification.isSupported()) return;
    const hasButtons = this.#platform === 'darwin' || this.#platform === 'win32';
    const notification = new Notification({
      title,
      body,
      ...(button === undefined || !hasButtons ? {} : { actions: [{ type: 'button', text: button.label }] }),
    });
    this.#kept.add(notification);
    const [oldest] = this.#kept;
    if (this.#kept.size > MOST_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    notification.on('click', () => this.#act({ do: 'open' }));
    notification.on('action', () => {
      if (button !== undefined) this.#act(button.action);
    });
    notification.on('close', () => this.#kept.delete(notification));
    notification.show();
  }
}

export interface ShownNotice {
  readonly title: string;
  readonly body: string;
  /** Where the system has such. */
  readonly button?: { readonly label: string; readonly action: TrayAction };
}

export function shownNotice(notice: Notice, snapshot: AppSnapshot, language: Language): ShownNotice {
  const text = noticeNotification(notice, language);
  const [fact] = notice.facts;
  if (notice.of !== 'trouble' || fact === undefined || !('problem' in fact)) return text;
  const [first] = actionsFor(fact.problem, actionContextOf(snapshot));
  if (first === undefined) return text;
  return { ...text, button: { label: actionLabel(first, language), action: trayActionOf(first) } };
}

/** A newer version that has been fetched since `before`, for whoever wants to hear of anything. */
export function updateNotice(
  before: AppSnapshot | undefined,
  { host, settings }: AppSnapshot,
  language: Language,
): ShownNotice | undefined {
  if (host.update.at !== 'ready' || before?.host.update.at === 'ready' || settings.notifications === 'none') {
    return undefined;
  }
  return notificationWords[language].update(host.update.version);
}
