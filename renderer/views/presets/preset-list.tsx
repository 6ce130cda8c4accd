import type { Ref, VNode } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Preset } from '../../../main/contract/presets.ts';
import type { Profile } from '../../../main/contract/profile.ts';
import { faultText } from '../../../main/contract/words/faults.ts';
import { Button } from '../../parts/button.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Status } from '../../parts/layout.tsx';
import { useLanguage, useWords } from '../../state/language.tsx';
import { memo } from '../../state/memo.ts';
import { useTask, useToasts } from '../../state/portkeeper.tsx';
import { draftOf, profileOf } from './preset-draft.ts';
import { PresetIcon, ProfileSwitch, requiredPorts } from './preset-look.tsx';
import { useAdding } from './use-preset-form.ts';
import { presetsWords } from './words.ts';

/** What profiles have of a preset already: one made of it, or the name of one that claims its ports. */
export interface PresetStanding {
  readonly added: Profile | undefined;
  readonly rival: string | undefined;
}

interface PresetListProperties {
  readonly all: readonly Preset[];
  /** Those to be seen. The others stay, hidden: the next key in the search may bring them back. */
  readonly shown: readonly Preset[];
  readonly standings: ReadonlyMap<string, PresetStanding>;
  readonly selected: string | undefined;
  readonly onOpen: (preset: Preset) => void;
  /** To where one types. */
  readonly onLeave: () => void;
  readonly listRef: Ref<HTMLUListElement>;
}

/** Rows that a page is, for the keys. */
const PAGE = 8;

/** One row can be reached with Tab; arrows, Home, End and page keys lead to the others, letters back to the search. */
export function PresetList(properties: PresetListProperties): VNode {
  const { all, shown, standings, selected, onOpen, onLeave, listRef } = properties;
  const words = useWords(presetsWords);
  const [focused, setFocused] = useState<string | undefined>(undefined);
  const onFocus = useCallback((preset: Preset) => setFocused(preset.id), []);
  const current = shown.find(({ id }) => id === focused) ?? shown[0];
  const press = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey || !(event.currentTarget instanceof HTMLElement)) return;
    const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('.preset-row:not([hidden]) > .preset-open')];
    const at = shown.findIndex((preset) => preset === current);
    const to = targetOf(event.key, at, rows.length - 1);
    if (to !== undefined) {
      event.preventDefault();
      if (to < 0) onLeave();
      else rows[to]?.focus();
    } else if (/^[\p{L}\p{N}]$/u.test(event.key)) {
      // What is typed arrives there, and is no shortcut.
      event.stopPropagation();
      onLeave();
    }
  };
  const isShown = new Set(shown);
  const rows = [...shown, ...all.filter((preset) => !isShown.has(preset))];
  return (
    <ul ref={listRef} class="preset-list" hidden={shown.length === 0} aria-label={words.list} onKeyDown={press}>
      {rows.map((preset) => (
        <PresetRow
          key={preset.id}
          preset={preset}
          added={standings.get(preset.id)?.added}
          rival={standings.get(preset.id)?.rival}
          isShown={isShown.has(preset)}
          isSelected={preset.id === selected}
          isCurrent={preset === current}
          onOpen={onOpen}
          onFocus={onFocus}
        />
      ))}
    </ul>
  );
}

/** -1 is above the list. */
function targetOf(key: string, at: number, last: number): number | undefined {
  const targets: Readonly<Record<string, number>> = {
    ArrowDown: Math.min(at + 1, last),
    ArrowUp: at - 1,
    PageDown: Math.min(at + PAGE, last),
    PageUp: Math.max(at - PAGE, 0),
    Home: 0,
    End: last,
  };
  return targets[key];
}

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

const PresetRow = memo(function PresetRow(properties: PresetRowProperties): VNode {
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
    const answer = await add(made.profile, preset);
    if (!answer.ok && answer.fault.code !== 'unconfirmed')
      show({ text: faultText(answer.fault, language), tone: 'bad' });
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
