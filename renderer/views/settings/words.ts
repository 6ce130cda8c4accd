/** Texts of the window's view of settings. */
import type { UpdateView } from '../../../main/contract/commands.ts';
import type { Catalogue, Language } from '../../../main/contract/words/catalogues.ts';

type UpdateSentences = {
  readonly [At in UpdateView['at']]: (update: Extract<UpdateView, { readonly at: At }>) => string;
};

/** `42%`, `42 %`. */
const percentIn = (language: Language, share: number): string =>
  Math.min(1, Math.max(0, share)).toLocaleString(language, { style: 'percent' });

/** `2 hours`, `1,5 Stunden`. */
const leaseIn =
  (language: Language) =>
  (amount: number, unit: 'minutes' | 'hours' | 'days'): string =>
    amount.toLocaleString(language, {
      style: 'unit',
      unit: unit.slice(0, -1),
      unitDisplay: 'long',
      maximumFractionDigits: 2,
    });

const en = {
  intro: 'Changes take effect immediately.',
  saved: 'Saved',
  notSaved: 'Not saved.',
  still: (value: string) => `Unchanged: ${value}`,
  textSet: 'Use',
  copy: 'Copy',
  copyFolder: 'Copy path',
  reopens: 'Changing this closes open ports and opens them again within seconds.',

  general: 'General',
  startAtLogin: 'Start at login',
  startAtLoginHint: 'Portkeeper starts in the background when you log in, so that your ports open automatically.',
  service: 'Start automatically',
  serviceHint:
    'Portkeeper runs here as a service, without a tray icon or notifications. To start it with the computer, have the system run this command, for example as a systemd service, a launchd agent or a startup task:',
  onQuit: 'When Portkeeper quits',
  onQuitHint: 'What happens to open ports when you quit.',
  onQuitClose: 'Close them',
  onQuitKeep: 'Leave them open',
  onQuitKeepHint: 'They are no longer renewed. Most routers close them when the lease expires; some never do.',
  notifications: 'Notifications',
  notificationsHint: 'Desktop notifications.',
  notificationsAbout: { problems: 'Problems only', all: 'Everything', none: 'None' },
  language: 'Language',
  languageHint: 'Used in this window, the tray menu and notifications.',
  asSystem: 'Same as system',
  theme: 'Appearance',
  themeHint: 'Light or dark.',
  themeLight: 'Light',
  themeDark: 'Dark',

  checkForUpdates: 'Check for updates',
  checkForUpdatesHint: 'Checks now and then for a newer version. Nothing about you or your network is sent.',
  update: 'Version',
  updateState: {
    unsupported: () => 'This installation doesn’t update itself. Get newer versions from where you got this one.',
    off: () => 'Update checks are turned off.',
    none: () => 'Portkeeper is up to date.',
    checking: () => 'Checking for updates…',
    fetching: ({ version, share }) => `Downloading ${version}: ${percentIn('en', share)}`,
    ready: ({ version }) => `Version ${version} is ready to install. Restart now, or install it at the next start.`,
    available: ({ version }) => `Version ${version} is available to download.`,
    failed: ({ fault }) => `Couldn’t check for updates${fault === '' ? '' : ` (${fault})`}. Try again later.`,
  } satisfies UpdateSentences,
  checkNow: 'Check now',
  installNow: 'Restart and install',
  fetchByHand: (version: string) => `Download ${version}`,

  network: 'Network',
  protocol: 'Protocol',
  protocolHint: 'Leave this on Automatic unless one of these causes trouble with your router.',
  protocols: { auto: 'Automatic', upnp: 'UPnP only', natpmp: 'NAT-PMP only', pcp: 'PCP only' },
  protocolHints: {
    auto: 'Recommended. Uses the best protocol your router supports.',
    upnp: 'Supported by most home routers.',
    natpmp: 'The predecessor of PCP, supported by Apple routers and some VPN providers.',
    pcp: 'Newer and faster, with support for IPv6.',
  },
  gateway: 'Router address',
  gatewayHint:
    'Leave this empty to find your router automatically. If it isn’t found, enter its address or the URL of its UPnP description.',
  gatewayExample: '192.168.1.1',
  gatewayNone: 'automatic',
  signIn: {
    label: 'Sign in to the router',
    hint: 'Only for routers that ask for a password before they open ports, such as a FRITZ!Box without UPnP. The password stays in this system’s secret store and is sent only to this router, never as plain text.',
    router: 'Router’s IP address',
    user: 'User name',
    password: 'Password',
    signIn: 'Sign in',
    signOut: 'Sign out',
    badAddress: 'Enter an IP address, such as 192.168.178.1.',
    states: { untried: 'Not asked for yet', accepted: 'Signed in', wrong: 'Refused: wrong name or password' },
  },
  gatewayClear: 'Find automatically',
  probeNone: 'none',
  probeClear: 'Remove',
  probeServer: 'Probe server',
  probeServerHint:
    'Tests from outside which of your open ports can be reached, when you ask for it. Run “portkeeper probe-server” on a computer outside your home, and enter its name or address here.',
  probeServerExample: 'probe.example.net',
  probeSecret: 'Secret of the probe server',
  probeSecretHint: 'Path of the file with the secret, if the probe server has one.',
  probeSecretExample: '/home/alice/probe-secret',
  stunServer: 'STUN server',
  stunServerHint:
    'When you run a check, this server on the internet is asked which address it sees. That reveals a NAT in front of your router. If this is empty, nobody is asked.',
  stunServerExample: 'stun.example.net',
  interfaces: 'Network interfaces',
  interfacesHint:
    'Where Portkeeper looks for routers. Turn off VPNs and virtual adapters you don’t want Portkeeper to use.',
  interfacesReading: 'Loading network interfaces…',
  interfacesUnknown: 'Couldn’t read this computer’s network interfaces.',
  interfacesEmpty: 'This computer has no network interfaces right now.',
  interfaceVirtual: 'virtual',
  interfaceAbsent: 'not connected',
  interfaceNoAddress: 'no address',
  tryAgain: 'Try again',
  lease: 'Lease time',
  leaseHint:
    'How long the router keeps a port open between renewals. Portkeeper renews leases automatically. When this computer is off, ports close when their lease expires.',
  leaseRecommended: 'Recommended: 1 to 2 hours, by protocol',
  leaseOther: 'Other…',
  leaseAmount: 'Time',
  leaseUnit: 'Unit',
  leaseSet: 'Use',
  leaseUnits: { minutes: 'minutes', hours: 'hours', days: 'days' },
  leaseText: leaseIn('en'),
  leaseBounds: '1 minute to 7 days.',
  leaseBad: 'Enter a time from 1 minute to 7 days.',
  onlyApproved: 'Only on approved networks',
  onlyApprovedHint: 'For laptops: opens your ports at home, but not in hotels or cafés.',
  nothingHere: (name: string) => `No ports are open here: this network (${name}) isn’t approved.`,
  approved: 'Approved networks',
  approvedHint: 'You can approve networks before you turn on the switch above.',
  approvedNone: 'None yet.',
  here: 'current network',
  approveThis: (name: string) => `Approve this network (${name})`,
  removeNetwork: (name: string) => `Remove ${name}`,
  networkRemoved: (name: string) => `${name} is no longer approved.`,

  address: 'Public address',
  command: 'Command for a new address',
  commandHint:
    'A program that runs when your public IP address changes: its full path and arguments, no shell. Don’t put passwords here; the setting is stored as plain text.',
  commandExample: '/usr/local/bin/announce --quiet',
  commandNone: 'none',
  commandClear: 'Remove',
  commandElsewhere: 'For your safety, this can’t be set in a browser. Use a terminal:',

  data: 'Data',
  folder: 'Data folder',
  folderHint: 'Your profiles, settings and learned workarounds. Nothing leaves this computer.',
  showFolder: 'Show folder',
  export: 'Export',
  exportHint: 'Save all profiles to a file, as a backup or for another computer.',
  format: 'Format',
  formats: {
    portkeeper: 'Portkeeper (profiles and settings)',
    'upnp-daemon-csv': 'upnp-daemon, CSV',
    'upnp-daemon-json': 'upnp-daemon, JSON',
  },
  exportNow: 'Save file',
  exportLeft: 'Not included in this format',
  import: 'Import',
  importHint: 'Add profiles from a Portkeeper file or a upnp-daemon port list (CSV or JSON).',
  choose: 'Choose file',
  drop: 'or drop it here',
  dropNow: 'Drop to preview',
  onlyOne: 'Drop one file at a time.',
  faults: {
    'too-large': (file: string) => `${file} is larger than 4 MiB, which is too large for a port list.`,
    unreadable: (file: string) => `Couldn’t read ${file}.`,
  },
  refused: (file: string) => `Couldn’t import ${file}. Nothing was changed.`,
  preview: (file: string) => `In ${file}`,
  previewProfiles: (count: number) => (count === 1 ? '1 profile' : `${count} profiles`),
  previewNone: 'no profiles',
  importLeft: 'Not imported',
  previewSettings: 'and settings',
  previewMore: (count: number) => (count === 1 ? 'and 1 more' : `and ${count} more`),
  mode: 'Import mode',
  modeAdd: 'Add to my profiles',
  modeAddHint: (hasSettings: boolean) =>
    `Keeps your profiles and adds the new ones at the end, turned off.${hasSettings ? ' Settings in the file are ignored.' : ''}`,
  modeReplace: 'Replace my profiles',
  modeReplaceHint: (count: number, hasSettings: boolean) => {
    const mine =
      count === 1
        ? 'Deletes your profile and closes its open ports.'
        : `Deletes your ${count} profiles and closes their open ports.`;
    const settings = 'Uses the profiles, switches and settings from the file.';
    if (count === 0) return hasSettings ? settings : 'You have no profiles yet.';
    return hasSettings ? `${mine} ${settings}` : mine;
  },
  importNow: (count: number) => (count === 1 ? 'Import 1 profile' : `Import ${count} profiles`),
  replaceNow: 'Replace',
  imported: (count: number) => (count === 1 ? '1 profile added.' : `${count} profiles added.`),
  replaced: (count: number) => (count === 1 ? 'You now have 1 profile.' : `You now have ${count} profiles.`),
  importUndone: 'Import undone.',

  report: 'Bug report',
  reportHint:
    'Collects what helps to find a bug: version, settings, routers and the latest log entries. Addresses, computer names and user names are masked; profile names and ports are not. Nothing is sent: you review the report and send it yourself.',
  reportMake: 'Create report',
  reportText: 'Report',
  reportAgain: 'Create again',
  reportCopied: 'Report copied.',

  resetSettings: 'Reset settings',
  resetSettingsHint: 'Restores the default settings. Profiles are kept.',
  resetSettingsNow: 'Reset settings',
  settingsReset: 'Default settings restored.',
  settingsBack: 'Your settings were restored.',
  resetAll: 'Reset everything',
  resetAllHint: 'Restores Portkeeper to its initial state.',
  resetAllNow: 'Reset everything…',
  resetAllTitle: 'Reset everything?',
  resetAllDoes: [
    'Closes all open ports.',
    'Deletes all profiles.',
    'Restores the default settings.',
    'Clears activity and learned workarounds.',
  ] as readonly string[],
  resetAllBackup: 'If you might need your profiles again, export them first.',
  resetAllWord: 'reset',
  resetAllType: (word: string) => `Type “${word}” to confirm`,
  resetAllConfirm: 'Reset everything',
  resetAllNotYet: (word: string) => `Type “${word}” first.`,
  everythingReset: 'Everything was reset.',

  about: 'About',
  version: 'Version',
  platform: 'System',
  licence: 'Licence',
  licenceText: 'MIT: free to use, modify and share, without warranty.',
  welcomeAgain: 'First steps',
  welcomeAgainHint: 'The welcome screen from your first start.',
  welcomeAgainNow: 'Show again',
};

const de: typeof en = {
  intro: 'Änderungen werden sofort wirksam.',
  saved: 'Gespeichert',
  notSaved: 'Nicht gespeichert.',
  still: (value) => `Unverändert: ${value}`,
  textSet: 'Übernehmen',
  copy: 'Kopieren',
  copyFolder: 'Pfad kopieren',
  reopens: 'Eine Änderung schließt offene Ports und öffnet sie innerhalb von Sekunden wieder.',

  general: 'Allgemein',
  startAtLogin: 'Bei der Anmeldung starten',
  startAtLoginHint:
    'Portkeeper startet im Hintergrund, wenn du dich anmeldest, damit sich deine Ports automatisch öffnen.',
  service: 'Automatisch starten',
  serviceHint:
    'Portkeeper läuft hier als Dienst, ohne Tray-Symbol und Benachrichtigungen. Damit es mit dem Computer startet, lass das System diesen Befehl ausführen, zum Beispiel als systemd-Dienst, launchd-Agent oder Autostart-Aufgabe:',
  onQuit: 'Beim Beenden',
  onQuitHint: 'Was mit offenen Ports geschieht, wenn du Portkeeper beendest.',
  onQuitClose: 'Schließen',
  onQuitKeep: 'Offen lassen',
  onQuitKeepHint:
    'Sie werden nicht mehr verlängert. Die meisten Router schließen sie am Ende der Laufzeit, manche nie.',
  notifications: 'Benachrichtigungen',
  notificationsHint: 'Benachrichtigungen auf dem Desktop.',
  notificationsAbout: { problems: 'Nur Probleme', all: 'Alles', none: 'Keine' },
  language: 'Sprache',
  languageHint: 'In diesem Fenster, im Tray-Menü und in Benachrichtigungen.',
  asSystem: 'Wie das System',
  theme: 'Erscheinungsbild',
  themeHint: 'Hell oder dunkel.',
  themeLight: 'Hell',
  themeDark: 'Dunkel',

  checkForUpdates: 'Nach Updates suchen',
  checkForUpdatesHint:
    'Prüft ab und zu, ob es eine neuere Version gibt. Daten über dich oder dein Netzwerk werden nicht gesendet.',
  update: 'Version',
  updateState: {
    unsupported: () =>
      'Diese Installation aktualisiert sich nicht selbst. Neuere Versionen bekommst du dort, woher du diese hast.',
    off: () => 'Die Suche nach Updates ist ausgeschaltet.',
    none: () => 'Portkeeper ist auf dem neuesten Stand.',
    checking: () => 'Nach Updates wird gesucht …',
    fetching: ({ version, share }) => `${version} wird geladen: ${percentIn('de', share)}`,
    ready: ({ version }) =>
      `Version ${version} kann installiert werden. Starte jetzt neu, oder installiere sie beim nächsten Start.`,
    available: ({ version }) => `Version ${version} steht zum Download bereit.`,
    failed: ({ fault }) =>
      `Die Suche nach Updates ist fehlgeschlagen${fault === '' ? '' : ` (${fault})`}. Versuche es später erneut.`,
  },
  checkNow: 'Jetzt suchen',
  installNow: 'Neu starten und installieren',
  fetchByHand: (version) => `${version} laden`,

  network: 'Netzwerk',
  protocol: 'Protokoll',
  protocolHint: 'Lass „Automatisch“ eingestellt, es sei denn, eines der Protokolle macht mit deinem Router Probleme.',
  protocols: { auto: 'Automatisch', upnp: 'Nur UPnP', natpmp: 'Nur NAT-PMP', pcp: 'Nur PCP' },
  protocolHints: {
    auto: 'Empfohlen. Nutzt das beste Protokoll, das dein Router unterstützt.',
    upnp: 'Wird von den meisten Heimroutern unterstützt.',
    natpmp: 'Der Vorgänger von PCP, unterstützt von Apple-Routern und manchen VPN-Anbietern.',
    pcp: 'Neuer und schneller, auch für IPv6.',
  },
  gateway: 'Adresse des Routers',
  gatewayHint:
    'Lass das Feld leer, um deinen Router automatisch zu finden. Wird er nicht gefunden, gib seine Adresse oder die URL seiner UPnP-Beschreibung ein.',
  gatewayExample: '192.168.1.1',
  gatewayNone: 'automatisch',
  signIn: {
    label: 'Beim Router anmelden',
    hint: 'Nur für Router, die ein Passwort verlangen, bevor sie Ports öffnen, etwa eine FRITZ!Box ohne UPnP. Das Passwort bleibt im Geheimnisspeicher dieses Systems und geht nur an diesen Router, nie im Klartext.',
    router: 'IP-Adresse des Routers',
    user: 'Benutzername',
    password: 'Passwort',
    signIn: 'Anmelden',
    signOut: 'Abmelden',
    badAddress: 'Gib eine IP-Adresse ein, zum Beispiel 192.168.178.1.',
    states: { untried: 'Noch nicht verlangt', accepted: 'Angemeldet', wrong: 'Abgelehnt: Name oder Passwort falsch' },
  },
  gatewayClear: 'Automatisch finden',
  probeNone: 'keine Angabe',
  probeClear: 'Entfernen',
  probeServer: 'Testserver',
  probeServerHint:
    'Testet von außen, welche deiner offenen Ports erreichbar sind, wenn du es willst. Starte „portkeeper probe-server“ auf einem Computer außerhalb deines Zuhauses, und gib hier seinen Namen oder seine Adresse ein.',
  probeServerExample: 'probe.example.net',
  probeSecret: 'Geheimnis des Testservers',
  probeSecretHint: 'Pfad der Datei mit dem Geheimnis, falls der Testserver eines hat.',
  probeSecretExample: '/home/alice/testserver-geheimnis',
  stunServer: 'STUN-Server',
  stunServerHint:
    'Bei einer Prüfung wird dieser Server im Internet gefragt, welche Adresse er sieht. So fällt ein NAT vor deinem Router auf. Ist das Feld leer, wird niemand gefragt.',
  stunServerExample: 'stun.example.net',
  interfaces: 'Netzwerkschnittstellen',
  interfacesHint:
    'Wo Portkeeper nach Routern sucht. Schalte VPNs und virtuelle Adapter aus, die Portkeeper nicht verwenden soll.',
  interfacesReading: 'Netzwerkschnittstellen werden geladen …',
  interfacesUnknown: 'Die Netzwerkschnittstellen dieses Computers ließen sich nicht lesen.',
  interfacesEmpty: 'Dieser Computer hat derzeit keine Netzwerkschnittstellen.',
  interfaceVirtual: 'virtuell',
  interfaceAbsent: 'nicht verbunden',
  interfaceNoAddress: 'keine Adresse',
  tryAgain: 'Erneut versuchen',
  lease: 'Laufzeit',
  leaseHint:
    'Wie lange der Router einen Port zwischen zwei Verlängerungen offen hält. Portkeeper verlängert automatisch. Ist dieser Computer aus, schließen sich die Ports am Ende ihrer Laufzeit.',
  leaseRecommended: 'Empfohlen: 1 bis 2 Stunden, je nach Protokoll',
  leaseOther: 'Andere …',
  leaseAmount: 'Laufzeit',
  leaseUnit: 'Einheit',
  leaseSet: 'Übernehmen',
  leaseUnits: { minutes: 'Minuten', hours: 'Stunden', days: 'Tage' },
  leaseText: leaseIn('de'),
  leaseBounds: '1 Minute bis 7 Tage.',
  leaseBad: 'Gib eine Zeit von 1 Minute bis 7 Tagen ein.',
  onlyApproved: 'Nur in freigegebenen Netzwerken',
  onlyApprovedHint: 'Für Laptops: Öffnet deine Ports zu Hause, aber nicht im Hotel oder Café.',
  nothingHere: (name) => `Hier sind keine Ports offen: Dieses Netzwerk (${name}) ist nicht freigegeben.`,
  approved: 'Freigegebene Netzwerke',
  approvedHint: 'Du kannst Netzwerke freigeben, bevor du den Schalter darüber einschaltest.',
  approvedNone: 'Noch keine.',
  here: 'aktuelles Netzwerk',
  approveThis: (name) => `Dieses Netzwerk freigeben (${name})`,
  removeNetwork: (name) => `${name} entfernen`,
  networkRemoved: (name) => `${name} ist nicht mehr freigegeben.`,

  address: 'Öffentliche Adresse',
  command: 'Befehl bei neuer Adresse',
  commandHint:
    'Ein Programm, das läuft, wenn sich deine öffentliche IP-Adresse ändert: vollständiger Pfad und Argumente, ohne Shell. Schreib hier keine Passwörter hinein; die Einstellung wird als Klartext gespeichert.',
  commandExample: '/usr/local/bin/announce --quiet',
  commandNone: 'keiner',
  commandClear: 'Entfernen',
  commandElsewhere: 'Zu deiner Sicherheit lässt sich das nicht im Browser festlegen. Nutze ein Terminal:',

  data: 'Daten',
  folder: 'Datenordner',
  folderHint: 'Deine Profile, Einstellungen und gelernten Anpassungen. Nichts davon verlässt diesen Computer.',
  showFolder: 'Ordner anzeigen',
  export: 'Exportieren',
  exportHint: 'Sichere alle Profile in einer Datei, als Backup oder für einen anderen Computer.',
  format: 'Format',
  formats: {
    portkeeper: 'Portkeeper (Profile und Einstellungen)',
    'upnp-daemon-csv': 'upnp-daemon, CSV',
    'upnp-daemon-json': 'upnp-daemon, JSON',
  },
  exportNow: 'Datei sichern',
  exportLeft: 'In diesem Format nicht enthalten',
  import: 'Importieren',
  importHint: 'Füge Profile aus einer Portkeeper-Datei oder einer Portliste von upnp-daemon (CSV oder JSON) hinzu.',
  choose: 'Datei wählen',
  drop: 'oder hier ablegen',
  dropNow: 'Für eine Vorschau ablegen',
  onlyOne: 'Lege nur eine Datei auf einmal ab.',
  faults: {
    'too-large': (file) => `${file} ist größer als 4 MiB und damit zu groß für eine Portliste.`,
    unreadable: (file) => `${file} ließ sich nicht lesen.`,
  },
  refused: (file) => `${file} ließ sich nicht importieren. Es wurde nichts geändert.`,
  preview: (file) => `In ${file}`,
  previewProfiles: (count) => (count === 1 ? '1 Profil' : `${count} Profile`),
  previewNone: 'keine Profile',
  importLeft: 'Nicht importiert',
  previewSettings: 'und Einstellungen',
  previewMore: (count) => (count === 1 ? 'und 1 weiteres' : `und ${count} weitere`),
  mode: 'Importmodus',
  modeAdd: 'Zu meinen Profilen hinzufügen',
  modeAddHint: (hasSettings) =>
    `Behält deine Profile und fügt die neuen ausgeschaltet am Ende hinzu.${hasSettings ? ' Einstellungen in der Datei werden ignoriert.' : ''}`,
  modeReplace: 'Meine Profile ersetzen',
  modeReplaceHint: (count, hasSettings) => {
    const mine =
      count === 1
        ? 'Löscht dein Profil und schließt seine offenen Ports.'
        : `Löscht deine ${count} Profile und schließt ihre offenen Ports.`;
    const settings = 'Übernimmt Profile, Schalter und Einstellungen aus der Datei.';
    if (count === 0) return hasSettings ? settings : 'Du hast noch keine Profile.';
    return hasSettings ? `${mine} ${settings}` : mine;
  },
  importNow: (count) => (count === 1 ? '1 Profil importieren' : `${count} Profile importieren`),
  replaceNow: 'Ersetzen',
  imported: (count) => (count === 1 ? '1 Profil hinzugefügt.' : `${count} Profile hinzugefügt.`),
  replaced: (count) => (count === 1 ? 'Du hast jetzt 1 Profil.' : `Du hast jetzt ${count} Profile.`),
  importUndone: 'Import rückgängig gemacht.',

  report: 'Fehlerbericht',
  reportHint:
    'Sammelt, was bei der Fehlersuche hilft: Version, Einstellungen, Router und die letzten Protokolleinträge. Adressen, Computernamen und Benutzernamen werden unkenntlich gemacht, Profilnamen und Ports nicht. Nichts wird gesendet: Du prüfst den Bericht und schickst ihn selbst.',
  reportMake: 'Bericht erstellen',
  reportText: 'Bericht',
  reportAgain: 'Erneut erstellen',
  reportCopied: 'Bericht kopiert.',

  resetSettings: 'Einstellungen zurücksetzen',
  resetSettingsHint: 'Stellt die Standardeinstellungen wieder her. Profile bleiben erhalten.',
  resetSettingsNow: 'Einstellungen zurücksetzen',
  settingsReset: 'Standardeinstellungen wiederhergestellt.',
  settingsBack: 'Deine Einstellungen wurden wiederhergestellt.',
  resetAll: 'Alles zurücksetzen',
  resetAllHint: 'Versetzt Portkeeper in den Ausgangszustand.',
  resetAllNow: 'Alles zurücksetzen …',
  resetAllTitle: 'Alles zurücksetzen?',
  resetAllDoes: [
    'Schließt alle offenen Ports.',
    'Löscht alle Profile.',
    'Stellt die Standardeinstellungen wieder her.',
    'Löscht den Verlauf und die gelernten Anpassungen.',
  ],
  resetAllBackup: 'Brauchst du deine Profile vielleicht wieder, exportiere sie vorher.',
  resetAllWord: 'zurücksetzen',
  resetAllType: (word) => `Gib zum Bestätigen „${word}“ ein`,
  resetAllConfirm: 'Alles zurücksetzen',
  resetAllNotYet: (word) => `Gib zuerst „${word}“ ein.`,
  everythingReset: 'Alles wurde zurückgesetzt.',

  about: 'Über Portkeeper',
  version: 'Version',
  platform: 'System',
  licence: 'Lizenz',
  licenceText: 'MIT: frei nutzen, ändern und weitergeben, ohne Gewährleistung.',
  welcomeAgain: 'Erste Schritte',
  welcomeAgainHint: 'Der Willkommensbildschirm vom ersten Start.',
  welcomeAgainNow: 'Erneut anzeigen',
};

export const settingsWords: Catalogue<typeof en> = { en, de };
