/** Tells what is worth a notification, as it happens. */
import type { Notice } from '../../contract/activity.ts';
import type { AppClient, AppSnapshot } from '../../contract/commands.ts';
import { inSeconds } from '../../contract/units.ts';
import type { Clock } from '../../system/system.ts';
import { NO_TROUBLES, noticesFor } from './notices.ts';

/** Routers are asked for one port after the other: what happens within this time is told together. */
const TOGETHER = inSeconds(3);

/** Of what happens from now on, until the signal aborts. @throws the signal's reason, or what `client` throws */
export async function feedNotices(
  client: Pick<AppClient, 'ask' | 'watch'>,
  clock: Clock,
  tell: (notice: Notice) => void,
  signal: AbortSignal,
): Promise<never> {
  const news = new News(client);
  try {
    let { activity: known, demo: wasDemo } = await news.snapshot(() => true, signal);
    let troubles = NO_TROUBLES;
    for (;;) {
      const { activity, demo } = await news.snapshot(
        (snapshot) => snapshot.activity !== known || snapshot.demo !== wasDemo,
        signal,
      );
      // Another record, in the place of one that was lost or of the simulated router: what it tells of may be long ago.
      if (activity < known || demo !== wasDemo) {
        known = activity;
        wasDemo = demo;
        continue;
      }
      await clock.sleep(TOGETHER, signal);
      const answer = await client.ask('activity.read', { after: known }, signal);
      const { settings, activity: latest, demo: isDemo } = await news.snapshot(() => true, signal);
      if (isDemo !== demo) continue;
      known = latest;
      if (!answer.ok) continue;
      const facts = answer.value.entries.filter(({ id }) => id <= latest).map(({ fact }) => fact);
      const told = noticesFor(troubles, facts, settings.notifications);
      troubles = told.troubles;
      for (const notice of told.notices) tell(notice);
    }
  } finally {
    news.end();
  }
}

/** The latest snapshot, to be waited for. */
class News {
  readonly end: () => void;
  #latest: AppSnapshot | undefined;
  #look: () => void = () => undefined;

  constructor(client: Pick<AppClient, 'watch'>) {
    this.end = client.watch((snapshot) => {
      this.#latest = snapshot;
      this.#look();
    });
  }

  async snapshot(isMeant: (snapshot: AppSnapshot) => boolean, signal: AbortSignal): Promise<AppSnapshot> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<AppSnapshot>();
    const stop = (): void => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    this.#look = () => {
      if (this.#latest !== undefined && isMeant(this.#latest)) resolve(this.#latest);
    };
    this.#look();
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }
}
