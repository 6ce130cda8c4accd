/** Input fields, with their names and faults. */
import type { ComponentChildren, JSX, VNode } from 'preact';
import { useId } from 'preact/hooks';
import { Icon } from './icon.tsx';

/** Attributes that link an input to its field: give it all of these. */
export interface FieldLinks {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': boolean;
}

interface FieldProperties {
  readonly label: string;
  /** The label is read aloud, but not shown: what it is for can be seen. */
  readonly hidesLabel?: boolean;
  readonly hint?: ComponentChildren;
  /** The fault in the input. */
  readonly error?: string | undefined;
  readonly children: (links: FieldLinks) => ComponentChildren;
}

export function Field({ label, hidesLabel = false, hint, error = '', children }: FieldProperties): VNode {
  const id = useId();
  const hasError = error !== '';
  const describedBy = [hasError ? `${id}-error` : '', hint === undefined ? '' : `${id}-hint`].filter(Boolean).join(' ');
  return (
    <div class="field" data-invalid={hasError}>
      <label class={hidesLabel ? 'unseen' : 'field-label'} for={id}>
        {label}
      </label>
      {children({ id, 'aria-describedby': describedBy === '' ? undefined : describedBy, 'aria-invalid': hasError })}
      {hasError && <FieldError id={`${id}-error`}>{error}</FieldError>}
      {hint !== undefined && (
        <p class="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

/** Several inputs under one name, such as a group of check boxes. */
export function FieldGroup({ label, error = '', children }: Omit<FieldProperties, 'children'> & Children): VNode {
  const id = useId();
  const hasError = error !== '';
  return (
    <fieldset class="field" data-invalid={hasError} aria-describedby={hasError ? id : undefined}>
      <legend class="field-label">{label}</legend>
      {children}
      {hasError && <FieldError id={id}>{error}</FieldError>}
    </fieldset>
  );
}

interface Children {
  readonly children: ComponentChildren;
}

/** One control that no `label` can name: give it the id. */
export function LabelledField(properties: {
  readonly label: string;
  readonly children: (labelId: string) => ComponentChildren;
}): VNode {
  const id = useId();
  return (
    <div class="field">
      <span class="field-label" id={id}>
        {properties.label}
      </span>
      {properties.children(id)}
    </div>
  );
}

export function FieldError({ id, role, children }: Children & Pick<JSX.IntrinsicElements['p'], 'id' | 'role'>): VNode {
  return (
    <p class="field-error" id={id} role={role}>
      <Icon name="error" size={16} />
      <span>{children}</span>
    </p>
  );
}

interface FormProperties extends Children {
  readonly class?: string;
  readonly onSubmit: () => void;
}

/** Enter, or its button of type `submit`; faults are shown by the fields. */
export function Form({ class: name, onSubmit, children }: FormProperties): VNode {
  return (
    <form
      class={name}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
    </form>
  );
}

type InputAttributes = Pick<
  JSX.IntrinsicElements['input'],
  'aria-label' | 'autofocus' | 'inputMode' | 'maxLength' | 'onBlur' | 'onKeyDown' | 'placeholder'
>;

interface TextInputProperties extends Partial<FieldLinks>, InputAttributes {
  /** Typed text is not shown. */
  readonly isSecret?: boolean;
  readonly value: string;
  readonly onInput: (value: string) => void;
}

export function TextInput({ onInput, isSecret = false, ...rest }: TextInputProperties): VNode {
  return (
    <input
      {...(isSecret ? { type: 'password' } : { type: 'text' })}
      class="input"
      autocomplete="off"
      spellcheck={false}
      {...rest}
      onInput={(event) => onInput(event.currentTarget.value)}
    />
  );
}

interface NumberInputProperties extends TextInputProperties {
  /** For the arrow keys; the form checks typed text. */
  readonly least?: number;
  readonly most?: number;
}

/** Whole numbers; a text field, because a spin box hides invalid input and turns with the mouse wheel. */
export function NumberInput({ least = 1, most = Number.MAX_SAFE_INTEGER, ...rest }: NumberInputProperties): VNode {
  const step = (by: number): void => {
    const next = (numberIn(rest.value) ?? least - Math.max(by, 0)) + by;
    rest.onInput(String(Math.min(most, Math.max(least, next))));
  };
  return (
    <TextInput
      {...rest}
      inputMode="numeric"
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
