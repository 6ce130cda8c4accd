import type { VNode } from 'preact';
import { settingsWords } from './words.ts';
import { Icon } from '../../parts/icon.tsx';
import { RadioList } from '../../parts/input/radio-list.tsx';
import { Card, Section } from '../../parts/section.tsx';
import { useWords } from '../../state/language.tsx';
import { ApprovedNetworks, OnlyApproved } from './approved-networks.tsx';
import { GatewaySetting } from './gateway-setting.tsx';
import { InterfacesSetting } from './interfaces-setting.tsx';
import { LeaseSetting } from './lease-setting.tsx';
import { SettingRow } from './setting-row.tsx';
import type { Description } from './use-description.ts';
import { useSetting } from './use-setting.ts';

const PROTOCOLS = ['auto', 'upnp', 'pcp', 'natpmp'] as const;

export function NetworkSettings({ description }: { readonly description: Description }): VNode {
  const words = useWords(settingsWords);
  return (
    <Section title={words.network}>
      <div class="setting-cards">
        <Card kind="rows">
          <LeaseSetting />
          <OnlyApproved />
          <ApprovedNetworks />
        </Card>
        <Card kind="rows">
          <p class="setting-caution">
            <Icon name="info" size={16} />
            <span>{words.reopens}</span>
          </p>
          <ProtocolSetting />
          <GatewaySetting />
          <InterfacesSetting description={description} />
        </Card>
      </div>
    </Section>
  );
}

function ProtocolSetting(): VNode {
  const words = useWords(settingsWords);
  const { value, saving, set } = useSetting('protocol', (protocol) => ({ protocol }));
  return (
    <SettingRow label={words.protocol} hint={words.protocolHint} saving={saving} isBeneath>
      {({ labelId, hintId }) => (
        <RadioList
          labelledBy={labelId}
          describedBy={hintId}
          value={value}
          choices={PROTOCOLS.map((protocol) => ({
            value: protocol,
            label: words.protocols[protocol],
            hint: words.protocolHints[protocol],
          }))}
          onChange={set}
        />
      )}
    </SettingRow>
  );
}
