import type { VNode } from 'preact';
import { windowWords } from '../../main/contract/words/window.ts';
import { Banner } from '../parts/banner.tsx';
import { Button } from '../parts/button.tsx';
import { useAsk } from '../state/ask.tsx';
import { useWords } from '../state/language.tsx';
import type { Watched } from '../state/snapshot.ts';
import { useSnapshot } from '../state/snapshot.ts';
import { useTask } from '../state/task.ts';

/** What concerns every view. */
export function Banners({ connection }: { readonly connection: Watched['connection'] }): VNode {
  const words = useWords(windowWords);
  const { demo } = useSnapshot();
  const ask = useAsk();
  const leaving = useTask();
  return (
    <div class="banners">
      {(connection === 'lost' || connection === 'refused') && (
        <Banner tone="warn" icon="warning">
          {connection === 'lost' ? words.connectionLost : words.notAdmitted}
        </Banner>
      )}
      {demo && (
        <Banner
          icon="demo"
          actions={
            <Button
              size="small"
              isBusy={leaving.isBusy}
              onClick={() => leaving.run(() => ask('demo.switch', { on: false }))}
            >
              {words.leaveDemo}
            </Button>
          }
        >
          {words.demo}
        </Banner>
      )}
    </div>
  );
}
