/** Labels of what can be done about a problem. */
import type { Catalogue, Language } from './catalogues.ts';
import type { CommandInput } from '../commands.ts';
import type { ProblemAction, SettingsSection } from '../problem-actions.ts';
import type { Port } from '../units.ts';

interface ActionTexts {
  readonly usePort: (external: Port) => string;
  readonly retry: string;
  readonly search: string;
  readonly approve: string;
  readonly again: string;
  readonly folder: string;
  readonly resume: string;
  readonly inFront: (router: string) => string;
  readonly notInFront: string;
  readonly check: string;
  readonly pages: string;
  readonly router: string;
  readonly closeTheirs: string;
  readonly edit: Readonly<Record<Extract<ProblemAction, { readonly do: 'edit-forward' }>['field'], string>>;
  readonly settings: Readonly<Record<SettingsSection, string>>;
}

const TEXTS: Catalogue<ActionTexts> = {
  en: {
    usePort: (external) => `Use ${external} instead`,
    retry: 'Try again',
    search: 'Search again',
    approve: 'Approve this network',
    again: 'Try again',
    folder: 'Show folder',
    resume: 'Resume',
    inFront: (router) => `Open on ${router} too`,
    notInFront: 'Don’t open ports there',
    check: 'Find the cause',
    pages: 'Open router settings',
    router: 'Show open ports on the router',
    closeTheirs: 'Close theirs',
    edit: {
      external: 'Choose another port',
      internal: 'Change the destination',
      families: 'Choose IPv4 or IPv6',
      lease: 'Change the lease time',
    },
    settings: {
      router: 'Enter the router’s address',
      'sign-in': 'Sign in to the router…',
      networks: 'Show approved networks',
      start: 'Show setting',
      import: 'Import',
      'address-command': 'Show setting',
      name: 'Show settings',
    },
  },
  de: {
    usePort: (external) => `${external} verwenden`,
    retry: 'Erneut versuchen',
    search: 'Erneut suchen',
    approve: 'Dieses Netzwerk freigeben',
    again: 'Erneut versuchen',
    folder: 'Ordner anzeigen',
    resume: 'Fortsetzen',
    inFront: (router) => `Auch auf ${router} öffnen`,
    notInFront: 'Dort keine Ports öffnen',
    check: 'Ursache finden',
    pages: 'Router-Einstellungen öffnen',
    router: 'Offene Ports auf dem Router anzeigen',
    closeTheirs: 'Andere Freigabe schließen',
    edit: {
      external: 'Anderen Port wählen',
      internal: 'Ziel ändern',
      families: 'IPv4 oder IPv6 wählen',
      lease: 'Laufzeit ändern',
    },
    settings: {
      router: 'Adresse des Routers eingeben',
      'sign-in': 'Beim Router anmelden …',
      networks: 'Freigegebene Netzwerke anzeigen',
      start: 'Einstellung anzeigen',
      import: 'Importieren',
      'address-command': 'Einstellung anzeigen',
      name: 'Einstellungen anzeigen',
    },
  },
};

/** As on a button. */
export function actionLabel(action: ProblemAction, language: Language = 'en'): string {
  const texts = TEXTS[language];
  switch (action.do) {
    case 'command':
      switch (action.command) {
        case 'forward.use-port':
          return texts.usePort(action.input.external);
        case 'forwards.retry':
          return texts.retry;
        case 'gateways.search':
          return texts.search;
        case 'network.approve':
          return texts.approve;
        case 'settings.change':
          return settingsLabel(action.input.settings, texts);
        case 'name.update':
          return texts.again;
        case 'app.show-data-folder':
          return texts.folder;
      }
    // Every command returns.
    case 'open-router-pages':
      return texts.pages;
    case 'show-router':
      return texts.router;
    case 'close-theirs':
      return texts.closeTheirs;
    case 'edit-forward':
      return texts.edit[action.field];
    case 'check':
      return texts.check;
    case 'show-settings':
      return texts.settings[action.section];
  }
}

function settingsLabel(
  { paused, upstreamRouter }: CommandInput<'settings.change'>['settings'],
  texts: ActionTexts,
): string {
  if (typeof upstreamRouter === 'string') return texts.inFront(upstreamRouter);
  if (upstreamRouter === null) return texts.notInFront;
  return paused === false ? texts.resume : texts.again;
}
