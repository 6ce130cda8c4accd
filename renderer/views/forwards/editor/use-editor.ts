/** What the editor of a profile does: when faults are told, how it is saved, and what becomes of changes. */
import { useMemo, useState } from 'preact/hooks';
import { checked } from '../../../../main/contract/checked.ts';
import { COMMANDS } from '../../../../main/contract/commands.ts';
import type { Language } from '../../../../main/contract/language.ts';
import type { Profile } from '../../../../main/contract/profile.ts';
import { editorWords } from './words.ts';
import { faultText } from '../../../../main/contract/words/faults.ts';
import { useConfirm } from '../../../parts/notice/confirm.tsx';
import { useAsk } from '../../../state/ask.tsx';
import { useLanguage, useWords } from '../../../state/language.tsx';
import { useTask } from '../../../state/task.ts';
import { useWideRanges } from '../../../state/wide-ranges.ts';
import type { FieldName } from './draft-faults.ts';
import { faultsOf } from './draft-faults.ts';
import type { ProfileDraft } from './profile-draft.ts';
import { inputOf } from './profile-draft.ts';

interface ShownFaults {
  readonly faults: ReadonlyMap<FieldName, string>;
  /** This field has been left: what is wrong with it may be told. */
  readonly show: (field: FieldName) => void;
  readonly showAll: () => void;
}

/** Nobody is told of faults in fields not yet filled in. */
export function useShownFaults(draft: ProfileDraft, language: Language): ShownFaults {
  const [left, setLeft] = useState<ReadonlySet<FieldName> | 'all'>(new Set());
  const all = useMemo(() => faultsOf(draft, language), [draft, language]);
  const faults = useMemo(
    () => (left === 'all' ? all : new Map([...all].filter(([field]) => left.has(field)))),
    [all, left],
  );
  return {
    faults,
    show: (field) =>
      setLeft((before) => (before === 'all' || before.has(field) ? before : new Set([...before, field]))),
    showAll: () => setLeft('all'),
  };
}

interface Saving {
  readonly isBusy: boolean;
  readonly refusal: string;
  readonly save: (draft: ProfileDraft, open: boolean) => void;
}

export function useSaving(profile: Profile | undefined, onSaved: () => void): Saving {
  const ask = useAsk();
  const task = useTask();
  const language = useLanguage();
  const mayTake = useWideRanges();
  const [refusal, setRefusal] = useState('');
  const save = (draft: ProfileDraft, open: boolean): void =>
    task.run(async () => {
      const input = inputOf(draft);
      const parsed = checked(COMMANDS['profile.add'], { profile: input });
      if (parsed.ok && !(await mayTake(parsed.value.profile.forwards, profile?.forwards))) return;
      const answer =
        profile === undefined
          ? await ask('profile.add', { profile: { ...input, on: false } }, { quiet: true })
          : await ask('profile.change', { id: profile.id, profile: input }, { quiet: true });
      if (!answer.ok) {
        setRefusal(faultText(answer.fault, language));
        return;
      }
      onSaved();
      // By itself: what is refused here, such as a clash, leaves the profile made.
      if (open) void ask('profile.switch', { id: answer.value.id, on: true });
    });
  return { isBusy: task.isBusy, refusal, save };
}

export function useGuardedClose(isChanged: boolean, onClose: () => void): () => void {
  const words = useWords(editorWords);
  const confirm = useConfirm();
  return () => {
    if (!isChanged) {
      onClose();
      return;
    }
    const question = {
      title: words.discardTitle,
      text: words.discardText,
      yes: words.discard,
      no: words.keepEditing,
      isDangerous: true,
    };
    const closeIfSo = async (): Promise<void> => {
      if (await confirm(question)) onClose();
    };
    void closeIfSo();
  };
}
