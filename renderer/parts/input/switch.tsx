import type { VNode } from 'preact';
import './switch.css';

export interface SwitchProperties {
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
