import type { VNode } from 'preact';
import { forwardsWords } from './words.ts';
import { Banner } from '../../parts/notice/banner.tsx';
import { Button } from '../../parts/input/button.tsx';
import { useAsk } from '../../state/ask.tsx';
import { useWords } from '../../state/language.tsx';
import { useSnapshot } from '../../state/snapshot.ts';
import { useTask } from '../../state/task.ts';

/** Stays where it is, so that the focus does. */
export function PauseButton(): VNode {
  const words = useWords(forwardsWords);
  const { paused } = useSnapshot().settings;
  const ask = useAsk();
  const task = useTask();
  const label = paused ? words.resumeAll : words.pauseAll;
  return (
    <Button
      icon={paused ? 'play' : 'pause'}
      title={label}
      isBusy={task.isBusy}
      onClick={() => task.run(() => ask('settings.change', { settings: { paused: !paused } }))}
    >
      {label}
    </Button>
  );
}

export function PausedBanner(): VNode | null {
  const words = useWords(forwardsWords);
  if (!useSnapshot().settings.paused) return null;
  return (
    <div class="paused">
      <Banner tone="warn" icon="pause">
        {words.paused}
      </Banner>
    </div>
  );
}
