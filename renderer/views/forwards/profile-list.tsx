/** The list of profiles: opened out, moved, edited, duplicated and removed from here. */
import type { RefObject, VNode } from 'preact';
import { useCallback, useId, useRef, useState } from 'preact/hooks';
import type { Profile } from '../../../main/contract/profiles/profile.ts';
import { Button } from '../../parts/button.tsx';
import { useLanguage, useWords } from '../../state/language.tsx';
import { memo, useStable } from '../../state/memo.ts';
import { useAsk, useSnapshot, useToasts } from '../../state/portkeeper.tsx';
import { ForwardRow, isRenewed } from './forward-row.tsx';
import { ProfileHead, type ProfileAction, type ProfileHandlers, type ProfilePlace } from './profile-head.tsx';
import type { ProfileShown } from './profile-state.ts';
import { forwardsWords } from './words.ts';
import { inHours } from '../../../main/contract/units.ts';
import { durationInFull } from '../../../main/contract/words/formats.ts';
import { RadioGroup } from '../../parts/choice.tsx';
import { DialogOnDemand } from '../../parts/confirm.tsx';
import { windowWords } from '../../shell/words.ts';

interface EditHandlers {
  readonly onEdit: (profile: Profile) => void;
  /** @param at its place in the list */
  readonly onDuplicate: (profile: Profile, at: number) => void;
}

interface ProfileListProperties extends EditHandlers {
  readonly all: readonly ProfileShown[];
  /** Those to be seen. The others stay, hidden: the next key in the filter may bring them back. */
  readonly found: readonly ProfileShown[];
}

/** So few that their ports can be in sight at once. */
const FEW = 3;

export function ProfileList({ all, found, onEdit, onDuplicate }: ProfileListProperties): VNode {
  const { profiles } = useSnapshot();
  const list = useRef<HTMLUListElement>(null);
  const [toggled, setToggled] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [told, setTold] = useState('');
  const toggle = useCallback((id: string, isOpen: boolean) => {
    setToggled((before) => new Map([...before, [id, isOpen]]));
  }, []);
  const [turningOn, setTurningOn] = useState<Profile | undefined>(undefined);
  const { act, move } = useActions({ onEdit, onDuplicate, onTurnOnFor: setTurningOn }, profiles, setTold);
  const { moving, gap, grab } = useReorder(list, (id, to) => void move(id, to));
  const isFound = new Set(found);
  // While all can be seen, a place means the same here and there.
  const canMove = found.length === all.length && all.length > 1;
  return (
    <>
      <div class="profile-order">
        <ul
          ref={list}
          class="profile-list"
          data-moving={moving !== undefined}
          onKeyDown={(event) => moveInList(event, list.current, toggle, act, profiles)}
        >
          {all.map((each) => (
            <ProfileRow
              key={each.id}
              shown={each}
              isOpen={toggled.get(each.id) ?? isOpenByItself(each, isFound.has(each) ? found.length : all.length)}
              isFound={isFound.has(each)}
              isFirst={each === all[0]}
              isLast={each === all.at(-1)}
              canMove={canMove}
              onToggle={toggle}
              onAct={act}
              onGrab={grab}
            />
          ))}
        </ul>
        {gap !== undefined && <DropLine list={list.current} gap={gap} />}
      </div>
      {turningOn !== undefined && <TurnOnFor profile={turningOn} onClose={() => setTurningOn(undefined)} />}
      <p class="unseen" role="status">
        {told !== '' && told}
      </p>
    </>
  );
}

/** A profile that needs a look is opened out; so are all, when they are few. One port alone is in sight anyway. */
function isOpenByItself({ problems, profile, state }: ProfileShown, count: number): boolean {
  if (profile.forwards.length < 2) return false;
  return count <= FEW || (problems.length > 0 && state.is !== 'off');
}

interface ActionHandlers extends EditHandlers {
  readonly onTurnOnFor: (profile: Profile) => void;
}

function useActions(
  { onEdit, onDuplicate, onTurnOnFor }: ActionHandlers,
  profiles: readonly Profile[],
  tell: (text: string) => void,
) {
  const words = useWords(forwardsWords).profile;
  const ask = useAsk();
  const { show } = useToasts();
  const move = useStable(async (id: string, to: number) => {
    const profile = profiles.find((each) => each.id === id);
    if (profile === undefined || to < 0 || to >= profiles.length) return;
    const { ok } = await ask('profile.move', { id, to });
    if (ok) tell(words.moved(profile.name, to + 1, profiles.length));
  });
  const remove = async ({ id, name }: Profile, at: number): Promise<void> => {
    const neighbour = profiles[at + 1] ?? profiles[at - 1];
    const { ok } = await ask('profile.remove', { id });
    if (!ok) return;
    focusOn(neighbour?.id);
    const undo = async (): Promise<void> => {
      await ask('profile.restore', { id });
      focusOn(id);
    };
    show({ text: words.removed(name), undo });
  };
  const act = useStable((action: ProfileAction, profile: Profile) => {
    const at = profiles.findIndex(({ id }) => id === profile.id);
    if (action === 'edit') onEdit(profile);
    else if (action === 'duplicate') onDuplicate(profile, at + 1);
    else if (action === 'turn-on-for') onTurnOnFor(profile);
    else if (action === 'remove') void remove(profile, at);
    else void move(profile.id, action === 'up' ? at - 1 : at + 1);
  });
  return { act, move };
}

/** The focus must be somewhere when what had it is gone. */
function focusOn(id: string | undefined): void {
  const row = id === undefined ? null : document.querySelector(`[data-profile="${CSS.escape(id)}"] .profile-open`);
  const target = row ?? document.querySelector('[data-shortcut="new"]');
  if (target instanceof HTMLElement) target.focus();
}

/** Arrows go from profile to profile, and open one out; with Alt they move it. */
function moveInList(
  event: KeyboardEvent,
  list: HTMLElement | null,
  toggle: (id: string, isOpen: boolean) => void,
  act: ProfileHandlers['onAct'],
  profiles: readonly Profile[],
): void {
  const { target, key, altKey, ctrlKey, metaKey } = event;
  if (!(target instanceof HTMLElement) || !target.matches('.profile-open') || ctrlKey || metaKey) return;
  const id = target.closest('[data-profile]')?.getAttribute('data-profile') ?? '';
  const all = [...(list?.querySelectorAll<HTMLElement>('.profile:not([hidden]) .profile-open') ?? [])];
  const at = all.indexOf(target);
  if (altKey) {
    const profile = profiles.find((each) => each.id === id);
    if (profile === undefined || (key !== 'ArrowUp' && key !== 'ArrowDown')) return;
    act(key === 'ArrowUp' ? 'up' : 'down', profile);
  } else if (key === 'ArrowDown') all[at + 1]?.focus();
  else if (key === 'ArrowUp') all[at - 1]?.focus();
  else if (key === 'Home') all[0]?.focus();
  else if (key === 'End') all.at(-1)?.focus();
  else if (key === 'ArrowRight') toggle(id, true);
  else if (key === 'ArrowLeft') toggle(id, false);
  else return;
  event.preventDefault();
}

function DropLine({ list, gap }: { readonly list: HTMLElement | null; readonly gap: number }): VNode | null {
  if (list === null) return null;
  const rows = [...list.children];
  const row = rows[gap] ?? rows.at(-1);
  if (!(row instanceof HTMLElement)) return null;
  const top = gap < rows.length ? row.offsetTop : row.offsetTop + row.offsetHeight;
  return <div class="drop-line" style={{ top: `${top}px` }} />;
}

/** A profile, and its forwards when it is opened out. */
interface ProfileRowProperties extends ProfileHandlers, ProfilePlace {
  readonly shown: ProfileShown;
  /** `false`: the filter leaves it out. */
  readonly isFound: boolean;
}

const ProfileRow = memo(({ shown, isFound, ...rest }: ProfileRowProperties): VNode => {
  const { id, profile, state, forwards, problems, isHeld, condition } = shown;
  const { isOpen, onAct } = rest;
  const words = useWords(forwardsWords).profile;
  const listId = useId();
  const [only, ...others] = forwards;
  return (
    <li class="profile" data-profile={id} hidden={!isFound}>
      <ProfileHead
        {...rest}
        profile={profile}
        state={state}
        isHeld={isHeld}
        condition={condition}
        isRenewed={forwards.some(isRenewed)}
        isTroubled={problems.length > 0}
        listId={listId}
      />
      {only !== undefined && others.length === 0 && (
        <div class="forwards" data-only="true" id={listId}>
          <ForwardRow shown={only} name={profile.name} saysState={false} details={isOpen ? 'shown' : 'hidden'} />
        </div>
      )}
      {only === undefined && (
        <div class="forwards" data-only="true" id={listId}>
          <Button size="small" icon="plus" onClick={() => onAct('edit', profile)}>
            {words.addForwards}
          </Button>
        </div>
      )}
      {isOpen && others.length > 0 && (
        <ul class="forwards" id={listId} aria-label={words.forwards(profile.name)}>
          {forwards.map((forward) => (
            <li key={forward.id}>
              <ForwardRow
                shown={forward}
                name={profile.name}
                saysState={forward.state.is !== state.is}
                details="folded"
              />
            </li>
          ))}
        </ul>
      )}
    </li>
  );
});

interface Reordering {
  /** The one being moved. */
  readonly moving: string | undefined;
  /** Before which row it would go; the number of rows for the end. */
  readonly gap: number | undefined;
  readonly grab: (id: string, event: PointerEvent) => void;
}

/** How near to the edge of what scrolls the list is moved on, in CSS pixels, and by how much each time. */
const EDGE = 56;
const STEP = 12;

/**
 * @param list its children are the rows, each with its id in `data-profile`
 * @param drop gets the place without the moved row, as the command takes it
 */
function useReorder(list: RefObject<HTMLElement | null>, drop: (id: string, to: number) => void): Reordering {
  const [state, setState] = useState<{ readonly moving: string; readonly gap: number } | undefined>(undefined);
  const latest = useRef(drop);
  latest.current = drop;
  const grab = useCallback(
    (id: string, event: PointerEvent) => {
      const { currentTarget } = event;
      const rows = [...(list.current?.children ?? [])];
      const from = rows.findIndex((row) => row.getAttribute('data-profile') === id);
      if (event.button !== 0 || from < 0 || !(currentTarget instanceof HTMLElement)) return;
      event.preventDefault();
      currentTarget.focus();
      currentTarget.setPointerCapture(event.pointerId);
      let gap = from;
      const end = new AbortController();
      const finish = (): void => {
        end.abort();
        setState(undefined);
      };
      const { signal } = end;
      currentTarget.addEventListener(
        'pointermove',
        ({ clientY }) => {
          scrollAtEdge(currentTarget, clientY);
          gap = gapAt(rows, clientY);
          setState({ moving: id, gap });
        },
        { signal },
      );
      currentTarget.addEventListener(
        'pointerup',
        () => {
          finish();
          const to = gap > from ? gap - 1 : gap;
          if (to !== from) latest.current(id, to);
        },
        { signal },
      );
      currentTarget.addEventListener('pointercancel', finish, { signal });
      addEventListener(
        'keydown',
        (key) => {
          if (key.key !== 'Escape') return;
          key.preventDefault();
          finish();
        },
        { signal, capture: true },
      );
    },
    [list],
  );
  return { moving: state?.moving, gap: state?.gap, grab };
}

function gapAt(rows: readonly Element[], y: number): number {
  const below = rows.findIndex((row) => {
    const { top, height } = row.getBoundingClientRect();
    return y < top + height / 2;
  });
  return below < 0 ? rows.length : below;
}

function scrollAtEdge(within: Element, y: number): void {
  const scroller = within.closest('main');
  if (scroller === null) return;
  const { top, bottom } = scroller.getBoundingClientRect();
  if (y < top + EDGE) scroller.scrollBy(0, -STEP);
  if (y > bottom - EDGE) scroller.scrollBy(0, STEP);
}

const HOURS = [1, 2, 4, 8, 24, 72] as const;

interface TurnOnForProperties {
  readonly profile: Profile;
  readonly onClose: () => void;
}

/** Turns a profile on until some hours from now. */
function TurnOnFor({ profile: { id, name }, onClose }: TurnOnForProperties): VNode {
  const words = useWords(forwardsWords).profile;
  const { cancel } = useWords(windowWords);
  const language = useLanguage();
  const ask = useAsk();
  const [hours, setHours] = useState('4');
  const turnOn = (): void => {
    // The outcome is shown in its row.
    void ask('profile.switch', { id, on: true, for: Number(hours) * 3600 });
    onClose();
  };
  return (
    <DialogOnDemand
      size="small"
      title={words.turnOnForTitle(name)}
      onClose={onClose}
      onSubmit={turnOn}
      footer={
        <>
          <Button onClick={onClose}>{cancel}</Button>
          <Button kind="primary" type="submit">
            {words.turnOn}
          </Button>
        </>
      }
    >
      <RadioGroup
        look="list"
        label={words.turnOnForTitle(name)}
        value={hours}
        choices={HOURS.map((each) => ({ value: `${each}`, label: durationInFull(inHours(each), language) }))}
        onChange={setHours}
      />
    </DialogOnDemand>
  );
}
