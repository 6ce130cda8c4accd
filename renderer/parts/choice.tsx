import type { ComponentChildren, VNode } from 'preact';
import { useId } from 'preact/hooks';

interface RadioChoice<Value extends string> {
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

interface SwitchProperties {
  readonly isOn: boolean;
  /** Its name; what stands beside it is named by `labelledBy` instead. */
  readonly label?: string;
  readonly labelledBy?: string;
  readonly describedBy?: string;
  /** It was turned, and what it does has not settled yet. */
  readonly isPending?: boolean;
  readonly isDisabled?: boolean;
  /** `-1` where the arrow keys lead to it. */
  readonly tabIndex?: 0 | -1;
  readonly onChange: (isOn: boolean) => void;
}

export function Switch(properties: SwitchProperties): VNode {
  const {
    isOn,
    label,
    labelledBy,
    describedBy,
    isPending = false,
    isDisabled = false,
    tabIndex,
    onChange,
  } = properties;
  return (
    <button
      type="button"
      role="switch"
      class="switch"
      aria-checked={isOn}
      aria-label={label}
      aria-labelledby={labelledBy}
      aria-describedby={describedBy}
      aria-busy={isPending}
      disabled={isDisabled}
      tabIndex={tabIndex}
      onClick={() => onChange(!isOn)}
    >
      <span class="switch-thumb" />
    </button>
  );
}
