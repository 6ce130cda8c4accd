import type { VNode } from 'preact';
import { Switch } from '../../parts/input/switch.tsx';
import { SettingRow } from './setting-row.tsx';
import type { SavingState } from './use-saving.ts';

interface SettingSwitchProperties {
  readonly name?: string;
  readonly label: string;
  readonly hint: string;
  readonly value: boolean;
  readonly saving: SavingState;
  readonly set: (value: boolean) => void;
}

/** A setting that is on or off. */
export function SettingSwitch({ value, saving, set, ...row }: SettingSwitchProperties): VNode {
  return (
    <SettingRow {...row} saving={saving}>
      {({ labelId, hintId }) => (
        <Switch
          isOn={value}
          labelledBy={labelId}
          describedBy={hintId}
          isPending={saving.at === 'saving'}
          onChange={set}
        />
      )}
    </SettingRow>
  );
}
