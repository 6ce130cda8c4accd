/** Profiles with their switches, beneath the router that holds them. */
import type { VNode } from 'preact';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { asForwardId } from '../../../main/contract/model.ts';
import { placeOfForward } from '../../../main/contract/profiles/forward-names.ts';
import type { Profile } from '../../../main/contract/profiles/profile.ts';
import { portsText } from '../../../main/contract/words/formats.ts';
import { Button, CommandButton, LinkButton } from '../../parts/button.tsx';
import { SearchBox } from '../../parts/search-box.tsx';
import { Card, Row, Section, ViewHead } from '../../parts/layout.tsx';
import { Banner, EmptyState } from '../../parts/notice.tsx';
import { windowWords } from '../../shell/words.ts';
import { useWords } from '../../state/language.tsx';
import { useShared } from '../../state/memo.ts';
import { onDemand, shownOnDemand, usePart } from '../../state/on-demand.tsx';
import { useSnapshot } from '../../state/portkeeper.tsx';
import { forgetParameters, hrefOf, useRoute } from '../../state/route.ts';
import type { ProfileEditorProperties } from './editor/profile-editor.tsx';
import { matches } from './filter-profiles.ts';
import { StateWords } from './forward-row.tsx';
import './forwards.css';
import { GatewayPanel } from './gateway-panel.tsx';
import { ProfileList } from './profile-list.tsx';
import { holdsShown, profilesShown, type HoldShown, type ProfileShown } from './profile-state.ts';
import { forwardsWords } from './words.ts';

/** Length of a profile's name, in characters: an address may say anything. */
const LONGEST_NAME = 80;
/** More than fit into a glance. */
const MANY_PROFILES = 8;

type Editing = Omit<ProfileEditorProperties, 'onClose'>;

const FirstSuccess = shownOnDemand(async () => (await import('./first-success.tsx')).FirstSuccess);
const ProfileEditor = shownOnDemand(async () => (await import('./editor/profile-editor.tsx')).ProfileEditor);

export function ForwardsView(): VNode {
  const words = useWords(forwardsWords);
  const { views } = useWords(windowWords);
  const snapshot = useSnapshot();
  const shown = useProfilesShown();
  const [query, setQuery] = useState('');
  const [editing, setEditing] = useEditing(snapshot.profiles);
  useSought();
  const edit = useCallback((profile: Profile) => setEditing({ profile }), [setEditing]);
  const duplicate = useCallback(
    (profile: Profile, at: number) => setEditing({ profile: undefined, copyOf: { profile, at } }),
    [setEditing],
  );
  const list = useRef<HTMLDivElement>(null);
  const isEmpty = shown.length === 0;
  const found = query.trim() === '' ? shown : shown.filter(({ profile }) => matches(profile, query));
  return (
    <>
      <ViewHead
        title={views.forwards}
        actions={
          !isEmpty && (
            <>
              <PauseButton />
              <LinkButton href={hrefOf('presets')} size="normal" icon="presets" title={words.fromPreset}>
                {words.fromPreset}
              </LinkButton>
              <Button
                kind="primary"
                icon="plus"
                title={words.newProfile}
                data-shortcut="new"
                onClick={() => setEditing({ profile: undefined })}
              >
                {words.newProfile}
              </Button>
            </>
          )
        }
      />
      <GatewayPanel />
      <FirstSuccess shown={shown} />
      {snapshot.settings.paused && (
        <div class="paused">
          <Banner tone="warn" icon="pause">
            {words.paused}
          </Banner>
        </div>
      )}
      {isEmpty ? (
        <EmptyState icon="forwards" title={words.empty.title} text={words.empty.text}>
          <LinkButton href={hrefOf('presets')} kind="primary" size="normal" icon="presets">
            {words.empty.presets}
          </LinkButton>
          <Button data-shortcut="new" onClick={() => setEditing({ profile: undefined })}>
            {words.newProfile}
          </Button>
        </EmptyState>
      ) : (
        <section class="profiles" data-dense={shown.length > MANY_PROFILES} aria-label={words.profiles} ref={list}>
          {(shown.length > MANY_PROFILES || query !== '') && (
            <SearchBox
              label={words.filter}
              value={query}
              onInput={setQuery}
              onArrowDown={() =>
                list.current?.querySelector<HTMLElement>('.profile:not([hidden]) .profile-open')?.focus()
              }
            />
          )}
          {found.length === 0 && (
            <p class="profiles-none muted" role="status">
              {words.noMatch(query)}
            </p>
          )}
          <ProfileList all={shown} found={found} onEdit={edit} onDuplicate={duplicate} />
        </section>
      )}
      <HeldPorts />
      {editing !== undefined && <ProfileEditor {...editing} onClose={() => setEditing(undefined)} />}
    </>
  );
}

/** On demand: it takes a library for addresses. */
const sharing = onDemand(async () => (await import('../../../main/contract/profiles/sharing.ts')).sharingOf);

/** Profiles of which nothing has changed stay the same objects. */
function useProfilesShown(): readonly ProfileShown[] {
  const { profiles, held, conditions, settings, engine, address, probes } = useSnapshot();
  const share = usePart(sharing);
  const shown = useMemo(
    () => profilesShown({ profiles, held, conditions, settings, engine, address, probes }, share),
    [profiles, held, conditions, settings, engine, address, probes, share],
  );
  return useShared(shown);
}

/**
 * Begun here, or by an address such as `#/forwards?edit=minecraft/1&field=external` or `#/forwards?new=My%20server`.
 */
function useEditing(
  profiles: readonly Profile[],
): readonly [Editing | undefined, (editing: Editing | undefined) => void] {
  const [editing, setEditing] = useState<Editing | undefined>(undefined);
  const { edit, field, new: name } = useRoute().parameters;
  useEffect(() => {
    if (name !== undefined) setEditing({ profile: undefined, name: name.slice(0, LONGEST_NAME) });
    const place = edit === undefined ? undefined : placeOfForward(asForwardId(edit));
    const profile = profiles.find(({ id }) => id === place?.profile);
    if (profile !== undefined && place !== undefined) {
      setEditing({ profile, focusOn: { forward: place.at, field } });
    }
    if (edit !== undefined || name !== undefined) forgetParameters();
  }, [edit, field, name, profiles]);
  return [editing, setEditing];
}

/** The profile that an address such as `#/forwards?profile=minecraft` means is in sight, and has the focus. */
function useSought(): void {
  const { profile } = useRoute().parameters;
  useEffect(() => {
    if (profile === undefined) return;
    const row = document.querySelector<HTMLElement>(`[data-profile="${CSS.escape(profile)}"] .profile-open`);
    row?.scrollIntoView({ block: 'center' });
    row?.focus({ preventScroll: true });
    forgetParameters();
  }, [profile]);
}

/** Stays where it is, so that the focus does. */
function PauseButton(): VNode {
  const words = useWords(forwardsWords);
  const { paused } = useSnapshot().settings;
  const label = paused ? words.resumeAll : words.pauseAll;
  return (
    <CommandButton
      icon={paused ? 'play' : 'pause'}
      title={label}
      command="settings.change"
      input={{ settings: { paused: !paused } }}
    >
      {label}
    </CommandButton>
  );
}

/** More are counted. */
const MOST_PORTS = 6;

function HeldPorts(): VNode | null {
  const words = useWords(forwardsWords).terminal;
  const shown = holdsShown(useSnapshot());
  if (shown.length === 0) return null;
  return (
    <Section title={words.title} hint={words.hint}>
      <Card kind="rows">
        {shown.map((each) => (
          <HeldRow key={each.hold.name} {...each} />
        ))}
      </Card>
    </Section>
  );
}

function HeldRow({ hold, forwards, state }: HoldShown): VNode {
  const words = useWords(forwardsWords);
  const ports = forwards.slice(0, MOST_PORTS).map(portsText);
  if (forwards.length > MOST_PORTS) ports.push(words.profile.more(forwards.length - MOST_PORTS));
  const source = hold.from === 'file' ? words.terminal.file : words.terminal.terminal;
  const label = hold.label === '' ? source : hold.label;
  return (
    <Row label={label} hint={[ports.join(', '), ...(label === source ? [] : [source])].filter(Boolean).join(' · ')}>
      <StateWords state={state} />
      <CommandButton
        size="small"
        aria-label={words.terminal.closeOf(label)}
        command="forwards.release"
        input={{ hold: hold.name }}
      >
        {words.terminal.close}
      </CommandButton>
    </Row>
  );
}
