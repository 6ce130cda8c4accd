/** Large ranges are taken only when the person says so. */
import { useCallback } from 'preact/hooks';
import type { Range } from '../../main/contract/port-totals.ts';
import { wideRangesIn } from '../../main/contract/port-totals.ts';
import { wideRangesQuestion } from '../../main/contract/words/wide-ranges.ts';
import { useConfirm } from '../parts/notice/confirm.tsx';
import { useLanguage } from './language.tsx';

/** @param before ranges that were there already are not asked about */
type MayTake = (forwards: readonly Range[], before?: readonly Range[]) => Promise<boolean>;

/** Resolves with whether they may be taken; at once where there is nothing to ask. */
export function useWideRanges(): MayTake {
  const confirm = useConfirm();
  const language = useLanguage();
  return useCallback(
    async (forwards, before = []) => {
      const wide = wideRangesIn(forwards, before);
      if (wide === undefined) return true;
      const { title, text, yes } = wideRangesQuestion(wide, language);
      return await confirm({ title, text, yes, isDangerous: true });
    },
    [confirm, language],
  );
}
