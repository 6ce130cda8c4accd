import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { settingsWords } from './words.ts';
import { Button } from '../../parts/input/button.tsx';
import { TextInput } from '../../parts/input/inputs.tsx';
import { useWords } from '../../state/language.tsx';
import { useSnapshot } from '../../state/snapshot.ts';
import { SettingRow } from './setting-row.tsx';
import { useSaving } from './use-saving.ts';

/** An address or a URL; empty to look for one. What is refused stays in the field to be corrected. */
export function GatewaySetting(): VNode {
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
