/** Electron's side of notifications. */
import { Notification } from 'electron';
import type { Notice } from '../contract/activity.ts';
import type { AppSnapshot } from '../contract/commands.ts';
import { inSeconds } from '../contract/units.ts';
import { forAtMost } from '../system/deadline.ts';
import type { OpenBus } from '../system/node/session-bus.ts';
import type { Clock } from '../system/system.ts';
import type { Language } from '../contract/words/catalogues.ts';
import { actionContextOf, actionsFor } from '../contract/problem-actions.ts';
import { withoutHidden } from '../contract/words/hidden.ts';
import { actionLabel } from '../contract/words/actions.ts';
import { noticeNotification, notificationWords } from '../contract/words/notifications.ts';
import { xmlText } from './login/login-item.ts';
import { trayActionOf, type TrayAction } from './tray/tray-menu.ts';

const ANSWERS_WITHIN = inSeconds(2);
const CAPABILITIES = {
  destination: 'org.freedesktop.Notifications',
  path: '/org/freedesktop/Notifications',
  interface: 'org.freedesktop.Notifications',
  member: 'GetCapabilities',
} as const;

/** Older ones are let go: whoever still clicks on them gets nothing, as after a restart. */
const MOST_KEPT = 20;

export class Notifications {
  readonly #platform: NodeJS.Platform;
  readonly #drawsMarkup: (() => Promise<boolean>) | undefined;
  readonly #act: (action: TrayAction) => void;
  /** Electron forgets those that nobody holds, and their clicks with them. */
  readonly #kept = new Set<Notification>();

  constructor(
    platform: NodeJS.Platform,
    drawsMarkup: (() => Promise<boolean>) | undefined,
    act: (action: TrayAction) => void,
  ) {
    this.#platform = platform;
    this.#drawsMarkup = drawsMarkup;
    this.#act = act;
  }

  show(notice: ShownNotice): void {
    if (!Notification.isSupported()) return;
    if (this.#drawsMarkup === undefined) this.#show(notice);
    else void this.#drawsMarkup().then((isMarkup) => this.#show(isMarkup ? escaped(notice) : notice));
  }

  #show({ title, body, button }: ShownNotice): void {
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
    // A panel that shows none, or too many already: the window says it, too.
    notification.on('failed', () => {
      this.#kept.delete(notification);
      this.#act({ do: 'open' });
    });
    notification.on('close', () => this.#kept.delete(notification));
    notification.show();
  }
}

/** Routers and devices name themselves: what they say is text (Desktop Notifications Specification 1.2, "Markup"). */
const escaped = (notice: ShownNotice): ShownNotice => ({
  ...notice,
  body: xmlText(notice.body),
});

/** Linux: asks the panel that shows notifications whether it takes their bodies for markup. No answer counts as no. */
export async function panelDrawsMarkup(openBus: OpenBus, clock: Clock): Promise<boolean> {
  const work = async (until: AbortSignal): Promise<boolean> => {
    const bus = await openBus(() => undefined, until);
    try {
      const [capabilities] = await bus.call(CAPABILITIES, until);
      return Array.isArray(capabilities) && capabilities.includes('body-markup');
    } finally {
      bus.close();
    }
  };
  const never = new AbortController().signal;
  return (await forAtMost(clock, ANSWERS_WITHIN, never, work).catch(() => undefined)) ?? false;
}

export interface ShownNotice {
  readonly title: string;
  readonly body: string;
  /** Where the system has such. */
  readonly button?: { readonly label: string; readonly action: TrayAction };
}

export function shownNotice(notice: Notice, snapshot: AppSnapshot, language: Language): ShownNotice {
  const { title, body } = noticeNotification(notice, language);
  const text = { title: withoutHidden(title), body: withoutHidden(body) };
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
