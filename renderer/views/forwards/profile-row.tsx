/** A profile, and its forwards when it is opened out. */
import type { VNode } from 'preact';
import { useId } from 'preact/hooks';
import { forwardsWords } from './words.ts';
import { Button } from '../../parts/input/button.tsx';
import { useWords } from '../../state/language.tsx';
import { memo } from '../../state/memo.ts';
import { ForwardRow } from './forward-row.tsx';
import type { GatewayBrief } from './gateway-brief.ts';
import type { ProfileHandlers, ProfilePlace } from './profile-head.tsx';
import { ProfileHead } from './profile-head.tsx';
import type { ProfileShown } from './profile-state.ts';

interface ProfileRowProperties extends ProfileHandlers, ProfilePlace {
  readonly shown: ProfileShown;
  readonly gateways: readonly GatewayBrief[];
  /** `false`: the filter leaves it out. */
  readonly isFound: boolean;
}

export const ProfileRow = memo(({ shown, gateways, isFound, ...rest }: ProfileRowProperties): VNode => {
  const { id, profile, state, forwards, problems, isHeld } = shown;
  const { isOpen, onAct } = rest;
  const words = useWords(forwardsWords).profile;
  const listId = useId();
  return (
    <li class="profile" data-profile={id} hidden={!isFound}>
      <ProfileHead
        {...rest}
        profile={profile}
        state={state}
        isHeld={isHeld}
        isTroubled={problems.length > 0}
        listId={listId}
      />
      {isOpen && (
        <ul class="forwards" id={listId} aria-label={words.forwards(profile.name)}>
          {forwards.length === 0 && (
            <li class="forward forward-none">
              <span class="muted">{words.noForwards}</span>
              <Button size="small" icon="plus" onClick={() => onAct('edit', profile)}>
                {words.addForwards}
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
