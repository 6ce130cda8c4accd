/** What has happened: a picture of the last day, and a timeline. */
import type { VNode } from 'preact';
import { activityViewWords } from './words.ts';
import { windowWords } from '../../shell/words.ts';
import { Button } from '../../parts/input/button.tsx';
import { useConfirm } from '../../parts/notice/confirm.tsx';
import { ViewHead } from '../../parts/section.tsx';
import { Spinner } from '../../parts/notice/spinner.tsx';
import { useAsk } from '../../state/ask.tsx';
import { useWords } from '../../state/language.tsx';
import { useToasts } from '../../state/toasts.tsx';
import { DayChart } from './day-chart.tsx';
import { Timeline } from './timeline.tsx';
import { useDay, useEntries } from './use-activity.ts';

export function ActivityView(): VNode {
  const { views } = useWords(windowWords);
  const words = useWords(activityViewWords);
  const entries = useEntries();
  const day = useDay();
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
      {day !== undefined && <DayChart day={day} />}
      {entries === undefined ? <Spinner label={words.timeline.loading} /> : <Timeline entries={entries} />}
    </>
  );
}
