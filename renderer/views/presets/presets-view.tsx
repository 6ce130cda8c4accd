import type { Ref, VNode } from 'preact';
import { useCallback, useEffect, useId, useMemo, useRef, useState } from 'preact/hooks';
import type { Preset } from '../../../main/contract/profiles/presets.ts';
import type { Profile } from '../../../main/contract/profiles/profile.ts';
import { Button, LinkButton } from '../../parts/button.tsx';
import { RadioGroup, choicesOf } from '../../parts/choice.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { SearchBox } from '../../parts/search-box.tsx';
import { ViewHead } from '../../parts/layout.tsx';
import { EmptyState } from '../../parts/notice.tsx';
import { windowWords } from '../../shell/words.ts';
import { useMedia } from '../../state/browser.ts';
import { useWords } from '../../state/language.tsx';
import { useSnapshot } from '../../state/portkeeper.tsx';
import { hrefOf } from '../../state/route.ts';
import { PresetDetails } from './preset-details.tsx';
import {
  claimedBy,
  claimsOn,
  draftOf,
  groupsOf,
  hitsOf,
  profilesOf,
  type CategoryChoice,
  type Hits,
  type PresetDraft,
} from './preset-draft.ts';
import { PresetList, type PresetListHandle, type PresetStanding } from './preset-list.tsx';
import { usePresets } from '../../state/presets.ts';
import { Monogram } from './preset-look.tsx';
import { usePresetForm } from './use-preset-form.ts';
import { presetsWords } from './words.ts';

/** Where list and details stand side by side; see presets.css. */
const SIDE_BY_SIDE = '(width >= 1040px)';

export function PresetsView(): VNode {
  const words = useWords(presetsWords);
  const { views } = useWords(windowWords);
  const { profiles } = useSnapshot();
  const isWide = useMedia(SIDE_BY_SIDE);
  const presets = usePresets();
  const [query, setQuery] = useState('');
  const [category, setCategory] = useState<CategoryChoice>('all');
  const [chosen, setChosen] = useState<Preset | undefined>(undefined);
  const [drafts, setDrafts] = useState<ReadonlyMap<string, PresetDraft>>(new Map());
  const box = useRef<HTMLDivElement>(null);
  const list = useRef<PresetListHandle>(null);
  const panel = useRef<HTMLElement>(null);

  const hits = useMemo(() => hitsOf(presets, query, category), [presets, query, category]);
  const standings = useMemo(() => standingsOf(presets, profiles), [presets, profiles]);
  const groups = useMemo(() => groupsOf(hits.shown, query), [hits, query]);
  // Beside the list there is room for details; the best hit is most likely meant.
  const shown = chosen ?? (isWide ? groups[0]?.presets[0] : undefined);

  // The keyboard is at once where one types, but no keyboard covers half of a small screen.
  useEffect(() => {
    if (matchMedia('(hover: hover)').matches) box.current?.querySelector('input')?.focus();
  }, []);
  // The browser's own search would see only the drawn part of the list.
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'f' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey)
        return;
      if (document.querySelector('dialog[open]') !== null) return;
      event.preventDefault();
      box.current?.querySelector('input')?.select();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
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
      <ViewHead title={views.presets} />
      <p class="presets-intro muted">{words.intro(presets.length)}</p>
      <div class="presets-search" ref={box}>
        <SearchBox
          label={words.search}
          value={query}
          onInput={search}
          onArrowDown={() => list.current?.enter()}
          onEnter={openBest}
        />
      </div>
      <RadioGroup
        look="pills"
        label={words.category}
        value={category}
        choices={choicesOf(words.categories).map((each) => ({ ...each, count: hits.counts[each.value] }))}
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
          groups={groups}
          standings={standings}
          selected={shown?.id}
          onOpen={open}
          onLeave={() => box.current?.querySelector('input')?.focus()}
          handle={list}
        />
        {shown !== undefined && (
          <PresetPanel
            key={shown.id}
            draft={drafts.get(shown.id) ?? draftOf(shown)}
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
    presets.map((preset) => {
      const [added] = profilesOf(preset, profiles);
      return [preset.id, { added, rival: claimsOn(claimedBy(preset), profiles)[0]?.profile.name }];
    }),
  );
}

interface NothingFoundProperties {
  readonly query: string;
  readonly category: CategoryChoice;
  readonly hits: Hits;
  readonly onSearch: (query: string) => void;
  readonly onAll: () => void;
}

/** No way ends here: other kinds, names that are spelt alike, a profile of one's own. */
function NothingFound({ query, category, hits, onSearch, onAll }: NothingFoundProperties): VNode {
  const words = useWords(presetsWords);
  const elsewhere = hits.counts.all;
  const said = query.trim();
  if (elsewhere > 0) {
    return (
      <EmptyState icon="search" title={words.nothingOfKind(said, words.categories[category])}>
        <Button onClick={onAll}>{words.everywhere(elsewhere)}</Button>
      </EmptyState>
    );
  }
  return (
    <EmptyState icon="search" title={words.nothing(said)}>
      {hits.near.length > 0 && (
        <div class="preset-near">
          <span class="muted">{words.near}</span>
          {hits.near.map((preset) => (
            <Button key={preset.id} size="small" onClick={() => onSearch(preset.name)}>
              {preset.name}
            </Button>
          ))}
        </div>
      )}
      <p class="preset-own muted">{words.ownProfileHint}</p>
      <LinkButton href={hrefOf('forwards', { new: said })} icon="plus" size="normal">
        {words.ownProfile}
      </LinkButton>
    </EmptyState>
  );
}

interface PresetPanelProperties {
  readonly draft: PresetDraft;
  /** Beside the list; otherwise above it, until it is closed. */
  readonly isBeside: boolean;
  readonly panelRef: Ref<HTMLElement>;
  readonly onDraft: (draft: PresetDraft) => void;
  readonly onAdded: (preset: Preset) => void;
  readonly onClose: () => void;
}

/** One preset, whole. */
function PresetPanel(properties: PresetPanelProperties): VNode {
  const { draft, isBeside, panelRef, onDraft, onAdded, onClose } = properties;
  const { preset } = draft;
  const { profiles } = useSnapshot();
  const words = useWords(presetsWords);
  const id = useId();
  const inside = useRef<HTMLDivElement>(null);
  const [isAgain, setIsAgain] = useState(false);
  const form = usePresetForm({
    draft,
    onDraft,
    onAdded: (added) => {
      onAdded(added);
      setIsAgain(false);
      if (!isBeside) onClose();
    },
  });
  const { refusals } = form;
  useEffect(() => {
    if (refusals === 0) return;
    const field = inside.current?.querySelector<HTMLElement>('[aria-invalid=true]');
    field?.focus();
    // A fault of the whole may be out of sight.
    if (field === null) inside.current?.querySelector('.preset-claims')?.scrollIntoView({ block: 'nearest' });
  }, [refusals]);
  const added = profilesOf(preset, profiles);
  const isEditable = added.length === 0 || isAgain;
  const details = (
    <div ref={inside}>
      <PresetDetails form={form} added={added} isEditable={isEditable} />
    </div>
  );
  // The one that opens at once comes last.
  const actions = isEditable ? (
    <>
      <Button isBusy={form.busy === 'off'} onClick={() => form.add(false)}>
        {words.add}
      </Button>
      <Button
        kind="primary"
        icon="plus"
        autofocus={!isBeside}
        isBusy={form.busy === 'on'}
        onClick={() => form.add(true)}
      >
        {words.addAndOpen}
      </Button>
    </>
  ) : (
    <Button onClick={() => setIsAgain(true)}>{words.addAgain}</Button>
  );
  if (!isBeside) {
    return (
      <Dialog title={preset.name} onClose={onClose} footer={actions}>
        {details}
      </Dialog>
    );
  }
  return (
    <section class="preset-panel card" ref={panelRef} aria-labelledby={id}>
      <header class="preset-panel-head">
        <Monogram preset={preset} />
        <div>
          <h2 id={id}>{preset.name}</h2>
          <p class="muted">{words.kind[preset.category] ?? words.categories[preset.category]}</p>
        </div>
      </header>
      {details}
      <footer class="preset-panel-foot">{actions}</footer>
    </section>
  );
}
