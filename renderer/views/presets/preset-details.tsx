import type { VNode } from 'preact';
import { useId } from 'preact/hooks';
import type { Profile } from '../../../main/contract/profile.ts';
import type { Clash } from '../../../main/contract/claims.ts';
import { port } from '../../../main/contract/units.ts';
import { portsText } from '../../../main/contract/words/formats.ts';
import { presetsWords } from './words.ts';
import { Button } from '../../parts/input/button.tsx';
import { Callout } from '../../parts/notice/callout.tsx';
import { Field } from '../../parts/input/field.tsx';
import { Segmented, TextInput } from '../../parts/input/inputs.tsx';
import { useLanguage, useWords } from '../../state/language.tsx';
import { hrefOf } from '../../state/route.ts';
import { withOutside } from './preset-draft.ts';
import { PresetForwards } from './preset-forwards.tsx';
import { ProfileSwitch } from './profile-switch.tsx';
import type { PresetForm } from './use-preset-form.ts';

interface PresetDetailsProperties {
  readonly form: PresetForm;
  /** Made of it already. */
  readonly added: readonly Profile[];
  /** Not while it is only shown what it opened. */
  readonly isEditable: boolean;
}

/** What a preset opens, and what can be chosen before it does. */
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
      </p>
    </div>
  );
}

function Claims({ form }: { readonly form: PresetForm }): VNode {
  const words = useWords(presetsWords);
  const { claims, wayOut, draft, onDraft, faultAt } = form;
  const whole = faultAt({ is: 'whole' });
  const [claim] = claims;
  return (
    <div class="preset-claims" aria-live="polite">
      {claim !== undefined && (
        <Callout
          tone={whole === undefined ? 'warn' : 'bad'}
          icon={whole === undefined ? 'warning' : 'error'}
          actions={
            wayOut !== undefined && (
              <Button size="small" onClick={() => onDraft(withOutside(draft, wayOut.at, String(wayOut.free)))}>
                {words.useOutside(wayOut.free)}
              </Button>
            )
          }
        >
          {(claim.profile.on ? words.claimedOn : words.claimedOff)(claim.profile.name, clashText(claim.clash))}
        </Callout>
      )}
      {whole !== undefined && claim === undefined && (
        <Callout tone="bad" icon="error">
          {whole}
        </Callout>
      )}
    </div>
  );
}

const clashText = ({ transport, first, last }: Clash): string =>
  portsText({ transports: [transport], external: { first: port(first), last: port(last) } });

function Device({ form }: { readonly form: PresetForm }): VNode {
  const words = useWords(presetsWords);
  const id = useId();
  const { draft, onDraft, faultAt } = form;
  const { client } = draft;
  return (
    <div class="preset-device">
      <span id={id} class="field-label">
        {words.device}
      </span>
      <Segmented
        labelledBy={id}
        value={client === undefined ? 'this' : 'other'}
        choices={[
          { value: 'this', label: words.thisComputer },
          { value: 'other', label: words.otherDevice },
        ]}
        onChange={(value) => onDraft({ ...draft, client: value === 'this' ? undefined : '' })}
      />
      {client !== undefined && (
        <Field label={words.address} hint={words.otherDeviceHint} error={faultAt({ is: 'client' })}>
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

interface PresetActionsProperties {
  readonly form: PresetForm;
  readonly isEditable: boolean;
  /** The one for another of what is there already. */
  readonly onAgain: () => void;
  readonly takesFocus: boolean;
}

/** Where a preset becomes a profile; the one that opens at once comes last. */
export function PresetActions({ form, isEditable, onAgain, takesFocus }: PresetActionsProperties): VNode {
  const words = useWords(presetsWords);
  const { busy, add } = form;
  if (!isEditable) return <Button onClick={onAgain}>{words.addAgain}</Button>;
  return (
    <>
      <Button isBusy={busy === 'off'} onClick={() => add(false)}>
        {words.add}
      </Button>
      <Button kind="primary" icon="plus" autofocus={takesFocus} isBusy={busy === 'on'} onClick={() => add(true)}>
        {words.addAndOpen}
      </Button>
    </>
  );
}
