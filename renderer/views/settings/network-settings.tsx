import type { VNode } from 'preact';
import { Icon } from '../../parts/icon.tsx';
import { Button } from '../../parts/input/button.tsx';
import { Checkbox } from '../../parts/input/inputs.tsx';
import { RadioList } from '../../parts/input/radio-list.tsx';
import { Spinner } from '../../parts/notice/spinner.tsx';
import { Card, Section } from '../../parts/section.tsx';
import { useWords } from '../../state/language.tsx';
import { ApprovedNetworks, OnlyApproved } from './approved-networks.tsx';
import { GatewaySetting } from './gateway-setting.tsx';
import type { InterfaceRow } from './interface-rows.ts';
import { interfaceRows, leftOutWith } from './interface-rows.ts';
import { LeaseSetting } from './lease-setting.tsx';
import { SettingRow } from './setting-row.tsx';
import type { Description } from './use-description.ts';
import { useSetting } from './use-setting.ts';
import { settingsWords } from './words.ts';

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

type Words = (typeof settingsWords)['en'];

/** Those of this computer, and those that are left out though they are not there now. */
function InterfacesSetting({ description }: { readonly description: Description }): VNode {
  const words = useWords(settingsWords);
  const { value, saving, set } = useSetting('exceptInterfaces', (names) => ({ exceptInterfaces: [...names] }));
  const rows = interfaceRows(description.at === 'known' ? description.value.interfaces : [], value);
  return (
    <SettingRow label={words.interfaces} hint={words.interfacesHint} saving={saving} isBeneath>
      {({ labelId }) => (
        <div class="setting-list" role="group" aria-labelledby={labelId}>
          {rows.map((row) => (
            <Checkbox
              key={row.name}
              label={<span class="mono">{row.name}</span>}
              hint={aboutOf(row, description.at === 'known', words)}
              isChecked={row.used}
              onChange={(isUsed) => set([...leftOutWith(value, row.name, isUsed)])}
            />
          ))}
          {description.at === 'reading' && (
            <p class="muted">
              <Spinner /> {words.interfacesReading}
            </p>
          )}
          {description.at === 'failed' && (
            <p class="setting-form">
              <span>{words.interfacesUnknown}</span>
              <Button size="small" onClick={description.again}>
                {words.tryAgain}
              </Button>
            </p>
          )}
          {description.at === 'known' && rows.length === 0 && <p class="muted">{words.interfacesEmpty}</p>}
        </div>
      )}
    </SettingRow>
  );
}

function aboutOf({ addresses, virtual, present }: InterfaceRow, isKnown: boolean, words: Words): string {
  if (!present) return isKnown ? words.interfaceAbsent : '';
  const said = addresses.length === 0 ? words.interfaceNoAddress : addresses.join(', ');
  return virtual ? `${said} · ${words.interfaceVirtual}` : said;
}
