/** A state as a shape, a word and a colour. */
import type { VNode } from 'preact';
import type { EpochMs } from '../../../main/contract/units.ts';
import { elapsed } from '../../../main/contract/units.ts';
import { clockTime, durationText } from '../../../main/contract/words/formats.ts';
import { forwardsWords } from './words.ts';
import type { Tone } from '../../parts/chip.tsx';
import { Status } from '../../parts/chip.tsx';
import type { IconName } from '../../parts/icon-paths.ts';
import { useLanguage, useWords } from '../../state/language.tsx';
import { memo } from '../../state/memo.ts';
import { useMoment } from '../../state/now.tsx';
import type { ForwardState, ForwardStateName } from '../../../main/contract/forward-state.ts';

const ICONS: Readonly<Record<ForwardStateName, IconName>> = {
  off: 'off',
  paused: 'pause',
  opening: 'opening',
  open: 'open',
  partly: 'partly',
  waiting: 'waiting',
  refused: 'error',
  closing: 'opening',
};

const TONES: Readonly<Record<ForwardStateName, Tone>> = {
  off: 'plain',
  paused: 'plain',
  opening: 'accent',
  open: 'good',
  partly: 'warn',
  waiting: 'warn',
  refused: 'bad',
  closing: 'accent',
};

interface StateWordsProperties {
  readonly state: ForwardState;
  /** It is open, and something is wrong with it all the same. */
  readonly isTroubled?: boolean;
}

export const StateWords = memo(({ state, isTroubled = false }: StateWordsProperties): VNode => {
  const text = useStateText(state);
  const doubtful = isTroubled && state.is === 'open';
  return (
    <Status icon={doubtful ? 'warning' : ICONS[state.is]} tone={doubtful ? 'warn' : TONES[state.is]}>
      {text}
    </Status>
  );
});

function useStateText(state: ForwardState): string {
  const words = useWords(forwardsWords);
  const language = useLanguage();
  const { until } = state;
  const retry = useMoment((now) =>
    until === undefined || until <= now ? '' : words.state.retryIn(durationText(elapsed(now, until), language)),
  );
  switch (state.is) {
    case 'partly':
      return words.state.partly(state.open, state.wanted);
    case 'waiting':
      if (state.waitsFor === 'retry' && retry !== '') return retry;
      return words.state.waiting[state.waitsFor ?? 'retry'];
    case 'off':
    case 'paused':
    case 'opening':
    case 'open':
    case 'refused':
    case 'closing':
      return words.state[state.is];
  }
}

/** The router cannot be asked: it may still let the internet in. */
export function Uncertain({ until }: { readonly until: EpochMs | 'never' }): VNode {
  const words = useWords(forwardsWords);
  const language = useLanguage();
  const text = until === 'never' ? words.state.mayStayOpen : words.state.mayBeOpenUntil(clockTime(until, language));
  return <span class="muted">{text}</span>;
}
