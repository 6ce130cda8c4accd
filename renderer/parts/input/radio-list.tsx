import type { ComponentChildren, VNode } from 'preact';
import { useId } from 'preact/hooks';
import './radio-list.css';

export interface RadioChoice<Value extends string> {
  readonly value: Value;
  readonly label: string;
  /** What it means, beneath it. */
  readonly hint?: ComponentChildren;
}

interface RadioListProperties<Value extends string> {
  readonly labelledBy: string;
  readonly describedBy?: string | undefined;
  readonly value: Value;
  readonly choices: readonly RadioChoice<Value>[];
  readonly onChange: (value: Value) => void;
}

/** A few choices that need explaining, one beneath the other. */
export function RadioList<Value extends string>(properties: RadioListProperties<Value>): VNode {
  const { labelledBy, describedBy, value, choices, onChange } = properties;
  const name = useId();
  return (
    <div class="radio-list" role="radiogroup" aria-labelledby={labelledBy} aria-describedby={describedBy}>
      {choices.map((choice) => (
        <label key={choice.value} class="radio">
          <input
            type="radio"
            name={name}
            value={choice.value}
            checked={choice.value === value}
            aria-describedby={choice.hint === undefined ? undefined : `${name}-${choice.value}`}
            aria-label={choice.label}
            onChange={() => onChange(choice.value)}
          />
          <span>
            <span class="radio-label">{choice.label}</span>
            {choice.hint !== undefined && (
              <span id={`${name}-${choice.value}`} class="radio-hint">
                {choice.hint}
              </span>
            )}
          </span>
        </label>
      ))}
    </div>
  );
}
