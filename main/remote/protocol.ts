/** What server and client agree on: the contract over HTTP/1.1 on a socket that only its owner can open. */

/** Not a name of any network: what browsers are made to send never carries it. */
export const HOST = 'portkeeper';

export const JSON_TYPE = 'application/json';
/** One JSON value a line. */
export const LINES_TYPE = 'application/x-ndjson';

/** Bytes of a command: a document of profiles to import is the largest. */
export const MOST_INPUT = 8 * 1024 * 1024;
/** Bytes of an answer, or of one snapshot. */
export const MOST_OUTPUT = 32 * 1024 * 1024;

export const COMMAND_PATH = '/command/';
export const HOLD_PATH = '/hold/';
export const SNAPSHOTS_PATH = '/snapshots';
/** Answered with an empty object by every server. */
export const HELLO_PATH = '/';
