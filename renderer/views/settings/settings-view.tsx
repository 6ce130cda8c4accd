/** What is told of this Portkeeper and its computer. */
import type { VNode } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { AppDescription } from '../../../main/contract/commands.ts';
import { Button } from '../../parts/button.tsx';
import { Card, Section, ViewHead } from '../../parts/layout.tsx';
import { useWords } from '../../state/language.tsx';
import { useAsk, useSnapshot, useTask } from '../../state/portkeeper.tsx';
import { forgetParameters, useRoute } from '../../state/route.ts';
import { DataSettings } from './data-settings.tsx';
import { GeneralSettings } from './general-settings.tsx';
import { NetworkSettings } from './network-settings.tsx';
import { SettingRow } from './setting-row.tsx';
import { settingsWords } from './words.ts';

const CONTROLS = 'input:not([tabindex="-1"]), select, button, [role=switch]';

export function SettingsView(): VNode {
  const words = useWords(settingsWords);
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
    <div class="settings" ref={view}>
      <ViewHead title={words.title} />
      <p class="settings-intro muted">{words.intro}</p>
      <GeneralSettings />
      <NetworkSettings description={description} />
      <DataSettings description={description} />
      <AboutSettings description={description} />
    </div>
  );
}

function AboutSettings({ description }: { readonly description: Description }): VNode {
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

export type Description =
  | { readonly at: 'reading' }
  | { readonly at: 'known'; readonly value: AppDescription }
  | { readonly at: 'failed'; readonly again: () => void };

/** Read anew when the computer comes to another network: its interfaces are others then. */
function useDescription(): Description {
  const ask = useAsk();
  const network = useSnapshot().engine.network?.key;
  const [description, setDescription] = useState<Description>({ at: 'reading' });
  const [round, setRound] = useState(0);
  const again = useCallback(() => {
    setDescription({ at: 'reading' });
    setRound((count) => count + 1);
  }, []);
  useEffect(() => {
    const controller = new AbortController();
    const read = async (): Promise<void> => {
      const answer = await ask('app.describe', {}, { signal: controller.signal, quiet: true });
      setDescription(answer.ok ? { at: 'known', value: answer.value } : { at: 'failed', again });
    };
    read().catch((error: unknown) => {
      if (!controller.signal.aborted) throw error;
    });
    return () => controller.abort();
  }, [ask, again, network, round]);
  return description;
}
