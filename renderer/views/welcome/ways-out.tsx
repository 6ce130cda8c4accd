import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { fieldText } from '../../../main/contract/words/faults.ts';
import { welcomeWords } from './words.ts';
import { Button } from '../../parts/input/button.tsx';
import { Field } from '../../parts/input/field.tsx';
import { TextInput } from '../../parts/input/inputs.tsx';
import { useAsk } from '../../state/ask.tsx';
import { useLanguage, useWords } from '../../state/language.tsx';
import { useSnapshot } from '../../state/snapshot.ts';
import { useTask } from '../../state/task.ts';
import { useSaving } from '../settings/use-saving.ts';

/** What can be done when no router was found; nobody is stuck here. */
export function WaysOut(): VNode {
  const words = useWords(welcomeWords);
  const { hasDemo } = useSnapshot().host;
  const ask = useAsk();
  const searching = useTask();
  const simulating = useTask();
  const [isNaming, setIsNaming] = useState(false);
  return (
    <div class="ways-out">
      <div class="ways-out-buttons">
        <Button
          kind="primary"
          icon="refresh"
          isBusy={searching.isBusy}
          onClick={() => searching.run((signal) => ask('gateways.search', {}, { signal }))}
        >
          {words.searchAgain}
        </Button>
        {hasDemo && (
          <Button
            icon="demo"
            isBusy={simulating.isBusy}
            onClick={() => simulating.run((signal) => ask('demo.switch', { on: true }, { signal }))}
          >
            {words.trySimulated}
          </Button>
        )}
        {!isNaming && (
          <Button kind="quiet" onClick={() => setIsNaming(true)}>
            {words.nameRouter}
          </Button>
        )}
      </div>
      {hasDemo && <p class="muted">{words.trySimulatedHint}</p>}
      {isNaming && <RouterAddress />}
    </div>
  );
}

function RouterAddress(): VNode {
  const words = useWords(welcomeWords);
  const language = useLanguage();
  const { gateway } = useSnapshot().settings;
  const { state, save, forget } = useSaving<string | null>();
  const [text, setText] = useState(gateway ?? '');
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const wanted = text.trim() === '' ? null : text;
        void save({ gateway: wanted }, wanted);
      }}
    >
      <Field
        label={words.routerAddress}
        hint={words.routerAddressHint}
        error={state.at === 'refused' ? fieldText(state.fault, language) : undefined}
      >
        {(links) => (
          <span class="ways-out-buttons">
            <TextInput
              {...links}
              autofocus
              value={text}
              placeholder="192.168.1.1"
              onInput={(value) => {
                setText(value);
                forget();
              }}
            />
            <Button type="submit" isBusy={state.at === 'saving'}>
              {words.use}
            </Button>
          </span>
        )}
      </Field>
    </form>
  );
}
