/** The fields of a forward that most people never need. */
import type { ComponentChildren, VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Family } from '../../../../main/contract/address.ts';
import { editorWords } from './words.ts';
import { Field, FieldGroup } from '../../../parts/input/field.tsx';
import { Icon } from '../../../parts/icon.tsx';
import { Checkbox, NumberInput, Select, TextInput } from '../../../parts/input/inputs.tsx';
import { useWords } from '../../../state/language.tsx';
import type { FieldName, ForwardField } from './draft-faults.ts';
import type { ForwardDraft } from './profile-draft.ts';

export interface EditedForward {
  readonly draft: ForwardDraft;
  readonly faults: ReadonlyMap<FieldName, string>;
  /** From the start. */
  readonly isOpenedOut: boolean;
  readonly onChange: (draft: ForwardDraft) => void;
  readonly onLeave: (field: FieldName) => void;
}

export function MoreFields({ draft, faults, isOpenedOut, onChange, onLeave }: EditedForward): VNode {
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
export function Cell({ field, children }: { readonly field: string; readonly children: ComponentChildren }): VNode {
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
