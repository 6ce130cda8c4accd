import type { FileFault, FilePlace, FileReason } from '../../contract/file-reasons.ts';
import { fileFaultIn } from '../../contract/words/file-catalogue.ts';
import { FILES_EN } from '../../contract/words/files-en.ts';

/** A file that a person gave is not understood, and nothing of it is taken. */
export class PortsFileFault extends Error {
  override readonly name = 'PortsFileFault';
  readonly fault: FileFault;
  constructor(file: string, at: FilePlace, why: FileReason, options?: ErrorOptions) {
    const fault = { file, at, why };
    super(fileFaultIn(FILES_EN, fault) ?? file, options);
    this.fault = fault;
  }
}
