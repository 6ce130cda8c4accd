/** The list of ports that `run` holds. */
import type { FileOptions, PortEntry } from '../../engine/profiles/ports-file.ts';
import { parsePortsFile, PortsFileFault } from '../../engine/profiles/ports-file.ts';
import { InputFault } from '../output/fault.ts';

/** The file is taken whole or not at all. @throws InputFault with the place of the fault */
export function readPorts(text: string, options: FileOptions): readonly PortEntry[] {
  try {
    return parsePortsFile(text, options);
  } catch (error) {
    if (!(error instanceof PortsFileFault)) throw error;
    const { why } = error.fault;
    const isDelimiter = why.code === 'column-missing' && why.parameters.delimiter !== undefined;
    const hint = isDelimiter ? ' --csv-delimiter sets another.' : '';
    throw new InputFault(`${error.message}${hint}`, { cause: error });
  }
}
