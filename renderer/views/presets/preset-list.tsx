import type { Ref, VNode } from 'preact';
import { useCallback, useState } from 'preact/hooks';
import type { Preset } from '../../../main/contract/presets.ts';
import type { Profile } from '../../../main/contract/profile.ts';
import { presetsWords } from './words.ts';
import { useWords } from '../../state/language.tsx';
import { PresetRow } from './preset-row.tsx';

/** What profiles have of a preset: see `preset-claims`. */
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
  switch (key) {
    case 'ArrowDown':
      return Math.min(at + 1, last);
    case 'ArrowUp':
      return at - 1;
    case 'PageDown':
      return Math.min(at + PAGE, last);
    case 'PageUp':
      return Math.max(at - PAGE, 0);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return undefined;
  }
}
