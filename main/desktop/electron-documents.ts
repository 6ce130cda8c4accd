/** The files of documents, by electron-store: the same that are written without a desktop. */
import Store from 'electron-store';
import type { DocumentFile, DocumentFileOptions } from '../system/node/files/document-store.ts';
import { ownerOnly } from '../system/node/files/whole-file.ts';

export function openDocumentFile({ cwd, name }: DocumentFileOptions): DocumentFile {
  return new Store<Record<string, unknown>>({ cwd, name, configFileMode: ownerOnly });
}
