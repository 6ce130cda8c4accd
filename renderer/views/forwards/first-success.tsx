/** The first port that was ever opened: that it worked, whether a program answers there, and what to do next. */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { firstShared } from '../../../main/contract/profiles/sharing.ts';
import { Button } from '../../parts/button.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Status } from '../../parts/layout.tsx';
import { useWords } from '../../state/language.tsx';
import { useAsk, useReading, useSnapshot } from '../../state/portkeeper.tsx';
import { useMoment } from '../../state/time.tsx';
import type { ForwardShown, ProfileShown } from './profile-state.ts';
import { forwardsWords } from './words.ts';

/** Until it was read, once and for all. With a simulated router nothing is open. */
export function FirstSuccess({ shown }: { readonly shown: readonly ProfileShown[] }): VNode | null {
  const words = useWords(forwardsWords).first;
  const { settings, demo } = useSnapshot();
  const ask = useAsk();
  // Also kept here: if it can't be stored, nobody should read it twice.
  const [isRead, setIsRead] = useState(false);
  if (settings.firstOpenSeen || isRead || demo) return null;
  const open = shown.flatMap(({ profile, forwards }) =>
    forwards.filter(({ share }) => firstShared(share) !== undefined).map((forward) => ({ profile, forward })),
  )[0];
  if (open === undefined) return null;
  const read = (): void => {
    setIsRead(true);
    void ask('settings.change', { settings: { firstOpenSeen: true } });
    // The focus must be somewhere when what had it is gone.
    document.querySelector<HTMLElement>(`[data-profile="${CSS.escape(open.profile.id)}"] .profile-open`)?.focus();
  };
  return (
    <section class="first" aria-label={words.title(open.profile.name)}>
      <span class="first-sign">
        <Icon name="check" size={24} />
      </span>
      <div class="first-text">
        <h2>{words.title(open.profile.name)}</h2>
        <p>{words.text}</p>
        <Program forward={open.forward} />
      </div>
      <Button onClick={read}>{words.read}</Button>
    </section>
  );
}

/** Seconds between two looks. */
const EVERY = 3;

function Program({ forward: { forward } }: { readonly forward: ForwardShown }): VNode {
  const words = useWords(forwardsWords).first;
  const { client } = forward.internal;
  return (
    <p class="first-program" role="status">
      {/* Other devices cannot be looked into. */}
      {client === undefined ? <ProgramHere forward={forward} /> : words.startThere(client)}
    </p>
  );
}

function ProgramHere({ forward }: Pick<ForwardShown, 'forward'>): VNode | null {
  const words = useWords(forwardsWords).first;
  const { first } = forward.internal;
  const round = useMoment((now) => Math.floor(now / 1000 / EVERY));
  const { value } = useReading('app.listens', { transports: forward.transports, internal: first }, `${first} ${round}`);
  if (value === undefined) return null;
  if (value.listens === null) return <>{words.startHere}</>;
  return value.listens ? (
    <Status icon="open" tone="good">
      {words.listens(first)}
    </Status>
  ) : (
    <Status icon="waiting" tone="warn">
      {words.listensNot(first)}
    </Status>
  );
}
