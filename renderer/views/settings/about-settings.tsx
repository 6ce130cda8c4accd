import type { VNode } from 'preact';
import { settingsWords } from './words.ts';
import { Button } from '../../parts/input/button.tsx';
import { Card, Section } from '../../parts/section.tsx';
import { useAsk } from '../../state/ask.tsx';
import { useWords } from '../../state/language.tsx';
import { useTask } from '../../state/task.ts';
import { SettingRow } from './setting-row.tsx';
import type { Description } from './use-description.ts';

export function AboutSettings({ description }: { readonly description: Description }): VNode {
  const words = useWords(settingsWords);
  const known = description.at === 'known' ? description.value : undefined;
  return (
    <Section title={words.about}>
      <Card kind="rows">
        <dl class="about-facts">
          <Fact name={words.version} value={known?.version} />
          <Fact name={words.platform} value={known?.platform} />
          <Fact name={words.licence} value={words.licenceText} />
        </dl>
        <WelcomeAgain />
      </Card>
    </Section>
  );
}

function Fact({ name, value = '…' }: { readonly name: string; readonly value: string | undefined }): VNode {
  return (
    <div class="about-fact">
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function WelcomeAgain(): VNode {
  const words = useWords(settingsWords);
  const ask = useAsk();
  const showing = useTask();
  return (
    <SettingRow label={words.welcomeAgain} hint={words.welcomeAgainHint}>
      {() => (
        <Button
          isBusy={showing.isBusy}
          onClick={() => showing.run(() => ask('settings.change', { settings: { welcomed: false } }))}
        >
          {words.welcomeAgainNow}
        </Button>
      )}
    </SettingRow>
  );
}
