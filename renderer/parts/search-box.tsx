import type { VNode } from 'preact';
import { useRef } from 'preact/hooks';
import { windowWords } from '../shell/words.ts';
import { useWords } from '../state/language.tsx';
import { IconButton } from './button.tsx';
import { Icon } from './icon.tsx';

interface SearchBoxProperties {
  /** Its name; shown in it while it is empty. */
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  /** Into what was found. */
  readonly onArrowDown?: () => void;
  readonly onEnter?: () => void;
}

/** The key `/` moves the focus here; Escape empties it. */
export function SearchBox({ label, value, onInput, onArrowDown, onEnter }: SearchBoxProperties): VNode {
  const words = useWords(windowWords);
  const input = useRef<HTMLInputElement>(null);
  const actionOf = (event: KeyboardEvent): (() => void) | undefined => {
    if (event.key === 'ArrowDown') return onArrowDown;
    if (event.key === 'Enter' && !event.isComposing) return onEnter;
    return event.key === 'Escape' && value !== '' ? () => onInput('') : undefined;
  };
  return (
    <span class="search-box">
      <Icon name="search" size={16} />
      <input
        ref={input}
        type="search"
        class="input"
        data-shortcut="search"
        aria-label={label}
        aria-keyshortcuts="/"
        placeholder={label}
        autocomplete="off"
        spellcheck={false}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
        onKeyDown={(event) => {
          const act = actionOf(event);
          if (act === undefined) return;
          event.preventDefault();
          if (event.key === 'Escape') event.stopPropagation();
          act();
        }}
      />
      {value === '' ? (
        <kbd aria-hidden="true">/</kbd>
      ) : (
        <IconButton
          icon="close"
          size="small"
          label={words.clearSearch}
          onClick={() => {
            onInput('');
            input.current?.focus();
          }}
        />
      )}
    </span>
  );
}
