import type { VNode } from 'preact';
import type { Clash } from '../../../main/contract/profiles/claims.ts';
import type { PresetForward } from '../../../main/contract/profiles/presets.ts';
import type { Profile } from '../../../main/contract/profiles/profile.ts';
import { epochMs, port } from '../../../main/contract/units.ts';
import { dateText, portsText, rangeText } from '../../../main/contract/words/formats.ts';
import { Button } from '../../parts/button.tsx';
import { Checkbox, RadioGroup, choicesOf } from '../../parts/choice.tsx';
import { Field, LabelledField, PortInput, TextInput, numberIn } from '../../parts/field.tsx';
import { Chip } from '../../parts/layout.tsx';
import { Callout } from '../../parts/notice.tsx';
import { windowWords } from '../../shell/words.ts';
import { useLanguage, useWords } from '../../state/language.tsx';
import { hrefOf } from '../../state/route.ts';
import { isChosen, withExtra, withOutside } from './preset-draft.ts';
import { ProfileSwitch } from './preset-look.tsx';
import type { PresetForm } from './use-preset-form.ts';
import { presetsWords } from './words.ts';

interface PresetDetailsProperties {
  readonly form: PresetForm;
  /** Made of it already. */
  readonly added: readonly Profile[];
  /** Not while it is only shown what it opened. */
  readonly isEditable: boolean;
}

/** Ports of a preset, and the choices before opening them. */
export function PresetDetails({ form, added, isEditable }: PresetDetailsProperties): VNode {
  const { preset } = form.draft;
  const language = useLanguage();
  const words = useWords(presetsWords);
  return (
    <div class="preset-details">
      {added.map((profile) => (
        <div key={profile.id} class="preset-added">
          <Callout tone="good" icon="check">
            {words.isAdded(profile.name)} <a href={hrefOf('forwards', { profile: profile.id })}>{words.toForwards}</a>
          </Callout>
          <ProfileSwitch profile={profile} />
        </div>
      ))}
      {preset.note !== undefined && (
        <Callout tone="warn" icon="info" title={words.note}>
          {preset.note[language]}
        </Callout>
      )}
      <PresetForwards form={form} isEditable={isEditable} />
      {isEditable && <Claims form={form} />}
      {isEditable && <Device form={form} />}
      <p class="preset-source muted">
        {words.source}{' '}
        <a href={preset.source.url} target="_blank" rel="noopener noreferrer">
          {preset.source.name}
          <span class="unseen"> ({words.opensElsewhere})</span>
        </a>
        {words.sourceRead(dateText(epochMs(Date.parse(preset.source.read)), language, 'UTC'))}
      </p>
    </div>
  );
}

function Claims({ form }: { readonly form: PresetForm }): VNode {
  const words = useWords(presetsWords);
  const { claims, wayOut, draft, onDraft, faultAt } = form;
  const whole = faultAt('whole');
  const [claim] = claims;
  const look =
    whole === undefined ? ({ tone: 'warn', icon: 'warning' } as const) : ({ tone: 'bad', icon: 'error' } as const);
  const text =
    claim === undefined
      ? whole
      : (claim.profile.on ? words.claimedOn : words.claimedOff)(claim.profile.name, clashText(claim.clash));
  const change = wayOut !== undefined && (
    <Button size="small" onClick={() => onDraft(withOutside(draft, wayOut.at, String(wayOut.free)))}>
      {words.useOutside(wayOut.free)}
    </Button>
  );
  return (
    <div class="preset-claims" aria-live="polite">
      {text !== undefined && (
        <Callout {...look} actions={change}>
          {text}
        </Callout>
      )}
    </div>
  );
}

const clashText = ({ transport, first, last }: Clash): string =>
  portsText({ transports: [transport], external: { first: port(first), last: port(last) } });

function Device({ form }: { readonly form: PresetForm }): VNode {
  const words = useWords(presetsWords);
  const { thisComputer, otherDevice } = useWords(windowWords);
  const { draft, onDraft, faultAt } = form;
  const { client } = draft;
  return (
    <div class="preset-device">
      <LabelledField label={words.device}>
        {(labelId) => (
          <RadioGroup
            labelledBy={labelId}
            value={client === undefined ? 'this' : 'other'}
            choices={choicesOf({ this: thisComputer, other: otherDevice })}
            onChange={(value) => onDraft({ ...draft, client: value === 'this' ? undefined : '' })}
          />
        )}
      </LabelledField>
      {client !== undefined && (
        <Field label={words.address} hint={words.otherDeviceHint} error={faultAt('client')}>
          {(links) => (
            <TextInput
              {...links}
              value={client}
              placeholder={words.addressHint}
              maxLength={64}
              onInput={(value) => onDraft({ ...draft, client: value })}
            />
          )}
        </Field>
      )}
    </div>
  );
}

interface PresetForwardsProperties {
  readonly form: PresetForm;
  /** Otherwise they are only shown. */
  readonly isEditable: boolean;
}

/** Each of a preset's forwards: what it is for, whether it is wanted, and its external port. */
function PresetForwards({ form, isEditable }: PresetForwardsProperties): VNode {
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
              {hasExtras && (
                <Chip tone={forward.required ? 'accent' : 'plain'}>
                  {forward.required ? words.needed : words.extra}
                </Chip>
              )}
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
      error={faultAt(at)}
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
