import type { VNode } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { searchPresets } from '../../../main/contract/preset-search.ts';
import type { Preset } from '../../../main/contract/presets.ts';
import type { Profile } from '../../../main/contract/profile.ts';
import { faultText } from '../../../main/contract/words/faults.ts';
import { welcomeWords } from './words.ts';
import { Icon } from '../../parts/icon.tsx';
import { SearchBox } from '../../parts/input/search-box.tsx';
import { Section } from '../../parts/section.tsx';
import { useAsk } from '../../state/ask.tsx';
import { useLanguage, useWords } from '../../state/language.tsx';
import { useSnapshot } from '../../state/snapshot.ts';
import { useTask } from '../../state/task.ts';
import { useToasts } from '../../state/toasts.tsx';
import { allPresets } from '../presets/all-presets.ts';
import { profilesOf } from '../presets/preset-claims.ts';
import { draftOf, profileOf } from '../presets/preset-draft.ts';
import { PresetIcon, requiredPorts } from '../presets/preset-look.tsx';
import { popularPresets } from './popular-presets.ts';

/** As many as fit beneath each other without a second look. */
const MOST_FOUND = 12;

/** A few that many want, and a search through all: each becomes a profile, switched off. */
export function FirstPresets(): VNode {
  const words = useWords(welcomeWords);
  const { profiles } = useSnapshot();
  const presets = allPresets();
  const [query, setQuery] = useState('');
  const shown = useMemo(
    () => (query.trim() === '' ? popularPresets(presets) : searchPresets(presets, query).slice(0, MOST_FOUND)),
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
      const restore = (): void => void ask('profile.restore', { id });
      if (removed.ok) show({ text: words.removed(made.name), action: { label: words.undo, act: restore } });
      return;
    }
    const draft = profileOf(draftOf(preset), language);
    if (!draft.ok) return;
    const added = await ask('profile.add', { profile: draft.profile }, { quiet: true });
    if (!added.ok) show({ text: faultText(added.fault, language), tone: 'bad' });
  };
  return (
    <li>
      <button type="button" class="tile" aria-pressed={isAdded} aria-busy={task.isBusy} onClick={() => task.run(turn)}>
        <PresetIcon category={preset.category} />
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
