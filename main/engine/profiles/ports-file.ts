/**
 * The port list of the Rust upnp-daemon, as it documents it: CSV with the header `address;port;protocol;duration;comment`, or a
 * JSON array of objects with these keys. Unknown keys and columns are ignored.
 */
import { CsvError, parse } from 'csv-parse/sync';
import { familyOf, parseCidr, parseIp, type Cidr, type IpAddress } from '../../contract/address.ts';
import type { FilePlace, PortField, FileReason, FileFault } from '../../contract/fault-reasons.ts';
import type { Transport } from '../../contract/model.ts';
import { MOST_IN_ALL } from '../../contract/profiles/claims.ts';
import { unfitAddress } from '../../contract/profiles/opening-questions.ts';
import { isPort, seconds, type Port, type Seconds } from '../../contract/units.ts';
import { fileFaultIn } from '../../contract/words/catalogues.ts';
import { FILES_EN } from '../../contract/words/faults-en.ts';
import { jsonFault } from './json-fault.ts';

export interface PortEntry {
  /** Another host, or one of this machine's addresses. */
  readonly address: IpAddress | undefined;
  /** Only on an interface of this machine with an address in it. */
  readonly network: Cidr | undefined;
  readonly port: Port;
  readonly transport: Transport;
  readonly lease: Seconds | 'permanent';
  readonly comment: string;
  readonly place: FilePlace;
}

export interface FileOptions {
  readonly format: 'csv' | 'json';
  readonly delimiter: string;
  /** Those that devices can be in; what depends on them is not looked at when absent. */
  readonly networks?: readonly Cidr[] | undefined;
  /** As people named it, for messages. */
  readonly name: string;
}

const MEBIBYTES = 4;
/** Larger than any list a router takes, small enough to be read at once. */
export const MOST_BYTES = MEBIBYTES * 1024 * 1024;

/** The file is taken whole or not at all. @throws PortsFileFault with the places of the first mistakes, and how many there are */
export function parsePortsFile(text: string, { format, delimiter, name, networks }: FileOptions): readonly PortEntry[] {
  const plain = plainText(text, name);
  const rows = format === 'csv' ? csvRows(plain, name, delimiter) : jsonRows(jsonOf(plain, name), name);
  if (rows.length > MOST_IN_ALL) throw tooMany(name, rows.length, MOST_IN_ALL);
  const seen = new Map<string, PortEntry>();
  const faults: PortsFileFault[] = [];
  for (const row of rows) {
    try {
      const entry = entryOf(row, { name, networks });
      const { port, transport, network } = entry;
      const key = `${port}/${transport}/${network === undefined ? '' : `${network.address}/${network.prefix}`}`;
      const other = seen.get(key);
      if (other !== undefined) throw portTwice(name, entry, other);
      seen.set(key, entry);
    } catch (error) {
      if (!(error instanceof PortsFileFault)) throw error;
      faults.push(error);
    }
  }
  const [first, ...others] = faults;
  if (first === undefined) return [...seen.values()];
  if (others.length === 0) throw first;
  const next = others.slice(0, MOST_SHOWN - 1).map(({ fault: { at, why } }) => ({ at, why }));
  throw new PortsFileFault(name, first.fault.at, first.fault.why, { next, count: faults.length });
}

/** Mistakes in one file. */
const MOST_SHOWN = 3;

/** Without the mark that some editors put at the beginning. @throws PortsFileFault when it is no text, or too much of it */
export function plainText(text: string, name: string): string {
  if (text.length > MOST_BYTES) {
    throw new PortsFileFault(name, {}, { code: 'too-large', parameters: { mebibytes: MEBIBYTES } });
  }
  if (text.includes('\0')) throw new PortsFileFault(name, {}, { code: 'not-text', parameters: {} });
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

export function tooMany(name: string, count: number, most: number): PortsFileFault {
  return new PortsFileFault(name, {}, { code: 'too-many-mappings', parameters: { count, most } });
}

export function portTwice(
  name: string,
  { port, transport, place }: Pick<PortEntry, 'port' | 'transport' | 'place'>,
  other: Pick<PortEntry, 'place'>,
): PortsFileFault {
  const parameters = { port, transport, other: other.place };
  return new PortsFileFault(name, place, { code: 'port-twice', parameters });
}

type Wrong = (cell: Cell, field: PortField, why?: FileReason) => PortsFileFault;

function entryOf(row: Row, { name, networks }: Pick<FileOptions, 'name' | 'networks'>): PortEntry {
  const wrong: Wrong = ({ value, place }, field, why) => {
    const shown = value === undefined || value === '' ? '' : JSON.stringify(value).slice(0, 60);
    return new PortsFileFault(name, place, why ?? { code: 'wrong-value', parameters: { field, value: shown } });
  };
  return {
    ...addressOf(row.cell('address'), networks, wrong),
    port: portOf(row.cell('port'), wrong),
    transport: transportOf(row.cell('protocol'), wrong),
    lease: leaseOf(row.cell('duration'), wrong),
    comment: commentOf(row.cell('comment'), wrong),
    place: row.place,
  };
}

function addressOf(
  cell: Cell,
  networks: FileOptions['networks'],
  wrong: Wrong,
): Pick<PortEntry, 'address' | 'network'> {
  if (cell.value === undefined || cell.value === null || cell.value === '') {
    return { address: undefined, network: undefined };
  }
  if (typeof cell.value !== 'string') throw wrong(cell, 'address');
  const text = cell.value.trim();
  const address = parseIp(text);
  if (address !== undefined && familyOf(address) === 'ipv4') {
    const why = unfitAddress(address, networks);
    if (why === undefined) return { address, network: undefined };
    throw wrong(cell, 'address', { code: 'not-a-device', parameters: { address, why } });
  }
  // "192.168.0" is short for its /24, as the daemon's own parser has it.
  const short = /^\d+(?:\.\d+){0,2}$/.exec(text)?.[0].split('.');
  const network =
    short === undefined
      ? parseCidr(text)
      : parseCidr(`${[...short, '0', '0', '0'].slice(0, 4).join('.')}/${short.length * 8}`);
  if (network === undefined || familyOf(network.address) !== 'ipv4') throw wrong(cell, 'address');
  return network.prefix === 32 ? { address: network.address, network: undefined } : { address: undefined, network };
}

function wholeNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? value : undefined;
  return typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : undefined;
}

function portOf(cell: Cell, wrong: Wrong): Port {
  const value = wholeNumber(cell.value);
  if (!isPort(value)) throw wrong(cell, 'port');
  return value;
}

function transportOf(cell: Cell, wrong: Wrong): Transport {
  const text = typeof cell.value === 'string' ? cell.value.toLowerCase() : '';
  if (text !== 'tcp' && text !== 'udp') throw wrong(cell, 'protocol');
  return text;
}

function leaseOf(cell: Cell, wrong: Wrong): Seconds | 'permanent' {
  const value = wholeNumber(cell.value);
  if (value === undefined || value < 0 || value > 0xffff_ffff) throw wrong(cell, 'duration');
  return value === 0 ? 'permanent' : seconds(value);
}

function commentOf(cell: Cell, wrong: Wrong): string {
  if (typeof cell.value !== 'string') throw wrong(cell, 'comment');
  return cell.value;
}

export const COLUMNS = ['address', 'port', 'protocol', 'duration', 'comment'] as const satisfies readonly PortField[];

export interface Cell {
  readonly value: unknown;
  readonly place: FilePlace;
}

export interface Row {
  readonly place: FilePlace;
  /** @throws PortsFileFault when the line is too short for it */
  cell(field: PortField): Cell;
}

const QUOTES: Readonly<Record<string, FileReason>> = {
  CSV_QUOTE_NOT_CLOSED: { code: 'quote-not-closed', parameters: {} },
  CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE: { code: 'quote-not-alone', parameters: {} },
  CSV_INVALID_CLOSING_QUOTE: { code: 'quote-not-alone', parameters: {} },
};

interface CsvRecord {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/** @throws PortsFileFault */
export function csvRows(text: string, name: string, delimiter: string): readonly Row[] {
  const [first, ...rest] = csvRecords(text, name, delimiter);
  const header = COLUMNS.join(delimiter);
  if (first === undefined) throw new PortsFileFault(name, {}, { code: 'no-header', parameters: { header } });
  const columns = first.record.map((title) => title.toLowerCase());
  const inHeader = { line: first.info.lines };
  const missing = COLUMNS.find((column) => !columns.includes(column));
  if (missing !== undefined) {
    const parameters = { column: missing, header, ...(columns.length === 1 ? { delimiter } : {}) };
    throw new PortsFileFault(name, inHeader, { code: 'column-missing', parameters });
  }
  const twice = COLUMNS.find((column) => columns.indexOf(column) !== columns.lastIndexOf(column));
  if (twice !== undefined) {
    throw new PortsFileFault(name, inHeader, { code: 'column-twice', parameters: { column: twice } });
  }
  const surplus = rest.find(({ record }) => record.slice(columns.length).some((field) => field !== ''));
  if (surplus !== undefined) {
    const at = { line: surplus.info.lines, column: columns.length + 1 };
    const parameters = { fields: surplus.record.length, columns: columns.length, delimiter };
    throw new PortsFileFault(name, at, { code: 'too-many-fields', parameters });
  }
  return rest.map(({ record, info: { lines: line } }) => ({
    place: { line },
    cell(field) {
      const at = columns.indexOf(field);
      const value = record[at];
      const place = { line, column: at + 1, field };
      if (value !== undefined) return { value, place };
      const parameters = { fields: record.length, columns: columns.length };
      throw new PortsFileFault(name, place, { code: 'too-few-fields', parameters });
    },
  }));
}

function csvRecords(text: string, name: string, delimiter: string): readonly CsvRecord[] {
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
      // Each row that is short of a column costs as much as an error: the header, and one more than is taken, will do.
      to: MOST_IN_ALL + 2,
    });
    const records = parsed as readonly CsvRecord[];
    if (records.length <= MOST_IN_ALL + 1) return records;
    const [, ...lines] = text.match(/[^\r\n]+/g) ?? [];
    throw tooMany(name, lines.length, MOST_IN_ALL);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const at = {
      ...(typeof error['lines'] === 'number' ? { line: error['lines'] } : {}),
      ...(typeof error['column'] === 'number' ? { column: error['column'] + 1 } : {}),
    };
    const why = QUOTES[error.code] ?? { code: 'csv', parameters: { text: error.message } };
    throw new PortsFileFault(name, at, why, { cause: error });
  }
}

/** @throws PortsFileFault with line and column */
export function jsonOf(text: string, name: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const { found = '', ...at } = jsonFault(text) ?? {};
    throw new PortsFileFault(
      name,
      text.trim() === '' ? {} : at,
      { code: 'not-json', parameters: { found } },
      { cause: error },
    );
  }
}

/** @throws PortsFileFault */
export function jsonRows(document: unknown, name: string): readonly Row[] {
  if (!Array.isArray(document)) throw new PortsFileFault(name, {}, { code: 'not-a-list', parameters: {} });
  const items: readonly unknown[] = document;
  return items.map((item, index) => {
    const place = { entry: index + 1 };
    if (typeof item !== 'object' || item === null || Array.isArray(item)) {
      throw new PortsFileFault(name, place, { code: 'not-an-object', parameters: {} });
    }
    const fields = new Map<string, unknown>(Object.entries(item));
    return { place, cell: (field) => ({ value: fields.get(field), place: { ...place, field } }) };
  });
}

/** A file that a person gave is not understood, and nothing of it is taken. */
export class PortsFileFault extends Error {
  override readonly name = 'PortsFileFault';
  readonly fault: FileFault;
  constructor(
    file: string,
    at: FilePlace,
    why: FileReason,
    { next, count, ...options }: ErrorOptions & Pick<FileFault, 'next' | 'count'> = {},
  ) {
    const fault = { file, at, why, ...(next === undefined ? {} : { next }), ...(count === undefined ? {} : { count }) };
    super(fileFaultIn(FILES_EN, fault) ?? file, options);
    this.fault = fault;
  }
}
