/** What the window's server and its page agree on: the contract over HTTP on 127.0.0.1, see connect/window-server. */

export const COMMAND_PATH = '/command/';
export const SNAPSHOTS_PATH = '/snapshots';
/** Before those paths; everything else is the page and what it is made of. */
export const API = '/api';

export const JSON_TYPE = 'application/json';
/** One JSON value a line. */
export const LINES_TYPE = 'application/x-ndjson';

/** In the part of the address that browsers send to nobody: `http://127.0.0.1:8788/#token=…`. */
export const TOKEN_PARAMETER = 'token';

/**
 * Browsers open six connections to a place and let what is more wait. So that a command which takes as long as a router
 * does not stand in the way of others, who watches says who it is (a text of its own), and names each call: the command
 * is then taken with {@link TAKEN}, and its answer comes as a line `{"call": …, "answer": …}` among the snapshots, after
 * the one that shows what was done.
 */
export const WATCHER_HEADER = 'Portkeeper-Watcher';
export const CALL_HEADER = 'Portkeeper-Call';
export const TAKEN = 202;

export interface AnswerLine {
  readonly call: string;
  readonly answer: unknown;
}
