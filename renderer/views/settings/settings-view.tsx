import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { settingsWords } from './words.ts';
import { ViewHead } from '../../parts/section.tsx';
import { useWords } from '../../state/language.tsx';
import { forgetParameters, useRoute } from '../../state/route.ts';
import { AboutSettings } from './about-settings.tsx';
import { DataSettings } from './data-settings.tsx';
import { GeneralSettings } from './general-settings.tsx';
import { NetworkSettings } from './network-settings.tsx';
import { useDescription } from './use-description.ts';

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
