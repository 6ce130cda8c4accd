import type { RefObject, VNode } from 'preact';
import { useCallback, useEffect, useImperativeHandle, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Preset } from '../../../main/contract/profiles/presets.ts';
import type { Profile } from '../../../main/contract/profiles/profile.ts';
import { Button } from '../../parts/button.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Status } from '../../parts/layout.tsx';
import { useLanguage, useWords } from '../../state/language.tsx';
import { memo, useStable } from '../../state/memo.ts';
import { useTask } from '../../state/portkeeper.tsx';
import { draftOf, profileOf, type PresetGroup } from './preset-draft.ts';
import { Monogram, ProfileSwitch, requiredPorts } from './preset-look.tsx';
import { useAdding } from './use-preset-form.ts';
import { presetsWords } from './words.ts';

/** A preset's standing in the profiles: one made of it, or the name of one that claims its ports. */
export interface PresetStanding {
  readonly added: Profile | undefined;
  readonly rival: string | undefined;
}

/** Handle of the list for the view. */
export interface PresetListHandle {
  /** The keyboard goes to the first row. */
  readonly enter: () => void;
}

interface PresetListProperties {
  readonly groups: readonly PresetGroup[];
  readonly standings: ReadonlyMap<string, PresetStanding>;
  readonly selected: string | undefined;
  readonly onOpen: (preset: Preset) => void;
  /** To where one types. */
  readonly onLeave: () => void;
  readonly handle: RefObject<PresetListHandle | null>;
}

/** Rows that a page is, for the keys. */
const PAGE = 8;

/**
 * One row can be reached with Tab; arrows, Home, End and page keys lead to the others, letters back to the search.
 * Only rows in sight are drawn, and the one with the focus.
 */
export function PresetList(properties: PresetListProperties): VNode {
  const { groups, standings, selected, onOpen, onLeave, handle } = properties;
  const list = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState<string | undefined>(undefined);
  /** Where the keyboard goes as soon as it is drawn. */
  const wanted = useRef<string | undefined>(undefined);
  const shown = useMemo(() => groups.flatMap(({ presets }) => presets), [groups]);
  const found = shown.findIndex(({ id }) => id === focused);
  const at = Math.max(found, 0);
  const current = shown[at]?.id;
  useLayoutEffect(() => {
    if (wanted.current === undefined) return;
    const row = list.current?.querySelector<HTMLElement>(`[data-preset="${wanted.current}"]`);
    wanted.current = undefined;
    row?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: 'nearest' });
  });
  const moveTo = (to: number): void => {
    const id = shown[to]?.id;
    if (id === undefined) return;
    wanted.current = id;
    if (id === focused) list.current?.querySelector<HTMLElement>(`[data-preset="${id}"]`)?.focus();
    setFocused(id);
  };
  useImperativeHandle(handle, () => ({ enter: () => moveTo(0) }));
  const press = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const to = targetOf(event.key, at, shown.length - 1);
    if (to !== undefined) {
      event.preventDefault();
      if (to < 0) onLeave();
      else moveTo(to);
    } else if (/^[\p{L}\p{N}]$/u.test(event.key)) {
      // Typed letters arrive there, and are no shortcuts.
      event.stopPropagation();
      onLeave();
    }
  };
  const onFocus = useCallback((preset: Preset) => setFocused(preset.id), []);
  return (
    <div ref={list} class="preset-list" hidden={shown.length === 0} onKeyDown={press}>
      {groups.map((group) => (
        <Rows
          key={group.kind}
          group={group}
          standings={standings}
          selected={selected}
          current={current}
          onOpen={onOpen}
          onFocus={onFocus}
        />
      ))}
    </div>
  );
}

/** -1 is above the list. */
function targetOf(key: string, at: number, last: number): number | undefined {
  const targets: Readonly<Record<string, number>> = {
    ArrowDown: Math.min(at + 1, last),
    ArrowUp: at - 1,
    PageDown: Math.min(at + PAGE, last),
    PageUp: Math.max(at - PAGE, 0),
    Home: 0,
    End: last,
  };
  return targets[key];
}

type RowsProperties = Pick<PresetListProperties, 'standings' | 'selected' | 'onOpen'> & {
  readonly group: PresetGroup;
  /** The one of the list that the Tab key reaches. */
  readonly current: string | undefined;
  readonly onFocus: (preset: Preset) => void;
};

function Rows({ group, standings, selected, current, onOpen, onFocus }: RowsProperties): VNode {
  const { kind, presets } = group;
  const words = useWords(presetsWords);
  const list = useRef<HTMLUListElement>(null);
  const { first, last } = useRowsInSight(list, presets.length);
  const title = kind === 'found' ? words.list : kind === 'popular' ? words.popular : words.categories[kind];
  return (
    <div class="preset-group">
      {kind !== 'found' && <h2>{title}</h2>}
      <ul ref={list} aria-label={title} style={{ height: `calc(var(--preset-row) * ${presets.length})` }}>
        {presets.map((preset, at) =>
          (first <= at && at <= last) || preset.id === current ? (
            <PresetRow
              key={preset.id}
              preset={preset}
              at={at}
              count={presets.length}
              added={standings.get(preset.id)?.added}
              rival={standings.get(preset.id)?.rival}
              isKindShown={kind === 'found' || kind === 'popular'}
              isSelected={preset.id === selected}
              isCurrent={preset.id === current}
              onOpen={onOpen}
              onFocus={onFocus}
            />
          ) : null,
        )}
      </ul>
    </div>
  );
}

interface RowsInSight {
  readonly first: number;
  readonly last: number;
}

/** Rows beyond the edges of the window that are drawn, too: so many come into sight in a few frames of fast scrolling. */
const BEYOND = 12;

function useRowsInSight(list: RefObject<HTMLUListElement | null>, count: number): RowsInSight {
  const [sight, setSight] = useState<RowsInSight>({ first: 0, last: BEYOND });
  const look = useStable((): void => {
    const view = list.current?.closest('main');
    if (view === null || view === undefined || list.current === null) return;
    const box = list.current.getBoundingClientRect();
    // Nothing of a list without rows, or in a view that is hidden.
    if (box.height === 0) return;
    const height = box.height / count;
    const { top, bottom } = view.getBoundingClientRect();
    // In steps, that most movements draw nothing.
    const first = Math.floor((top - box.top) / height / 4) * 4 - BEYOND;
    const last = Math.ceil((bottom - box.top) / height / 4) * 4 + BEYOND;
    setSight((before) => (before.first === first && before.last === last ? before : { first, last }));
  });
  // Other groups may have come or gone above.
  useLayoutEffect(look);
  useEffect(() => {
    const view = list.current?.closest('main');
    if (view === null || view === undefined) return undefined;
    view.addEventListener('scroll', look, { passive: true });
    const sizes = new ResizeObserver(look);
    sizes.observe(view);
    return () => {
      view.removeEventListener('scroll', look);
      sizes.disconnect();
    };
  }, [list, look]);
  return sight;
}

interface PresetRowProperties {
  readonly preset: Preset;
  /** From 0, of `count`: most of a list is not drawn. */
  readonly at: number;
  readonly count: number;
  /** Made of it. */
  readonly added: Profile | undefined;
  /** Asks for one of its ports, too. */
  readonly rival: string | undefined;
  readonly isKindShown: boolean;
  readonly isSelected: boolean;
  readonly isCurrent: boolean;
  readonly onOpen: (preset: Preset) => void;
  readonly onFocus: (preset: Preset) => void;
}

const PresetRow = memo(function PresetRow(properties: PresetRowProperties): VNode {
  const { preset, at, count, added, rival, isKindShown, isSelected, isCurrent, onOpen, onFocus } = properties;
  const words = useWords(presetsWords);
  const tabIndex = isCurrent ? 0 : -1;
  return (
    <li
      class="preset-row"
      data-selected={isSelected}
      style={{ top: `calc(var(--preset-row) * ${at})` }}
      aria-posinset={at + 1}
      aria-setsize={count}
      onFocusIn={() => onFocus(preset)}
    >
      <button
        type="button"
        class="preset-open"
        data-preset={preset.id}
        tabIndex={tabIndex}
        aria-current={isSelected ? 'true' : undefined}
        onClick={() => onOpen(preset)}
      >
        <Monogram preset={preset} />
        <span class="preset-text">
          <span class="preset-name" title={preset.name}>
            {preset.name}
          </span>
          {rival !== undefined && added === undefined ? (
            <span class="preset-hint" data-tone="warn">
              <Icon name="warning" size={16} />
              <span>{words.claimedShort(rival)}</span>
            </span>
          ) : (
            <span class="preset-hint">
              {preset.note !== undefined && <Icon name="info" size={16} />}
              <span>
                {requiredPorts(preset)}
                {isKindShown && ` · ${words.kind[preset.category] ?? words.categories[preset.category]}`}
                {preset.note !== undefined && <span class="unseen"> {words.hasNote}</span>}
              </span>
            </span>
          )}
        </span>
      </button>
      <RowEnd preset={preset} added={added} tabIndex={tabIndex} />
    </li>
  );
});

type RowEndProperties = Pick<PresetRowProperties, 'preset' | 'added'> & { readonly tabIndex: 0 | -1 };

/** The button gives way to the new profile's switch; so does the focus. */
function RowEnd({ preset, added, tabIndex }: RowEndProperties): VNode {
  const language = useLanguage();
  const words = useWords(presetsWords);
  const add = useAdding();
  const adding = useTask();
  const end = useRef<HTMLDivElement>(null);
  const hadFocus = useRef(false);
  const isAdded = added !== undefined;
  useEffect(() => {
    if (hadFocus.current) end.current?.querySelector<HTMLElement>('[role=switch], button')?.focus();
    hadFocus.current = false;
  }, [isAdded]);
  const addNow = async (): Promise<void> => {
    const made = profileOf(draftOf(preset), language);
    if (!made.ok) return;
    hadFocus.current = true;
    await add(made.profile, preset);
  };
  return (
    <div class="preset-end" ref={end}>
      {added === undefined ? (
        <Button
          size="small"
          icon="plus"
          tabIndex={tabIndex}
          aria-label={words.addNamed(preset.name)}
          isBusy={adding.isBusy}
          onClick={() => adding.run(addNow)}
        >
          {words.add}
        </Button>
      ) : (
        <>
          <Status icon="check" tone="good">
            {words.added}
          </Status>
          <ProfileSwitch profile={added} tabIndex={tabIndex} />
        </>
      )}
    </div>
  );
}
