/** What a notification of the system says, and what its button does. */
import type { Notice } from '../contract/activity.ts';
import type { AppSnapshot } from '../contract/commands.ts';
import type { Language } from '../contract/language.ts';
import { actionContextOf, actionsFor } from '../contract/problem-actions.ts';
import { actionLabel } from '../contract/words/actions.ts';
import { noticeNotification, notificationWords } from '../contract/words/notifications.ts';
import type { TrayAction } from './tray/tray-menu.ts';
import { trayActionOf } from './tray/tray-menu.ts';

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
