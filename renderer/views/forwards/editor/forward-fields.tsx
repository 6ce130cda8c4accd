/** The fields of one forward in the editor. */
import type { ComponentChildren, VNode } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { Family } from '../../../../main/contract/address.ts';
import { IconButton } from '../../../parts/button.tsx';
import { Checkbox, RadioGroup, Select } from '../../../parts/choice.tsx';
import { Field, FieldGroup, NumberInput, PortInput, TextInput } from '../../../parts/field.tsx';
import { Icon } from '../../../parts/icon.tsx';
import { useWords } from '../../../state/language.tsx';
import type { FieldName, ForeignClash, ForwardDraft, ForwardField } from './profile-draft.ts';
import { editorWords } from './words.ts';

interface ForwardFieldsProperties extends EditedForward {
  readonly number: number;
  readonly isOnly: boolean;
  readonly clash: ForeignClash | undefined;
  readonly onRemove: () => void;
}

export function ForwardFields(properties: ForwardFieldsProperties): VNode {
  const { draft, number, isOnly, faults, clash, onChange, onLeave, onRemove } = properties;
  const words = useWords(editorWords);
  const title = useId();
  const protocol = useId();
  const set = (change: Partial<ForwardDraft>): void => onChange({ ...draft, ...change });
  const fault = (field: ForwardField): string | undefined => faults.get(`${draft.key}.${field}`);
  const leave = (field: ForwardField) => () => onLeave(`${draft.key}.${field}`);
  const place = (field: string): string => `${draft.key}.${field}`;
  return (
    <div class="editor-forward" role="group" aria-labelledby={title}>
      <div class="editor-forward-head">
        <h3 id={title}>{isOnly ? words.ports : words.portLegend(number)}</h3>
        <IconButton icon="trash" size="small" label={words.removePort} onClick={onRemove} />
      </div>
      <div class="editor-grid">
        <Cell field={place('outside')}>
          <Field
            label={words.outside}
            error={fault('outside')}
            hint={fault('outside') === undefined ? words.outsideHint : undefined}
          >
            {(links) => (
              <TextInput
                {...links}
                placeholder="25565"
                value={draft.outside}
                onInput={(outside) => set({ outside })}
                onBlur={leave('outside')}
              />
            )}
          </Field>
        </Cell>
        <Cell field={place('inside')}>
          <Field label={words.inside} error={fault('inside')}>
            {(links) => (
              <PortInput
                {...links}
                placeholder={words.insideSame}
                value={draft.inside}
                onInput={(inside) => set({ inside })}
                onBlur={leave('inside')}
              />
            )}
          </Field>
        </Cell>
        <Cell field={place('transports')}>
          <div class="field">
            <span class="field-label" id={protocol}>
              {words.transports}
            </span>
            <RadioGroup
              labelledBy={protocol}
              value={draft.transports}
              choices={[
                { value: 'tcp', label: 'TCP' },
                { value: 'udp', label: 'UDP' },
                { value: 'both', label: words.both },
              ]}
              onChange={(transports) => set({ transports })}
            />
          </div>
        </Cell>
        <Cell field={place('device')}>
          <Field label={words.device}>
            {(links) => (
              <Select
                {...links}
                value={draft.device}
                choices={[
                  { value: 'this', label: words.thisComputer },
                  { value: 'other', label: words.otherDevice },
                ]}
                onChange={(device) => set({ device })}
              />
            )}
          </Field>
        </Cell>
        {draft.device === 'other' && (
          <Cell field={place('client')}>
            <Field label={words.address} error={fault('client')}>
              {(links) => (
                <TextInput
                  {...links}
                  placeholder="192.168.1.20"
                  value={draft.client}
                  onInput={(client) => set({ client })}
                  onBlur={leave('client')}
                />
              )}
            </Field>
          </Cell>
        )}
        <Cell field={place('label')}>
          <Field label={words.label} error={fault('label')}>
            {(links) => (
              <TextInput
                {...links}
                placeholder={words.labelPlaceholder}
                value={draft.label}
                onInput={(label) => set({ label })}
                onBlur={leave('label')}
              />
            )}
          </Field>
        </Cell>
      </div>
      {clash !== undefined && (
        <p class="editor-clash" data-refused={clash.isRefused} role="status">
          <Icon name={clash.isRefused ? 'error' : 'warning'} size={16} />
          <span>{(clash.isRefused ? words.clashOn : words.clash)(clash.ports, clash.name)}</span>
        </p>
      )}
      <MoreFields {...properties} />
    </div>
  );
}

interface EditedForward {
  readonly draft: ForwardDraft;
  readonly faults: ReadonlyMap<FieldName, string>;
  /** From the start. */
  readonly isOpenedOut: boolean;
  readonly onChange: (draft: ForwardDraft) => void;
  readonly onLeave: (field: FieldName) => void;
}

function MoreFields({ draft, faults, isOpenedOut, onChange, onLeave }: EditedForward): VNode {
  const words = useWords(editorWords);
  const [isOpen, setIsOpen] = useState(isOpenedOut || isSpecial(draft));
  const set = (change: Partial<ForwardDraft>): void => onChange({ ...draft, ...change });
  const fault = (field: ForwardField): string | undefined => faults.get(`${draft.key}.${field}`);
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
    <details class="editor-more" open={isOpen} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>
        <Icon name="chevron-right" size={16} />
        <span>{words.more}</span>
      </summary>
      <div class="editor-grid">
        <Cell field={`${draft.key}.families`}>
          <FieldGroup label={words.families} error={fault('families')}>
            <div class="editor-families">
              {family('ipv4', words.ipv4)}
              {family('ipv6', words.ipv6)}
            </div>
          </FieldGroup>
        </Cell>
        <Cell field={`${draft.key}.ifTaken`}>
          <Field label={words.ifTaken}>
            {(links) => (
              <Select
                {...links}
                value={draft.ifTaken}
                choices={[
                  { value: 'fail', label: words.fail },
                  { value: 'next-free', label: words.nextFree },
                ]}
                onChange={(ifTaken) => set({ ifTaken })}
              />
            )}
          </Field>
        </Cell>
        <Cell field={`${draft.key}.lease`}>
          <Field label={words.lease}>
            {(links) => (
              <Select
                {...links}
                value={draft.lease}
                choices={[
                  { value: 'auto', label: words.leaseAuto },
                  { value: 'minutes', label: words.leaseMinutes },
                  { value: 'permanent', label: words.leasePermanent },
                ]}
                onChange={(lease) => set({ lease })}
              />
            )}
          </Field>
        </Cell>
        {draft.lease === 'minutes' && (
          <Cell field={`${draft.key}.minutes`}>
            <Field label={words.minutes} error={fault('minutes')}>
              {(links) => (
                <NumberInput
                  {...links}
                  least={1}
                  value={draft.minutes}
                  onInput={(minutes) => set({ minutes })}
                  onBlur={() => onLeave(`${draft.key}.minutes`)}
                />
              )}
            </Field>
          </Cell>
        )}
        <Cell field={`${draft.key}.gateway`}>
          <Field label={words.gateway} error={fault('gateway')} hint={words.gatewayHint}>
            {(links) => (
              <TextInput
                {...links}
                placeholder={words.gatewayPlaceholder}
                value={draft.gateway}
                onInput={(gateway) => set({ gateway })}
                onBlur={() => onLeave(`${draft.key}.gateway`)}
              />
            )}
          </Field>
        </Cell>
      </div>
    </details>
  );
}

/** The place of a field in the grid. */
function Cell({ field, children }: { readonly field: string; readonly children: ComponentChildren }): VNode {
  return (
    <div class="editor-cell" data-field={field} data-kind={field.split('.')[1]}>
      {children}
    </div>
  );
}

/** Something in it is not as it is by itself: it is in sight from the start. */
function isSpecial({ families, ifTaken, lease, gateway }: ForwardDraft): boolean {
  return families.includes('ipv6') || ifTaken !== 'fail' || lease !== 'auto' || gateway !== '';
}
