import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { CommandButton } from '../../parts/button.tsx';
import { Card, Fact, Section, ViewHead } from '../../parts/layout.tsx';
import { windowWords } from '../../shell/words.ts';
import { useWords } from '../../state/language.tsx';
import { forgetParameters, useRoute } from '../../state/route.ts';
import { AddressSettings } from './address-settings.tsx';
import { DataSettings } from './data-settings.tsx';
import { GeneralSettings } from './general-settings.tsx';
import { NetworkSettings } from './network-settings.tsx';
import { SettingRow, useDescription, type Description } from './setting-row.tsx';
import { settingsWords } from './words.ts';

const CONTROLS = 'input:not([tabindex="-1"]), select, button, [role=switch]';

export function SettingsView(): VNode {
  const words = useWords(settingsWords);
  const { views } = useWords(windowWords);
  const description = useDescription();
  const view = useRef<HTMLDivElement>(null);
  const { section } = useRoute().parameters;
  // A problem leads to the one setting that helps.
  useEffect(() => {
    if (section === undefined) return;
    const rows = [...(view.current?.querySelectorAll<HTMLElement>('[data-setting]') ?? [])];
    const row = rows.find(({ dataset }) => dataset['setting'] === section);
    row?.scrollIntoView({ block: 'center' });
    row?.querySelector<HTMLElement>(CONTROLS)?.focus({ preventScroll: true });
    forgetParameters();
  }, [section]);
  return (
    <div ref={view}>
      <ViewHead title={views.settings} />
      <p class="settings-intro muted">{words.intro}</p>
      <GeneralSettings />
      <NetworkSettings description={description} />
      <AddressSettings />
      <DataSettings description={description} />
      <AboutSettings description={description} />
    </div>
  );
}

function AboutSettings({ description }: { readonly description: Description }): VNode {
  const words = useWords(settingsWords);
  const { value: known } = description;
  return (
    <Section title={words.about}>
      <Card kind="rows">
        <dl class="facts about-facts">
          <Fact name={words.version}>{known?.version ?? '…'}</Fact>
          <Fact name={words.platform}>{known?.platform ?? '…'}</Fact>
          <Fact name={words.licence}>{words.licenceText}</Fact>
        </dl>
        <SettingRow label={words.welcomeAgain} hint={words.welcomeAgainHint}>
          {() => (
            <CommandButton command="settings.change" input={{ settings: { welcomed: false } }}>
              {words.welcomeAgainNow}
            </CommandButton>
          )}
        </SettingRow>
      </Card>
    </Section>
  );
}
