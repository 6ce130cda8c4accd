/**
 * The port list of the Rust upnp-daemon, as it documents it: CSV with the header `address;port;protocol;duration;comment`, or a
 * JSON array of objects with these keys. Unknown keys and columns are ignored.
 */
import { CsvError, parse } from 'csv-parse/sync';
import type { Cidr, IpAddress } from '../contract/address.ts';
import { familyOf, parseCidr, parseIp } from '../contract/address.ts';
import type { Transport } from '../contract/model.ts';
import type { Port, Seconds } from '../contract/units.ts';
import { isPort, seconds } from '../contract/units.ts';
import { InputFault } from './fault.ts';

export interface PortEntry {
  /** Another host, or one of this machine's addresses. */
  readonly address: IpAddress | undefined;
  /** Only on an interface of this machine with an address in it. */
  readonly network: Cidr | undefined;
  readonly port: Port;
  readonly transport: Transport;
  readonly lease: Seconds | 'permanent';
  readonly comment: string;
  /** Where it stands, for messages: `line 3`, `entry 2`. */
  readonly place: string;
}

export interface FileOptions {
  readonly format: 'csv' | 'json';
  readonly delimiter: string;
  /** As people named it, for messages. */
  readonly name: string;
}

/** Larger than any list a router takes, small enough to be read at once. */
export const MOST_BYTES = 4 * 1024 * 1024;
const COLUMNS = ['address', 'port', 'protocol', 'duration', 'comment'] as const;
type Column = (typeof COLUMNS)[number];

interface Cell {
  readonly value: unknown;
  readonly place: string;
}

/** The file is taken whole or not at all. @throws InputFault with the place of the fault */
export function parsePortsFile(text: string, options: FileOptions): readonly PortEntry[] {
  if (text.length > MOST_BYTES) {
    throw new InputFault(`${options.name} is larger than 4 MiB: that is no port list. Check the name of the file.`);
  }
  if (text.includes('\0')) {
    throw new InputFault(`${options.name} is no text in UTF-8. Save it as UTF-8 in your editor, and try again.`);
  }
  const plain = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const rows = options.format === 'csv' ? csvRows(plain, options) : jsonRows(plain, options);
  const entries = rows.map((row) => entryOf(row, options.name));
  const seen = new Map<string, PortEntry>();
  for (const entry of entries) {
    const key = `${entry.port}/${entry.transport}/${entry.network === undefined ? '' : `${entry.network.address}/${entry.network.prefix}`}`;
    const other = seen.get(key);
    if (other !== undefined) {
      throw new InputFault(
        `${options.name}, ${entry.place}: outside port ${entry.port}/${entry.transport.toUpperCase()} is asked for already in ${other.place}. Leave one out.`,
      );
    }
    seen.set(key, entry);
  }
  return entries;
}

const QUOTES: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote is opened here and never closed',
  CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE: 'something follows the closing quote',
  CSV_INVALID_CLOSING_QUOTE: 'something follows the closing quote',
};

interface Row {
  readonly place: string;
  cell(column: Column): Cell;
}

function csvRows(text: string, { name, delimiter }: FileOptions): readonly Row[] {
  let records: readonly { readonly record: readonly string[]; readonly info: { readonly lines: number } }[];
  try {
    // With `info`, each record comes with its place, which the declared type leaves out.
    const parsed: unknown = parse(text, {
      delimiter,
      info: true,
      relax_column_count: true,
      // As upnp-daemon reads them: a quote counts at the start of a field only.
      relax_quotes: true,
      skip_empty_lines: true,
      trim: true,
    });
    records = parsed as typeof records;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error['lines'] === 'number' ? `, line ${error['lines']}` : '';
    const column = typeof error['column'] === 'number' ? `, column ${error['column'] + 1}` : '';
    const what = QUOTES[error.code] ?? error.message;
    throw new InputFault(`${name}${line}${column}: ${what}. A field in quotes looks like "Test 1".`, { cause: error });
  }
  const [header, ...rest] = records;
  if (header === undefined)
    throw new InputFault(`${name} is empty. Its first line must be: ${COLUMNS.join(delimiter)}`);
  const columns = header.record.map((title) => title.toLowerCase());
  const missing = COLUMNS.filter((column) => !columns.includes(column));
  if (missing.length > 0) {
    throw new InputFault(
      `${name}, line ${header.info.lines}: the column "${missing[0]}" is missing. The first line must be: ${COLUMNS.join(delimiter)}` +
        (columns.length === 1 ? ` (is "${delimiter}" the delimiter? --csv-delimiter sets another)` : ''),
    );
  }
  const twice = COLUMNS.find((column) => columns.indexOf(column) !== columns.lastIndexOf(column));
  if (twice !== undefined) {
    throw new InputFault(`${name}, line ${header.info.lines}: the column "${twice}" is there twice. Rename one.`);
  }
  const surplus = rest.find(({ record }) => record.slice(columns.length).some((field) => field !== ''));
  if (surplus !== undefined) {
    const { record, info } = surplus;
    throw new InputFault(
      `${name}, line ${info.lines}, column ${columns.length + 1}: the line has ${record.length} fields, the first line ${columns.length}. Put the field that has "${delimiter}" in it into quotes.`,
    );
  }
  return rest.map(({ record, info }) => ({
    place: `line ${info.lines}`,
    cell(column) {
      const at = columns.indexOf(column);
      const value = record[at];
      const place = `line ${info.lines}, column ${at + 1} (${column})`;
      if (value === undefined) {
        throw new InputFault(
          `${name}, ${place}: the line has only ${record.length} of ${columns.length} fields. It must be like: 192.168.0.10;12345;UDP;60;Test 1`,
        );
      }
      return { value, place };
    },
  }));
}

function jsonRows(text: string, { name }: FileOptions): readonly Row[] {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new InputFault(`${name}${placeInJson(text, message)}: this is not JSON (${message}).`, { cause: error });
  }
  if (!Array.isArray(document)) {
    throw new InputFault(`${name}: the outermost must be an array, even for one port: [ { "port": 25565, ... } ]`);
  }
  const items: readonly unknown[] = document;
  return items.map((item, index) => {
    const place = `entry ${index + 1}`;
    if (typeof item !== 'object' || item === null || Array.isArray(item)) {
      throw new InputFault(`${name}, ${place}: it must be an object: { "port": 25565, "protocol": "TCP", ... }`);
    }
    const fields = new Map<string, unknown>(Object.entries(item));
    return { place, cell: (column) => ({ value: fields.get(column), place: `${place}, "${column}"` }) };
  });
}

/** JSON.parse tells a position in its text only. */
function placeInJson(text: string, message: string): string {
  const position = /position (\d+)/.exec(message)?.[1];
  if (position === undefined) return '';
  const before = text.slice(0, Number(position)).split('\n');
  return `, line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

function entryOf(row: Row, name: string): PortEntry {
  const wrong = (cell: Cell, want: string): InputFault =>
    new InputFault(`${name}, ${cell.place}: ${shown(cell.value)} is not ${want}.`);
  return {
    ...addressOf(row.cell('address'), wrong),
    port: portOf(row.cell('port'), wrong),
    transport: transportOf(row.cell('protocol'), wrong),
    lease: leaseOf(row.cell('duration'), wrong),
    comment: commentOf(row.cell('comment'), wrong),
    place: row.place,
  };
}

type Wrong = (cell: Cell, want: string) => InputFault;

const shown = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 60));

function addressOf(cell: Cell, wrong: Wrong): Pick<PortEntry, 'address' | 'network'> {
  if (cell.value === undefined || cell.value === null || cell.value === '') {
    return { address: undefined, network: undefined };
  }
  const want = 'an IPv4 address, a range such as 192.168.0.0/24, or empty';
  if (typeof cell.value !== 'string') throw wrong(cell, want);
  const text = cell.value.trim();
  const address = parseIp(text);
  if (address !== undefined && familyOf(address) === 'ipv4') return { address, network: undefined };
  // "192.168.0" is short for its /24, as the daemon's own parser has it.
  const short = /^\d+(?:\.\d+){0,2}$/.exec(text)?.[0].split('.');
  const network =
    short === undefined
      ? parseCidr(text)
      : parseCidr(`${[...short, '0', '0', '0'].slice(0, 4).join('.')}/${short.length * 8}`);
  if (network === undefined || familyOf(network.address) !== 'ipv4') throw wrong(cell, want);
  return network.prefix === 32 ? { address: network.address, network: undefined } : { address: undefined, network };
}

function wholeNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? value : undefined;
  return typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : undefined;
}

function portOf(cell: Cell, wrong: Wrong): Port {
  const value = wholeNumber(cell.value);
  if (!isPort(value)) throw wrong(cell, 'a port from 1 to 65535');
  return value;
}

function transportOf(cell: Cell, wrong: Wrong): Transport {
  const text = typeof cell.value === 'string' ? cell.value.toLowerCase() : '';
  if (text !== 'tcp' && text !== 'udp') throw wrong(cell, 'TCP or UDP');
  return text;
}

function leaseOf(cell: Cell, wrong: Wrong): Seconds | 'permanent' {
  const value = wholeNumber(cell.value);
  if (value === undefined || value < 0 || value > 0xffff_ffff) {
    throw wrong(cell, 'a time in seconds from 0 (for good) to 4294967295');
  }
  return value === 0 ? 'permanent' : seconds(value);
}

function commentOf(cell: Cell, wrong: Wrong): string {
  if (typeof cell.value !== 'string') throw wrong(cell, 'a text');
  return cell.value;
}
