/** What the window's server and its page agree on: the contract over HTTP on 127.0.0.1, see remote/window-server. */

export const COMMAND_PATH = '/command/';
export const SNAPSHOTS_PATH = '/snapshots';
/** Before those paths; everything else is the page and what it is made of. */
export const API = '/api';

export const JSON_TYPE = 'application/json';
/** One JSON value a line. */
export const LINES_TYPE = 'application/x-ndjson';

/** In the part of the address that browsers send to nobody: `http://127.0.0.1:8788/#token=…`. */
export const TOKEN_PARAMETER = 'token';
