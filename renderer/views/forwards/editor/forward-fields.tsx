/** The fields of one forward in the editor. */
import type { ComponentChildren, VNode } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { Family } from '../../../../main/contract/address.ts';
import type { DeviceView } from '../../../../main/contract/commands.ts';
import type { GatewayView } from '../../../../main/contract/snapshot.ts';
import { IconButton } from '../../../parts/button.tsx';
import { Checkbox, RadioGroup, Select, choicesOf } from '../../../parts/choice.tsx';
import { Field, FieldGroup, LabelledField, NumberInput, PortInput, TextInput } from '../../../parts/field.tsx';
import { Icon } from '../../../parts/icon.tsx';
import { Details } from '../../../parts/layout.tsx';
import { windowWords } from '../../../shell/words.ts';
import { useWords } from '../../../state/language.tsx';
import { useSnapshot } from '../../../state/portkeeper.tsx';
import { isList, type FieldName, type ForeignClash, type ForwardDraft, type ForwardField } from './profile-draft.ts';
import { editorWords } from './words.ts';

interface ForwardFieldsProperties {
  readonly draft: ForwardDraft;
  readonly number: number;
  readonly isOnly: boolean;
  readonly faults: ReadonlyMap<FieldName, string>;
  readonly clash: ForeignClash | undefined;
  /** Devices that it can point to, besides this computer. */
  readonly devices: readonly DeviceView[];
  /** With what most people never need, from the start. */
  readonly isOpenedOut: boolean;
  readonly onChange: (draft: ForwardDraft) => void;
  readonly onLeave: (field: FieldName) => void;
  readonly onRemove: () => void;
}

interface TextOptions {
  readonly as?: typeof TextInput | typeof NumberInput;
  readonly placeholder?: string;
  readonly hint?: string | undefined;
}

export function ForwardFields(properties: ForwardFieldsProperties): VNode {
  const { draft, number, isOnly, faults, clash, devices, isOpenedOut, onChange, onLeave, onRemove } = properties;
  const { gateways } = useSnapshot().engine;
  // One that is known is typed all the same where the person has said so.
  const [isTyped, setIsTyped] = useState(false);
  const words = useWords(editorWords);
  const { thisComputer, otherDevice } = useWords(windowWords);
  const title = useId();
  const set = (change: Partial<ForwardDraft>): void => onChange({ ...draft, ...change });
  const fault = (field: ForwardField): string | undefined => faults.get(`${draft.key}.${field}`);
  /** A field's place in the grid. */
  const cell = (field: keyof ForwardDraft, children: ComponentChildren): VNode => (
    <div class="editor-cell" data-field={`${draft.key}.${field}`} data-kind={field}>
      {children}
    </div>
  );
  const text = (
    field: Exclude<ForwardField, 'families'>,
    label: string,
    { as: Input = TextInput, placeholder = '', hint }: TextOptions = {},
  ): VNode =>
    cell(
      field,
      <Field label={label} error={fault(field)} hint={hint}>
        {(links) => (
          <Input
            {...links}
            placeholder={placeholder}
            value={draft[field]}
            onInput={(value) => set({ [field]: value })}
            onBlur={() => onLeave(`${draft.key}.${field}`)}
          />
        )}
      </Field>,
    );
  const device =
    draft.device === 'this'
      ? 'this'
      : !isTyped && devices.some(({ address }) => address === draft.client)
        ? draft.client
        : 'other';
  const select = <Name extends 'ifTaken' | 'lease'>(
    field: Name,
    label: string,
    labels: Readonly<Record<ForwardDraft[Name], string>>,
  ): VNode =>
    cell(
      field,
      <Field label={label}>
        {(links) => (
          <Select
            {...links}
            value={draft[field]}
            choices={choicesOf(labels)}
            onChange={(value) => set({ [field]: value })}
          />
        )}
      </Field>,
    );
  const family = (name: Family, label: string): VNode => (
    <Checkbox
      label={label}
      isChecked={draft.families.includes(name)}
      onChange={(isChecked) => {
        const others = draft.families.filter((each) => each !== name);
        set({ families: isChecked ? [...others, name].toSorted() : others });
        onLeave(`${draft.key}.families`);
      }}
    />
  );
  return (
    <div class="editor-forward" role="group" aria-labelledby={title}>
      <div class="editor-forward-head">
        <h3 id={title}>{isOnly ? words.ports : words.portLegend(number)}</h3>
        <IconButton icon="trash" size="small" label={words.removePort} onClick={onRemove} />
      </div>
      <div class="editor-grid">
        {text('outside', words.outside, {
          placeholder: '25565',
          hint: fault('outside') === undefined ? words.outsideHint : undefined,
        })}
        {!isList(draft) && text('inside', words.inside, { as: PortInput, placeholder: words.insideSame })}
        {cell(
          'transports',
          <LabelledField label={words.transports}>
            {(labelId) => (
              <RadioGroup
                labelledBy={labelId}
                value={draft.transports}
                choices={choicesOf({ tcp: 'TCP', udp: 'UDP', both: words.both })}
                onChange={(transports) => set({ transports })}
              />
            )}
          </LabelledField>,
        )}
        {cell(
          'device',
          <Field label={words.device}>
            {(links) => (
              <Select
                {...links}
                value={device}
                choices={[
                  { value: 'this', label: thisComputer },
                  ...devices.map((each) => ({ value: each.address, label: named(each) })),
                  { value: 'other', label: otherDevice },
                ]}
                onChange={(value) => {
                  setIsTyped(value === 'other');
                  const isKnown = value !== 'this' && value !== 'other';
                  set({ device: value === 'this' ? 'this' : 'other', ...(isKnown ? { client: value } : {}) });
                }}
              />
            )}
          </Field>,
        )}
        {device === 'other' && text('client', words.address, { placeholder: '192.168.1.20' })}
        {text('label', words.label, { placeholder: words.labelPlaceholder })}
      </div>
      {clash !== undefined && (
        <p class="editor-clash" data-refused={clash.isRefused} role="status">
          <Icon name={clash.isRefused ? 'error' : 'warning'} size={16} />
          <span>{(clash.isRefused ? words.clashOn : words.clash)(clash.ports, clash.name)}</span>
        </p>
      )}
      <Details title={words.more} isOpenAtFirst={isOpenedOut || isSpecial(draft)}>
        <div class="editor-grid">
          {cell(
            'families',
            <FieldGroup label={words.families} error={fault('families')}>
              <div class="editor-families">
                {family('ipv4', words.ipv4)}
                {family('ipv6', words.ipv6)}
              </div>
            </FieldGroup>,
          )}
          {select('ifTaken', words.ifTaken, { fail: words.fail, 'next-free': words.nextFree })}
          {select('lease', words.lease, words.leases)}
          {draft.lease === 'minutes' && text('minutes', words.minutes, { as: NumberInput })}
          {cell(
            'gateway',
            <Field label={words.gateway} error={fault('gateway')}>
              {(links) => (
                <Select
                  {...links}
                  value={draft.gateway}
                  choices={routerChoices(draft.gateway, gateways, words.gatewayPlaceholder)}
                  onChange={(gateway) => set({ gateway })}
                />
              )}
            </Field>,
          )}
        </div>
      </Details>
    </div>
  );
}

const named = ({ name, address }: Pick<GatewayView, 'name' | 'address'>): string =>
  name === '' || name === address ? address : `${name} (${address})`;

/** Those that are here, and what was chosen before: by its address, or by a part of its name. */
function routerChoices(chosen: string, gateways: readonly GatewayView[], any: string) {
  const here = gateways.map((gateway) => ({ value: String(gateway.address), label: named(gateway) }));
  const isHere = chosen === '' || here.some(({ value }) => value === chosen);
  return [{ value: '', label: any }, ...here, ...(isHere ? [] : [{ value: chosen, label: chosen }])];
}

/** Something in it differs from the default: it is in sight from the start. */
function isSpecial({ families, ifTaken, lease, gateway }: ForwardDraft): boolean {
  return families.includes('ipv6') || ifTaken !== 'fail' || lease !== 'auto' || gateway !== '';
}
