/** What has happened, read as it grows. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ActivityEntry, OpenTimes } from '../../../main/contract/activity.ts';
import type { EpochMs } from '../../../main/contract/units.ts';
import { inSeconds } from '../../../main/contract/units.ts';
import { useAsk } from '../../state/ask.tsx';
import { useMoment } from '../../state/now.tsx';
import { useSnapshot } from '../../state/snapshot.ts';
import { useTime } from '../../state/time.ts';

/** After a reading that failed: the connection may be back. */
const AGAIN = inSeconds(5);

/** `undefined` until it has been read. */
export function useEntries(): readonly ActivityEntry[] | undefined {
  const { activity, demo } = useSnapshot();
  const ask = useAsk();
  const [entries, setEntries] = useState<readonly ActivityEntry[] | undefined>(undefined);
  const known = useRef(0);
  const ofDemo = useRef(demo);
  const [failures, setFailures] = useState(0);
  const time = useTime();
  useEffect(() => {
    const stop = new AbortController();
    const read = async (): Promise<void> => {
      // Another record than before.
      const after = activity < known.current || demo !== ofDemo.current ? 0 : known.current;
      const answer = await ask('activity.read', { after }, { signal: stop.signal, quiet: failures > 0 });
      if (stop.signal.aborted) return;
      if (!answer.ok) {
        stop.signal.addEventListener(
          'abort',
          time.after(AGAIN, () => setFailures((count) => count + 1)),
        );
        return;
      }
      const fresh = answer.value.entries;
      known.current = Math.max(after, fresh.at(-1)?.id ?? 0);
      ofDemo.current = demo;
      // It was cleared meanwhile.
      const begins = fresh.findLastIndex(({ fact }) => fact.is === 'record-begins');
      setEntries((before) =>
        after === 0 || begins >= 0 ? fresh.slice(Math.max(0, begins)) : [...(before ?? []), ...fresh],
      );
    };
    read().catch(() => undefined);
    return () => stop.abort();
  }, [activity, demo, ask, failures, time]);
  return entries;
}

export interface DayRead {
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly forwards: readonly OpenTimes[];
}

/** Read again when something happens, and each minute: the picture moves on. */
export function useDay(): DayRead | undefined {
  const { activity, demo } = useSnapshot();
  const minute = useMoment((now) => Math.floor(now / 60_000));
  const ask = useAsk();
  const [day, setDay] = useState<DayRead | undefined>(undefined);
  useEffect(() => {
    const stop = new AbortController();
    const read = async (): Promise<void> => {
      const answer = await ask('activity.day', {}, { signal: stop.signal, quiet: true });
      if (answer.ok && !stop.signal.aborted) setDay(answer.value);
    };
    read().catch(() => undefined);
    return () => stop.abort();
  }, [activity, demo, minute, ask]);
  return day;
}
