import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Preset } from '../../../main/contract/presets.ts';
import type { Profile } from '../../../main/contract/profile.ts';
import { faultText } from '../../../main/contract/words/faults.ts';
import { presetsWords } from './words.ts';
import { Button } from '../../parts/input/button.tsx';
import { Status } from '../../parts/chip.tsx';
import { Icon } from '../../parts/icon.tsx';
import { useLanguage, useWords } from '../../state/language.tsx';
import { memo } from '../../state/memo.ts';
import { useTask } from '../../state/task.ts';
import { useToasts } from '../../state/toasts.tsx';
import { draftOf, profileOf } from './preset-draft.ts';
import { PresetIcon, requiredPorts } from './preset-look.tsx';
import { ProfileSwitch } from './profile-switch.tsx';
import { useAdding } from './use-adding.ts';

interface PresetRowProperties {
  readonly preset: Preset;
  /** Made of it. */
  readonly added: Profile | undefined;
  /** Asks for one of its ports, too. */
  readonly rival: string | undefined;
  /** `false`: the search leaves it out. */
  readonly isShown: boolean;
  readonly isSelected: boolean;
  /** The one of the list that the Tab key reaches. */
  readonly isCurrent: boolean;
  readonly onOpen: (preset: Preset) => void;
  readonly onFocus: (preset: Preset) => void;
}

export const PresetRow = memo(function PresetRow(properties: PresetRowProperties): VNode {
  const { preset, added, rival, isShown, isSelected, isCurrent, onOpen, onFocus } = properties;
  const language = useLanguage();
  const words = useWords(presetsWords);
  const tabIndex = isCurrent ? 0 : -1;
  const note = preset.note?.[language];
  return (
    <li class="preset-row" data-selected={isSelected} hidden={!isShown} onFocusIn={() => onFocus(preset)}>
      <button
        type="button"
        class="preset-open"
        data-preset={preset.id}
        tabIndex={tabIndex}
        aria-current={isSelected ? 'true' : undefined}
        onClick={() => onOpen(preset)}
      >
        <PresetIcon category={preset.category} />
        <span class="preset-text">
          <span class="preset-name">{preset.name}</span>
          <span class="preset-ports">{requiredPorts(preset)}</span>
          {rival !== undefined && added === undefined && (
            <span class="preset-hint" data-tone="warn">
              <Icon name="warning" size={16} />
              <span>{words.claimedShort(rival)}</span>
            </span>
          )}
          {note !== undefined && (
            <span class="preset-hint">
              <Icon name="info" size={16} />
              <span>{note}</span>
            </span>
          )}
        </span>
      </button>
      <RowEnd preset={preset} added={added} tabIndex={tabIndex} />
    </li>
  );
});

type RowEndProperties = Pick<PresetRowProperties, 'preset' | 'added'> & { readonly tabIndex: 0 | -1 };

/** The button gives way to the new profile's switch; so does the focus. */
function RowEnd({ preset, added, tabIndex }: RowEndProperties): VNode {
  const language = useLanguage();
  const words = useWords(presetsWords);
  const add = useAdding();
  const { show } = useToasts();
  const adding = useTask();
  const end = useRef<HTMLDivElement>(null);
  const hadFocus = useRef(false);
  const isAdded = added !== undefined;
  useEffect(() => {
    if (hadFocus.current) end.current?.querySelector<HTMLElement>('[role=switch], button')?.focus();
    hadFocus.current = false;
  }, [isAdded]);
  const addNow = async (): Promise<void> => {
    const made = profileOf(draftOf(preset), language);
    if (!made.ok) return;
    hadFocus.current = true;
    const answer = await add(made.profile);
    if (!answer.ok) show({ text: faultText(answer.fault, language), tone: 'bad' });
  };
  return (
    <div class="preset-end" ref={end}>
      {added === undefined ? (
        <Button
          size="small"
          icon="plus"
          tabIndex={tabIndex}
          aria-label={words.addNamed(preset.name)}
          isBusy={adding.isBusy}
          onClick={() => adding.run(addNow)}
        >
          {words.add}
        </Button>
      ) : (
        <>
          <Status icon="check" tone="good">
            {words.added}
          </Status>
          <ProfileSwitch profile={added} tabIndex={tabIndex} />
        </>
      )}
    </div>
  );
}
