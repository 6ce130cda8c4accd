/** Texts of the checks view beside the findings. */
import type { Catalogue } from '../../../main/contract/words/catalogues.ts';

const en = {
  run: 'Check now',
  again: 'Check again',
  running: (done: number, all: number): string => `${done} of ${all} done`,
  intro: 'Why can nobody connect?',
  introHint:
    'Checks this computer, its firewall and programs, your router and your internet connection. Takes a few seconds.',
  healthyHint: 'Connections from the internet should reach your open ports.',
  cause: (place: number, all: number): string => (all === 1 ? 'The cause' : `Cause ${place} of ${all}`),
  because: 'Because of this:',
  checked: 'What was checked',
  some: 'These are the checks that bear on your problem.',
  all: 'Run all checks',
  states: {
    trouble: 'Problem',
    hint: 'Note',
    unknown: 'Unknown',
    fine: 'OK',
    nothing: 'Not needed',
    running: 'Checking…',
  },
  nothing: 'Nothing to check.',
  report: 'Ask others for help',
  reportHint: 'The result as text, in English, to paste into a forum or a bug report.',
  mask: 'Hide addresses and names',
  copy: 'Copy report',
  copied: 'Report copied.',
  save: 'Save…',
};

const de: typeof en = {
  run: 'Jetzt prüfen',
  again: 'Erneut prüfen',
  running: (done, all) => `${done} von ${all} fertig`,
  intro: 'Warum kann sich niemand verbinden?',
  introHint:
    'Prüft diesen Computer, seine Firewall und Programme, deinen Router und deinen Internetanschluss. Dauert einige Sekunden.',
  healthyHint: 'Verbindungen aus dem Internet sollten deine offenen Ports erreichen.',
  cause: (place, all) => (all === 1 ? 'Die Ursache' : `Ursache ${place} von ${all}`),
  because: 'Deswegen auch:',
  checked: 'Was geprüft wurde',
  some: 'Das sind die Prüfungen, die zu deinem Problem passen.',
  all: 'Alles prüfen',
  states: {
    trouble: 'Problem',
    hint: 'Hinweis',
    unknown: 'Unbekannt',
    fine: 'In Ordnung',
    nothing: 'Nicht nötig',
    running: 'Wird geprüft …',
  },
  nothing: 'Nichts zu prüfen.',
  report: 'Andere um Hilfe bitten',
  reportHint: 'Das Ergebnis als Text auf Englisch, etwa für ein Forum oder eine Fehlermeldung.',
  mask: 'Adressen und Namen verbergen',
  copy: 'Bericht kopieren',
  copied: 'Bericht kopiert.',
  save: 'Speichern …',
};

export const checkViewWords: Catalogue<typeof en> = { en, de };
