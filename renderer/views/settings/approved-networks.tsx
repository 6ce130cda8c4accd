import type { VNode } from 'preact';
import { settingsWords } from './words.ts';
import { Button, IconButton } from '../../parts/input/button.tsx';
import { Callout } from '../../parts/notice/callout.tsx';
import { Chip } from '../../parts/chip.tsx';
import { Icon } from '../../parts/icon.tsx';
import { useAsk } from '../../state/ask.tsx';
import { useWords } from '../../state/language.tsx';
import { useSnapshot } from '../../state/snapshot.ts';
import { useTask } from '../../state/task.ts';
import { useToasts } from '../../state/toasts.tsx';
import type { NetworkRow } from './network-rows.ts';
import { networkRows } from './network-rows.ts';
import { SettingRow } from './setting-row.tsx';
import { SettingSwitch } from './setting-switch.tsx';
import { useSaving } from './use-saving.ts';
import { useSetting } from './use-setting.ts';

export function OnlyApproved(): VNode {
  const words = useWords(settingsWords);
  const { value, saving, set } = useSetting('onlyApprovedNetworks', (only) => ({ onlyApprovedNetworks: only }));
  return (
    <SettingSwitch
      name="networks"
      label={words.onlyApproved}
      hint={words.onlyApprovedHint}
      value={value}
      saving={saving}
      set={set}
    />
  );
}

/** Can be filled before it counts: nobody has to be cut off first. */
export function ApprovedNetworks(): VNode {
  const words = useWords(settingsWords);
  const snapshot = useSnapshot();
  const { approved, unapproved } = networkRows(snapshot);
  const saving = useSaving<readonly string[]>();
  const { show } = useToasts();
  const { approvedNetworks, onlyApprovedNetworks } = snapshot.settings;
  const remove = async ({ key, name }: NetworkRow): Promise<void> => {
    const without = approvedNetworks.filter((each) => each.key !== key);
    if (!(await saving.save({ approvedNetworks: without }, []))) return;
    const undo = (): void => void saving.save({ approvedNetworks: [...approvedNetworks] }, []);
    show({ text: words.networkRemoved(name), action: { label: words.undo, act: undo } });
  };
  return (
    <SettingRow label={words.approved} hint={words.approvedHint} saving={saving.state} isBeneath>
      {({ labelId }) => (
        <div class="setting-list">
          {approved.length > 0 && (
            <ul class="network-list" aria-labelledby={labelId}>
              {approved.map((network) => (
                <li key={network.key} class="network">
                  <Icon name="wifi" />
                  <span class="network-name">
                    {network.name}
                    {network.here && <Chip tone="good">{words.here}</Chip>}
                  </span>
                  <IconButton
                    icon="trash"
                    size="small"
                    label={words.removeNetwork(network.name)}
                    onClick={() => void remove(network)}
                  />
                </li>
              ))}
            </ul>
          )}
          {approved.length === 0 && unapproved === undefined && <p class="muted">{words.approvedNone}</p>}
          {unapproved !== undefined && <Unapproved name={unapproved} counts={onlyApprovedNetworks} />}
        </div>
      )}
    </SettingRow>
  );
}

/** Where this computer is now. */
function Unapproved({ name, counts }: { readonly name: string; readonly counts: boolean }): VNode {
  const words = useWords(settingsWords);
  const ask = useAsk();
  const approving = useTask();
  const approve = (
    <Button
      size={counts ? 'small' : 'normal'}
      isBusy={approving.isBusy}
      onClick={() => approving.run((signal) => ask('network.approve', {}, { signal }))}
    >
      {words.approveThis(name)}
    </Button>
  );
  return counts ? (
    <Callout tone="warn" icon="warning" actions={approve}>
      {words.nothingHere(name)}
    </Callout>
  ) : (
    <span>{approve}</span>
  );
}
