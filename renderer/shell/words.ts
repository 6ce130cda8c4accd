/** Texts of the window in every view. */
import type { Catalogue } from '../../main/contract/words/catalogues.ts';

const en = {
  skipToContent: 'Skip to content',
  skipToProfiles: 'Skip to your profiles',
  navigation: 'Views',
  views: {
    forwards: 'Forwards',
    presets: 'Presets',
    router: 'Router',
    activity: 'Activity',
    check: 'Check',
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
  clearSearch: 'Clear search',
  searchAgain: 'Search again',
  thisComputer: 'This computer',
  otherDevice: 'Another device',
  publicAddress: 'Public IP',
  copyPublicAddress: 'Copy public IP address',
  copy: 'Copy',
  copied: 'Copied.',
  copyFailed: 'Couldn’t copy. Select the text and copy it yourself.',
  severity: { error: 'Error:', warning: 'Warning:', info: 'Note:' },
  closeTheirs: {
    title: (port: string): string => `Close ${port} of another device?`,
    text: (port: string, device: string, name: string): string =>
      `${name === '' ? device : `“${name}” on ${device}`} uses port ${port}. It will no longer be reachable from the internet, and may open the port again.`,
    yes: 'Close theirs',
  },
  loading: 'Connecting to Portkeeper…',
  notConnected: 'Portkeeper isn’t answering. It may have quit; start it again.',
  notAdmitted:
    'This address is no longer valid: it contains a key that changes each time Portkeeper starts. Open the address shown by “portkeeper status”.',
  connectionLost: 'Lost the connection to Portkeeper. What you see may be out of date. Reconnecting…',
  demo: 'This is a simulated router. Nothing is open to the internet, and your own profiles stay as they are.',
  leaveDemo: 'Use my real router',
  tried: {
    title: 'Keep what you tried?',
    hint: 'Profiles you keep are added to your own, turned off: nothing opens on your real router until you turn them on. Profiles you don’t select are discarded.',
    keep: (count: number): string =>
      count === 0 ? 'Keep none' : count === 1 ? 'Keep 1 profile' : `Keep ${count} profiles`,
    later: 'Decide later',
    decided: (added: number, discarded: number): string => {
      const sentences = [
        added === 0 ? '' : added === 1 ? '1 profile added, turned off.' : `${added} profiles added, turned off.`,
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
  failed: 'Something went wrong in this view.',
  failedHint: 'Your open ports aren’t affected.',
  reload: 'Reload window',
  shortcuts: 'Keyboard shortcuts',
  shortcut: {
    view: 'Go to a view',
    search: 'Search',
    newProfile: 'New profile',
    list: 'Move within a list',
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
    check: 'Prüfung',
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
  publicAddress: 'Öffentliche IP',
  copyPublicAddress: 'Öffentliche IP-Adresse kopieren',
  copy: 'Kopieren',
  copied: 'Kopiert.',
  copyFailed: 'Kopieren nicht möglich. Markiere den Text, und kopiere ihn selbst.',
  severity: { error: 'Fehler:', warning: 'Warnung:', info: 'Hinweis:' },
  closeTheirs: {
    title: (port) => `${port} eines anderen Geräts schließen?`,
    text: (port, device, name) =>
      `${name === '' ? device : `„${name}“ auf ${device}`} verwendet Port ${port}. Aus dem Internet ist es dann nicht mehr erreichbar; vielleicht öffnet es den Port erneut.`,
    yes: 'Freigabe schließen',
  },
  loading: 'Verbindung zu Portkeeper wird aufgebaut …',
  notConnected: 'Portkeeper antwortet nicht. Vielleicht wurde es beendet. Starte es neu.',
  notAdmitted:
    'Diese Adresse ist nicht mehr gültig: Sie enthält einen Schlüssel, der sich bei jedem Start von Portkeeper ändert. Öffne die Adresse, die „portkeeper status“ anzeigt.',
  connectionLost:
    'Die Verbindung zu Portkeeper ist unterbrochen. Die Anzeige ist möglicherweise veraltet. Verbindung wird wiederhergestellt …',
  demo: 'Das ist ein simulierter Router. Nichts ist zum Internet hin offen, und deine eigenen Profile bleiben unverändert.',
  leaveDemo: 'Meinen echten Router verwenden',
  tried: {
    title: 'Ausprobiertes behalten?',
    hint: 'Profile, die du behältst, kommen ausgeschaltet zu deinen eigenen: Auf deinem echten Router wird nichts geöffnet, bis du sie einschaltest. Abgewählte Profile werden verworfen.',
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
  failedHint: 'Deine offenen Ports sind nicht betroffen.',
  reload: 'Fenster neu laden',
  shortcuts: 'Tastaturkurzbefehle',
  shortcut: {
    view: 'Ansicht wechseln',
    search: 'Suchen',
    newProfile: 'Neues Profil',
    list: 'In einer Liste bewegen',
    move: 'Profil verschieben',
    help: 'Diese Kurzbefehle anzeigen',
    close: 'Dialog oder Menü schließen',
  },
  problems: (count: number): string => (count === 1 ? '1 Problem' : `${count} Probleme`),
};

export const windowWords: Catalogue<typeof en> = { en, de };
