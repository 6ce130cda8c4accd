import type { VNode } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';
import { Button, IconButton } from '../../parts/button.tsx';
import { RadioList } from '../../parts/choice.tsx';
import { Checkbox, Select, TextInput } from '../../parts/field.tsx';
import { Icon, Spinner } from '../../parts/icon.tsx';
import { Card, Chip, Section } from '../../parts/layout.tsx';
import { Callout } from '../../parts/notice.tsx';
import { useLanguage, useWords } from '../../state/language.tsx';
import { useAsk, useSnapshot, useTask, useToasts } from '../../state/portkeeper.tsx';
import { SettingRow, SettingSwitch, useSaving, useSetting } from './setting-row.tsx';
import type { InterfaceRow, LeaseUnit, NetworkRow } from './setting-values.ts';
import {
  LEASE_UNITS,
  USUAL_LEASES,
  interfaceRows,
  isUsualLease,
  leaseOf,
  leaseParts,
  leftOutWith,
  networkRows,
} from './setting-values.ts';
import type { Description } from './settings-view.tsx';
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

function OnlyApproved(): VNode {
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
function ApprovedNetworks(): VNode {
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

/** An address or a URL; empty to look for one. What is refused stays in the field to be corrected. */
function GatewaySetting(): VNode {
  const words = useWords(settingsWords);
  const { gateway } = useSnapshot().settings;
  const { state, save, forget } = useSaving<string | null>();
  const [text, setText] = useState(gateway ?? '');
  // Changed elsewhere, or reset.
  useEffect(() => setText(gateway ?? ''), [gateway]);
  const set = (value: string): void => {
    const wanted = value.trim() === '' ? null : value;
    void save({ gateway: wanted }, wanted);
  };
  return (
    <SettingRow
      name="router"
      label={words.gateway}
      hint={words.gatewayHint}
      saving={state}
      still={gateway ?? words.gatewayNone}
      isBeneath
      isLabel
    >
      {({ id, hintId, isInvalid }) => (
        <form
          class="setting-form"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            set(text);
          }}
        >
          <TextInput
            id={id}
            aria-describedby={hintId}
            aria-invalid={isInvalid}
            value={text}
            placeholder={words.gatewayExample}
            onInput={(value) => {
              setText(value);
              if (isInvalid) forget();
            }}
          />
          <Button type="submit" isBusy={state.at === 'saving'}>
            {words.gatewaySet}
          </Button>
          {gateway !== null && (
            <Button
              kind="quiet"
              onClick={() => {
                setText('');
                set('');
              }}
            >
              {words.gatewayClear}
            </Button>
          )}
        </form>
      )}
    </SettingRow>
  );
}

const OTHER = 'other';

function LeaseSetting(): VNode {
  const words = useWords(settingsWords);
  const { lease } = useSnapshot().settings;
  const { state, chosen, save, forget } = useSaving<number | null>();
  const [isOther, setIsOther] = useState(!isUsualLease(lease));
  const shown = chosen === undefined ? lease : chosen.value;
  const textOf = (seconds: number | null): string => {
    if (seconds === null) return words.leaseRecommended;
    const { amount, unit } = leaseParts(seconds);
    return words.leaseText(amount, unit);
  };
  const isApart = isOther || !isUsualLease(shown);
  const set = (seconds: number | null): void => void save({ lease: seconds }, seconds);
  return (
    <SettingRow
      label={words.lease}
      hint={words.leaseHint}
      saving={state}
      still={textOf(lease)}
      badValue={words.leaseBad}
      isBeneath
      isLabel
    >
      {({ id, hintId, isInvalid }) => (
        <div class="setting-lease">
          <Select
            id={id}
            aria-describedby={hintId}
            value={isApart ? OTHER : String(shown)}
            choices={[
              ...USUAL_LEASES.map((usual) => ({ value: String(usual), label: textOf(usual) })),
              { value: OTHER, label: words.leaseOther },
            ]}
            onChange={(value) => {
              forget();
              setIsOther(value === OTHER);
              if (value !== OTHER) set(USUAL_LEASES.find((usual) => String(usual) === value) ?? null);
            }}
          />
          {isApart && <OtherLease lease={shown} isInvalid={isInvalid} isBusy={state.at === 'saving'} onSet={set} />}
        </div>
      )}
    </SettingRow>
  );
}

interface OtherLeaseProperties {
  readonly lease: number | null;
  readonly isInvalid: boolean;
  readonly isBusy: boolean;
  readonly onSet: (seconds: number) => void;
}

function OtherLease({ lease, isInvalid, isBusy, onSet }: OtherLeaseProperties): VNode {
  const words = useWords(settingsWords);
  const language = useLanguage();
  const hintId = useId();
  const first = leaseParts(lease ?? 5400);
  const [amount, setAmount] = useState(first.amount.toLocaleString(language, { useGrouping: false }));
  const [unit, setUnit] = useState<LeaseUnit>(first.unit);
  return (
    <form
      class="setting-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSet(leaseOf(amount, unit));
      }}
    >
      <span class="setting-amount">
        <TextInput
          aria-label={words.leaseAmount}
          aria-describedby={hintId}
          aria-invalid={isInvalid}
          value={amount}
          onInput={setAmount}
        />
      </span>
      <Select
        aria-label={words.leaseUnit}
        value={unit}
        choices={LEASE_UNITS.map((each) => ({ value: each, label: words.leaseUnits[each] }))}
        onChange={setUnit}
      />
      <Button type="submit" isBusy={isBusy}>
        {words.leaseSet}
      </Button>
      <span id={hintId} class="field-hint">
        {words.leaseBounds}
      </span>
    </form>
  );
}
