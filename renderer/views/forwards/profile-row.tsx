/** A profile: its switch, its state in a word, and its forwards when it is opened out. */
import type { VNode } from 'preact';
import { useId } from 'preact/hooks';
import type { Profile } from '../../../main/contract/profile.ts';
import { rangeText } from '../../../main/contract/words/formats.ts';
import { forwardsWords } from '../../../main/contract/words/forwards.ts';
import { Button } from '../../parts/button.tsx';
import { Chip } from '../../parts/chip.tsx';
import { Icon } from '../../parts/icon.tsx';
import type { MenuItem } from '../../parts/menu.tsx';
import { MenuButton } from '../../parts/menu.tsx';
import { Switch } from '../../parts/switch.tsx';
import { useWords } from '../../state/language.tsx';
import { memo } from '../../state/memo.ts';
import { ForwardRow } from './forward-row.tsx';
import type { GatewayBrief } from './gateway-brief.ts';
import type { ProfileShown, State } from './profile-state.ts';
import { StateWords } from './state-words.tsx';
import { useSwitch } from './use-switch.ts';

export type ProfileAction = 'edit' | 'duplicate' | 'up' | 'down' | 'remove';

export interface ProfileRowProperties {
  readonly shown: ProfileShown;
  readonly gateways: readonly GatewayBrief[];
  readonly isOpen: boolean;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** Its place in the list can be changed. */
  readonly canMove: boolean;
  readonly onToggle: (id: Profile['id'], isOpen: boolean) => void;
  readonly onAct: (action: ProfileAction, profile: Profile) => void;
  /** On the handle. */
  readonly onGrab: (id: Profile['id'], event: PointerEvent) => void;
}

export const ProfileRow = memo((properties: ProfileRowProperties): VNode => {
  const { shown, gateways, isOpen, canMove, onToggle, onAct, onGrab } = properties;
  const { id, profile, forwards, problems, isHeld } = shown;
  const words = useWords(forwardsWords);
  const turning = useSwitch(profile);
  const labels = useId();
  const state = shownState(shown.state, turning.isPending, turning.isOn);
  return (
    <li class="profile" data-state={state.is} data-profile={id} data-open={isOpen}>
      <div class="profile-head">
        {canMove && (
          <button
            type="button"
            class="profile-drag"
            aria-label={words.profile.drag(profile.name)}
            title={words.profile.drag(profile.name)}
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
          aria-controls={`${labels}-forwards`}
          aria-describedby={`${labels}-state`}
          onClick={() => onToggle(id, !isOpen)}
        >
          <Icon name="chevron-right" size={16} />
          <span class="profile-text">
            <span class="profile-name" title={profile.name}>
              {profile.name}
            </span>
            <span class="profile-ports">
              <Ports profile={profile} />
            </span>
          </span>
        </button>
        <span class="profile-state" id={`${labels}-state`}>
          {isHeld && (
            <Chip icon="lock" title={words.profile.held}>
              {words.profile.held}
            </Chip>
          )}
          {forwards.length > 0 && <StateWords state={state} isTroubled={problems.length > 0} />}
          {turning.isLong && turning.isOn && state.wanted > 1 && (
            <span class="faint">{words.profile.progress(state.open, state.wanted)}</span>
          )}
          {turning.isLong && (
            <Button size="small" kind="quiet" onClick={() => turning.turn(!turning.isOn)}>
              {words.profile.cancelOpening}
            </Button>
          )}
        </span>
        <Switch
          isOn={turning.isOn}
          isPending={turning.isPending}
          label={words.profile.on(profile.name)}
          onChange={turning.turn}
        />
        <MenuButton label={words.profile.menu(profile.name)} items={useMenu(properties)} />
      </div>
      {isOpen && (
        <ul class="forwards" id={`${labels}-forwards`} aria-label={words.profile.forwards(profile.name)}>
          {forwards.length === 0 && (
            <li class="forward forward-none">
              <span class="muted">{words.profile.noForwards}</span>
              <Button size="small" icon="plus" onClick={() => onAct('edit', profile)}>
                {words.profile.addForwards}
              </Button>
            </li>
          )}
          {forwards.map((forward) => (
            <ForwardRow key={forward.id} shown={forward} gateways={gateways} />
          ))}
        </ul>
      )}
    </li>
  );
});

/** What was just asked for is shown before the engine has told of it. */
function shownState(state: State, isPending: boolean, isOn: boolean): State {
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

function useMenu({ shown, isFirst, isLast, canMove, onAct }: ProfileRowProperties): readonly MenuItem[] {
  const words = useWords(forwardsWords).profile;
  const { profile } = shown;
  return [
    { label: words.edit, icon: 'edit', onChoose: () => onAct('edit', profile) },
    { label: words.duplicate, icon: 'duplicate', onChoose: () => onAct('duplicate', profile) },
    { label: words.moveUp, icon: 'arrow-up', isDisabled: !canMove || isFirst, onChoose: () => onAct('up', profile) },
    {
      label: words.moveDown,
      icon: 'arrow-down',
      isDisabled: !canMove || isLast,
      onChoose: () => onAct('down', profile),
    },
    { label: words.remove, icon: 'trash', isDangerous: true, isApart: true, onChoose: () => onAct('remove', profile) },
  ];
}
