import type { VNode } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { popularPresets, searchPresets, type Preset } from '../../../main/contract/profiles/presets.ts';
import type { Profile } from '../../../main/contract/profiles/profile.ts';
import { Button } from '../../parts/button.tsx';
import { SearchBox } from '../../parts/search-box.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Card, Section } from '../../parts/layout.tsx';
import { BrandMark } from '../../shell/navigation.tsx';
import { useLanguage, useWords } from '../../state/language.tsx';
import { useAsk, useSnapshot, useTask, useToasts } from '../../state/portkeeper.tsx';
import { usePresets } from '../../state/presets.ts';
import { go } from '../../state/route.ts';
import { draftOf, profileOf, profilesOf } from '../presets/preset-draft.ts';
import { Monogram, requiredPorts } from '../presets/preset-look.tsx';
import { SettingSwitch, useSetting } from '../settings/setting-row.tsx';
import { settingsWords } from '../settings/words.ts';
import { FoundRouter } from './found-router.tsx';
import { welcomeWords } from './words.ts';
import './welcome.css';

/**
 * The first steps, on one page: each of them can be taken, or not.
 * @param props.onLeave it could not be saved that they were seen or skipped
 */
export function WelcomeView({ onLeave }: { readonly onLeave: () => void }): VNode {
  const words = useWords(welcomeWords);
  const { startAtLogin } = useWords(settingsWords);
  const setting = useSetting('startAtLogin', (value) => ({ startAtLogin: value }));
  const { profiles, host } = useSnapshot();
  const ask = useAsk();
  const leaving = useTask();
  const leave = (): void =>
    leaving.run(async () => {
      go('forwards');
      const answer = await ask('settings.change', { settings: { welcomed: true } });
      if (!answer.ok) onLeave();
    });
  useEffect(() => {
    document.title = `${words.title} – Portkeeper`;
  }, [words]);
  return (
    <main class="welcome">
      <div class="welcome-page">
        <header class="welcome-head">
          <BrandMark size={44} />
          <div>
            <h1>{words.title}</h1>
            <p class="muted">{words.intro}</p>
          </div>
        </header>
        <FoundRouter />
        <FirstPresets />
        {host.kind === 'desktop' && (
          <Section title={words.start}>
            <Card kind="rows">
              <SettingSwitch label={startAtLogin} hint={words.startAtLoginHint} setting={setting} />
            </Card>
          </Section>
        )}
        <p class="welcome-safety">
          <Icon name="shield" />
          <span>{words.safety}</span>
        </p>
      </div>
      <footer class="welcome-foot">
        <span class="muted" role="status">
          {words.added(profiles.length)}
        </span>
        <Button kind={profiles.length === 0 ? 'plain' : 'primary'} isBusy={leaving.isBusy} onClick={leave}>
          {profiles.length === 0 ? words.leaveEmpty : words.finish}
        </Button>
      </footer>
    </main>
  );
}

/** As many as fit beneath each other without a second look. */
const MOST_FOUND = 12;

/** A few that many want, and a search through all: each becomes a profile, switched off. */
function FirstPresets(): VNode {
  const words = useWords(welcomeWords);
  const { profiles } = useSnapshot();
  const presets = usePresets();
  const [query, setQuery] = useState('');
  const shown = useMemo(
    () =>
      query.trim() === ''
        ? popularPresets(presets).slice(0, MOST_FOUND)
        : searchPresets(presets, query).slice(0, MOST_FOUND),
    [presets, query],
  );
  return (
    <Section title={words.choose} hint={words.chooseHint}>
      <div class="first-presets">
        <SearchBox label={words.searchPresets(presets.length)} value={query} onInput={setQuery} />
        {shown.length === 0 ? (
          <p class="muted" role="status">
            {words.nothing(query.trim())}
          </p>
        ) : (
          <ul class="tiles" aria-label={query.trim() === '' ? words.popular : words.hits}>
            {shown.map((preset) => (
              <PresetTile key={preset.id} preset={preset} made={profilesOf(preset, profiles)[0]} />
            ))}
          </ul>
        )}
      </div>
    </Section>
  );
}

function PresetTile({ preset, made }: { readonly preset: Preset; readonly made: Profile | undefined }): VNode {
  const words = useWords(welcomeWords);
  const language = useLanguage();
  const ask = useAsk();
  const { show } = useToasts();
  const task = useTask();
  const isAdded = made !== undefined;
  const turn = async (): Promise<void> => {
    if (made !== undefined) {
      const { id } = made;
      const removed = await ask('profile.remove', { id });
      if (removed.ok) show({ text: words.removed(made.name), undo: () => ask('profile.restore', { id }) });
      return;
    }
    const draft = profileOf(draftOf(preset), language);
    if (!draft.ok) return;
    await ask('profile.add', { profile: draft.profile });
  };
  return (
    <li>
      <button type="button" class="tile" aria-pressed={isAdded} aria-busy={task.isBusy} onClick={() => task.run(turn)}>
        <Monogram preset={preset} />
        <span class="tile-text">
          <span class="tile-name">{preset.name}</span>
          <span class="tile-ports">{requiredPorts(preset)}</span>
        </span>
        <span class="tile-mark">
          <Icon name={isAdded ? 'check' : 'plus'} size={16} />
        </span>
      </button>
    </li>
  );
}
