/** Profiles as texts that people keep in files: our own JSON, and the lists of ports of upnp-daemon. */
import type { CommandInput, CommandResults } from '../../contract/commands.ts';
import type { ImportLoss } from '../../contract/import-loss.ts';
import type { Profile } from '../../contract/profile.ts';
import type { ProfileBook } from '../../contract/profile-document.ts';
import { parseProfileDocument, toDocument } from '../../contract/profile-document.ts';
import type { Settings } from '../../contract/settings.ts';
import { badInput, CommandError } from '../command-error.ts';
import { oneLine } from './one-line.ts';
import { parsePortsFile, plainText } from './ports-file.ts';
import { PortsFileFault } from './ports-file-fault.ts';
import { COLUMNS, jsonOf } from './ports-rows.ts';
import { forwardsOfPorts } from './ports-to-profile.ts';
import { plainId } from './profile-id.ts';
import { csvOf, jsonOfPorts, portsOf } from './profiles-to-ports.ts';

type Format = CommandInput<'profiles.export-text'>['format'];

export interface ProfileText {
  readonly format: Format;
  /** Those of a list of ports are off, and have the id that their name suggests. */
  readonly profiles: readonly Profile[];
  readonly left: readonly ImportLoss[];
  /** Absent where the text has none. */
  readonly settings?: Settings;
}

interface Given {
  readonly text: string;
  /** What the file is called. */
  readonly name: string;
  readonly format: Format | 'auto';
}

/** @throws CommandError `bad-input` with the place of the fault, in the file or in the document */
export function readProfileText(given: Given): ProfileText {
  const name = given.name.trim() === '' ? 'Ports' : given.name;
  try {
    const text = plainText(given.text, name);
    const format = given.format === 'auto' ? formatOf(text, name) : given.format;
    return format === 'portkeeper' ? ownProfiles(jsonOf(text, name)) : listedProfile(text, name, format);
  } catch (error) {
    if (!(error instanceof PortsFileFault)) throw error;
    throw new CommandError('bad-input', 'text', { code: 'bad-file', parameters: error.fault }, { cause: error });
  }
}

/** An object is ours, an array upnp-daemon's; anything else is a CSV, if at all. */
function formatOf(text: string, name: string): Format {
  const [first] = text.trimStart();
  if (first === '{') return 'portkeeper';
  if (first === '[') return 'upnp-daemon-json';
  const header = text.trimStart().slice(0, 200).toLowerCase();
  // Its first line names the columns. That it is missing is a mistake to be told; any other text is another kind of file.
  if (first !== undefined && !COLUMNS.some((column) => header.includes(column)) && !/^[\d.;,|\t]/.test(header)) {
    throw new PortsFileFault(name, {}, { code: 'unknown', parameters: {} });
  }
  return 'upnp-daemon-csv';
}

function ownProfiles(document: unknown): ProfileText {
  const parsed = parseProfileDocument(document);
  if (!parsed.ok) throw badInput(parsed.faults, 'document');
  const { profiles, settings } = parsed.value;
  const hasSettings = typeof document === 'object' && document !== null && 'settings' in document;
  return { format: 'portkeeper', profiles, left: [], ...(hasSettings ? { settings } : {}) };
}

function listedProfile(text: string, file: string, format: Exclude<Format, 'portkeeper'>): ProfileText {
  const options = { name: file, delimiter: delimiterOf(text) };
  const entries = parsePortsFile(text, { ...options, format: format === 'upnp-daemon-csv' ? 'csv' : 'json' });
  const { forwards, left } = forwardsOfPorts(entries, file);
  const name = profileNameOf(file);
  return { format, profiles: [{ id: plainId(name), name, on: false, forwards }], left };
}

/** upnp-daemon's own unless the first line is written with another. */
function delimiterOf(text: string): string {
  const [header = ''] = text.trimStart().split(/[\r\n]/, 1);
  return [';', ',', '\t', '|'].find((delimiter) => header.includes(delimiter)) ?? ';';
}

/** `C:\lists\Game ports.csv` is "Game ports". */
function profileNameOf(file: string): string {
  const name = oneLine(file.replace(/^.*[/\\]/s, '').replace(/(?!^)\.[^.]*$/, ''));
  return name === '' ? 'Ports' : name;
}

export function writeProfileText(book: ProfileBook, format: Format): CommandResults['profiles.export-text'] {
  switch (format) {
    case 'portkeeper': {
      const text = `${JSON.stringify(toDocument(book), undefined, 2)}\n`;
      return { text, fileName: 'portkeeper.json', left: [] };
    }
    case 'upnp-daemon-csv': {
      const { lines, left } = portsOf(book);
      return { text: csvOf(lines), fileName: 'ports.csv', left };
    }
    case 'upnp-daemon-json': {
      const { lines, left } = portsOf(book);
      return { text: jsonOfPorts(lines), fileName: 'ports.json', left };
    }
  }
}
