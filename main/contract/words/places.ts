/** Where in an input a fault is, in the words that the window uses: `profile.forwards.0.external.first` → "Forward 1, outside port". */
import type { Catalogue, Language } from './catalogues.ts';
import type { StorageFault } from '../fault-reasons.ts';

const en = {
  whole: 'The input',
  numbered: {
    profiles: (place: number): string => `Profile ${place}`,
    forwards: (place: number): string => `Forward ${place}`,
    approvedNetworks: (place: number): string => `Approved network ${place}`,
    exceptInterfaces: (place: number): string => `Left-out interface ${place}`,
    other: (place: number): string => `entry ${place}`,
  },
  names: {
    profile: 'profile',
    profiles: 'profiles',
    document: 'document',
    settings: 'settings',
    version: 'version',
    forwards: 'forwards',
    forward: 'forward',
    gateway: 'router',
    id: 'id',
    name: 'name',
    on: 'switch',
    at: 'place in the list',
    to: 'place in the list',
    label: 'label',
    transports: 'protocol',
    transport: 'protocol',
    families: 'IPv4 or IPv6',
    external: 'outside port',
    internal: 'inside',
    client: 'device',
    remoteHost: 'remote host',
    lease: 'lease time',
    ifTaken: 'when the port is taken',
    mode: 'add or replace',
    format: 'format',
    text: 'file',
    onQuit: 'when Portkeeper ends',
    protocol: 'protocol',
    exceptInterfaces: 'left-out interfaces',
    paused: 'pause',
    language: 'language',
    theme: 'appearance',
    notifications: 'notifications',
    startAtLogin: 'start at login',
    checkForUpdates: 'look for new versions',
    onlyApprovedNetworks: 'approved networks only',
    approvedNetworks: 'approved networks',
    key: 'network',
    welcomed: 'first steps',
    keep: 'profiles to keep',
    discard: 'profiles to discard',
    fingerprint: 'router',
    trait: 'trait',
    value: 'value',
    after: 'beginning',
    range: 'time shown',
    what: 'what',
    from: 'origin',
    hold: 'holder',
    afterwards: 'what happens to open ports when the connection ends',
    targets: 'ports',
    others: 'ports of other programs and devices',
    for: 'purpose',
    interfaceName: 'network interface',
    description: 'label',
  },
  /** Two names that say more together. */
  pairs: {
    'external.first': 'outside port',
    'external.last': 'last outside port',
    'internal.first': 'inside port',
    'internal.client': 'device',
    'internal.port': 'inside port',
    'external.port': 'outside port',
  },
};

const de: typeof en = {
  whole: 'Die Eingabe',
  numbered: {
    profiles: (place) => `Profil ${place}`,
    forwards: (place) => `Freigabe ${place}`,
    approvedNetworks: (place) => `Freigegebenes Netzwerk ${place}`,
    exceptInterfaces: (place) => `Ausgelassener Anschluss ${place}`,
    other: (place) => `Eintrag ${place}`,
  },
  names: {
    profile: 'Profil',
    profiles: 'Profile',
    document: 'Dokument',
    settings: 'Einstellungen',
    version: 'Version',
    forwards: 'Freigaben',
    forward: 'Freigabe',
    gateway: 'Router',
    id: 'Kennung',
    name: 'Name',
    on: 'Schalter',
    at: 'Platz in der Liste',
    to: 'Platz in der Liste',
    label: 'Bezeichnung',
    transports: 'Protokoll',
    transport: 'Protokoll',
    families: 'IPv4 oder IPv6',
    external: 'äußerer Port',
    internal: 'innen',
    client: 'Gerät',
    remoteHost: 'Gegenstelle',
    lease: 'Laufzeit',
    ifTaken: 'wenn der Port vergeben ist',
    mode: 'hinzufügen oder ersetzen',
    format: 'Format',
    text: 'Datei',
    onQuit: 'wenn Portkeeper endet',
    protocol: 'Protokoll',
    exceptInterfaces: 'ausgelassene Anschlüsse',
    paused: 'Pause',
    language: 'Sprache',
    theme: 'Erscheinungsbild',
    notifications: 'Benachrichtigungen',
    startAtLogin: 'Start bei der Anmeldung',
    checkForUpdates: 'nach neuen Versionen sehen',
    onlyApprovedNetworks: 'nur freigegebene Netzwerke',
    approvedNetworks: 'freigegebene Netzwerke',
    key: 'Netzwerk',
    welcomed: 'erste Schritte',
    keep: 'Profile zum Behalten',
    discard: 'Profile zum Verwerfen',
    fingerprint: 'Router',
    trait: 'Eigenschaft',
    value: 'Wert',
    after: 'Anfang',
    range: 'gezeigte Zeit',
    what: 'Umfang',
    from: 'Herkunft',
    hold: 'Inhaber',
    afterwards: 'was am Ende mit offenen Ports geschieht',
    targets: 'Ports',
    others: 'Ports anderer Programme und Geräte',
    for: 'Zweck',
    interfaceName: 'Netzwerkanschluss',
    description: 'Bezeichnung',
  },
  pairs: {
    'external.first': 'äußerer Port',
    'external.last': 'letzter äußerer Port',
    'internal.first': 'innerer Port',
    'internal.client': 'Gerät',
    'internal.port': 'innerer Port',
    'external.port': 'äußerer Port',
  },
};

const PLACES: Catalogue<typeof en> = { en, de };

/** Said of what follows them, they say nothing. */
const CONTAINERS: ReadonlySet<string> = new Set(['profile', 'document', 'settings']);

/** Any text is answered; what is not known is told as it is. */
export function placeText(place: string, language: Language): string {
  const words = PLACES[language];
  const parts = place.split('.', 20).filter((part) => part !== '');
  const said: string[] = [];
  for (let at = 0; at < parts.length; at++) {
    const part = (parts[at] ?? '').slice(0, 60);
    const next = parts[at + 1];
    if (next !== undefined && CONTAINERS.has(part)) continue;
    if (next !== undefined && /^\d{1,6}$/.test(next)) {
      const numbered = own(words.numbered, part);
      said.push(
        numbered?.(Number(next) + 1) ?? `${own(words.names, part) ?? part}, ${words.numbered.other(Number(next) + 1)}`,
      );
      at++;
      continue;
    }
    const pair = next === undefined ? undefined : own(words.pairs, `${part}.${next}`);
    said.push(pair ?? own(words.names, part) ?? part);
    if (pair !== undefined) at++;
  }
  if (said.length === 0) return words.whole;
  const text = said.join(', ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** Whatever the key is: inputs may well have a `constructor`. */
function own<Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** `not-readable`: no permission to read. */
const STORAGE: Catalogue<Readonly<Record<StorageFault | 'not-readable', string>>> = {
  en: {
    'no-permission': 'You may not write there.',
    'not-readable': 'You may not read there.',
    'no-space': 'The disk is full.',
    'not-a-folder': 'A file stands where a folder is needed.',
    unreadable: 'What is there cannot be read.',
    locked: 'Another Portkeeper is using it.',
    other: 'The file system refused.',
  },
  de: {
    'no-permission': 'Dort darfst du nicht schreiben.',
    'not-readable': 'Dort darfst du nicht lesen.',
    'no-space': 'Der Speicher ist voll.',
    'not-a-folder': 'Wo ein Ordner gebraucht wird, liegt eine Datei.',
    unreadable: 'Was dort steht, lässt sich nicht lesen.',
    locked: 'Ein anderes Portkeeper greift gerade darauf zu.',
    other: 'Das Dateisystem hat es verweigert.',
  },
};

export function storageText(fault: StorageFault, language: Language, access: 'read' | 'write' = 'write'): string {
  return STORAGE[language][fault === 'no-permission' && access === 'read' ? 'not-readable' : fault];
}
