/** The one thing by which the window reaches Portkeeper, through the preload bridge or over HTTP. */
import type { AppClient } from '../../main/contract/commands.ts';

/** `refused`: Portkeeper is there and does not take this window for one of its own (HTTP: the token). */
export type Connection = 'connected' | 'lost' | 'refused';

/** The window itself keeps nothing open: profiles do. */
export interface WindowClient extends Pick<AppClient, 'ask' | 'watch'> {
  /** Called while somebody watches: each time that the connection is there, and lost. Returns what ends it. */
  onConnection(listener: (state: Connection) => void): () => void;
}

/** Portkeeper is gone, or does not answer as it should. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}
