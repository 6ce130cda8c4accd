/** Shared by server and client: the contract over HTTP/1.1 on a socket that only its owner can open. The window's
 * server shares what contract/window-protocol names. */

import type * as Http from 'node:http';
import { createRequire } from 'node:module';
import type { HoldEnd } from '../contract/commands.ts';

/** `node:http`. An import reads all that it exports, and one of that loads `fetch` with HTTP/2: a fifth of the time that a
 * command takes to start. */
export const http = (): typeof Http => createRequire(process.execPath)('node:http');

/** Not a name of any network: what browsers are made to send never carries it. */
export const HOST = 'portkeeper';

/** Bytes of a command: a document of profiles to import is the largest. */
export const MOST_INPUT = 8 * 1024 * 1024;
/** Bytes of an answer, or of one snapshot. */
export const MOST_OUTPUT = 32 * 1024 * 1024;

/** Answered with an empty object by every server. */
export const HELLO_PATH = '/';

/** The command that lasts. */
export const HOLD = 'forwards.hold';

/** The last line of a hold that its connection outlives. */
export interface HoldEnded {
  readonly ended: Exclude<HoldEnd, 'lost'>;
}
