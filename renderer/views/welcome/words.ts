/** Texts of the first steps. */
import type { ControlKind } from '../../../main/contract/model.ts';
import type { Catalogue } from '../../../main/contract/words/catalogues.ts';

const en = {
  title: 'Welcome to Portkeeper',
  intro:
    'Portkeeper opens ports on your router for your games and servers, and keeps them open for as long as you want.',
  finish: 'Done',
  leaveEmpty: 'Skip for now',

  router: 'Your router',
  searching: 'Looking for your router…',
  searchingHint: 'This usually takes a second or two.',
  searchingLong: 'Some routers take longer. You can continue in the meantime.',
  found: (name: string) => `Found: ${name}`,
  foundHow: 'This router lets programs open ports.',
  ways: {
    pcp: 'PCP',
    'nat-pmp': 'NAT-PMP',
    igd: 'UPnP',
    pinhole: 'IPv6 firewall (UPnP)',
  } satisfies Readonly<Record<ControlKind, string>>,
  opensBy: 'Protocols',
  outsideAddress: 'Public IP',
  copyAddress: 'Copy public IP address',
  outsideUnknown: 'unknown',
  outsideNone: 'none',
  several: (count: number) =>
    count === 1 ? '1 more router answered. See Router.' : `${count} more routers answered. See Router.`,
  simulated: 'Simulated router',
  simulatedHint:
    'Everything works as with a real one, but nothing is open to the internet, and your own profiles stay as they are.',
  leaveSimulated: 'Look for my router',

  trySimulated: 'Try a simulated router',
  trySimulatedHint: 'See what Portkeeper does without changing your router.',
  nameRouter: 'Enter the router’s address',
  routerAddress: 'Router address',
  routerAddressHint:
    'Often printed on the router, or shown as the default gateway in your network settings. For example, 192.168.1.1.',
  use: 'Use address',

  choose: 'What should be reachable?',
  chooseHint: 'Add what you use. Nothing opens until you turn it on.',
  popular: 'Popular',
  hits: 'Presets found',
  removed: (name: string) => `${name} removed.`,
  searchPresets: (count: number) => `Search all ${count} presets`,
  nothing: (query: string) => `No presets match “${query}”. You can create your own profile later.`,
  added: (count: number) => (count === 0 ? 'Nothing added yet' : count === 1 ? '1 added' : `${count} added`),

  start: 'Startup',
  startAtLoginHint: 'Runs in the background, so that your ports open automatically.',
  safety:
    'Anyone on the internet can reach a program through its open port. Open only what you use, keep it up to date and set a strong password.',
};

const de: typeof en = {
  title: 'Willkommen bei Portkeeper',
  intro: 'Portkeeper öffnet auf deinem Router Ports für deine Spiele und Server und hält sie offen, solange du willst.',
  finish: 'Fertig',
  leaveEmpty: 'Vorerst überspringen',

  router: 'Dein Router',
  searching: 'Dein Router wird gesucht …',
  searchingHint: 'Das dauert meist ein bis zwei Sekunden.',
  searchingLong: 'Manche Router brauchen länger. Du kannst inzwischen weitermachen.',
  found: (name) => `Gefunden: ${name}`,
  foundHow: 'Dieser Router lässt Programme Ports öffnen.',
  ways: {
    pcp: 'PCP',
    'nat-pmp': 'NAT-PMP',
    igd: 'UPnP',
    pinhole: 'IPv6-Firewall (UPnP)',
  },
  opensBy: 'Protokolle',
  outsideAddress: 'Öffentliche IP',
  copyAddress: 'Öffentliche IP-Adresse kopieren',
  outsideUnknown: 'unbekannt',
  outsideNone: 'keine',
  several: (count) =>
    count === 1
      ? '1 weiterer Router hat geantwortet. Siehe „Router“.'
      : `${count} weitere Router haben geantwortet. Siehe „Router“.`,
  simulated: 'Simulierter Router',
  simulatedHint:
    'Alles funktioniert wie mit einem echten, aber nichts ist zum Internet hin offen, und deine eigenen Profile bleiben unverändert.',
  leaveSimulated: 'Meinen Router suchen',

  trySimulated: 'Simulierten Router ausprobieren',
  trySimulatedHint: 'Sieh dir an, was Portkeeper kann, ohne deinen Router zu ändern.',
  nameRouter: 'Adresse des Routers eingeben',
  routerAddress: 'Adresse des Routers',
  routerAddressHint:
    'Steht oft auf dem Router oder als Standardgateway in den Netzwerkeinstellungen, zum Beispiel 192.168.1.1.',
  use: 'Adresse verwenden',

  choose: 'Was soll erreichbar sein?',
  chooseHint: 'Füge hinzu, was du nutzt. Nichts wird geöffnet, bevor du es einschaltest.',
  popular: 'Beliebt',
  hits: 'Gefundene Vorlagen',
  removed: (name) => `${name} entfernt.`,
  searchPresets: (count) => `Alle ${count} Vorlagen durchsuchen`,
  nothing: (query) => `Keine Vorlagen für „${query}“ gefunden. Ein eigenes Profil kannst du später anlegen.`,
  added: (count) => (count === 0 ? 'Noch nichts hinzugefügt' : count === 1 ? '1 hinzugefügt' : `${count} hinzugefügt`),

  start: 'Start',
  startAtLoginHint: 'Läuft im Hintergrund, damit sich deine Ports automatisch öffnen.',
  safety:
    'Über einen offenen Port kann jeder im Internet das Programm dahinter erreichen. Öffne nur, was du nutzt, halte es aktuell, und vergib ein sicheres Passwort.',
};

export const welcomeWords: Catalogue<typeof en> = { en, de };
