/** `portkeeper profile import|export`: profiles in files, in the form of Portkeeper or of upnp-daemon. */
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { exportLossText } from '../../contract/words/export-losses.ts';
import { importLossText } from '../../contract/words/import-losses.ts';
import { valueOf, withApp } from '../app-session.ts';
import { confirmRanges } from './confirm-ranges.ts';
import type { Console } from '../output/console.ts';
import { EXIT, FileFault, InputFault } from '../output/fault.ts';
import type { ExitCode } from '../output/fault.ts';
import type { GlobalOptions } from './global-options.ts';

/** Bytes of a file to import: as many as a command takes. */
const MOST_BYTES = 4 * 1024 * 1024;

const FORMATS = { portkeeper: 'portkeeper', csv: 'upnp-daemon-csv', json: 'upnp-daemon-json' } as const;

export interface ImportOptions {
  readonly replace?: boolean;
  readonly yes?: boolean;
}

export async function importProfiles(
  file: string,
  { replace = false, yes = false }: ImportOptions,
  options: GlobalOptions,
  console: Console,
): Promise<ExitCode> {
  const name = file === '-' ? 'standard input' : path.basename(file);
  const text = await readText(file, name);
  return await withApp(options, console, async ({ client, interrupted }) => {
    const mode = replace ? 'replace' : 'add';
    const { profiles } = valueOf(await client.ask('profiles.read-text', { text, name }, interrupted));
    await confirmRanges(
      profiles.flatMap(({ forwards }) => forwards),
      yes,
    );
    const { added, left } = valueOf(await client.ask('profiles.import-text', { text, name, mode }, interrupted));
    console.record({ event: 'imported', mode, profiles: added, ...(left.length === 0 ? {} : { left }) });
    const count = added.length === 1 ? 'One profile was' : `${added.length} profiles were`;
    console.line(`${count} imported${added.length === 0 ? '' : `: ${added.join(', ')}`}.`);
    for (const loss of left) console.note(importLossText(loss, 'en'));
    if (!replace && added.length > 0) console.note('They are switched off: portkeeper profile on PROFILE');
    return EXIT.ok;
  });
}

export interface ExportOptions {
  readonly format?: string;
}

export function exportProfiles(
  file: string | undefined,
  given: ExportOptions,
  options: GlobalOptions,
  console: Console,
): Promise<ExitCode> {
  const format = formatOf(given.format ?? 'portkeeper');
  return withApp(options, console, async ({ client, interrupted }) => {
    const { text, left } = valueOf(await client.ask('profiles.export-text', { format }, interrupted));
    if (file === undefined || file === '-') {
      console.record(format === 'portkeeper' ? JSON.parse(text) : { text, left });
      for (const line of text.trimEnd().split('\n')) console.line(line);
    } else {
      await write(file, text);
      console.record({ event: 'exported', file, ...(left.length === 0 ? {} : { left }) });
      console.note(`${format === 'portkeeper' ? 'Profiles and settings were' : 'The ports were'} written to ${file}.`);
    }
    for (const loss of left) console.note(exportLossText(loss, 'en'));
    return EXIT.ok;
  });
}

/** @throws InputFault */
function formatOf(text: string): (typeof FORMATS)[keyof typeof FORMATS] {
  const known = Object.entries(FORMATS).find(([name]) => name === text.toLowerCase());
  if (known !== undefined) return known[1];
  throw new InputFault(`--format ${text}: it must be portkeeper, csv or json.`);
}

/** @throws FileFault */
async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { mode: 0o600 });
  } catch (error) {
    throw new FileFault(`${file} cannot be written: ${String(error)}. Choose another place.`, { cause: error });
  }
}

/** @throws InputFault, FileFault */
async function readText(file: string, name: string): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of file === '-' ? process.stdin : createReadStream(file)) {
      const bytes = Buffer.from(chunk);
      size += bytes.length;
      if (size > MOST_BYTES) throw new InputFault(`${name} is too large: ${MOST_BYTES} bytes at most.`);
      chunks.push(bytes);
    }
  } catch (error) {
    if (error instanceof InputFault) throw error;
    throw new FileFault(`${name} cannot be read: ${String(error)}. Check the name of the file.`, { cause: error });
  }
  return Buffer.concat(chunks).toString('utf8');
}
