/** The entries of a list of ports as their file has them: lines of a CSV, objects of a JSON array. */
import { CsvError, parse } from 'csv-parse/sync';
import type { FilePlace, FileReason, PortField } from '../../contract/file-reasons.ts';
import { jsonFault } from './json-fault.ts';
import { PortsFileFault } from './ports-file-fault.ts';

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
    });
    return parsed as readonly CsvRecord[];
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
