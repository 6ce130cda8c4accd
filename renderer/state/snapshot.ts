/** What Portkeeper holds and wants, as it was last told. */
import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import type { AppSnapshot } from '../../main/contract/commands.ts';
import type { Connection, WindowClient } from '../client/window-client.ts';
import { share } from './share.ts';

export interface Watched {
  /** Absent until the first has come. */
  readonly snapshot: AppSnapshot | undefined;
  readonly connection: Connection | 'connecting';
}

/** Parts of the snapshot that have not changed stay the same objects. */
export function useWatched(client: WindowClient): Watched {
  const [snapshot, setSnapshot] = useState<AppSnapshot | undefined>(undefined);
  const [connection, setConnection] = useState<Watched['connection']>('connecting');
  useEffect(() => {
    const unlisten = client.onConnection(setConnection);
    const unwatch = client.watch((next) => {
      setSnapshot((previous) => share(previous, next));
      setConnection('connected');
    });
    return () => {
      unwatch();
      unlisten();
    };
  }, [client]);
  return { snapshot, connection };
}

const SnapshotContext = createContext<AppSnapshot | undefined>(undefined);
export const SnapshotProvider = SnapshotContext.Provider;

/** For what is shown once there is a snapshot: every view. */
export function useSnapshot(): AppSnapshot {
  const snapshot = useContext(SnapshotContext);
  if (snapshot === undefined) throw new Error('there is no snapshot yet');
  return snapshot;
}
