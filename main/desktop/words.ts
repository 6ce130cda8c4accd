/** Texts of the desktop application outside window and tray: what it asks, and the menu bar of macOS. */
import type { Catalogue } from '../contract/words/catalogues.ts';

const en = {
  windowBroke: {
    message: 'The window has failed several times in a row.',
    detail: 'Your ports stay as they are: the tray goes on. If it happens again, restart Portkeeper.',
    withoutTray: 'Your ports stay as they are for now. If it happens again, quit Portkeeper and start it again.',
    again: 'Try again',
    leave: 'Leave it closed',
    end: 'Quit',
  },
  windowHangs: {
    message: 'The window does not answer.',
    detail: 'Your ports stay as they are.',
    wait: 'Wait',
    reload: 'Load it again',
  },
  locked: {
    message: 'Another Portkeeper is using the same data.',
    detail: (folder: string) =>
      `It was started in a terminal (portkeeper open or run) and has ${folder}. End it there with Ctrl-C; this one goes on by itself then.`,
    wait: 'Wait',
    quit: 'Quit',
  },
  noFolder: {
    message: 'Portkeeper cannot use its data folder.',
    detail: (folder: string, why: string) => `${folder}: ${why} As soon as that is mended, it goes on by itself.`,
  },
  broken: {
    message: 'Portkeeper cannot start.',
    /** `fault` is the system's word, no sentence. */
    detail: (fault: string) => `Start it again; if that does not help, restart the computer. (${fault})`,
    /** `fault` as well. */
    folder: (folder: string, fault: string) =>
      `It keeps its profiles in ${folder}, which cannot be used (${fault}). Make it a folder that you may write to, then start Portkeeper again.`,
  },
  cancel: 'Cancel',
  closing: 'Closing your ports …',
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
    message: 'Das Fenster ist mehrmals hintereinander ausgefallen.',
    detail:
      'An den Ports ändert das nichts: im Hintergrund läuft alles weiter. Passiert es wieder, Portkeeper neu starten.',
    withoutTray:
      'An den Ports ändert das vorerst nichts. Passiert es wieder, Portkeeper beenden und noch einmal starten.',
    again: 'Erneut versuchen',
    leave: 'Geschlossen lassen',
    end: 'Beenden',
  },
  windowHangs: {
    message: 'Das Fenster reagiert nicht.',
    detail: 'An den Ports ändert das nichts.',
    wait: 'Warten',
    reload: 'Neu laden',
  },
  locked: {
    message: 'Ein anderes Portkeeper nutzt dieselben Daten.',
    detail: (folder) =>
      `Es wurde in einem Terminal gestartet (portkeeper open oder run) und hat ${folder}. Dort mit Strg-C beenden; dann geht es hier von selbst weiter.`,
    wait: 'Warten',
    quit: 'Beenden',
  },
  noFolder: {
    message: 'Portkeeper kann seinen Datenordner nicht nutzen.',
    detail: (folder, why) => `${folder}: ${why} Sobald das behoben ist, geht es von selbst weiter.`,
  },
  broken: {
    message: 'Portkeeper kann nicht starten.',
    detail: (fault) => `Noch einmal starten; wenn das nicht hilft, den Computer neu starten. (${fault})`,
    folder: (folder, fault) =>
      `Die Profile liegen in ${folder}; das lässt sich nicht nutzen (${fault}). Es muss ein Ordner sein, in den du schreiben darfst. Danach Portkeeper noch einmal starten.`,
  },
  cancel: 'Abbrechen',
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
