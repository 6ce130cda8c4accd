import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { settingsWords } from './words.ts';
import { Button } from '../../parts/input/button.tsx';
import { Dialog } from '../../parts/notice/dialog.tsx';
import { Field } from '../../parts/input/field.tsx';
import { TextInput } from '../../parts/input/inputs.tsx';
import { useAsk } from '../../state/ask.tsx';
import { useWords } from '../../state/language.tsx';
import { useSnapshot } from '../../state/snapshot.ts';
import { useTask } from '../../state/task.ts';
import { useToasts } from '../../state/toasts.tsx';
import { SettingRow } from './setting-row.tsx';

/** Asks nothing, because it can be taken back. */
export function ResetSettings(): VNode {
  const words = useWords(settingsWords);
  const { settings } = useSnapshot();
  const ask = useAsk();
  const { show } = useToasts();
  const resetting = useTask();
  const reset = async (): Promise<void> => {
    const before = settings;
    // Told wherever the person has gone meanwhile.
    const answer = await ask('app.reset', { what: 'settings' });
    if (!answer.ok) return;
    const undo = async (): Promise<void> => {
      const back = await ask('settings.change', { settings: before });
      if (back.ok) show({ text: words.settingsBack });
    };
    show({ text: words.settingsReset, action: { label: words.undo, act: () => void undo() } });
  };
  return (
    <SettingRow label={words.resetSettings} hint={words.resetSettingsHint}>
      {() => (
        <Button isBusy={resetting.isBusy} onClick={() => resetting.run(reset)}>
          {words.resetSettingsNow}
        </Button>
      )}
    </SettingRow>
  );
}

export function ResetEverything(): VNode {
  const words = useWords(settingsWords);
  const [isAsking, setIsAsking] = useState(false);
  return (
    <>
      <SettingRow label={words.resetAll} hint={words.resetAllHint}>
        {() => <Button onClick={() => setIsAsking(true)}>{words.resetAllNow}</Button>}
      </SettingRow>
      {isAsking && <ResetDialog onClose={() => setIsAsking(false)} />}
    </>
  );
}

/** A word is typed: nobody does that by mistake. */
function ResetDialog({ onClose }: { readonly onClose: () => void }): VNode {
  const words = useWords(settingsWords);
  const ask = useAsk();
  const { show } = useToasts();
  const resetting = useTask();
  const [typed, setTyped] = useState('');
  const [error, setError] = useState<string | undefined>(undefined);
  const word = words.resetAllWord;
  const submit = (): void => {
    if (typed.trim().toLowerCase() !== word) {
      setError(words.resetAllNotYet(word));
      return;
    }
    resetting.run(async () => {
      // Told wherever the person has gone meanwhile: it is done to its end.
      const answer = await ask('app.reset', { what: 'everything' });
      if (answer.ok) show({ text: words.everythingReset });
      onClose();
    });
  };
  return (
    <Dialog
      size="small"
      title={words.resetAllTitle}
      onClose={onClose}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={onClose}>{words.cancel}</Button>
          <Button kind="danger" isBusy={resetting.isBusy} onClick={submit}>
            {words.resetAllConfirm}
          </Button>
        </>
      }
    >
      <div class="reset-dialog">
        <ul>
          {words.resetAllDoes.map((each) => (
            <li key={each}>{each}</li>
          ))}
        </ul>
        <p class="muted">{words.resetAllBackup}</p>
        <Field label={words.resetAllType(word)} error={error}>
          {(links) => (
            <TextInput
              {...links}
              autofocus
              value={typed}
              onInput={(text) => {
                setTyped(text);
                setError(undefined);
              }}
            />
          )}
        </Field>
      </div>
    </Dialog>
  );
}
