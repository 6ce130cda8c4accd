/** Why a file is not understood, in English. */
import type { FilePlace, PortField } from '../file-reasons.ts';
import type { FileCatalogue } from './file-catalogue.ts';

const WANTED: Readonly<Record<PortField, string>> = {
  address: 'an IPv4 address, a range such as 192.168.0.0/24, or empty',
  port: 'a port from 1 to 65535',
  protocol: 'TCP or UDP',
  duration: 'a time in seconds from 0 (for good) to 4294967295',
  comment: 'a text',
};

function place({ line, column, entry, field }: FilePlace): string {
  if (entry !== undefined) return `entry ${entry}${field === undefined ? '' : `, "${field}"`}`;
  if (line === undefined) return '';
  const inLine = column === undefined ? '' : `, column ${column}${field === undefined ? '' : ` (${field})`}`;
  return `line ${line}${inLine}`;
}

const IN_QUOTES = 'A field in quotes looks like "Test 1".';

export const FILES_EN: FileCatalogue = {
  place,
  whole: {
    'too-large': (file, { mebibytes }) =>
      `${file} is larger than ${mebibytes} MiB: that is no port list. Check the name of the file.`,
    'not-text': (file) => `${file} is no text in UTF-8. Save it as UTF-8 in your editor, and try again.`,
    'no-header': (file, { header }) => `${file} is empty. Its first line must be: ${header}`,
    'no-ports': (file) => `${file} has no ports in it. Check the name of the file.`,
    unknown: (file) =>
      `${file} is neither what Portkeeper exports, nor a list of ports of upnp-daemon. Check the name of the file.`,
  },
  reasons: {
    'not-json': ({ found }) =>
      `this is not JSON (${found === '' ? 'it ends too early' : `${JSON.stringify(found)} does not belong here`}).`,
    'quote-not-closed': () => `a quote is opened here and never closed. ${IN_QUOTES}`,
    'quote-not-alone': () => `something follows the closing quote. ${IN_QUOTES}`,
    csv: ({ text }) => `${text}. ${IN_QUOTES}`,
    'column-missing': ({ column, header, delimiter }) =>
      `the column "${column}" is missing. The first line must be: ${header}${delimiter === undefined ? '' : ` (is "${delimiter}" the delimiter?)`}`,
    'column-twice': ({ column }) => `the column "${column}" is there twice. Rename one.`,
    'too-many-fields': ({ fields, columns, delimiter }) =>
      `the line has ${fields} fields, the first line ${columns}. Put the field that has "${delimiter}" in it into quotes.`,
    'too-few-fields': ({ fields, columns }) =>
      `the line has only ${fields} of ${columns} fields. It must be like: 192.168.0.10;12345;UDP;60;Test 1`,
    'not-a-list': () => 'the outermost must be an array, even for one port: [ { "port": 25565, ... } ]',
    'not-an-object': () => 'it must be an object: { "port": 25565, "protocol": "TCP", ... }',
    'wrong-value': ({ field, value }) => `${value === '' ? 'nothing' : value} is not ${WANTED[field]}.`,
    'port-twice': ({ port, transport, other }) =>
      `outside port ${port}/${transport.toUpperCase()} is asked for already in ${place(other)}. Leave one out.`,
    'too-many-ports': ({ most }) => `a profile has ${most} forwards at most. Split the list into several files.`,
    'too-many-mappings': ({ count, most }) => `it asks for ${count} ports; ${most} at most. Leave some out.`,
  },
};
