/** Texts of the view of profiles and their forwards. */
import type { MappingHop } from '../../../main/contract/snapshot.ts';
import type { Catalogue } from '../../../main/contract/words/catalogues.ts';
import type { ControlKind, Transport } from '../../../main/contract/model.ts';

const CONTROLS: Readonly<Record<ControlKind, string>> = {
  pcp: 'PCP',
  'nat-pmp': 'NAT-PMP',
  igd: 'UPnP',
  pinhole: 'UPnP IPv6',
};

const transports = (list: readonly Transport[]): string => list.map((each) => each.toUpperCase()).join(' + ');

const en = {
  newProfile: 'New profile',
  fromPreset: 'From a preset',
  pauseAll: 'Pause all',
  resumeAll: 'Resume all',
  paused: 'Everything is paused. No ports are kept open.',
  controls: CONTROLS,
  transports,

  gateway: {
    title: 'Your router',
    searching: 'Looking for your router…',
    searchingAgain: 'Looking for routers…',
    none: 'No router found yet.',
    nextSearch: (left: string): string => `Next search in ${left}`,
    noOutside: 'None',
    unknownOutside: 'Not known yet',
    away: 'Not answering',
    inside: (address: string): string => `This computer: ${address}`,
    behind: (address: string): string => `behind ${address}`,
    tryDemo: 'Try with a simulated router',
    others: 'Other routers',
  },

  problems: 'Problems',
  profiles: 'Profiles',
  filter: 'Filter profiles',
  noMatch: (query: string): string => `No profiles match “${query}”.`,
  empty: {
    title: 'No profiles yet',
    text: 'Choose your game or program from the presets, or enter the ports yourself. Portkeeper opens them on your router and keeps them open.',
    presets: 'Browse presets',
  },

  profile: {
    forwards: (name: string): string => `Ports of ${name}`,
    on: (name: string): string => `Keep ${name} open`,
    menu: (name: string): string => `Actions for ${name}`,
    edit: 'Edit…',
    duplicate: 'Duplicate…',
    turnOnFor: 'Turn on for a time…',
    turnOnForTitle: (name: string): string => `How long should ${name} stay on?`,
    turnOn: 'Turn on',
    moveUp: 'Move up',
    moveDown: 'Move down',
    remove: 'Delete',
    drag: (name: string): string => `Move ${name}: up or down arrow`,
    moved: (name: string, place: number, all: number): string => `${name} is now number ${place} of ${all}.`,
    removed: (name: string): string => `“${name}” deleted.`,
    noForwards: 'No ports yet',
    addForwards: 'Add ports',
    held: 'Kept open by a program',
    more: (count: number): string => `+${count}`,
    progress: (open: number, wanted: number): string => `${open} of ${wanted} open`,
  },

  terminal: {
    title: 'Opened from a terminal',
    hint: 'Kept open by commands that are still running.',
    terminal: 'Terminal',
    file: 'Port list',
    close: 'Close',
    closeOf: (label: string): string => `Close ${label}`,
  },

  state: {
    off: 'Off',
    paused: 'Paused',
    standby: 'Standing by',
    opening: 'Opening…',
    open: 'Open',
    partly: (open: number, wanted: number): string => `${open} of ${wanted} open`,
    refused: 'Refused',
    closing: 'Closing…',
    waiting: {
      gateway: 'Waiting for the router',
      network: 'Waiting for a network',
      retry: 'Trying again',
      approval: 'Network not approved',
    },
    retryIn: (left: string): string => `Trying again in ${left}`,
    mayBeOpenUntil: (time: string): string => `May stay open until ${time}`,
    mayStayOpen: 'May stay open',
  },

  forward: {
    thisComputer: 'this computer',
    leadsTo: 'forwards to',
    gotOther: (port: number): string => `The router assigned port ${port}.`,
    kept: 'Kept open, renews automatically',
    permanent: 'No time limit',
    seeRouter: 'See the problem with your router above.',
  },

  outside: {
    test: 'Test from outside',
    again: 'Test again',
    testing: 'Testing…',
    progress: (done: number, of: number): string => `Testing: ${done} of ${of}`,
    at: (moment: string): string => `· tested ${moment}`,
    settings: 'Choose a server',
  },

  first: {
    title: (name: string): string => `${name} is open to the internet`,
    text: 'Send your friends the address below. Portkeeper keeps the port open for as long as it runs, with this window closed, too.',
    listens: (port: number): string => `A program on this computer is listening on port ${port}.`,
    listensNot: (port: number): string => `No program on this computer is listening on port ${port} yet. Start it now.`,
    startHere: 'Start the program on this computer if it isn’t running yet.',
    startThere: (device: string): string => `Start the program on ${device} if it isn’t running yet.`,
    read: 'Got it',
  },

  details: {
    forwardsTo: 'Forwards to',
    target: (device: string, port: string): string => `${device}, port ${port}`,
    openedWith: 'Opened with',
    way: (control: string, gateway: string): string => `${control} on ${gateway}`,
    routers: 'Routers',
    router: 'router',
    hop: {
      off: 'not asked yet',
      opening: 'opening',
      open: 'open',
      renewing: 'open',
      closing: 'closing',
      waiting: 'waiting',
      refused: 'refused',
    } satisfies Record<MappingHop['at'], string>,
    lease: 'Lease',
    renews: (until: string, renews: string): string => `Until ${until}, renews at ${renews}`,
    renewing: (until: string): string => `Until ${until}, renewing now`,
  },

  share: {
    copy: (text: string): string => `Copy ${text}`,
    showCode: (text: string): string => `QR code for ${text}`,
    codeOf: (name: string): string => `Share ${name}`,
    code: (text: string): string => `QR code: ${text}`,
    hint: 'Scan the code with a phone, or send your friends the address.',
  },
};

const de: typeof en = {
  newProfile: 'Neues Profil',
  fromPreset: 'Aus Vorlage',
  pauseAll: 'Alle pausieren',
  resumeAll: 'Alle fortsetzen',
  paused: 'Alles ist pausiert. Es werden keine Ports offen gehalten.',
  controls: { ...CONTROLS, pinhole: 'UPnP für IPv6' },
  transports,

  gateway: {
    title: 'Dein Router',
    searching: 'Dein Router wird gesucht …',
    searchingAgain: 'Router werden gesucht …',
    none: 'Noch kein Router gefunden.',
    nextSearch: (left) => `Nächste Suche in ${left}`,
    noOutside: 'Keine',
    unknownOutside: 'Noch nicht bekannt',
    away: 'Antwortet nicht',
    inside: (address) => `Dieser Computer: ${address}`,
    behind: (address) => `hinter ${address}`,
    tryDemo: 'Simulierten Router ausprobieren',
    others: 'Weitere Router',
  },

  problems: 'Probleme',
  profiles: 'Profile',
  filter: 'Profile filtern',
  noMatch: (query) => `Keine Profile für „${query}“ gefunden.`,
  empty: {
    title: 'Noch keine Profile',
    text: 'Wähle dein Spiel oder Programm aus den Vorlagen, oder gib die Ports selbst ein. Portkeeper öffnet sie auf dem Router und hält sie offen.',
    presets: 'Vorlagen ansehen',
  },

  profile: {
    forwards: (name) => `Ports von ${name}`,
    on: (name) => `${name} offen halten`,
    menu: (name) => `Aktionen für ${name}`,
    edit: 'Bearbeiten …',
    duplicate: 'Duplizieren …',
    turnOnFor: 'Für eine Zeit einschalten …',
    turnOnForTitle: (name) => `Wie lange soll ${name} eingeschaltet bleiben?`,
    turnOn: 'Einschalten',
    moveUp: 'Nach oben',
    moveDown: 'Nach unten',
    remove: 'Löschen',
    drag: (name) => `${name} verschieben: Pfeiltaste nach oben oder unten`,
    moved: (name, place, all) => `${name} ist jetzt Nummer ${place} von ${all}.`,
    removed: (name) => `„${name}“ gelöscht.`,
    noForwards: 'Noch keine Ports',
    addForwards: 'Ports hinzufügen',
    held: 'Von einem Programm offen gehalten',
    more: (count) => `+${count}`,
    progress: (open, wanted) => `${open} von ${wanted} offen`,
  },

  terminal: {
    title: 'Von einem Terminal aus geöffnet',
    hint: 'Werden von Befehlen offen gehalten, die noch laufen.',
    terminal: 'Terminal',
    file: 'Portliste',
    close: 'Schließen',
    closeOf: (label) => `${label} schließen`,
  },

  state: {
    off: 'Aus',
    paused: 'Pausiert',
    standby: 'In Bereitschaft',
    opening: 'Wird geöffnet …',
    open: 'Offen',
    partly: (open, wanted) => `${open} von ${wanted} offen`,
    refused: 'Abgelehnt',
    closing: 'Wird geschlossen …',
    waiting: {
      gateway: 'Wartet auf den Router',
      network: 'Wartet auf ein Netzwerk',
      retry: 'Neuer Versuch',
      approval: 'Netzwerk nicht freigegeben',
    },
    retryIn: (left) => `Neuer Versuch in ${left}`,
    mayBeOpenUntil: (time) => `Möglicherweise bis ${time} offen`,
    mayStayOpen: 'Möglicherweise noch offen',
  },

  forward: {
    thisComputer: 'dieser Computer',
    leadsTo: 'Ziel:',
    gotOther: (port) => `Der Router hat Port ${port} zugewiesen.`,
    kept: 'Bleibt offen, wird automatisch verlängert',
    permanent: 'Unbegrenzt',
    seeRouter: 'Siehe das Problem mit deinem Router oben.',
  },

  outside: {
    test: 'Von außen testen',
    again: 'Erneut testen',
    testing: 'Wird getestet …',
    progress: (done, of) => `Wird getestet: ${done} von ${of}`,
    at: (moment) => `· getestet ${moment}`,
    settings: 'Server wählen',
  },

  first: {
    title: (name) => `${name} ist aus dem Internet erreichbar`,
    text: 'Schicke deinen Freunden die Adresse unten. Portkeeper hält den Port offen, solange es läuft, auch bei geschlossenem Fenster.',
    listens: (port) => `Ein Programm auf diesem Computer lauscht auf Port ${port}.`,
    listensNot: (port) => `Auf Port ${port} lauscht auf diesem Computer noch kein Programm. Starte es jetzt.`,
    startHere: 'Starte das Programm auf diesem Computer, falls es noch nicht läuft.',
    startThere: (device) => `Starte das Programm auf ${device}, falls es noch nicht läuft.`,
    read: 'Verstanden',
  },

  details: {
    forwardsTo: 'Ziel',
    target: (device, port) => `${device}, Port ${port}`,
    openedWith: 'Geöffnet über',
    way: (control, gateway) => `${control} auf ${gateway}`,
    routers: 'Router',
    router: 'Router',
    hop: {
      off: 'noch nicht gefragt',
      opening: 'wird geöffnet',
      open: 'offen',
      renewing: 'offen',
      closing: 'wird geschlossen',
      waiting: 'wartet',
      refused: 'abgelehnt',
    },
    lease: 'Laufzeit',
    renews: (until, renews) => `Bis ${until}, Verlängerung um ${renews}`,
    renewing: (until) => `Bis ${until}, wird gerade verlängert`,
  },

  share: {
    copy: (text) => `${text} kopieren`,
    showCode: (text) => `QR-Code für ${text}`,
    codeOf: (name) => `${name} teilen`,
    code: (text) => `QR-Code: ${text}`,
    hint: 'Scanne den Code mit dem Handy, oder schicke deinen Freunden die Adresse.',
  },
};

export const forwardsWords: Catalogue<typeof en> = { en, de };
