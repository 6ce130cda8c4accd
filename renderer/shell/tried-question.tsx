/** Profiles tried with the simulated router: the person chooses which to keep. */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { CommandFault } from '../../main/contract/commands.ts';
import type { Profile, ProfileId } from '../../main/contract/profiles/profile.ts';
import { faultText } from '../../main/contract/words/faults.ts';
import { Button } from '../parts/button.tsx';
import { Checkbox } from '../parts/choice.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Callout } from '../parts/notice.tsx';
import { useLanguage, useWords } from '../state/language.tsx';
import { useAsk, useSnapshot, useTask, useToasts } from '../state/portkeeper.tsx';
import { portsOf } from '../views/settings/import-setting.tsx';
import { settingsWords } from '../views/settings/words.ts';
import { windowWords } from './words.ts';

interface TriedQuestionProperties {
  readonly tried: readonly Profile[];
  readonly leave: () => Promise<void>;
  readonly onClose: () => void;
}

export function TriedQuestion({ tried, leave, onClose }: TriedQuestionProperties): VNode {
  const words = useWords(windowWords);
  const { previewMore } = useWords(settingsWords);
  const language = useLanguage();
  const { demo } = useSnapshot();
  const ask = useAsk();
  const { show } = useToasts();
  const task = useTask();
  const [dropped, setDropped] = useState<readonly ProfileId[]>([]);
  const [fault, setFault] = useState<CommandFault | undefined>(undefined);
  const kept = tried.filter(({ id }) => !dropped.includes(id));
  const decide = async (): Promise<void> => {
    setFault(undefined);
    const answer = await ask('demo.keep', { keep: kept.map(({ id }) => id), discard: [...dropped] }, { quiet: true });
    if (!answer.ok) {
      setFault(answer.fault);
      return;
    }
    await leave();
    onClose();
    const { added, discarded } = answer.value;
    const restore = (): void => discarded.forEach((id) => void ask('profile.restore', { id }));
    show({
      text: words.tried.decided(added.length, discarded.length),
      undo: discarded.length === 0 ? undefined : restore,
    });
  };
  const later = async (): Promise<void> => {
    await leave();
    onClose();
  };
  return (
    <Dialog
      title={words.tried.title}
      onClose={onClose}
      onSubmit={() => task.run(decide)}
      footer={
        <>
          <Button onClick={() => (demo ? task.run(later) : onClose())}>{words.tried.later}</Button>
          <Button type="submit" kind="primary" autofocus isBusy={task.isBusy}>
            {words.tried.keep(kept.length)}
          </Button>
        </>
      }
    >
      <p class="muted">{words.tried.hint}</p>
      <ul class="tried">
        {tried.map((profile) => (
          <li key={profile.id}>
            <Checkbox
              label={profile.name}
              hint={portsOf(profile, previewMore)}
              isChecked={!dropped.includes(profile.id)}
              onChange={(isKept) =>
                setDropped((before) => [...before.filter((id) => id !== profile.id), ...(isKept ? [] : [profile.id])])
              }
            />
          </li>
        ))}
      </ul>
      <div role="alert">
        {fault !== undefined && (
          <Callout tone="bad" icon="error">
            {faultText(fault, language)}
          </Callout>
        )}
      </div>
    </Dialog>
  );
}
