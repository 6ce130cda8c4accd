/** Electron's side of notifications. */
import { Notification } from 'electron';
import type { ShownNotice } from './shown-notice.ts';
import type { TrayAction } from './tray/tray-menu.ts';

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
