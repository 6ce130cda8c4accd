import type { ComponentChildren, VNode } from 'preact';
import { useId } from 'preact/hooks';
import './field.css';
import { Icon } from '../icon.tsx';

/** What an input needs to belong to its field: give it all of these. */
export interface FieldLinks {
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
