/** What the view of profiles and their forwards says. */
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
    outside: (ports: string): string => `External port ${ports}`,
    copy: (address: string): string => `Copy ${address}`,
    via: (control: string): string => `via ${control}`,
    viaGateway: (control: string, gateway: string): string => `via ${control}, ${gateway}`,
    gotOther: (port: number): string => `The router assigned port ${port}.`,
    left: (left: string): string => `${left} left`,
    renews: (left: string): string => `renews in ${left}`,
    renewing: 'renewing now',
    permanent: 'No time limit',
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
    tryDemo: 'Mit simuliertem Router ausprobieren',
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
    outside: (ports) => `Externer Port ${ports}`,
    copy: (address) => `${address} kopieren`,
    via: (control) => `über ${control}`,
    viaGateway: (control, gateway) => `über ${control}, ${gateway}`,
    gotOther: (port) => `Der Router hat Port ${port} zugewiesen.`,
    left: (left) => `noch ${left}`,
    renews: (left) => `wird in ${left} verlängert`,
    renewing: 'wird gerade verlängert',
    permanent: 'Unbegrenzt',
  },
};

export const forwardsWords: Catalogue<typeof en> = { en, de };
