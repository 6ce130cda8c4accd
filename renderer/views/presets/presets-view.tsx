import type { VNode } from 'preact';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Preset } from '../../../main/contract/presets.ts';
import type { Profile } from '../../../main/contract/profile.ts';
import { presetsWords } from './words.ts';
import { SearchBox } from '../../parts/input/search-box.tsx';
import { ViewHead } from '../../parts/section.tsx';
import { useWords } from '../../state/language.tsx';
import { useMedia } from '../../state/media.ts';
import { useSnapshot } from '../../state/snapshot.ts';
import { allPresets } from './all-presets.ts';
import { CategoryFilter } from './category-filter.tsx';
import { NothingFound } from './nothing-found.tsx';
import { claimedBy, claimsOn, profilesOf } from './preset-claims.ts';
import type { PresetDraft } from './preset-draft.ts';
import { draftOf } from './preset-draft.ts';
import type { CategoryChoice } from './preset-hits.ts';
import { hitsOf } from './preset-hits.ts';
import type { PresetStanding } from './preset-list.tsx';
import { PresetList } from './preset-list.tsx';
import { PresetPanel } from './preset-panel.tsx';
import './presets.css';

/** Where list and details stand side by side; see presets.css. */
const SIDE_BY_SIDE = '(width >= 1040px)';

export function PresetsView(): VNode {
  const words = useWords(presetsWords);
  const { profiles } = useSnapshot();
  const isWide = useMedia(SIDE_BY_SIDE);
  const presets = allPresets();
  const [query, setQuery] = useState('');
  const [category, setCategory] = useState<CategoryChoice>('all');
  const [chosen, setChosen] = useState<Preset | undefined>(undefined);
  const [drafts, setDrafts] = useState<ReadonlyMap<string, PresetDraft>>(new Map());
  const box = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const panel = useRef<HTMLElement>(null);

  const hits = useMemo(() => hitsOf(presets, query, category), [presets, query, category]);
  const standings = useMemo(() => standingsOf(presets, profiles), [presets, profiles]);
  // Beside the list there is room for details; the best hit is what is most likely meant.
  const shown = chosen ?? (isWide ? hits.shown[0] : undefined);

  // The keyboard is at once where one types, but no keyboard covers half of a small screen.
  useEffect(() => {
    if (matchMedia('(hover: hover)').matches) box.current?.querySelector('input')?.focus();
  }, []);

  const search = (text: string): void => {
    setQuery(text);
    setChosen(undefined);
    // The best hits are at the top.
    box.current?.closest('main')?.scrollTo(0, 0);
  };
  const open = useCallback((preset: Preset) => setChosen(preset), []);
  const openBest = (): void => {
    const [best] = hits.shown;
    if (best === undefined) return;
    setChosen(best);
    panel.current?.querySelector<HTMLElement>('.preset-panel-foot > .button:last-child')?.focus();
  };
  const keep = (draft: PresetDraft): void => setDrafts((before) => new Map(before).set(draft.preset.id, draft));
  const forget = ({ id }: Preset): void => setDrafts((before) => new Map([...before].filter(([each]) => each !== id)));

  return (
    <>
      <ViewHead title={words.title} />
      <p class="presets-intro muted">{words.intro(presets.length)}</p>
      <div class="presets-search" ref={box}>
        <SearchBox
          label={words.search}
          value={query}
          onInput={search}
          onArrowDown={() =>
            list.current?.querySelector<HTMLElement>('.preset-row:not([hidden]) > .preset-open')?.focus()
          }
          onEnter={openBest}
        />
      </div>
      <CategoryFilter
        value={category}
        counts={hits.counts}
        onChange={(next) => {
          setCategory(next);
          setChosen(undefined);
        }}
      />
      <p class="unseen" role="status">
        {words.found(hits.shown.length)}
      </p>
      <div class="presets-body">
        {hits.shown.length === 0 && (
          <NothingFound
            query={query}
            category={category}
            hits={hits}
            onSearch={search}
            onAll={() => setCategory('all')}
          />
        )}
        <PresetList
          all={presets}
          shown={hits.shown}
          standings={standings}
          selected={shown?.id}
          onOpen={open}
          onLeave={() => box.current?.querySelector('input')?.focus()}
          listRef={list}
        />
        {shown !== undefined && (
          <PresetPanel
            key={shown.id}
            draft={drafts.get(shown.id) ?? draftOf(shown)}
            profiles={profiles}
            isBeside={isWide}
            panelRef={panel}
            onDraft={keep}
            onAdded={forget}
            onClose={() => setChosen(undefined)}
          />
        )}
      </div>
    </>
  );
}

function standingsOf(presets: readonly Preset[], profiles: readonly Profile[]): ReadonlyMap<string, PresetStanding> {
  if (profiles.length === 0) return new Map();
  return new Map(
    presets.map((preset) => [
      preset.id,
      {
        added: profilesOf(preset, profiles)[0],
        rival: claimsOn(claimedBy(preset), profiles)[0]?.profile.name,
      },
    ]),
  );
}
