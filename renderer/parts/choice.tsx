/** Controls that choose: radio buttons, a select box, a check box. */
import type { ComponentChildren, VNode } from 'preact';
import { useId } from 'preact/hooks';
import type { FieldLinks } from './field.tsx';
import { Icon } from './icon.tsx';

interface Choice<Value extends string> {
  readonly value: Value;
  readonly label: string;
}

/** Choices by their values, in the order of the labels. */
export function choicesOf<Value extends string>(labels: Readonly<Record<Value, string>>): readonly Choice<Value>[] {
  // The keys of a record of labels are its values: TypeScript calls them strings.
  return Object.entries<string>(labels).map(([value, label]) => ({ value: value as Value, label }));
}

interface RadioGroupProperties<Value extends string> {
  /** `segments`: side by side in one frame; `pills`: side by side, many; `list`: one beneath the other, explained. */
  readonly look?: 'segments' | 'pills' | 'list';
  /** Its name; or what names it. */
  readonly label?: string;
  readonly labelledBy?: string;
  readonly describedBy?: string | undefined;
  readonly value: Value;
  /** `hint`: beneath the label. `count`: beside it, how many it would show. */
  readonly choices: readonly (Choice<Value> & { readonly hint?: ComponentChildren; readonly count?: number })[];
  readonly onChange: (value: Value) => void;
}

/** A few choices, all in sight. */
export function RadioGroup<Value extends string>(properties: RadioGroupProperties<Value>): VNode {
  const { look = 'segments', label, labelledBy, describedBy, value, choices, onChange } = properties;
  const name = useId();
  return (
    <div
      class="choices"
      data-look={look}
      role="radiogroup"
      aria-label={label}
      aria-labelledby={labelledBy}
      aria-describedby={describedBy}
    >
      {choices.map(({ value: each, label: text, hint, count }) => (
        <label key={each} class="radio" data-empty={count === 0}>
          <input
            type="radio"
            name={name}
            value={each}
            checked={each === value}
            aria-label={hint === undefined ? undefined : text}
            aria-describedby={hint === undefined ? undefined : `${name}-${each}`}
            onChange={() => onChange(each)}
          />
          <span>
            {text}
            {count !== undefined && <span class="radio-count"> {count}</span>}
            {hint !== undefined && (
              <span id={`${name}-${each}`} class="radio-hint">
                {hint}
              </span>
            )}
          </span>
        </label>
      ))}
    </div>
  );
}

interface SelectProperties<Value extends string> extends Partial<FieldLinks> {
  readonly value: Value;
  readonly choices: readonly Choice<Value>[];
  readonly onChange: (value: Value) => void;
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

interface CheckboxProperties {
  readonly label: ComponentChildren;
  readonly hint?: ComponentChildren;
  readonly isChecked: boolean;
  readonly onChange: (isChecked: boolean) => void;
}

export function Checkbox({ label, hint, isChecked, onChange }: CheckboxProperties): VNode {
  return (
    <label class="checkbox">
      <input type="checkbox" checked={isChecked} onChange={(event) => onChange(event.currentTarget.checked)} />
      <span>
        {label}
        {hint !== undefined && <span class="checkbox-hint"> {hint}</span>}
      </span>
    </label>
  );
}
