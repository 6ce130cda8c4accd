/** Why a file is not understood, in German. */
import type { FilePlace, PortField } from '../file-reasons.ts';
import type { FileCatalogue } from './file-catalogue.ts';

const WANTED: Readonly<Record<PortField, string>> = {
  address: 'keine IPv4-Adresse, kein Bereich wie 192.168.0.0/24 und nicht leer',
  port: 'kein Port von 1 bis 65535',
  protocol: 'weder TCP noch UDP',
  duration: 'keine Zeit in Sekunden von 0 (für immer) bis 4294967295',
  comment: 'kein Text',
};

function place({ line, column, entry, field }: FilePlace): string {
  if (entry !== undefined) return `Eintrag ${entry}${field === undefined ? '' : `, „${field}“`}`;
  if (line === undefined) return '';
  const inLine = column === undefined ? '' : `, Spalte ${column}${field === undefined ? '' : ` (${field})`}`;
  return `Zeile ${line}${inLine}`;
}

const IN_QUOTES = 'Ein Feld in Anführungszeichen sieht so aus: "Test 1".';

export const FILES_DE: FileCatalogue = {
  place,
  whole: {
    'too-large': (file, { mebibytes }) =>
      `${file} ist größer als ${mebibytes} MiB: Das ist keine Liste von Ports. Prüfe den Namen der Datei.`,
    'not-text': (file) =>
      `${file} ist kein Text in UTF-8. Speichere die Datei im Editor als UTF-8, und versuche es danach erneut.`,
    'no-header': (file, { header }) => `${file} ist leer. Die erste Zeile muss so lauten: ${header}`,
    'no-ports': (file) => `${file} enthält keine Ports. Prüfe den Namen der Datei.`,
    unknown: (file) =>
      `${file} ist weder das, was Portkeeper exportiert, noch eine Liste von Ports für upnp-daemon. Prüfe den Namen der Datei.`,
  },
  reasons: {
    'not-json': ({ found }) =>
      `das ist kein JSON (${found === '' ? 'es endet zu früh' : `„${found}“ gehört nicht hierher`}).`,
    'quote-not-closed': () => `hier beginnt ein Anführungszeichen, das nie endet. ${IN_QUOTES}`,
    'quote-not-alone': () => `nach dem schließenden Anführungszeichen steht noch etwas. ${IN_QUOTES}`,
    csv: ({ text }) => `das ist nicht so, wie es sein muss („${text}“). ${IN_QUOTES}`,
    'column-missing': ({ column, header, delimiter }) =>
      `die Spalte „${column}“ fehlt. Die erste Zeile muss so lauten: ${header}${delimiter === undefined ? '' : ` (ist „${delimiter}“ das Trennzeichen?)`}`,
    'column-twice': ({ column }) => `die Spalte „${column}“ gibt es zweimal. Benenne eine um.`,
    'too-many-fields': ({ fields, columns, delimiter }) =>
      `die Zeile hat ${fields} Felder, die erste Zeile ${columns}. Setze das Feld, in dem „${delimiter}“ vorkommt, in Anführungszeichen.`,
    'too-few-fields': ({ fields, columns }) =>
      `die Zeile hat nur ${fields} von ${columns} Feldern. Sie muss so aussehen: 192.168.0.10;12345;UDP;60;Test 1`,
    'not-a-list': () => 'ganz außen muss ein Array stehen, auch bei nur einem Port: [ { "port": 25565, ... } ]',
    'not-an-object': () => 'hier muss ein Objekt stehen: { "port": 25565, "protocol": "TCP", ... }',
    'wrong-value': ({ field, value }) =>
      value === '' ? 'hier fehlt etwas.' : `${value.replace(/^"(.*)"$/su, '„$1“')} ist ${WANTED[field]}.`,
    'port-twice': ({ port, transport, other }) =>
      `der äußere Port ${port}/${transport.toUpperCase()} wird schon in ${place(other)} gebraucht. Lass einen davon weg.`,
    'too-many-ports': ({ most }) =>
      `ein Profil hat höchstens ${most} Freigaben. Teile die Liste auf mehrere Dateien auf.`,
    'too-many-mappings': ({ count, most }) =>
      `sie verlangt ${count} Ports, höchstens ${most} sind möglich. Lass einige weg.`,
  },
};
