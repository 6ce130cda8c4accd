/** History: a picture of when ports were open, and a timeline. */
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ActivityEntry, TimeRange } from '../../../main/contract/activity.ts';
import { inSeconds } from '../../../main/contract/units.ts';
import { Button } from '../../parts/button.tsx';
import { useConfirm } from '../../parts/confirm.tsx';
import { Spinner } from '../../parts/icon.tsx';
import { ViewHead } from '../../parts/layout.tsx';
import { windowWords } from '../../shell/words.ts';
import { useWords } from '../../state/language.tsx';
import { useAsk, useReading, useSnapshot, useToasts } from '../../state/portkeeper.tsx';
import { useMoment, useTime } from '../../state/time.tsx';
import './activity.css';
import { DayChart } from './day-chart.tsx';
import { Timeline } from './timeline.tsx';
import { activityViewWords } from './words.ts';

export function ActivityView(): VNode {
  const { views } = useWords(windowWords);
  const words = useWords(activityViewWords);
  const entries = useEntries();
  const { activity, demo } = useSnapshot();
  // The picture moves on each minute, too.
  const minute = useMoment((now) => Math.floor(now / 60_000));
  const [range, setRange] = useState<TimeRange>('day');
  const day = useReading('activity.times', { range }, `${activity} ${demo} ${minute} ${range}`).value;
  const ask = useAsk();
  const confirm = useConfirm();
  const { show } = useToasts();
  const clear = async (): Promise<void> => {
    const { title, text, yes, done } = words.clear;
    if (!(await confirm({ title, text, yes, isDangerous: true }))) return;
    const answer = await ask('activity.clear', {});
    if (answer.ok) show({ text: done });
  };
  return (
    <>
      <ViewHead
        title={views.activity}
        actions={
          <Button kind="quiet" icon="trash" onClick={() => void clear()}>
            {words.clear.action}
          </Button>
        }
      />
      {day !== undefined && <DayChart day={day} range={range} onRange={setRange} />}
      {entries === undefined ? <Spinner label={words.timeline.loading} /> : <Timeline entries={entries} />}
    </>
  );
}

/** After a reading that failed: the connection may be back. */
const AGAIN = inSeconds(5);

/** `undefined` until it has been read. */
function useEntries(): readonly ActivityEntry[] | undefined {
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
