/** Texts of the desktop application outside window and tray: what it asks, and the menu bar of macOS. */
import type { Catalogue } from '../contract/words/catalogues.ts';

const en = {
  windowBroke: {
    message: 'The window crashed several times in a row.',
    detail: 'Your ports stay open: Portkeeper keeps running in the tray. If this happens again, restart Portkeeper.',
    withoutTray: 'Your ports stay open for now. If this happens again, restart Portkeeper.',
    again: 'Try again',
    leave: 'Keep closed',
    end: 'Quit',
  },
  windowHangs: {
    message: 'The window isn’t responding.',
    detail: 'Your ports stay open.',
    wait: 'Wait',
    reload: 'Reload',
  },
  locked: {
    message: 'Another copy of Portkeeper is using the same data.',
    detail: (folder: string) =>
      `A command in a terminal (portkeeper open or run) is using ${folder}. Stop it there with Ctrl-C, and Portkeeper continues automatically.`,
    wait: 'Wait',
    quit: 'Quit',
  },
  noFolder: {
    message: 'Portkeeper can’t use its data folder.',
    detail: (folder: string, why: string) => `${folder}: ${why} Portkeeper continues as soon as this is fixed.`,
  },
  broken: {
    message: 'Portkeeper can’t start.',
    /** `fault` is the system's word, no sentence. */
    detail: (fault: string) => `Start it again. If that doesn’t help, restart the computer. (${fault})`,
    /** `fault` as well. */
    folder: (folder: string, fault: string) =>
      `The data folder ${folder} can’t be used (${fault}). Make sure it is a folder you can write to, then start Portkeeper again.`,
  },
  closing: 'Closing your ports…',
  menu: {
    edit: 'Edit',
    view: 'View',
    zoomIn: 'Larger',
    zoomOut: 'Smaller',
    resetZoom: 'Actual Size',
    togglefullscreen: 'Full Screen',
    window: 'Window',
    about: 'About Portkeeper',
    hide: 'Hide Portkeeper',
    hideOthers: 'Hide Others',
    unhide: 'Show All',
    quit: 'Quit Portkeeper',
    undo: 'Undo',
    redo: 'Redo',
    cut: 'Cut',
    copy: 'Copy',
    paste: 'Paste',
    selectAll: 'Select All',
    minimize: 'Minimize',
    close: 'Close Window',
  },
};

const de: typeof en = {
  windowBroke: {
    message: 'Das Fenster ist mehrmals hintereinander abgestürzt.',
    detail:
      'Deine Ports bleiben offen: Portkeeper läuft im Hintergrund weiter. Passiert das wieder, starte Portkeeper neu.',
    withoutTray: 'Deine Ports bleiben vorerst offen. Passiert das wieder, starte Portkeeper neu.',
    again: 'Erneut versuchen',
    leave: 'Geschlossen lassen',
    end: 'Beenden',
  },
  windowHangs: {
    message: 'Das Fenster reagiert nicht.',
    detail: 'Deine Ports bleiben offen.',
    wait: 'Warten',
    reload: 'Neu laden',
  },
  locked: {
    message: 'Eine andere Portkeeper-Instanz nutzt dieselben Daten.',
    detail: (folder) =>
      `Ein Befehl in einem Terminal (portkeeper open oder run) nutzt ${folder}. Beende ihn dort mit Strg-C, dann macht Portkeeper automatisch weiter.`,
    wait: 'Warten',
    quit: 'Beenden',
  },
  noFolder: {
    message: 'Portkeeper kann seinen Datenordner nicht nutzen.',
    detail: (folder, why) => `${folder}: ${why} Sobald das behoben ist, macht Portkeeper weiter.`,
  },
  broken: {
    message: 'Portkeeper kann nicht starten.',
    detail: (fault) => `Starte es erneut. Hilft das nicht, starte den Computer neu. (${fault})`,
    folder: (folder, fault) =>
      `Der Datenordner ${folder} ist nicht nutzbar (${fault}). Stelle sicher, dass du in den Ordner schreiben kannst, und starte Portkeeper erneut.`,
  },
  closing: 'Ports werden geschlossen …',
  menu: {
    edit: 'Bearbeiten',
    view: 'Ansicht',
    zoomIn: 'Größer',
    zoomOut: 'Kleiner',
    resetZoom: 'Originalgröße',
    togglefullscreen: 'Vollbild',
    window: 'Fenster',
    about: 'Über Portkeeper',
    hide: 'Portkeeper ausblenden',
    hideOthers: 'Andere ausblenden',
    unhide: 'Alle einblenden',
    quit: 'Portkeeper beenden',
    undo: 'Widerrufen',
    redo: 'Wiederholen',
    cut: 'Ausschneiden',
    copy: 'Kopieren',
    paste: 'Einsetzen',
    selectAll: 'Alles auswählen',
    minimize: 'Im Dock ablegen',
    close: 'Fenster schließen',
  },
};

export const desktopWords: Catalogue<typeof en> = { en, de };
