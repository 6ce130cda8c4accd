/** A profile's line: its name and ports, its state in a word, its switch and its menu. */
import type { VNode } from 'preact';
import { useCallback, useId, useRef, useState } from 'preact/hooks';
import type { ConditionView } from '../../../main/contract/commands.ts';
import type { Profile } from '../../../main/contract/profiles/profile.ts';
import { inSeconds } from '../../../main/contract/units.ts';
import { rangeText } from '../../../main/contract/words/formats.ts';
import { conditionText } from '../../../main/contract/words/opens-while.ts';
import { Button, Switch } from '../../parts/button.tsx';
import { Icon } from '../../parts/icon.tsx';
import { MenuButton, type MenuItem } from '../../parts/menu.tsx';
import { windowWords } from '../../shell/words.ts';
import { useLanguage, useWords } from '../../state/language.tsx';
import { memo } from '../../state/memo.ts';
import { useMoment, useTime } from '../../state/time.tsx';
import type { ForwardState } from '../../../main/contract/forward-state.ts';
import { StateWords } from './forward-row.tsx';
import { useAsk } from '../../state/portkeeper.tsx';
import { forwardsWords } from './words.ts';

export type ProfileAction = 'edit' | 'turn-on-for' | 'duplicate' | 'up' | 'down' | 'remove';

export interface ProfileHandlers {
  readonly onToggle: (id: Profile['id'], isOpen: boolean) => void;
  readonly onAct: (action: ProfileAction, profile: Profile) => void;
  /** On the handle. */
  readonly onGrab: (id: Profile['id'], event: PointerEvent) => void;
}

export interface ProfilePlace {
  readonly isOpen: boolean;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** Its place in the list can be changed. */
  readonly canMove: boolean;
}

interface ProfileHeadProperties extends ProfileHandlers, ProfilePlace {
  readonly profile: Profile;
  readonly state: ForwardState;
  readonly isHeld: boolean;
  readonly condition: ConditionView | undefined;
  /** Its open ports have leases that end, unless they are renewed. */
  readonly isRenewed: boolean;
  /** It has problems, though it may be open. */
  readonly isTroubled: boolean;
  /** Id of the list that its button opens. */
  readonly listId: string;
}

export const ProfileHead = memo((properties: ProfileHeadProperties): VNode => {
  const { profile, isHeld, condition, isTroubled, isOpen, canMove, listId, onToggle, onAct, onGrab } = properties;
  const { id, name } = profile;
  const words = useWords(forwardsWords);
  const { cancel } = useWords(windowWords);
  const turning = useSwitch(profile);
  const stateId = useId();
  const language = useLanguage();
  const why = useMoment((now) => (profile.on ? (conditionText(profile, condition, now, language) ?? '') : ''));
  const state = shownState(properties.state, turning.isPending, turning.isOn);
  return (
    <div class="profile-head">
      {canMove && (
        <button
          type="button"
          class="profile-drag"
          // The arrow keys with Alt do the same from the name.
          tabIndex={-1}
          aria-label={words.profile.drag(name)}
          title={words.profile.drag(name)}
          onPointerDown={(event) => onGrab(id, event)}
          onKeyDown={(event) => {
            if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
            event.preventDefault();
            event.stopPropagation();
            onAct(event.key === 'ArrowUp' ? 'up' : 'down', profile);
          }}
        >
          <Icon name="drag" size={16} />
        </button>
      )}
      <button
        type="button"
        class="profile-open"
        aria-expanded={isOpen}
        aria-controls={listId}
        aria-describedby={stateId}
        onClick={() => onToggle(id, !isOpen)}
      >
        <Icon name="chevron-right" size={16} />
        <span class="profile-text">
          <span class="profile-name" title={name}>
            <bdi>{name}</bdi>
          </span>
          {profile.forwards.length !== 1 && !(isOpen && profile.forwards.length > 0) && (
            <span class="profile-ports">
              <Ports profile={profile} />
            </span>
          )}
          {isOpen && profile.forwards.length > 1 && properties.isRenewed && state.is === 'open' && why === '' && (
            <span class="profile-kept">{words.forward.kept}</span>
          )}
          {why !== '' && <span class="profile-kept">{why}</span>}
          {isHeld && (
            <span class="profile-held">
              <Icon name="lock" size={16} />
              {words.profile.held}
            </span>
          )}
        </span>
      </button>
      <span class="profile-state" id={stateId}>
        {profile.forwards.length > 0 && <StateWords state={state} isTroubled={isTroubled} />}
        {turning.isLong && turning.isOn && state.wanted > 1 && (
          <span class="faint">{words.profile.progress(state.open, state.wanted)}</span>
        )}
        {turning.isLong && (
          <Button size="small" kind="quiet" onClick={() => turning.turn(!turning.isOn)}>
            {cancel}
          </Button>
        )}
      </span>
      <Switch
        isOn={turning.isOn}
        isPending={turning.isPending}
        label={words.profile.on(name)}
        onChange={turning.turn}
      />
      <MenuButton label={words.profile.menu(name)} items={useMenu(properties)} />
    </div>
  );
});

/** A change just asked for is shown before the engine reports it. */
function shownState(state: ForwardState, isPending: boolean, isOn: boolean): ForwardState {
  if (!isPending) return state;
  if (isOn && (state.is === 'off' || state.is === 'closing')) return { ...state, is: 'opening' };
  if (!isOn && state.is !== 'off' && state.is !== 'closing') return { ...state, is: 'closing' };
  return state;
}

const MOST_PORTS = 4;

function Ports({ profile }: { readonly profile: Profile }): VNode {
  const words = useWords(forwardsWords);
  const { forwards } = profile;
  if (forwards.length === 0) return <>{words.profile.noForwards}</>;
  const texts = forwards
    .slice(0, MOST_PORTS)
    .map(({ external, transports }) => `${rangeText(external)} ${words.transports(transports)}`);
  const rest = forwards.length - texts.length;
  return <>{[...texts, ...(rest > 0 ? [words.profile.more(rest)] : [])].join(' · ')}</>;
}

function useMenu({ profile, isFirst, isLast, canMove, onAct }: ProfileHeadProperties): readonly MenuItem[] {
  const words = useWords(forwardsWords).profile;
  const moves = [
    { label: words.moveUp, icon: 'arrow-up', isDisabled: isFirst, onChoose: () => onAct('up', profile) },
    { label: words.moveDown, icon: 'arrow-down', isDisabled: isLast, onChoose: () => onAct('down', profile) },
  ] as const;
  return [
    { label: words.edit, icon: 'edit', onChoose: () => onAct('edit', profile) },
    { label: words.turnOnFor, icon: 'clock', onChoose: () => onAct('turn-on-for', profile) },
    { label: words.duplicate, icon: 'duplicate', onChoose: () => onAct('duplicate', profile) },
    ...(canMove ? moves : []),
    { label: words.remove, icon: 'trash', isDangerous: true, isApart: true, onChoose: () => onAct('remove', profile) },
  ];
}

export function useSwitch({ id, on }: Pick<Profile, 'id' | 'on'>) {
  const ask = useAsk();
  const time = useTime();
  const [pending, setPending] = useState<{ readonly on: boolean; readonly isLong: boolean } | undefined>(undefined);
  const turns = useRef(0);
  const turn = useCallback(
    (wanted: boolean) => {
      turns.current += 1;
      const own = turns.current;
      setPending({ on: wanted, isLong: false });
      const stop = time.after(inSeconds(1), () => {
        if (own === turns.current) setPending({ on: wanted, isLong: true });
      });
      const wait = async (): Promise<void> => {
        await ask('profile.switch', { id, on: wanted });
        stop();
        if (own === turns.current) setPending(undefined);
      };
      void wait();
    },
    [ask, id, time],
  );
  return { isOn: pending?.on ?? on, isPending: pending !== undefined, isLong: pending?.isLong === true, turn };
}
