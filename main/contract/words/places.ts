/** Where in an input a fault is, in the words that the window uses: `profile.forwards.0.external.first` → "Forward 1, external port". */
import type { Catalogue, Language } from './catalogues.ts';
import type { StorageFault } from '../fault-reasons.ts';

const en = {
  whole: 'The input',
  numbered: {
    profiles: (place: number): string => `Profile ${place}`,
    forwards: (place: number): string => `Forward ${place}`,
    approvedNetworks: (place: number): string => `Approved network ${place}`,
    exceptInterfaces: (place: number): string => `Excluded interface ${place}`,
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
    upstreamRouter: 'router in front',
    id: 'ID',
    name: 'name',
    on: 'switch',
    at: 'position in the list',
    to: 'position in the list',
    label: 'label',
    opensWhile: 'when it is open',
    router: 'router’s address',
    user: 'user name',
    password: 'password',
    program: 'program',
    days: 'days',
    transports: 'protocol',
    transport: 'protocol',
    families: 'IPv4 or IPv6',
    external: 'external port',
    internal: 'destination',
    client: 'device',
    remoteHost: 'remote host',
    lease: 'lease time',
    ifTaken: 'if the port is taken',
    mode: 'add or replace',
    format: 'format',
    text: 'file',
    onQuit: 'when Portkeeper quits',
    protocol: 'protocol',
    exceptInterfaces: 'excluded interfaces',
    paused: 'pause',
    language: 'language',
    theme: 'appearance',
    notifications: 'notifications',
    startAtLogin: 'start at login',
    checkForUpdates: 'check for updates',
    onlyApprovedNetworks: 'approved networks only',
    approvedNetworks: 'approved networks',
    probeServer: 'probe server',
    probeEvery: 'test from outside every',
    stunServer: 'STUN server',
    probeSecretFile: 'secret of the probe server',
    addressCommand: 'command for a new address',
    dynamicDns: 'dynamic DNS provider',
    dnsName: 'host name',
    dnsUser: 'user name for dynamic DNS',
    dnsServer: 'dynamic DNS server',
    dnsAddresses: 'published addresses',
    dnsOverHttp: 'unencrypted updates',
    secret: 'password',
    of: 'what it is for',
    key: 'network',
    welcomed: 'first steps',
    firstOpenSeen: 'first open port',
    keep: 'profiles to keep',
    discard: 'profiles to discard',
    fingerprint: 'router',
    trait: 'trait',
    value: 'value',
    after: 'start',
    range: 'time range',
    what: 'scope',
    from: 'origin',
    hold: 'holder',
    confirmed: 'answered questions',
    afterwards: 'what happens to open ports when the connection ends',
    targets: 'ports',
    others: 'ports of other programs and devices',
    for: 'purpose',
    interfaceName: 'network interface',
    checks: 'what is checked',
    masked: 'hide addresses and names',
    description: 'label',
  },
  /** Two names that say more together. */
  pairs: {
    'external.first': 'external port',
    'external.last': 'last external port',
    'internal.first': 'internal port',
    'internal.client': 'device',
    'internal.port': 'internal port',
    'external.port': 'external port',
  },
};

const de: typeof en = {
  whole: 'Die Eingabe',
  numbered: {
    profiles: (place) => `Profil ${place}`,
    forwards: (place) => `Freigabe ${place}`,
    approvedNetworks: (place) => `Freigegebenes Netzwerk ${place}`,
    exceptInterfaces: (place) => `Ausgeschlossene Schnittstelle ${place}`,
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
    upstreamRouter: 'Vorgeschalteter Router',
    id: 'Kennung',
    name: 'Name',
    on: 'Schalter',
    at: 'Position in der Liste',
    to: 'Position in der Liste',
    label: 'Bezeichnung',
    opensWhile: 'wann es offen ist',
    router: 'Adresse des Routers',
    user: 'Benutzername',
    password: 'Passwort',
    program: 'Programm',
    days: 'Tage',
    transports: 'Protokoll',
    transport: 'Protokoll',
    families: 'IPv4 oder IPv6',
    external: 'externer Port',
    internal: 'Ziel',
    client: 'Gerät',
    remoteHost: 'Gegenstelle',
    lease: 'Laufzeit',
    ifTaken: 'wenn der Port belegt ist',
    mode: 'hinzufügen oder ersetzen',
    format: 'Format',
    text: 'Datei',
    onQuit: 'beim Beenden von Portkeeper',
    protocol: 'Protokoll',
    exceptInterfaces: 'ausgeschlossene Schnittstellen',
    paused: 'Pause',
    language: 'Sprache',
    theme: 'Erscheinungsbild',
    notifications: 'Benachrichtigungen',
    startAtLogin: 'Start bei der Anmeldung',
    checkForUpdates: 'nach Updates suchen',
    onlyApprovedNetworks: 'nur freigegebene Netzwerke',
    approvedNetworks: 'freigegebene Netzwerke',
    probeServer: 'Testserver',
    probeEvery: 'Abstand der Tests von außen',
    stunServer: 'STUN-Server',
    probeSecretFile: 'Geheimnis des Testservers',
    addressCommand: 'Befehl bei neuer Adresse',
    dynamicDns: 'Anbieter für dynamisches DNS',
    dnsName: 'Hostname',
    dnsUser: 'Benutzername für dynamisches DNS',
    dnsServer: 'Server für dynamisches DNS',
    dnsAddresses: 'veröffentlichte Adressen',
    dnsOverHttp: 'unverschlüsselte Aktualisierung',
    secret: 'Passwort',
    of: 'Zweck',
    key: 'Netzwerk',
    welcomed: 'erste Schritte',
    firstOpenSeen: 'erster offener Port',
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
    confirmed: 'beantwortete Fragen',
    afterwards: 'was mit offenen Ports geschieht, wenn die Verbindung endet',
    targets: 'Ports',
    others: 'Ports anderer Programme und Geräte',
    for: 'Zweck',
    interfaceName: 'Netzwerkschnittstelle',
    checks: 'Umfang der Prüfung',
    masked: 'Adressen und Namen verbergen',
    description: 'Bezeichnung',
  },
  pairs: {
    'external.first': 'externer Port',
    'external.last': 'letzter externer Port',
    'internal.first': 'interner Port',
    'internal.client': 'Gerät',
    'internal.port': 'interner Port',
    'external.port': 'externer Port',
  },
};

const PLACES: Catalogue<typeof en> = { en, de };

/** Said of what follows them, they say nothing. */
const CONTAINERS: ReadonlySet<string> = new Set(['profile', 'document', 'settings']);

/** Accepts any text; unknown places are shown as they are. */
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

/** Inputs may well have a key `constructor`. */
function own<Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** `not-readable`: no permission to read. */
const STORAGE: Catalogue<Readonly<Record<StorageFault | 'not-readable', string>>> = {
  en: {
    'no-permission': 'You don’t have permission to write there.',
    'not-readable': 'You don’t have permission to read there.',
    'no-space': 'The disk is full.',
    'not-a-folder': 'There is a file where a folder is needed.',
    'not-private': 'Other users of this computer can change its contents.',
    unreadable: 'Its contents can’t be read.',
    locked: 'Another copy of Portkeeper is using it.',
    other: 'The file system reported an error.',
  },
  de: {
    'no-permission': 'Dir fehlt dort die Schreibberechtigung.',
    'not-readable': 'Dir fehlt dort die Leseberechtigung.',
    'no-space': 'Der Datenträger ist voll.',
    'not-a-folder': 'Statt des nötigen Ordners gibt es dort eine Datei.',
    'not-private': 'Andere Benutzer dieses Computers können den Inhalt ändern.',
    unreadable: 'Der Inhalt lässt sich nicht lesen.',
    locked: 'Eine andere Portkeeper-Instanz verwendet sie.',
    other: 'Das Dateisystem hat einen Fehler gemeldet.',
  },
};

export function storageText(fault: StorageFault, language: Language, access: 'read' | 'write' = 'write'): string {
  return STORAGE[language][fault === 'no-permission' && access === 'read' ? 'not-readable' : fault];
}
