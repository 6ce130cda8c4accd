import type { VNode } from 'preact';
import { windowWords } from './words.ts';
import { Banner } from '../parts/notice/banner.tsx';
import { Button } from '../parts/input/button.tsx';
import { useWords } from '../state/language.tsx';
import type { Watched } from '../state/snapshot.ts';
import { useSnapshot } from '../state/snapshot.ts';
import { useLeavingDemo } from './tried.tsx';

/** What concerns every view. */
export function Banners({ connection }: { readonly connection: Watched['connection'] }): VNode {
  const words = useWords(windowWords);
  const { demo, tried } = useSnapshot();
  const { isBusy, leave, question } = useLeavingDemo();
  const button = (label: string): VNode => (
    <Button size="small" isBusy={isBusy} onClick={leave}>
      {label}
    </Button>
  );
  return (
    <div class="banners">
      {(connection === 'lost' || connection === 'refused') && (
        <Banner tone="warn" icon="warning">
          {connection === 'lost' ? words.connectionLost : words.notAdmitted}
        </Banner>
      )}
      {demo && (
        <Banner icon="demo" actions={button(words.leaveDemo)}>
          {words.demo}
        </Banner>
      )}
      {!demo && tried.length > 0 && (
        <Banner icon="demo" actions={button(words.tried.choose)}>
          {words.tried.undecided(tried.length)}
        </Banner>
      )}
      {question}
    </div>
  );
}
