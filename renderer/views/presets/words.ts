/** Texts of the window's view of presets. */
import type { Catalogue } from '../../../main/contract/words/catalogues.ts';
import type { PresetCategory } from '../../../main/contract/presets.ts';

type Categories = Readonly<Record<PresetCategory | 'all', string>>;

const kind: Readonly<Partial<Categories>> = { game: 'Game', server: 'Server' };

const en = {
  intro: (count: number) => `The ports of ${count} well-known games, servers and programs, ready to be added.`,
  search: 'Search by name or port',
  category: 'Kind',
  categories: {
    all: 'All',
    game: 'Games',
    server: 'Servers',
    media: 'Media',
    voice: 'Voice and chat',
    remote: 'Remote access',
    p2p: 'Peer to peer',
    home: 'Smart home',
  } satisfies Categories,
  /** One of them, beside its name, where it is called otherwise. */
  kind,
  found: (count: number) => (count === 1 ? '1 preset' : `${count} presets`),
  list: 'Presets found',
  popular: 'Popular',
  hasNote: 'Has a note to read first.',

  nothing: (query: string) => `No preset is called “${query}”, and none has this port.`,
  nothingOfKind: (query: string, kind: string) => `Nothing for “${query}” under ${kind}.`,
  everywhere: (count: number) => (count === 1 ? 'Show the one of another kind' : `Show all ${count} of other kinds`),
  near: 'Did you mean',
  ownProfile: 'Make your own profile',
  ownProfileHint: 'Or make a profile with the ports that the program’s manual names.',

  add: 'Add',
  addNamed: (name: string) => `Add ${name}`,
  addAndOpen: 'Add and switch on',
  addAgain: 'Add once more',
  added: 'Added',
  isAdded: (name: string) => `${name} is among your forwards.`,
  toForwards: 'Show it there',
  addedOff: (name: string) => `${name} was added, switched off.`,
  addedOn: (name: string) => `${name} was added and switched on.`,
  switchNamed: (name: string) => `Keep ${name} open`,
  undone: (name: string) => `${name} was removed again.`,

  ports: 'Ports',
  needed: 'Needed',
  extra: 'Extra',
  extraHint: 'Extras are left closed unless you tick them.',
  outsideNamed: (label: string) => `Outside port: ${label}`,
  outsideFirstNamed: (label: string) => `First outside port: ${label}`,
  inside: (ports: string) => `leads to ${ports} inside`,
  backToUsual: (port: number) => `Usual: ${port}`,

  device: 'Where does the program run?',
  address: 'Its address in your home',
  addressHint: 'Such as 192.168.1.20',
  otherDeviceHint: 'Many routers let a device open ports only for itself. If yours refuses, run Portkeeper there.',

  claimedOn: (name: string, ports: string) =>
    `“${name}” is on and uses outside port ${ports}. Only one of the two can be on: switch it off first, or choose another port here.`,
  claimedOff: (name: string, ports: string) =>
    `“${name}” asks for outside port ${ports}, too. Only one of the two can be on at a time.`,
  claimedShort: (name: string) => `Shares a port with “${name}”`,
  useOutside: (port: number) => `Use ${port} instead`,

  note: 'Before you open it',
  source: 'Source of these figures:',
  sourceRead: (day: string) => `, read on ${day}`,
  opensElsewhere: 'opens in your browser',
};

const de: typeof en = {
  intro: (count) => `Die Ports von ${count} bekannten Spielen, Servern und Programmen, fertig zum Hinzufügen.`,
  search: 'Nach Name oder Port suchen',
  category: 'Art',
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
  kind: { game: 'Spiel' },
  found: (count) => (count === 1 ? '1 Vorlage' : `${count} Vorlagen`),
  list: 'Gefundene Vorlagen',
  popular: 'Beliebt',
  hasNote: 'Mit Hinweis, den du vorher lesen solltest.',

  nothing: (query) => `Keine Vorlage heißt „${query}“, und keine hat diesen Port.`,
  nothingOfKind: (query, kind) => `Nichts zu „${query}“ unter ${kind}.`,
  everywhere: (count) => (count === 1 ? 'Die eine andere zeigen' : `Alle ${count} anderen zeigen`),
  near: 'Meintest du',
  ownProfile: 'Eigenes Profil anlegen',
  ownProfileHint: 'Oder lege ein Profil mit den Ports an, die in der Anleitung des Programms stehen.',

  add: 'Hinzufügen',
  addNamed: (name) => `${name} hinzufügen`,
  addAndOpen: 'Hinzufügen und einschalten',
  addAgain: 'Noch einmal hinzufügen',
  added: 'Hinzugefügt',
  isAdded: (name) => `${name} ist unter deinen Freigaben.`,
  toForwards: 'Dort zeigen',
  addedOff: (name) => `${name} wurde hinzugefügt und ist ausgeschaltet.`,
  addedOn: (name) => `${name} wurde hinzugefügt und eingeschaltet.`,
  switchNamed: (name) => `${name} offen halten`,
  undone: (name) => `${name} wurde wieder entfernt.`,

  ports: 'Ports',
  needed: 'Nötig',
  extra: 'Zusatz',
  extraHint: 'Zusätze bleiben zu, solange du sie nicht ankreuzt.',
  outsideNamed: (label) => `Äußerer Port: ${label}`,
  outsideFirstNamed: (label) => `Erster äußerer Port: ${label}`,
  inside: (ports) => `führt innen zu ${ports}`,
  backToUsual: (port) => `Üblich: ${port}`,

  device: 'Wo läuft das Programm?',
  address: 'Seine Adresse im Heimnetz',
  addressHint: 'Zum Beispiel 192.168.1.20',
  otherDeviceHint:
    'Viele Router lassen ein Gerät nur für sich selbst Ports öffnen. Lehnt deiner ab, starte Portkeeper auf jenem Gerät.',

  claimedOn: (name, ports) =>
    `„${name}“ ist eingeschaltet und nutzt den äußeren Port ${ports}. Nur eines von beiden kann an sein: Schalte es zuerst aus, oder wähle hier einen anderen Port.`,
  claimedOff: (name, ports) =>
    `Auch „${name}“ möchte den äußeren Port ${ports}. Nur eines von beiden kann gleichzeitig an sein.`,
  claimedShort: (name) => `Teilt einen Port mit „${name}“`,
  useOutside: (port) => `Stattdessen ${port} nehmen`,

  note: 'Bevor du es öffnest',
  source: 'Quelle dieser Angaben:',
  sourceRead: (day) => `, gelesen am ${day}`,
  opensElsewhere: 'öffnet sich im Browser',
};

export const presetsWords: Catalogue<typeof en> = { en, de };
