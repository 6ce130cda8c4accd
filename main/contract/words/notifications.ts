/** Notifications of the system: a title that fits one line, and what more there is to say. */
import type { Notice, ShownFact } from '../activity.ts';
import type { Catalogue, Language } from './catalogues.ts';
import type { ProblemCode } from '../problems.ts';
import { explain } from './problems.ts';
import { activityText } from './activity.ts';
import { numberText } from './formats.ts';

export interface NotificationText {
  readonly title: string;
  readonly body: string;
}

type Trouble =
  | 'command'
  | 'name'
  | 'network'
  | 'router'
  | 'control'
  | 'permission'
  | 'port'
  | 'outside'
  | 'storage'
  | 'login';

const TROUBLES: Readonly<Record<ProblemCode, Trouble>> = {
  'no-network': 'network',
  'no-gateway': 'router',
  'gateway-away': 'router',
  'not-our-gateway': 'router',
  'not-default-router': 'router',
  'router-garbled': 'router',
  'open-unanswered': 'router',
  'port-control-off': 'control',
  'router-url': 'router',
  'router-password': 'control',
  'router-confirmation': 'control',
  'local-network-denied': 'permission',
  'network-not-approved': 'permission',
  'traffic-denied': 'permission',
  conflict: 'port',
  'conflict-in-router': 'port',
  'port-not-allowed': 'port',
  'only-for-itself': 'port',
  'one-transport': 'port',
  'no-permanent-lease': 'port',
  'same-port-only': 'port',
  'one-per-internal-port': 'port',
  'lease-too-short': 'port',
  'table-full': 'port',
  'pinholes-off': 'port',
  'wrong-family': 'port',
  'router-refused': 'port',
  'router-failed': 'port',
  'firewall-failed': 'port',
  'no-external-address': 'outside',
  'external-address-unknown': 'outside',
  'behind-another-nat': 'outside',
  'upstream-closed': 'outside',
  'listed-but-dead': 'outside',
  'storage-failed': 'storage',
  'journal-unreadable': 'storage',
  'commands-unreachable': 'storage',
  'set-aside': 'storage',
  'profiles-unreadable': 'storage',
  'profiles-not-stored': 'storage',
  'profiles-misunderstood': 'storage',
  'profiles-switched-off': 'port',
  'login-item-failed': 'login',
  'address-command-failed': 'command',
  'name-refused': 'name',
  'name-not-updated': 'name',
};

const en = {
  troubles: {
    network: 'No network',
    router: 'Router problem',
    control: 'The router doesn’t open ports',
    permission: 'Permission needed',
    port: 'A port is not open',
    outside: 'Not reachable from the internet',
    storage: 'Problem with a file',
    login: 'Couldn’t start at login',
    command: 'Your command failed',
    name: 'Host name not updated',
  } satisfies Record<Trouble, string>,
  started: 'Portkeeper started',
  ended: 'Portkeeper quit',
  woke: 'Woke from sleep',
  'gateway-found': 'Router found',
  'gateway-away': 'The router isn’t answering',
  'gateway-back': 'The router is back',
  'gateway-restarted': 'The router restarted',
  address: 'New public IP address',
  noAddress: 'No public IP address',
  switched: 'Profile turned on or off',
  condition: 'Profile opens or closes automatically',
  paused: 'Paused',
  resumed: 'Resumed',
  demo: 'Router changed',
  'command-ran': 'Command run',
  'name-updated': 'Host name updated',
  renewed: 'Renewed',
  solved: 'Resolved',
  opened: (name: string) => (name === '' ? 'A port is open' : `${name} is open`),
  closed: (name: string) => (name === '' ? 'A port is closed' : `${name} is closed`),
  lost: (name: string) => (name === '' ? 'A port is no longer open' : `${name} is no longer open`),
  refused: (name: string) => (name === '' ? 'A port is not open' : `${name} is not open`),
  allOpen: 'All ports are open again',
  manyOpen: (count: string) => `${count} forwards are open`,
  manyClosed: (count: string) => `${count} forwards are closed`,
  manyNotOpen: (count: string) => `${count} forwards are not open`,
  more: (count: string) => `And ${count} more.`,
  update: (version: string) => ({
    title: `Portkeeper ${version} is ready`,
    body: 'Installs the next time Portkeeper starts, or now from the tray menu.',
  }),
};

const de: typeof en = {
  troubles: {
    network: 'Kein Netzwerk',
    router: 'Problem mit dem Router',
    control: 'Der Router öffnet keine Ports',
    permission: 'Berechtigung fehlt',
    port: 'Ein Port ist nicht offen',
    outside: 'Aus dem Internet nicht erreichbar',
    storage: 'Problem mit einer Datei',
    login: 'Kein Start bei der Anmeldung',
    command: 'Dein Befehl ist fehlgeschlagen',
    name: 'Hostname nicht aktualisiert',
  },
  started: 'Portkeeper wurde gestartet',
  ended: 'Portkeeper wurde beendet',
  woke: 'Ruhezustand beendet',
  'gateway-found': 'Router gefunden',
  'gateway-away': 'Der Router antwortet nicht',
  'gateway-back': 'Der Router ist wieder da',
  'gateway-restarted': 'Der Router wurde neu gestartet',
  address: 'Neue öffentliche IP-Adresse',
  noAddress: 'Keine öffentliche IP-Adresse',
  switched: 'Profil ein- oder ausgeschaltet',
  condition: 'Profil automatisch geöffnet oder geschlossen',
  paused: 'Pausiert',
  resumed: 'Fortgesetzt',
  demo: 'Router gewechselt',
  'command-ran': 'Befehl ausgeführt',
  'name-updated': 'Hostname aktualisiert',
  renewed: 'Verlängert',
  solved: 'Behoben',
  opened: (name) => (name === '' ? 'Ein Port ist offen' : `${name} ist offen`),
  closed: (name) => (name === '' ? 'Ein Port ist geschlossen' : `${name} ist geschlossen`),
  lost: (name) => (name === '' ? 'Ein Port ist nicht mehr offen' : `${name} ist nicht mehr offen`),
  refused: (name) => (name === '' ? 'Ein Port ist nicht offen' : `${name} ist nicht offen`),
  allOpen: 'Alle Ports sind wieder offen',
  manyOpen: (count) => `${count} Freigaben sind offen`,
  manyClosed: (count) => `${count} Freigaben sind geschlossen`,
  manyNotOpen: (count) => `${count} Freigaben sind nicht offen`,
  more: (count) => `Und ${count} weitere.`,
  update: (version) => ({
    title: `Portkeeper ${version} ist bereit`,
    body: 'Wird beim nächsten Start installiert, oder sofort über das Tray-Menü.',
  }),
};

export const notificationWords: Catalogue<typeof en> = { en, de };

export function factNotification(fact: ShownFact, language: Language): NotificationText {
  const title = titleOf(fact, notificationWords[language]);
  if (fact.is !== 'problem' && fact.is !== 'refused') return { title, body: activityText(fact, language) };
  const { what, todo } = explain(fact.problem, language);
  return { title, body: `${what} ${todo}` };
}

/** Sentences of a notification; systems cut longer ones. */
const MOST_SENTENCES = 3;

/** Simultaneous events share one notification. */
export function noticeNotification({ of, facts }: Notice, language: Language): NotificationText {
  const words = notificationWords[language];
  const [first] = facts;
  if (first === undefined) throw new RangeError('a notice of nothing');
  const isRecovery = of === 'recovery' && facts.some(({ is }) => is === 'opened');
  const title = isRecovery ? words.allOpen : manyTitle(facts, language);
  if (facts.length === 1) return { ...factNotification(first, language), ...(isRecovery ? { title } : {}) };
  const shown = facts.slice(0, facts.length > MOST_SENTENCES ? MOST_SENTENCES - 1 : MOST_SENTENCES);
  const rest = facts.length - shown.length;
  const sentences = shown.map((fact) => activityText(fact, language));
  return { title, body: [...sentences, ...(rest > 0 ? [words.more(numberText(rest, language))] : [])].join('\n') };
}

/** Facts of one kind are counted; otherwise the first is the most important. */
function manyTitle(facts: readonly ShownFact[], language: Language): string {
  const words = notificationWords[language];
  const count = numberText(facts.length, language);
  if (facts.every(({ is }) => is === 'refused' || is === 'lost')) return words.manyNotOpen(count);
  if (facts.every(({ is }) => is === 'opened')) return words.manyOpen(count);
  if (facts.every(({ is }) => is === 'closed')) return words.manyClosed(count);
  const [first] = facts;
  return first === undefined ? '' : titleOf(first, words);
}

function titleOf(fact: ShownFact, words: typeof en): string {
  switch (fact.is) {
    case 'started':
    case 'ended':
    case 'woke':
    case 'switched':
    case 'condition':
    case 'paused':
    case 'resumed':
    case 'demo':
    case 'renewed':
    case 'solved':
    case 'gateway-found':
    case 'gateway-away':
    case 'gateway-back':
    case 'gateway-restarted':
    case 'command-ran':
    case 'name-updated':
      return words[fact.is];
    case 'problem':
      return words.troubles[TROUBLES[fact.problem.code]];
    case 'address-changed':
      return fact.to === 'none' ? words.noAddress : words.address;
    case 'opened':
    case 'closed':
    case 'lost':
    case 'refused':
      return words[fact.is](fact.name);
  }
}
