/** What the window says in every view. */
import type { Catalogue } from '../../main/contract/words/catalogues.ts';

const en = {
  skipToContent: 'Skip to the content',
  skipToProfiles: 'Skip to your profiles',
  navigation: 'Views',
  views: {
    forwards: 'Forwards',
    presets: 'Presets',
    router: 'Router',
    activity: 'Activity',
    settings: 'Settings',
  },
  messages: 'Messages',
  dismiss: 'Dismiss',
  close: 'Close',
  cancel: 'Cancel',
  save: 'Save',
  undo: 'Undo',
  more: 'More',
  details: 'Details',
  clearSearch: 'Clear the search',
  searchAgain: 'Search again',
  thisComputer: 'This computer',
  otherDevice: 'Another device',
  publicAddress: 'Internet address',
  copyPublicAddress: 'Copy the internet address',
  copy: 'Copy',
  copied: 'Copied.',
  copyFailed: 'The system did not let it be copied. Mark the text and copy it yourself.',
  severity: { error: 'Error:', warning: 'Warning:', info: 'Note:' },
  closeTheirs: {
    title: (port: string): string => `Close ${port} of another device?`,
    text: (port: string, device: string, name: string): string =>
      `${name === '' ? device : `“${name}” on ${device}`} uses port ${port}. It can’t be reached from the internet any more, and may open the port again.`,
    yes: 'Close theirs',
  },
  loading: 'Connecting to Portkeeper…',
  notConnected: 'Portkeeper does not answer. It may have ended; start it again.',
  notAdmitted:
    'Portkeeper does not know this page: each start has a key of its own, and it is in the address. Open the address that “portkeeper status” prints, or that was printed when it was started.',
  connectionLost:
    'The connection to Portkeeper is lost. What is shown may be out of date; it is tried again by itself.',
  demo: 'This is a simulated router: nothing is open to the internet, and your own profiles stay as they are.',
  leaveDemo: 'Use my real router',
  tried: {
    title: 'Keep what you tried?',
    hint: 'What you keep is added to your profiles, switched off: nothing opens on your real router until you switch it on. Anything you uncheck is discarded.',
    keep: (count: number): string =>
      count === 0 ? 'Keep none' : count === 1 ? 'Keep 1 profile' : `Keep ${count} profiles`,
    later: 'Decide later',
    decided: (added: number, discarded: number): string => {
      const sentences = [
        added === 0 ? '' : added === 1 ? '1 profile added, switched off.' : `${added} profiles added, switched off.`,
        discarded === 0 ? '' : `${discarded} discarded.`,
      ];
      return sentences.filter((sentence) => sentence !== '').join(' ');
    },
    undecided: (count: number): string =>
      count === 1
        ? '1 profile you tried with the simulated router isn’t in your list yet.'
        : `${count} profiles you tried with the simulated router aren’t in your list yet.`,
    choose: 'Choose…',
  },
  failed: 'This view met an error of its own.',
  failedHint: 'Nothing that is open is affected by it.',
  reload: 'Load the window again',
  shortcuts: 'Keyboard shortcuts',
  shortcut: {
    view: 'Go to a view',
    search: 'Search',
    newProfile: 'New profile',
    list: 'Move in a list',
    move: 'Move a profile',
    help: 'Show these shortcuts',
    close: 'Close a dialog or menu',
  },
  problems: (count: number): string => (count === 1 ? '1 problem' : `${count} problems`),
};

const de: typeof en = {
  skipToContent: 'Zum Inhalt springen',
  skipToProfiles: 'Zu deinen Profilen springen',
  navigation: 'Ansichten',
  views: {
    forwards: 'Freigaben',
    presets: 'Vorlagen',
    router: 'Router',
    activity: 'Verlauf',
    settings: 'Einstellungen',
  },
  messages: 'Meldungen',
  dismiss: 'Ausblenden',
  close: 'Schließen',
  cancel: 'Abbrechen',
  save: 'Speichern',
  undo: 'Rückgängig',
  more: 'Mehr',
  details: 'Details',
  clearSearch: 'Suche leeren',
  searchAgain: 'Erneut suchen',
  thisComputer: 'Dieser Computer',
  otherDevice: 'Anderes Gerät',
  publicAddress: 'Internetadresse',
  copyPublicAddress: 'Internetadresse kopieren',
  copy: 'Kopieren',
  copied: 'Kopiert.',
  copyFailed: 'Das System hat das Kopieren nicht erlaubt. Text markieren und selbst kopieren.',
  severity: { error: 'Fehler:', warning: 'Warnung:', info: 'Hinweis:' },
  closeTheirs: {
    title: (port) => `${port} eines anderen Geräts schließen?`,
    text: (port, device, name) =>
      `${name === '' ? device : `„${name}“ auf ${device}`} verwendet Port ${port}. Aus dem Internet ist es dann nicht mehr erreichbar; vielleicht öffnet es den Port erneut.`,
    yes: 'Freigabe schließen',
  },
  loading: 'Verbindung zu Portkeeper wird aufgebaut …',
  notConnected: 'Portkeeper antwortet nicht. Vielleicht wurde es beendet; bitte neu starten.',
  notAdmitted:
    'Portkeeper kennt diese Seite nicht: Jeder Start hat einen eigenen Schlüssel, und er steckt in der Adresse. Bitte die Adresse öffnen, die „portkeeper status“ ausgibt oder die beim Start ausgegeben wurde.',
  connectionLost:
    'Die Verbindung zu Portkeeper ist unterbrochen. Die Anzeige ist womöglich veraltet; es wird von selbst weiter versucht.',
  demo: 'Das ist ein simulierter Router: Nichts ist zum Internet hin offen, und deine eigenen Profile bleiben unverändert.',
  leaveDemo: 'Meinen echten Router verwenden',
  tried: {
    title: 'Ausprobiertes behalten?',
    hint: 'Was du behältst, kommt ausgeschaltet zu deinen Profilen: Auf deinem echten Router wird nichts geöffnet, bis du es einschaltest. Was du abwählst, wird verworfen.',
    keep: (count) =>
      count === 0 ? 'Nichts behalten' : count === 1 ? '1 Profil behalten' : `${count} Profile behalten`,
    later: 'Später entscheiden',
    decided: (added, discarded) => {
      const sentences = [
        added === 0 ? '' : `${added === 1 ? '1 Profil' : `${added} Profile`} ausgeschaltet hinzugefügt.`,
        discarded === 0 ? '' : `${discarded} verworfen.`,
      ];
      return sentences.filter((sentence) => sentence !== '').join(' ');
    },
    undecided: (count) =>
      count === 1
        ? '1 Profil, das du mit dem simulierten Router ausprobiert hast, ist noch nicht in deiner Liste.'
        : `${count} Profile, die du mit dem simulierten Router ausprobiert hast, sind noch nicht in deiner Liste.`,
    choose: 'Auswählen …',
  },
  failed: 'In dieser Ansicht ist ein Fehler aufgetreten.',
  failedHint: 'Was offen ist, bleibt davon unberührt.',
  reload: 'Fenster neu laden',
  shortcuts: 'Tastenkürzel',
  shortcut: {
    view: 'Ansicht wechseln',
    search: 'Suchen',
    newProfile: 'Neues Profil',
    list: 'In einer Liste bewegen',
    move: 'Profil verschieben',
    help: 'Diese Tastenkürzel zeigen',
    close: 'Dialog oder Menü schließen',
  },
  problems: (count: number): string => (count === 1 ? '1 Problem' : `${count} Probleme`),
};

export const windowWords: Catalogue<typeof en> = { en, de };
