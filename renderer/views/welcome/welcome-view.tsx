import type { VNode } from 'preact';
import { windowWords } from '../../../main/contract/words/window.ts';
import { Button } from '../../parts/button.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { useAsk } from '../../state/ask.tsx';
import { useWords } from '../../state/language.tsx';
import { useTask } from '../../state/task.ts';

export function WelcomeView(): VNode {
  const words = useWords(windowWords);
  const ask = useAsk();
  const task = useTask();
  return (
    <main>
      <EmptyState icon="forwards" title="Portkeeper">
        <Button
          kind="primary"
          isBusy={task.isBusy}
          onClick={() => task.run(() => ask('settings.change', { settings: { welcomed: true } }))}
        >
          {words.views.forwards}
        </Button>
      </EmptyState>
    </main>
  );
}
