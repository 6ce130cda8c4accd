import type { VNode } from 'preact';
import { forwardsWords } from '../../../main/contract/words/forwards.ts';
import { Banner } from '../../parts/banner.tsx';
import { Button } from '../../parts/button.tsx';
import { useAsk } from '../../state/ask.tsx';
import { useWords } from '../../state/language.tsx';
import { useSnapshot } from '../../state/snapshot.ts';
import { useTask } from '../../state/task.ts';

export function PauseButton(): VNode | null {
  const words = useWords(forwardsWords);
  return useSnapshot().settings.paused ? null : <Pausing to={true}>{words.pauseAll}</Pausing>;
}

export function PausedBanner(): VNode | null {
  const words = useWords(forwardsWords);
  if (!useSnapshot().settings.paused) return null;
  return (
    <div class="paused">
      <Banner tone="warn" icon="pause" actions={<Pausing to={false}>{words.resumeAll}</Pausing>}>
        {words.paused}
      </Banner>
    </div>
  );
}

function Pausing({ to, children }: { readonly to: boolean; readonly children: string }): VNode {
  const ask = useAsk();
  const task = useTask();
  return (
    <Button
      title={children}
      icon={to ? 'pause' : 'play'}
      size={to ? 'normal' : 'small'}
      isBusy={task.isBusy}
      onClick={() => task.run(() => ask('settings.change', { settings: { paused: to } }))}
    >
      {children}
    </Button>
  );
}
