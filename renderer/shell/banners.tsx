/** Banners for every view. */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Profile } from '../../main/contract/profiles/profile.ts';
import { Button } from '../parts/button.tsx';
import { Banner } from '../parts/notice.tsx';
import { useWords } from '../state/language.tsx';
import { shownOnDemand } from '../state/on-demand.tsx';
import { useAsk, useSnapshot, useTask, type Watched } from '../state/portkeeper.tsx';
import { windowWords } from './words.ts';

const TriedQuestion = shownOnDemand(async () => (await import('./tried-question.tsx')).TriedQuestion);

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

/** `leave` leaves the simulated router, unless it was left before; where something was tried, `question` first asks what
 * is to be kept. */
export function useLeavingDemo() {
  const { demo, tried } = useSnapshot();
  const ask = useAsk();
  const task = useTask();
  /** As it was when the question was asked. */
  const [asked, setAsked] = useState<readonly Profile[] | undefined>(undefined);
  const leave = async (): Promise<void> => {
    if (demo) await ask('demo.switch', { on: false });
  };
  return {
    isBusy: task.isBusy,
    leave: () => (tried.length > 0 ? setAsked(tried) : task.run(leave)),
    question:
      asked === undefined ? null : <TriedQuestion tried={asked} leave={leave} onClose={() => setAsked(undefined)} />,
  };
}
