/** The window's page has a scheme of its own, under which there is nothing but its built files. */
import { protocol } from 'electron';
import { answerPage } from './page-files.ts';
import { SCHEME } from './sender-check.ts';

/** Before Electron is ready. */
export function declareScheme(): void {
  protocol.registerSchemesAsPrivileged([
    // Module scripts are asked for as CORS requests are.
    { scheme: SCHEME, privileges: { standard: true, secure: true, corsEnabled: true, codeCache: true } },
  ]);
}

/** @param folder of the built page */
export function servePage(folder: string): void {
  protocol.handle(SCHEME, ({ method, url }) => answerPage(folder, { method, url }));
}
