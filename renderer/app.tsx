/** The window: what surrounds the views, and the table of them. */
import { Component, type ComponentChildren, type ComponentType, type VNode } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { AppSnapshot } from '../main/contract/commands.ts';
import type { WindowClient } from './client/window-client.ts';
import { Button } from './parts/button.tsx';
import { ConfirmProvider, useQuestions } from './parts/confirm.tsx';
import { Spinner } from './parts/icon.tsx';
import { ViewHead } from './parts/layout.tsx';
import { EmptyState, ToastList } from './parts/notice.tsx';
import { Banners } from './shell/banners.tsx';
import { BrandMark, Navigation } from './shell/navigation.tsx';
import { Shortcuts } from './shell/shortcuts.tsx';
import { windowWords } from './shell/words.ts';
import { LanguageProvider, chosenLanguage, useTexts, useWords } from './state/language.tsx';
import { loadAhead, shownOnDemand } from './state/on-demand.tsx';
import { PortkeeperProvider, useSnapshot, useWatched, type Watched } from './state/portkeeper.tsx';
import { useRoute, type ViewName } from './state/route.ts';
import { TimeProvider, type WindowTime } from './state/time.tsx';
import { ForwardsView } from './views/forwards/forwards-view.tsx';

const COMPONENTS: Readonly<Record<ViewName, ComponentType>> = {
  forwards: ForwardsView,
  presets: shownOnDemand(async () => (await import('./views/presets/presets-view.tsx')).PresetsView),
  router: shownOnDemand(async () => (await import('./views/router/router-view.tsx')).RouterView),
  activity: shownOnDemand(async () => (await import('./views/activity/activity-view.tsx')).ActivityView),
  check: shownOnDemand(async () => (await import('./views/check/check-view.tsx')).CheckView),
  settings: shownOnDemand(async () => (await import('./views/settings/settings-view.tsx')).SettingsView),
};

const WelcomeView = shownOnDemand(async () => (await import('./views/welcome/welcome-view.tsx')).WelcomeView);

interface AppProperties {
  readonly client: WindowClient;
  readonly time: WindowTime;
  /** The person's languages, best first. */
  readonly languages: readonly string[];
}

export function App({ client, time, languages }: AppProperties): VNode {
  const watched = useWatched(client);
  const settings = watched.snapshot?.settings;
  const wanted = chosenLanguage(settings?.language ?? 'system', languages);
  const language = useTexts(wanted);
  const theme = settings?.theme ?? 'system';
  useLayoutEffect(() => {
    document.documentElement.lang = language ?? wanted;
    document.documentElement.dataset['theme'] = theme;
  }, [language, wanted, theme]);
  // The first view is not shown in one language to be replaced by another.
  const isReady = useRef(false);
  isReady.current ||= settings !== undefined && language === wanted;
  if (language === undefined) return <Sign />;
  return (
    <TimeProvider time={time}>
      <LanguageProvider value={language}>
        <ConfirmProvider>
          <Content client={client} {...watched} {...(isReady.current ? {} : { snapshot: undefined })} />
        </ConfirmProvider>
      </LanguageProvider>
    </TimeProvider>
  );
}

function Content({ client, snapshot, connection }: Pick<AppProperties, 'client'> & Watched): VNode {
  const asking = useQuestions(client);
  return (
    <PortkeeperProvider client={asking} snapshot={snapshot}>
      {snapshot === undefined ? (
        <Splash connection={connection} />
      ) : (
        <Shell snapshot={snapshot} connection={connection} />
      )}
    </PortkeeperProvider>
  );
}

/** Before there are words. */
function Sign({ children }: { readonly children?: ComponentChildren }): VNode {
  return (
    <main class="splash">
      <BrandMark size={48} />
      {children}
    </main>
  );
}

function Splash({ connection }: Pick<Watched, 'connection'>): VNode {
  const words = useWords(windowWords);
  return (
    <Sign>
      <h1 class="unseen">Portkeeper</h1>
      {connection === 'connecting' || connection === 'connected' ? (
        <Spinner label={words.loading} />
      ) : (
        <p role="alert">{connection === 'refused' ? words.notAdmitted : words.notConnected}</p>
      )}
    </Sign>
  );
}

/** Milliseconds that the first view is given for itself. */
const AHEAD = 300;

function Shell({ snapshot, connection }: { readonly snapshot: AppSnapshot } & Pick<Watched, 'connection'>): VNode {
  const { welcomed } = snapshot.settings;
  // Also kept here: if it can't be stored, nobody should be stuck there.
  const [isPast, setIsPast] = useState(false);
  useEffect(() => {
    if (welcomed) setIsPast(false);
  }, [welcomed]);
  // Once the first view is painted.
  useEffect(() => {
    const ahead = setTimeout(() => void loadAhead(), AHEAD);
    return () => clearTimeout(ahead);
  }, []);
  const isWelcome = !welcomed && !isPast;
  const wasWelcome = useRef(isWelcome);
  useEffect(() => {
    // The button that led here is gone; what comes next is to switch something on.
    if (wasWelcome.current && !isWelcome) focusFirst();
    wasWelcome.current = isWelcome;
  }, [isWelcome]);
  return (
    <>
      {isWelcome ? (
        <>
          <FailureBoundary key="welcome" title="Portkeeper">
            <WelcomeView onLeave={() => setIsPast(true)} />
          </FailureBoundary>
          <ToastList />
        </>
      ) : (
        <Views connection={connection} />
      )}
      <Shortcuts areFew={isWelcome} />
    </>
  );
}

/** Past what surrounds the view: the first profile's switch, or else the way to a new one. */
function focusFirst(): void {
  const places = ['.profile:not([hidden]) .switch', '.main [data-shortcut="new"]', '#main'];
  const [first] = places.flatMap((place) => document.querySelector<HTMLElement>(place) ?? []);
  first?.focus();
}

function Views({ connection }: Pick<Watched, 'connection'>): VNode {
  const words = useWords(windowWords);
  const { view } = useRoute();
  const { profiles } = useSnapshot();
  const main = useRef<HTMLElement>(null);
  const title = words.views[view];
  useEffect(() => {
    document.title = `${title} – Portkeeper`;
  }, [title]);
  // Another view begins at its top.
  useLayoutEffect(() => main.current?.scrollTo(0, 0), [view]);
  const View = COMPONENTS[view];
  return (
    <div class="shell">
      <SkipLink label={words.skipToContent} skip={() => main.current?.focus()} />
      {view === 'forwards' && profiles.length > 0 && <SkipLink label={words.skipToProfiles} skip={focusFirst} />}
      <Navigation current={view} />
      <main ref={main} id="main" class="main" tabIndex={-1}>
        <Banners connection={connection} />
        <div class="view" data-view={view}>
          <FailureBoundary key={view} title={title}>
            <View />
          </FailureBoundary>
        </div>
      </main>
      <ToastList />
    </div>
  );
}

function SkipLink({ label, skip }: { readonly label: string; readonly skip: () => void }): VNode {
  return (
    <a
      class="skip-link"
      href="#main"
      onClick={(event) => {
        // The fragment says which view is shown.
        event.preventDefault();
        skip();
      }}
    >
      {label}
    </a>
  );
}

interface Titled {
  readonly title: string;
  readonly children: ComponentChildren;
}

/** An error of ours in one view leaves the others usable. Give it a key, so that another view starts afresh. */
class FailureBoundary extends Component<Titled, { readonly failed: boolean }> {
  override state = { failed: false };

  static override getDerivedStateFromError(): { readonly failed: boolean } {
    return { failed: true };
  }

  override componentDidCatch(error: unknown): void {
    // For whoever looks into the developer tools.
    reportError(error);
  }

  override render(): ComponentChildren {
    return this.state.failed ? <Failure title={this.props.title} /> : this.props.children;
  }
}

function Failure({ title }: { readonly title: string }): VNode {
  const words = useWords(windowWords);
  return (
    <>
      <ViewHead title={title} />
      <EmptyState icon="error" title={words.failed} text={words.failedHint}>
        <Button icon="refresh" onClick={() => location.reload()}>
          {words.reload}
        </Button>
      </EmptyState>
    </>
  );
}
