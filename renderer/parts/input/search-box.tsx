import type { VNode } from 'preact';
import { useRef } from 'preact/hooks';
import { windowWords } from '../../shell/words.ts';
import { useWords } from '../../state/language.tsx';
import { IconButton } from './button.tsx';
import './field.css';
import { Icon } from '../icon.tsx';

interface SearchBoxProperties {
  /** Its name; shown in it while it is empty. */
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  /** Into what was found. */
  readonly onArrowDown?: () => void;
  readonly onEnter?: () => void;
  readonly autofocus?: boolean;
}

/** The key `/` moves the focus here; Escape empties it. */
export function SearchBox({
  label,
  value,
  onInput,
  onArrowDown,
  onEnter,
  autofocus = false,
}: SearchBoxProperties): VNode {
  const words = useWords(windowWords);
  const input = useRef<HTMLInputElement>(null);
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
        autofocus={autofocus}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && value !== '') {
            event.preventDefault();
            event.stopPropagation();
            onInput('');
          }
          if (event.key === 'ArrowDown' && onArrowDown !== undefined) {
            event.preventDefault();
            onArrowDown();
          }
          if (event.key === 'Enter' && !event.isComposing && onEnter !== undefined) {
            event.preventDefault();
            onEnter();
          }
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
