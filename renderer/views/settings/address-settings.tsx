import type { VNode } from 'preact';
import { CopyButton } from '../../parts/button.tsx';
import { Card, Section } from '../../parts/layout.tsx';
import { ProblemCard } from '../../parts/notice.tsx';
import { useWords } from '../../state/language.tsx';
import { useSnapshot } from '../../state/portkeeper.tsx';
import { Sentences, SettingRow, SettingText } from './setting-row.tsx';
import { settingsWords } from './words.ts';

/** What is done when the public address changes. */
export function AddressSettings(): VNode {
  const words = useWords(settingsWords);
  return (
    <Section title={words.address}>
      <Card kind="rows">
        <CommandSetting />
      </Card>
    </Section>
  );
}

const SET_COMMAND = 'portkeeper settings set addressCommand';

function CommandSetting(): VNode {
  const words = useWords(settingsWords);
  const { host, settings, problems } = useSnapshot();
  const problem = problems.find(({ code }) => code === 'address-command-failed');
  const row = { name: 'address-command', label: words.command };
  return (
    <>
      {host.kind === 'desktop' ? (
        <SettingText
          {...row}
          hint={words.commandHint}
          setting="addressCommand"
          example={words.commandExample}
          none={words.commandNone}
          clear={words.commandClear}
        />
      ) : (
        <SettingRow {...row} hint={<Sentences list={[words.commandHint, words.commandElsewhere]} />} isBeneath>
          {() => (
            <span class="setting-code">
              <code>{settings.addressCommand ?? SET_COMMAND}</code>
              <CopyButton text={SET_COMMAND} label={words.copy} />
            </span>
          )}
        </SettingRow>
      )}
      {problem !== undefined && (
        <div class="setting-problem">
          <ProblemCard problem={problem} />
        </div>
      )}
    </>
  );
}
