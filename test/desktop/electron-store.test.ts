import { vi } from 'vitest';
import { openDocumentFile } from '../../main/desktop/electron-documents.ts';
import { documentStoreSuite } from '../system/files/document-store-suite.ts';

vi.mock('electron', async () => (await import('./electron-double.ts')).electronModule);

documentStoreSuite('documents in files of electron-store', { openFile: openDocumentFile });
