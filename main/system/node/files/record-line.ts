/** One record a line: eight hexadecimal digits of CRC-32 over the JSON text, a blank, the text, a newline. */
import { crc32 } from 'node:zlib';

/** @throws TypeError when the record is not JSON */
export function recordLine(record: unknown): string {
  const text: string | undefined = JSON.stringify(record);
  if (text === undefined) throw new TypeError('a record that is not JSON');
  return `${checksum(text)} ${text}\n`;
}

interface ReadRecords {
  readonly records: readonly unknown[];
  /** Lines that are whole but not what was written. */
  readonly damaged: number;
  /** Length in bytes up to the end of the last line; what follows was torn off. */
  readonly wholeBytes: number;
}

export function readRecords(bytes: Buffer): ReadRecords {
  const wholeBytes = bytes.lastIndexOf('\n') + 1;
  const records: unknown[] = [];
  let damaged = 0;
  for (const line of bytes.toString('utf8', 0, wholeBytes).split('\n').slice(0, -1)) {
    const record = parseLine(line);
    if (record === undefined) damaged += 1;
    else records.push(record.value);
  }
  return { records, damaged, wholeBytes };
}

function parseLine(line: string): { readonly value: unknown } | undefined {
  const text = line.slice(9);
  if (line.slice(0, 9) !== `${checksum(text)} `) return undefined;
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
