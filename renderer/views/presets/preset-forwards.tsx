import type { VNode } from 'preact';
import type { PresetForward } from '../../../main/contract/presets.ts';
import { portsText, rangeText } from '../../../main/contract/words/formats.ts';
import { presetsWords } from './words.ts';
import { Button } from '../../parts/input/button.tsx';
import { Chip } from '../../parts/chip.tsx';
import { Field } from '../../parts/input/field.tsx';
import { Checkbox, PortInput, numberIn } from '../../parts/input/inputs.tsx';
import { useLanguage, useWords } from '../../state/language.tsx';
import { isChosen, withExtra, withOutside } from './preset-draft.ts';
import type { PresetForm } from './use-preset-form.ts';

interface PresetForwardsProperties {
  readonly form: PresetForm;
  /** Otherwise they are only shown. */
  readonly isEditable: boolean;
}

/** Each of a preset's forwards: what it is for, whether it is wanted, and its outside port. */
export function PresetForwards({ form, isEditable }: PresetForwardsProperties): VNode {
  const words = useWords(presetsWords);
  const { forwards } = form.draft.preset;
  const hasExtras = forwards.some(({ required }) => !required);
  return (
    <div class="preset-forwards">
      <h3 class="field-label">{words.ports}</h3>
      <ul class="preset-forward-list">
        {forwards.map((forward, at) => (
          <li key={portsText(forward)} class="preset-forward">
            <div class="preset-forward-what">
              <ForwardName form={form} forward={forward} at={at} isEditable={isEditable} />
              {hasExtras && <Need required={forward.required} />}
            </div>
            {isEditable && isChosen(form.draft, at) ? (
              <OutsideField form={form} forward={forward} at={at} />
            ) : (
              <span class="muted">{portsText(forward)}</span>
            )}
          </li>
        ))}
      </ul>
      {hasExtras && isEditable && <p class="field-hint">{words.extraHint}</p>}
    </div>
  );
}

function Need({ required }: Pick<PresetForward, 'required'>): VNode {
  const words = useWords(presetsWords);
  return <Chip tone={required ? 'accent' : 'plain'}>{required ? words.needed : words.extra}</Chip>;
}

interface ForwardProperties {
  readonly form: PresetForm;
  readonly forward: PresetForward;
  /** Its place in the preset. */
  readonly at: number;
}

function ForwardName(properties: ForwardProperties & Pick<PresetForwardsProperties, 'isEditable'>): VNode {
  const { form, forward, at, isEditable } = properties;
  const { draft, onDraft } = form;
  const label = forward.label[useLanguage()];
  if (forward.required || !isEditable) return <span class="preset-forward-label">{label}</span>;
  return (
    <Checkbox
      label={label}
      isChecked={isChosen(draft, at)}
      onChange={(isTicked) => onDraft(withExtra(draft, at, isTicked))}
    />
  );
}

function OutsideField({ form, forward, at }: ForwardProperties): VNode {
  const words = useWords(presetsWords);
  const { draft, onDraft, faultAt } = form;
  const { external, internal, transports } = forward;
  const label = forward.label[useLanguage()];
  const text = draft.outside.get(at) ?? String(external.first);
  const length = external.last - external.first;
  const first = numberIn(text);
  const last = length > 0 && first !== undefined ? `–${first + length}` : '';
  const inside = rangeText({ first: internal.first, last: internal.first + length });
  return (
    <Field
      label={length === 0 ? words.outsideNamed(label) : words.outsideFirstNamed(label)}
      hidesLabel
      error={faultAt({ is: 'outside', at })}
    >
      {(links) => (
        <span class="preset-port">
          <PortInput {...links} value={text} onInput={(value) => onDraft(withOutside(draft, at, value))} />
          <span class="muted">
            {last}/{transports.join('+').toUpperCase()}
            {first !== undefined && first !== internal.first && ` ${words.inside(inside)}`}
          </span>
          {first !== external.first && (
            <Button kind="quiet" size="small" onClick={() => onDraft(withOutside(draft, at, String(external.first)))}>
              {words.backToUsual(external.first)}
            </Button>
          )}
        </span>
      )}
    </Field>
  );
}
