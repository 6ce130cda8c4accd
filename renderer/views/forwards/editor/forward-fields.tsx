/** The fields of one forward in the editor. */
import type { VNode } from 'preact';
import { useId } from 'preact/hooks';
import { editorWords } from './words.ts';
import { IconButton } from '../../../parts/input/button.tsx';
import { Field } from '../../../parts/input/field.tsx';
import { Icon } from '../../../parts/icon.tsx';
import { PortInput, Segmented, Select, TextInput } from '../../../parts/input/inputs.tsx';
import { useWords } from '../../../state/language.tsx';
import type { ForwardField } from './draft-faults.ts';
import { Cell, MoreFields } from './more-fields.tsx';
import type { EditedForward } from './more-fields.tsx';
import type { ForeignClash, ForwardDraft } from './profile-draft.ts';

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
            <Segmented
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
