/** Adding a profile made of a preset, with a way back. */
import { useCallback } from 'preact/hooks';
import type { Answer, CommandResults } from '../../../main/contract/commands.ts';
import { presetsWords } from './words.ts';
import { useAsk } from '../../state/ask.tsx';
import { useWords } from '../../state/language.tsx';
import { useToasts } from '../../state/toasts.tsx';
import type { NewProfile } from './preset-draft.ts';

export type Add = (profile: NewProfile) => Promise<Answer<CommandResults['profile.add']>>;

/** A refusal is the caller's to show. */
export function useAdding(): Add {
  const ask = useAsk();
  const words = useWords(presetsWords);
  const { show } = useToasts();
  return useCallback(
    async (profile) => {
      const answer = await ask('profile.add', { profile }, { quiet: true });
      if (!answer.ok) return answer;
      const { id } = answer.value;
      const { name, on } = profile;
      const undo = async (): Promise<void> => {
        const removed = await ask('profile.remove', { id });
        if (removed.ok) show({ text: words.undone(name) });
      };
      show({
        text: on ? words.addedOn(name) : words.addedOff(name),
        action: { label: words.undo, act: () => void undo() },
      });
      return answer;
    },
    [ask, show, words],
  );
}
