/** Linux: is there a panel that shows trays? The session's bus says so, and says when one comes or goes. */
import { inSeconds, type Millis } from '../../contract/units.ts';
import { withDeadline } from '../../system/deadline.ts';
import { BUS, BusRefusal, type OpenBus, type SessionBus } from '../../system/node/session-bus.ts';
import type { Clock } from '../../system/system.ts';

/** Keeper of the list of trays, by the Status Notifier specification; panels that show them are its hosts. */
const WATCHER = 'org.kde.StatusNotifierWatcher';

/** A panel may start with either: owning the name, or registering a host with whoever owns it. */
const NEWS = [
  `type='signal',sender='${BUS.destination}',member='NameOwnerChanged',arg0='${WATCHER}'`,
  `type='signal',sender='${WATCHER}',interface='${WATCHER}',member='StatusNotifierHostRegistered'`,
  `type='signal',sender='${WATCHER}',interface='${WATCHER}',member='StatusNotifierHostUnregistered'`,
  `type='signal',sender='${WATCHER}',member='PropertiesChanged',arg0='${WATCHER}'`,
];

const IS_THERE = {
  destination: WATCHER,
  path: '/StatusNotifierWatcher',
  interface: 'org.freedesktop.DBus.Properties',
  member: 'Get',
  signature: 'ss',
  body: [WATCHER, 'IsStatusNotifierHostRegistered'],
} as const;

/** The bus says at once that nobody has a name. */
const NOBODY: ReadonlySet<string> = new Set([
  'org.freedesktop.DBus.Error.ServiceUnknown',
  'org.freedesktop.DBus.Error.NameHasNoOwner',
]);

/** As libdbus, and so Electron, waits: much goes on at login. */
const ANSWERS_WITHIN: Millis = inSeconds(25);
/** A panel that is still starting may have the name and not answer yet. */
const AGAIN: readonly Millis[] = [1, 2, 5, 10, 30].map((count) => inSeconds(count));

interface TrayHostParts {
  readonly openBus: OpenBus;
  readonly clock: Clock;
}

export function trayHostWatch({ openBus, clock }: TrayHostParts): WatchPanel {
  return async (tell, signal) => {
    let last: boolean | undefined;
    const tellChange = (isThere: boolean): void => {
      if (isThere === last) return;
      last = isThere;
      tell(isThere);
    };
    let news = Promise.withResolvers<void>();
    let bus: SessionBus | undefined;
    try {
      bus = await inTime(clock, signal, async (until) => {
        const opened = await openBus(() => news.resolve(), until);
        for (const rule of NEWS) {
          await opened.call({ ...BUS, member: 'AddMatch', signature: 's', body: [rule] }, until);
        }
        return opened;
      });
      const over = AbortSignal.any([signal, bus.lost]);
      for (let tries = 0; ;) {
        news = Promise.withResolvers<void>();
        const isThere = await isHostThere(bus, clock, over);
        tellChange(isThere === true);
        const isNew = await heard(news.promise, isThere === undefined ? AGAIN[tries] : undefined, clock, over);
        tries = isNew ? 0 : tries + 1;
      }
    } catch {
      signal.throwIfAborted();
      // There is no bus, or no longer: Electron draws no tray without one, and does not connect a second time.
      tellChange(false);
    } finally {
      bus?.close();
    }
  };
}

const inTime = <Value>(clock: Clock, signal: AbortSignal, work: (until: AbortSignal) => Promise<Value>) =>
  withDeadline(clock, ANSWERS_WITHIN, signal, work, () => new Error('the session bus does not answer'));

/** `undefined`: somebody has the name, and does not say. @throws Error when the bus is gone, or the signal's reason */
async function isHostThere(bus: SessionBus, clock: Clock, over: AbortSignal): Promise<boolean | undefined> {
  try {
    const [isThere] = await inTime(clock, over, (until) => bus.call(IS_THERE, until));
    return isThere === true;
  } catch (error) {
    over.throwIfAborted();
    return error instanceof BusRefusal && NOBODY.has(error.fault) ? false : undefined;
  }
}

/** Waits for news, and no longer than `limit` if there is one. @throws the signal's reason */
async function heard(
  news: Promise<void>,
  limit: Millis | undefined,
  clock: Clock,
  signal: AbortSignal,
): Promise<boolean> {
  const done = new AbortController();
  const { promise: over, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const late = limit === undefined ? over : clock.sleep(limit, done.signal);
  try {
    return await Promise.race([news.then(() => true), late.then(() => false), over]);
  } finally {
    signal.removeEventListener('abort', stop);
    late.catch(() => undefined);
    done.abort();
  }
}

/**
 * Reports whether there is something that shows trays: once that is known, and at each change. Resolves when it cannot
 * change any more. @throws the signal's reason
 */
export type WatchPanel = (tell: (isThere: boolean) => void, signal: AbortSignal) => Promise<void>;

/** Windows and macOS. */
export const ALWAYS_THERE: WatchPanel = async (tell) => tell(true);

/** Panels start beside us at login, and may be restarted. */
const PATIENCE: Millis = inSeconds(30);

export interface TrayPresenceParts {
  readonly watch: WatchPanel;
  readonly clock: Clock;
  /** It is known whether there is a panel, or one has come: Electron looks for it only when a Tray is made. */
  readonly makeTray: () => void;
  /** There has been no panel for a while: nobody would know that the app runs, or how to end it. */
  readonly onUnreachable: () => void;
}

export class TrayPresence {
  readonly #parts: TrayPresenceParts;
  #isThere: boolean | undefined;
  #hasTray = false;
  #change = new AbortController();

  constructor(parts: TrayPresenceParts) {
    this.#parts = parts;
  }

  /** A panel that has just gone counts: it may be about to come back. */
  get hasTray(): boolean {
    return this.#hasTray;
  }

  /** @throws the signal's reason, or what else ended the watch */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#change.abort(), { once: true });
    try {
      await this.#parts.watch((isThere) => this.#tell(isThere), signal);
    } catch (error) {
      if (!signal.aborted && this.#isThere !== false) this.#tell(false);
      throw error;
    }
  }

  #tell(isThere: boolean): void {
    const { clock, makeTray, onUnreachable } = this.#parts;
    this.#change.abort();
    const change = (this.#change = new AbortController());
    // Where there is none, Electron finds older desktops' trays automatically.
    if (isThere || this.#isThere === undefined) makeTray();
    this.#isThere = isThere;
    if (isThere) {
      this.#hasTray = true;
      return;
    }
    const giveUp = (): void => {
      this.#hasTray = false;
      onUnreachable();
    };
    clock.sleep(PATIENCE, change.signal).then(giveUp, () => undefined);
  }
}
