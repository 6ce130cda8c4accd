/** Can an open forward be reached from outside? A button that asks, and what the latest test found. */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { CommandFault } from '../../../main/contract/commands.ts';
import { Button } from '../../parts/button.tsx';
import { windowWords } from '../../shell/words.ts';
import { useWords } from '../../state/language.tsx';
import { shownOnDemand } from '../../state/on-demand.tsx';
import { useAsk, useTask } from '../../state/portkeeper.tsx';
import type { ForwardShown } from './profile-state.ts';
import { forwardsWords } from './words.ts';

const Refusal = shownOnDemand(async () => (await import('./outside-outcome.tsx')).Refusal);
const Found = shownOnDemand(async () => (await import('./outside-outcome.tsx')).Found);

interface OutsideTest {
  readonly button: VNode;
  readonly outcome: VNode | null;
  /** The outcome says what a problem of the engine would say again. */
  readonly saysShut: boolean;
}

type Tested = Pick<ForwardShown, 'id' | 'forward' | 'test'>;

/** The button stands in the line of the forward, what came of it beneath. @param heading what the forward is called */
export function useOutsideTest({ id, forward, test }: Tested, heading: string): OutsideTest {
  const words = useWords(forwardsWords).outside;
  const { cancel } = useWords(windowWords);
  const ask = useAsk();
  const task = useTask();
  const [fault, setFault] = useState<CommandFault | undefined>(undefined);
  const run = async (signal: AbortSignal): Promise<void> => {
    setFault(undefined);
    const answer = await ask('forwards.probe', { forwards: [id] }, { signal, quiet: true });
    if (!answer.ok) setFault(answer.fault);
  };
  const { running, latest } = test;
  const isBusy = task.isBusy || running !== undefined;
  const progress = running !== undefined && running.of > 1 ? words.progress(running.done, running.of) : words.testing;
  const label = latest.length === 0 ? words.test : words.again;
  const button = (
    <span class="outside-button">
      <Button
        kind="quiet"
        size="small"
        icon="globe"
        isBusy={isBusy}
        title={label}
        aria-label={isBusy ? undefined : `${label}: ${heading}`}
        onClick={() => task.run(run)}
      >
        {isBusy ? progress : label}
      </Button>
      {task.isBusy && (
        <Button kind="quiet" size="small" onClick={task.cancel}>
          {cancel}
        </Button>
      )}
    </span>
  );
  const isTold = fault !== undefined || (latest.length > 0 && !isBusy);
  const outcome = (
    <div class="outside-outcome" role="status">
      {fault !== undefined && <Refusal fault={fault} />}
      {fault === undefined && isTold && <Found latest={latest} isOwn={forward.internal.client === undefined} />}
    </div>
  );
  const saysShut = isTold && fault === undefined && latest.some(({ verdict }) => verdict.is === 'shut');
  return { button, outcome: isTold || isBusy ? outcome : null, saysShut };
}
