/** One setting and how its latest change goes. */
import type { Settings } from '../../../main/contract/settings.ts';
import { useSnapshot } from '../../state/snapshot.ts';
import type { SavingState, SettingsChange } from './use-saving.ts';
import { useSaving } from './use-saving.ts';

export interface Setting<Value> {
  /** What was chosen shows at once; what is refused goes back. */
  readonly value: Value;
  readonly saving: SavingState;
  readonly set: (value: Value) => void;
}

/** @param change what to ask for, to have that value */
export function useSetting<Name extends keyof Settings>(
  name: Name,
  change: (value: Settings[Name]) => SettingsChange,
): Setting<Settings[Name]> {
  const { settings } = useSnapshot();
  const { state, chosen, save } = useSaving<Settings[Name]>();
  return {
    value: chosen === undefined ? settings[name] : chosen.value,
    saving: state,
    set: (value) => void save(change(value), value),
  };
}
