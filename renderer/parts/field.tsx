/** Inputs of forms; each belongs into a Field, which names it. */
import type { ComponentChildren, JSX, Ref, VNode } from 'preact';
import { useId, useRef } from 'preact/hooks';
import { windowWords } from '../shell/words.ts';
import { useWords } from '../state/language.tsx';
import { IconButton } from './button.tsx';
import { Icon } from './icon.tsx';

/** What an input needs to belong to its field: give it all of these. */
interface FieldLinks {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': boolean;
}

interface FieldProperties {
  readonly label: string;
  /** The label is read aloud, but not shown: what it is for can be seen. */
  readonly hidesLabel?: boolean;
  readonly hint?: ComponentChildren | undefined;
  /** What is wrong with what was put in. */
  readonly error?: string | undefined;
  readonly children: (links: FieldLinks) => ComponentChildren;
}

export function Field({ label, hidesLabel = false, hint, error, children }: FieldProperties): VNode {
  const id = useId();
  const hasHint = hint !== undefined;
  const hasError = error !== undefined && error !== '';
  const describedBy = [hasError ? `${id}-error` : '', hasHint ? `${id}-hint` : ''].filter((each) => each !== '');
  return (
    <div class="field" data-invalid={hasError}>
      <label class={hidesLabel ? 'unseen' : 'field-label'} for={id}>
        {label}
      </label>
      {children({
        id,
        'aria-describedby': describedBy.length === 0 ? undefined : describedBy.join(' '),
        'aria-invalid': hasError,
      })}
      {hasError && (
        <p class="field-error" id={`${id}-error`}>
          <Icon name="error" size={16} />
          <span>{error}</span>
        </p>
      )}
      {hasHint && (
        <p class="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

/** Several inputs under one name, such as a group of check boxes. */
export function FieldGroup(properties: {
  readonly label: string;
  readonly hint?: ComponentChildren;
  readonly error?: string | undefined;
  readonly children: ComponentChildren;
}): VNode {
  const { label, hint, error, children } = properties;
  const id = useId();
  const hasError = error !== undefined && error !== '';
  return (
    <fieldset class="field" data-invalid={hasError} aria-describedby={hasError ? `${id}-error` : undefined}>
      <legend class="field-label">{label}</legend>
      {children}
      {hasError && (
        <p class="field-error" id={`${id}-error`}>
          <Icon name="error" size={16} />
          <span>{error}</span>
        </p>
      )}
      {hint !== undefined && <p class="field-hint">{hint}</p>}
    </fieldset>
  );
}

type Shared = Partial<FieldLinks> & Pick<JSX.IntrinsicElements['input'], 'disabled' | 'aria-label' | 'onBlur'>;

type InputAttributes = JSX.IntrinsicElements['input'];

interface TextInputProperties extends Shared, Pick<InputAttributes, 'placeholder' | 'maxLength' | 'autofocus'> {
  readonly value: string;
  readonly onInput: (value: string) => void;
  /** Names, addresses and ports are no prose. */
  readonly isProse?: boolean;
  readonly inputRef?: Ref<HTMLInputElement>;
}

export function TextInput(properties: TextInputProperties): VNode {
  const { onInput, isProse = false, inputRef = null, ...rest } = properties;
  return (
    <input
      type="text"
      class="input"
      autocomplete="off"
      spellcheck={isProse}
      {...rest}
      ref={inputRef}
      onInput={(event) => onInput(event.currentTarget.value)}
    />
  );
}

interface NumberInputProperties extends Shared, Pick<InputAttributes, 'placeholder' | 'autofocus'> {
  /** As it was typed: it need not be a number yet. See {@link numberIn}. */
  readonly value: string;
  readonly onInput: (value: string) => void;
  /** For the arrow keys; what is typed is checked by the form. */
  readonly least?: number;
  readonly most?: number;
  readonly inputRef?: Ref<HTMLInputElement>;
}

/** Whole numbers; a text field, because a spin box hides what is no number and turns with the mouse wheel. */
export function NumberInput(properties: NumberInputProperties): VNode {
  const { onInput, least = 0, most = Number.MAX_SAFE_INTEGER, inputRef = null, ...rest } = properties;
  const step = (by: number): void => {
    const next = (numberIn(rest.value) ?? least - Math.max(by, 0)) + by;
    onInput(String(Math.min(most, Math.max(least, next))));
  };
  return (
    <input
      type="text"
      inputMode="numeric"
      class="input"
      autocomplete="off"
      spellcheck={false}
      {...rest}
      ref={inputRef}
      onInput={(event) => onInput(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.altKey || event.ctrlKey || event.metaKey) return;
        if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
        event.preventDefault();
        step((event.key === 'ArrowUp' ? 1 : -1) * (event.shiftKey ? 10 : 1));
      }}
    />
  );
}

export function PortInput(properties: Omit<NumberInputProperties, 'least' | 'most'>): VNode {
  return <NumberInput {...properties} least={1} most={65_535} />;
}

/** The whole number that was typed, if it is one. */
export function numberIn(text: string): number | undefined {
  const plain = text.trim();
  return /^\d{1,15}$/.test(plain) ? Number(plain) : undefined;
}

interface Choice<Value extends string> {
  readonly value: Value;
  readonly label: string;
}

interface SelectProperties<Value extends string> extends Partial<FieldLinks> {
  readonly value: Value;
  readonly choices: readonly Choice<Value>[];
  readonly onChange: (value: Value) => void;
  readonly disabled?: boolean;
  readonly 'aria-label'?: string;
}

export function Select<Value extends string>(properties: SelectProperties<Value>): VNode {
  const { value, choices, onChange, ...rest } = properties;
  return (
    <span class="select-box">
      <select
        class="select"
        {...rest}
        value={value}
        onChange={(event) => {
          const chosen = choices.find((choice) => choice.value === event.currentTarget.value);
          if (chosen !== undefined) onChange(chosen.value);
        }}
      >
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value} selected={choice.value === value}>
            {choice.label}
          </option>
        ))}
      </select>
      <Icon name="chevron-down" size={16} />
    </span>
  );
}

interface SegmentedProperties<Value extends string> {
  /** Named here, or by `labelledBy`. */
  readonly label?: string;
  readonly labelledBy?: string;
  readonly value: Value;
  readonly choices: readonly Choice<Value>[];
  readonly onChange: (value: Value) => void;
  readonly isDisabled?: boolean;
}

/** A few choices, all in sight. */
export function Segmented<Value extends string>(properties: SegmentedProperties<Value>): VNode {
  const { label, labelledBy, value, choices, onChange, isDisabled = false } = properties;
  const name = useId();
  return (
    <div class="segments" role="radiogroup" aria-label={label} aria-labelledby={labelledBy}>
      {choices.map((choice) => (
        <label key={choice.value} class="segment">
          <input
            type="radio"
            name={name}
            value={choice.value}
            checked={choice.value === value}
            disabled={isDisabled}
            onChange={() => onChange(choice.value)}
          />
          <span>{choice.label}</span>
        </label>
      ))}
    </div>
  );
}

interface CheckboxProperties {
  readonly label: ComponentChildren;
  readonly hint?: ComponentChildren;
  readonly isChecked: boolean;
  readonly onChange: (isChecked: boolean) => void;
  readonly isDisabled?: boolean;
}

export function Checkbox({ label, hint, isChecked, onChange, isDisabled = false }: CheckboxProperties): VNode {
  return (
    <label class="checkbox">
      <input
        type="checkbox"
        checked={isChecked}
        disabled={isDisabled}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span>
        {label}
        {hint !== undefined && <span class="checkbox-hint"> {hint}</span>}
      </span>
    </label>
  );
}

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
