/** Texts of the first steps. */
import type { ControlKind } from '../../../main/contract/model.ts';
import type { Catalogue } from '../../../main/contract/words/catalogues.ts';

const en = {
  title: 'Welcome to Portkeeper',
  intro: 'It opens ports on your router for your games and servers, keeps them open, and closes them when you say so.',
  skip: 'Skip',
  finish: 'Done',
  leaveEmpty: 'Continue without a preset',

  router: 'Your router',
  searching: 'Looking for your router …',
  searchingHint: 'Usually a second or two.',
  searchingLong: 'Some routers take their time. You can go on meanwhile.',
  found: (name: string) => `Found: ${name}`,
  foundHow: 'It lets programs open ports.',
  ways: {
    pcp: 'PCP',
    'nat-pmp': 'NAT-PMP',
    igd: 'UPnP',
    pinhole: 'IPv6 firewall (UPnP)',
  } satisfies Readonly<Record<ControlKind, string>>,
  opensBy: 'Opens ports by',
  outsideAddress: 'Your address on the internet',
  copyAddress: 'Copy your address',
  outsideUnknown: 'It does not tell.',
  outsideNone: 'It has none now.',
  several: (count: number) =>
    count === 1 ? 'One more router answered; see Router.' : `${count} more routers answered; see Router.`,
  simulated: 'Simulated router',
  simulatedHint:
    'Everything works as it will with yours, but nothing is open to the internet, and your own profiles stay as they are.',
  leaveSimulated: 'Look for my router',

  trySimulated: 'Try a simulated router',
  trySimulatedHint: 'See what Portkeeper does without touching a real one.',
  nameRouter: 'I know its address',
  routerAddress: 'Address of the router',
  routerAddressHint:
    'It stands on a sticker of many routers, or as the default gateway in the system’s settings: 192.168.1.1, for example.',
  use: 'Look there',

  choose: 'What should be reachable?',
  chooseHint: 'Add what you use. Each has a switch of its own; nothing is open before you turn it.',
  popular: 'Often used',
  hits: 'Presets found',
  removed: (name: string) => `${name} was removed again.`,
  searchPresets: (count: number) => `Search all ${count} presets`,
  nothing: (query: string) => `No preset is called “${query}”. You can make a profile of your own later.`,
  added: (count: number) => (count === 0 ? 'Nothing added yet' : count === 1 ? '1 added' : `${count} added`),

  start: 'Start with the computer',
  startAtLoginHint: 'In the background, so that what you switched on is open by itself.',
  theme: 'Portkeeper is light or dark as your system is. Settings has more.',
  safety:
    'An open port lets anybody on the internet reach that program: open only what you use, keep it up to date, and give it a good password.',
};

const de: typeof en = {
  title: 'Willkommen bei Portkeeper',
  intro:
    'Portkeeper öffnet Ports an deinem Router für deine Spiele und Server, hält sie offen und schließt sie, wenn du es sagst.',
  skip: 'Überspringen',
  finish: 'Fertig',
  leaveEmpty: 'Ohne Vorlage weiter',

  router: 'Dein Router',
  searching: 'Dein Router wird gesucht …',
  searchingHint: 'Meist dauert das ein, zwei Sekunden.',
  searchingLong: 'Manche Router lassen sich Zeit. Du kannst inzwischen weitermachen.',
  found: (name) => `Gefunden: ${name}`,
  foundHow: 'Er lässt Programme Ports öffnen.',
  ways: {
    pcp: 'PCP',
    'nat-pmp': 'NAT-PMP',
    igd: 'UPnP',
    pinhole: 'IPv6-Firewall (UPnP)',
  },
  opensBy: 'Öffnet Ports mit',
  outsideAddress: 'Deine Internetadresse',
  copyAddress: 'Deine Adresse kopieren',
  outsideUnknown: 'Er verrät sie nicht.',
  outsideNone: 'Er hat gerade keine.',
  several: (count) =>
    count === 1
      ? 'Ein weiterer Router hat geantwortet; siehe Router.'
      : `${count} weitere Router haben geantwortet; siehe Router.`,
  simulated: 'Simulierter Router',
  simulatedHint:
    'Alles geht wie mit deinem eigenen, aber nichts ist aus dem Internet erreichbar, und deine eigenen Profile bleiben unverändert.',
  leaveSimulated: 'Meinen Router suchen',

  trySimulated: 'Simulierten Router ausprobieren',
  trySimulatedHint: 'Sieh, was Portkeeper tut, ohne einen echten anzufassen.',
  nameRouter: 'Ich kenne seine Adresse',
  routerAddress: 'Adresse des Routers',
  routerAddressHint:
    'Sie steht bei vielen Routern auf dem Aufkleber, oder als Standardgateway in den Einstellungen des Systems: zum Beispiel 192.168.1.1.',
  use: 'Dort suchen',

  choose: 'Was soll erreichbar sein?',
  chooseHint: 'Füge hinzu, was du benutzt. Jedes hat einen eigenen Schalter; vorher ist nichts offen.',
  popular: 'Oft gebraucht',
  hits: 'Gefundene Vorlagen',
  removed: (name) => `${name} wurde wieder entfernt.`,
  searchPresets: (count) => `Alle ${count} Vorlagen durchsuchen`,
  nothing: (query) => `Keine Vorlage heißt „${query}“. Ein eigenes Profil kannst du später anlegen.`,
  added: (count) => (count === 0 ? 'Noch nichts hinzugefügt' : count === 1 ? '1 hinzugefügt' : `${count} hinzugefügt`),

  start: 'Mit dem Computer starten',
  startAtLoginHint: 'Im Hintergrund, damit alles Eingeschaltete von selbst offen ist.',
  theme: 'Portkeeper ist hell oder dunkel wie dein System. Mehr dazu in den Einstellungen.',
  safety:
    'Ein offener Port lässt jeden im Internet an dieses Programm: Öffne nur, was du benutzt, halte es aktuell und gib ihm ein gutes Passwort.',
};

export const welcomeWords: Catalogue<typeof en> = { en, de };
