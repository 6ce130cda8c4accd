/** Texts of the window's view of presets. */
import type { Catalogue } from '../../../main/contract/words/catalogues.ts';
import type { PresetCategory } from '../../../main/contract/profiles/presets.ts';

type Categories = Readonly<Record<PresetCategory | 'all', string>>;

const kind: Readonly<Partial<Categories>> = { game: 'Game', server: 'Server' };

const en = {
  intro: (count: number) => `Ports for ${count} popular games, servers and programs, ready to add.`,
  search: 'Search by name or port',
  category: 'Category',
  categories: {
    all: 'All',
    game: 'Games',
    server: 'Servers',
    media: 'Media',
    voice: 'Voice and chat',
    remote: 'Remote access',
    p2p: 'Peer-to-peer',
    home: 'Smart home',
  } satisfies Categories,
  /** One of them, beside its name, where it is called otherwise. */
  kind,
  found: (count: number) => (count === 1 ? '1 preset' : `${count} presets`),
  list: 'Presets found',
  popular: 'Popular',
  hasNote: 'Has a note to read first.',

  nothing: (query: string) => `No presets match “${query}” by name or port.`,
  nothingOfKind: (query: string, kind: string) => `No matches for “${query}” in ${kind}.`,
  everywhere: (count: number) =>
    count === 1 ? 'Show 1 match in other categories' : `Show ${count} matches in other categories`,
  near: 'Did you mean',
  ownProfile: 'Create your own profile',
  ownProfileHint: 'Create a profile with the ports listed in the program’s manual.',

  add: 'Add',
  addNamed: (name: string) => `Add ${name}`,
  addAndOpen: 'Add and turn on',
  addAgain: 'Add again',
  added: 'Added',
  isAdded: (name: string) => `${name} is in your forwards.`,
  toForwards: 'Show in Forwards',
  addedOff: (name: string) => `${name} added, turned off.`,
  addedOn: (name: string) => `${name} added and turned on.`,
  switchNamed: (name: string) => `Keep ${name} open`,
  undone: (name: string) => `${name} removed.`,

  ports: 'Ports',
  needed: 'Required',
  extra: 'Optional',
  extraHint: 'Optional ports stay closed unless you select them.',
  outsideNamed: (label: string) => `External port: ${label}`,
  outsideFirstNamed: (label: string) => `First external port: ${label}`,
  inside: (ports: string) => `forwards to internal port ${ports}`,
  backToUsual: (port: number) => `Default: ${port}`,

  device: 'Where does the program run?',
  address: 'Its local IP address',
  addressHint: 'For example, 192.168.1.20',
  otherDeviceHint:
    'Many routers let a device open ports only for itself. If yours does, run Portkeeper on that device.',

  claimedOn: (name: string, ports: string) =>
    `“${name}” is on and uses external port ${ports}. Turn it off first, or choose another port here.`,
  claimedOff: (name: string, ports: string) =>
    `“${name}” also uses external port ${ports}. Only one of them can be on at a time.`,
  claimedShort: (name: string) => `Shares a port with “${name}”`,
  useOutside: (port: number) => `Use ${port} instead`,

  note: 'Before you open it',
  source: 'Source:',
  sourceRead: (day: string) => `, read on ${day}`,
  opensElsewhere: 'opens in your browser',
};

const de: typeof en = {
  intro: (count) => `Ports für ${count} beliebte Spiele, Server und Programme, bereit zum Hinzufügen.`,
  search: 'Nach Name oder Port suchen',
  category: 'Kategorie',
  categories: {
    all: 'Alle',
    game: 'Spiele',
    server: 'Server',
    media: 'Medien',
    voice: 'Sprache und Chat',
    remote: 'Fernzugriff',
    p2p: 'Peer-to-Peer',
    home: 'Smart Home',
  },
  kind: { game: 'Spiel', server: 'Server' },
  found: (count) => (count === 1 ? '1 Vorlage' : `${count} Vorlagen`),
  list: 'Gefundene Vorlagen',
  popular: 'Beliebt',
  hasNote: 'Mit Hinweis, den du vorher lesen solltest.',

  nothing: (query) => `Keine Vorlage mit dem Namen oder Port „${query}“ gefunden.`,
  nothingOfKind: (query, kind) => `Keine Treffer für „${query}“ in „${kind}“.`,
  everywhere: (count) =>
    count === 1 ? '1 Treffer in anderen Kategorien anzeigen' : `${count} Treffer in anderen Kategorien anzeigen`,
  near: 'Meintest du',
  ownProfile: 'Eigenes Profil anlegen',
  ownProfileHint: 'Lege ein Profil mit den Ports an, die in der Anleitung des Programms stehen.',

  add: 'Hinzufügen',
  addNamed: (name) => `${name} hinzufügen`,
  addAndOpen: 'Hinzufügen und einschalten',
  addAgain: 'Erneut hinzufügen',
  added: 'Hinzugefügt',
  isAdded: (name) => `${name} ist in deinen Freigaben.`,
  toForwards: 'In Freigaben anzeigen',
  addedOff: (name) => `${name} ausgeschaltet hinzugefügt.`,
  addedOn: (name) => `${name} hinzugefügt und eingeschaltet.`,
  switchNamed: (name) => `${name} offen halten`,
  undone: (name) => `${name} entfernt.`,

  ports: 'Ports',
  needed: 'Erforderlich',
  extra: 'Optional',
  extraHint: 'Optionale Ports bleiben geschlossen, solange du sie nicht auswählst.',
  outsideNamed: (label) => `Externer Port: ${label}`,
  outsideFirstNamed: (label) => `Erster externer Port: ${label}`,
  inside: (ports) => `leitet an internen Port ${ports} weiter`,
  backToUsual: (port) => `Standard: ${port}`,

  device: 'Wo läuft das Programm?',
  address: 'Seine lokale IP-Adresse',
  addressHint: 'Zum Beispiel 192.168.1.20',
  otherDeviceHint:
    'Viele Router lassen ein Gerät nur für sich selbst Ports öffnen. Ist das bei deinem so, starte Portkeeper auf dem anderen Gerät.',

  claimedOn: (name, ports) =>
    `„${name}“ ist eingeschaltet und nutzt den externen Port ${ports}. Schalte es zuerst aus, oder wähle hier einen anderen Port.`,
  claimedOff: (name, ports) =>
    `„${name}“ nutzt ebenfalls den externen Port ${ports}. Nur eines von beiden kann eingeschaltet sein.`,
  claimedShort: (name) => `Teilt einen Port mit „${name}“`,
  useOutside: (port) => `${port} verwenden`,

  note: 'Vor dem Öffnen',
  source: 'Quelle:',
  sourceRead: (day) => `, gelesen am ${day}`,
  opensElsewhere: 'wird im Browser geöffnet',
};

export const presetsWords: Catalogue<typeof en> = { en, de };
