/** A preset about to become a profile: the choices, their faults, and others who want its ports. */
import { useCallback, useMemo, useState } from 'preact/hooks';
import type { Answer, CommandResults } from '../../../main/contract/commands.ts';
import { openingQuestions } from '../../../main/contract/profiles/opening-questions.ts';
import type { Preset } from '../../../main/contract/profiles/presets.ts';
import type { Profile } from '../../../main/contract/profiles/profile.ts';
import type { Port } from '../../../main/contract/units.ts';
import { fieldText } from '../../../main/contract/words/faults.ts';
import { useLanguage, useWords } from '../../state/language.tsx';
import { useAsk, useSnapshot, useTask, useToasts } from '../../state/portkeeper.tsx';
import {
  chosenOf,
  claimsOn,
  draftPlaceOf,
  freeOutside,
  profileOf,
  type Claim,
  type DraftFault,
  type DraftPlace,
  type NewProfile,
  type PresetDraft,
} from './preset-draft.ts';
import { presetsWords } from './words.ts';

export interface PresetForm {
  readonly draft: PresetDraft;
  readonly onDraft: (draft: PresetDraft) => void;
  /**
   * Faults to show now: of a port at once, of an empty field or half an address after trying to add. Not when a field
   * is left: what lies beneath would move away from under the pointer.
   */
  readonly faultAt: (place: DraftPlace) => string | undefined;
  readonly claims: readonly Claim[];
  /** For the forward that others claim, too: where it is, and a port that is free. */
  readonly wayOut: { readonly at: number; readonly free: Port } | undefined;
  readonly busy: 'on' | 'off' | undefined;
  /** How often it was refused: each time, the first field with a fault wants to be seen. */
  readonly refusals: number;
  readonly add: (on: boolean) => void;
}

export function usePresetForm(options: {
  readonly draft: PresetDraft;
  readonly onDraft: (draft: PresetDraft) => void;
  /** It has become a profile. */
  readonly onAdded: (preset: Preset) => void;
}): PresetForm {
  const { draft, onDraft, onAdded } = options;
  const { profiles } = useSnapshot();
  const language = useLanguage();
  const add = useAdding(true);
  const adding = useTask();
  const [busy, setBusy] = useState<PresetForm['busy']>(undefined);
  const [wasTried, setWasTried] = useState(false);
  const [refusals, setRefusals] = useState(0);
  const [refusal, setRefusal] = useState<DraftFault | undefined>(undefined);
  const made = useMemo(() => profileOf(draft, language), [draft, language]);
  const claims = useMemo(() => (made.ok ? claimsOn(made.profile.forwards, profiles) : []), [made, profiles]);
  const wayOut = useMemo(() => wayOutOf(made, claims, chosenOf(draft), profiles), [made, claims, draft, profiles]);
  const faults = [...(made.ok ? [] : made.faults), ...(refusal === undefined ? [] : [refusal])];
  return {
    draft,
    onDraft: (next) => {
      setRefusal(undefined);
      onDraft(next);
    },
    faultAt: (place) => {
      const isTyped = typeof place === 'number' && draft.outside.get(place) !== '';
      if (!wasTried && !isTyped) return undefined;
      const found = faults.find((each) => each.place === place);
      return found === undefined ? undefined : fieldText(found.fault, language);
    },
    claims,
    wayOut,
    refusals,
    busy: adding.isBusy ? busy : undefined,
    add: (on) => {
      setWasTried(true);
      if (!made.ok) {
        setRefusals((count) => count + 1);
        return;
      }
      setBusy(on ? 'on' : 'off');
      adding.run(async () => {
        const answer = await add({ ...made.profile, on }, draft.preset);
        if (answer.ok) onAdded(draft.preset);
        else if (answer.fault.code !== 'unconfirmed') {
          const { fault } = answer;
          setRefusal({ place: draftPlaceOf(fault.place, chosenOf(draft)), fault });
          setRefusals((count) => count + 1);
        }
      });
    },
  };
}

function wayOutOf(
  made: ReturnType<typeof profileOf>,
  claims: readonly Claim[],
  chosen: readonly number[],
  profiles: readonly Profile[],
): PresetForm['wayOut'] {
  if (!made.ok || claims.length === 0) return undefined;
  const { forwards } = made.profile;
  const claimed = forwards.findIndex((forward) => claimsOn([forward], profiles).length > 0);
  const [forward, at] = [forwards[claimed], chosen[claimed]];
  if (forward === undefined || at === undefined) return undefined;
  const others = [...profiles.flatMap((profile) => profile.forwards), ...forwards.toSpliced(claimed, 1)];
  const free = freeOutside(forward, others);
  return free === undefined ? undefined : { at, free };
}

type Add = (profile: NewProfile, preset: Preset) => Promise<Answer<CommandResults['profile.add']>>;

/** @param isQuiet a refusal is the caller's to show */
export function useAdding(isQuiet = false): Add {
  const ask = useAsk();
  const words = useWords(presetsWords);
  const { show } = useToasts();
  return useCallback(
    async (profile, preset) => {
      // Dangers of its own ports are explained beside them.
      const confirmed = openingQuestions(preset.forwards).map(({ key }) => key);
      const answer = await ask('profile.add', { profile, confirmed }, { quiet: isQuiet });
      if (!answer.ok) return answer;
      const { id } = answer.value;
      const { name, on } = profile;
      const undo = async (): Promise<void> => {
        const removed = await ask('profile.remove', { id });
        if (removed.ok) show({ text: words.undone(name) });
      };
      show({ text: on ? words.addedOn(name) : words.addedOff(name), undo });
      return answer;
    },
    [ask, show, words, isQuiet],
  );
}
