import type { VNode } from 'preact';
import { useId, useState } from 'preact/hooks';
import { Button, CommandButton, IconButton } from '../../parts/button.tsx';
import { Checkbox, Select, choicesOf } from '../../parts/choice.tsx';
import { Form, TextInput } from '../../parts/field.tsx';
import { Icon, Spinner } from '../../parts/icon.tsx';
import { Card, Chip, Section } from '../../parts/layout.tsx';
import { Callout } from '../../parts/notice.tsx';
import { useLanguage, useWords } from '../../state/language.tsx';
import { useSnapshot, useToasts } from '../../state/portkeeper.tsx';
import {
  SettingChoice,
  SettingRow,
  SettingSwitch,
  SettingText,
  useSaving,
  useSetting,
  type Description,
  type SavingState,
} from './setting-row.tsx';
import {
  USUAL_LEASES,
  interfaceRows,
  isUsualLease,
  leaseOf,
  leaseParts,
  leftOutWith,
  networkRows,
  type InterfaceRow,
  type LeaseUnit,
  type NetworkRow,
} from './setting-values.ts';
import { SignInSetting } from './sign-in-setting.tsx';
import { settingsWords } from './words.ts';

export function NetworkSettings({ description }: { readonly description: Description }): VNode {
  const words = useWords(settingsWords);
  const onlyApproved = useSetting('onlyApprovedNetworks', (value) => ({ onlyApprovedNetworks: value }));
  const { probeServer } = useSnapshot().settings;
  const probeEvery = useSetting('probeEvery', (value) => ({ probeEvery: value }));
  const protocol = useSetting('protocol', (value) => ({ protocol: value }));
  return (
    <Section title={words.network}>
      <div class="setting-cards">
        <Card kind="rows">
          <LeaseSetting />
          <SettingSwitch
            name="networks"
            label={words.onlyApproved}
            hint={words.onlyApprovedHint}
            setting={onlyApproved}
          />
          <ApprovedNetworks />
        </Card>
        <Card kind="rows">
          <p class="setting-caution">
            <Icon name="info" size={16} />
            <span>{words.reopens}</span>
          </p>
          <SettingChoice
            look="list"
            label={words.protocol}
            hint={words.protocolHint}
            setting={protocol}
            choices={choicesOf(words.protocols).map((each) => ({ ...each, hint: words.protocolHints[each.value] }))}
          />
          {/* Empty to look for one. */}
          <SettingText
            name="router"
            label={words.gateway}
            hint={words.gatewayHint}
            setting="gateway"
            example={words.gatewayExample}
            none={words.gatewayNone}
            clear={words.gatewayClear}
          />
          <SettingText
            name="upstream"
            label={words.upstream}
            hint={words.upstreamHint}
            setting="upstreamRouter"
            example={words.upstreamExample}
          />
          <InterfacesSetting description={description} />
          <SignInSetting />
        </Card>
        <Card kind="rows">
          <SettingText
            setting="probeServer"
            name="probe"
            label={words.probeServer}
            hint={words.probeServerHint}
            example={words.probeServerExample}
          />
          {probeServer !== null && (
            <SettingChoice
              look="segments"
              label={words.probeEvery}
              hint={words.probeEveryHint}
              setting={probeEvery}
              choices={choicesOf(words.probeIntervals)}
            />
          )}
          <SettingText
            setting="probeSecretFile"
            name="probe-secret"
            label={words.probeSecret}
            hint={words.probeSecretHint}
            example={words.probeSecretExample}
          />
          <SettingText
            setting="stunServer"
            name="stun"
            label={words.stunServer}
            hint={words.stunServerHint}
            example={words.stunServerExample}
          />
        </Card>
      </div>
    </Section>
  );
}

/** Those of this computer, and those that are left out though they are not there now. */
function InterfacesSetting({ description }: { readonly description: Description }): VNode {
  const words = useWords(settingsWords);
  const { value, saving, set } = useSetting('exceptInterfaces', (names) => ({ exceptInterfaces: [...names] }));
  const isKnown = description.value !== undefined;
  const rows = interfaceRows(description.value?.interfaces ?? [], value);
  return (
    <SettingRow label={words.interfaces} hint={words.interfacesHint} saving={saving} isBeneath>
      {(_, labelId) => (
        <div class="setting-list" role="group" aria-labelledby={labelId}>
          {rows.map((row) => (
            <Checkbox
              key={row.name}
              label={<span class="mono">{row.name}</span>}
              hint={aboutOf(row, isKnown, words)}
              isChecked={row.used}
              onChange={(isUsed) => set([...leftOutWith(value, row.name, isUsed)])}
            />
          ))}
          {!isKnown && !description.hasFailed && (
            <p class="muted">
              <Spinner /> {words.interfacesReading}
            </p>
          )}
          {description.hasFailed && (
            <p class="setting-form">
              <span>{words.interfacesUnknown}</span>
              <Button size="small" onClick={description.again}>
                {words.tryAgain}
              </Button>
            </p>
          )}
          {isKnown && rows.length === 0 && <p class="muted">{words.interfacesEmpty}</p>}
        </div>
      )}
    </SettingRow>
  );
}

function aboutOf(
  { addresses, virtual, present }: InterfaceRow,
  isKnown: boolean,
  words: (typeof settingsWords)['en'],
): string {
  if (!present) return isKnown ? words.interfaceAbsent : '';
  const said = addresses.length === 0 ? words.interfaceNoAddress : addresses.join(', ');
  return virtual ? `${said} · ${words.interfaceVirtual}` : said;
}

/** Can be filled before it counts: nobody has to be cut off first. */
function ApprovedNetworks(): VNode {
  const words = useWords(settingsWords);
  const snapshot = useSnapshot();
  const { approved, unapproved } = networkRows(snapshot);
  const { state, save } = useSaving();
  const { show } = useToasts();
  const { approvedNetworks, onlyApprovedNetworks } = snapshot.settings;
  const remove = async ({ key, name }: NetworkRow): Promise<void> => {
    const without = approvedNetworks.filter((each) => each.key !== key);
    if (!(await save({ approvedNetworks: without }))) return;
    show({ text: words.networkRemoved(name), undo: () => save({ approvedNetworks: [...approvedNetworks] }) });
  };
  return (
    <SettingRow label={words.approved} hint={words.approvedHint} saving={state} isBeneath>
      {(_, labelId) => (
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
  const approve = (
    <CommandButton size={counts ? 'small' : 'normal'} command="network.approve" input={{}}>
      {words.approveThis(name)}
    </CommandButton>
  );
  return counts ? (
    <Callout tone="warn" icon="warning" actions={approve}>
      {words.nothingHere(name)}
    </Callout>
  ) : (
    <span>{approve}</span>
  );
}

const OTHER = 'other';

function LeaseSetting(): VNode {
  const words = useWords(settingsWords);
  const { lease } = useSnapshot().settings;
  const { state, settings, save, forget } = useSaving();
  const [isOther, setIsOther] = useState(!isUsualLease(lease));
  const shown = settings.lease;
  const textOf = (seconds: number | null): string => {
    if (seconds === null) return words.leaseRecommended;
    const { amount, unit } = leaseParts(seconds);
    return words.leaseText(amount, unit);
  };
  const isApart = isOther || !isUsualLease(shown);
  const set = (seconds: number | null): void => void save({ lease: seconds });
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
      {(links) => (
        <div class="setting-lease">
          <Select
            {...links}
            aria-invalid={!isApart && links['aria-invalid']}
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
          {isApart && <OtherLease lease={shown} state={state} onSet={set} />}
        </div>
      )}
    </SettingRow>
  );
}

interface OtherLeaseProperties {
  readonly lease: number | null;
  readonly state: SavingState;
  readonly onSet: (seconds: number) => void;
}

function OtherLease({ lease, state, onSet }: OtherLeaseProperties): VNode {
  const words = useWords(settingsWords);
  const language = useLanguage();
  const hintId = useId();
  const first = leaseParts(lease ?? 5400);
  const [amount, setAmount] = useState(first.amount.toLocaleString(language, { useGrouping: false }));
  const [unit, setUnit] = useState<LeaseUnit>(first.unit);
  return (
    <Form class="setting-form" onSubmit={() => onSet(leaseOf(amount, unit))}>
      <span class="setting-amount">
        <TextInput
          aria-label={words.leaseAmount}
          aria-describedby={hintId}
          aria-invalid={state.at === 'refused'}
          value={amount}
          onInput={setAmount}
        />
      </span>
      <Select aria-label={words.leaseUnit} value={unit} choices={choicesOf(words.leaseUnits)} onChange={setUnit} />
      <Button type="submit" isBusy={state.at === 'saving'}>
        {words.leaseSet}
      </Button>
      <span id={hintId} class="field-hint">
        {words.leaseBounds}
      </span>
    </Form>
  );
}
