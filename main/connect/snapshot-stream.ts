/** Snapshots, a line each, for as long as somebody reads. */
import type { ServerResponse } from 'node:http';
import { LINES_TYPE } from '../contract/window-protocol.ts';
import type { Dispatch } from '../engine/dispatch.ts';

export interface SnapshotStream {
  /** A line between two snapshots; what was to be shown before it is shown before it. */
  insert(line: unknown): void;
}

/** Whoever reads slowly misses snapshots, not the latest one; nothing piles up but what is inserted. */
export function sendSnapshots(response: ServerResponse, dispatch: Pick<Dispatch, 'watch'>): SnapshotStream {
  let latest: unknown;
  const inserted: unknown[] = [];
  let isFull = false;
  const send = (): void => {
    while (!isFull && !response.destroyed) {
      const next = latest ?? inserted.shift();
      if (next === undefined) return;
      latest = undefined;
      isFull = !response.write(`${JSON.stringify(next)}\n`);
    }
  };
  response.writeHead(200, { 'Content-Type': LINES_TYPE, 'Cache-Control': 'no-store' }).flushHeaders();
  const unwatch = dispatch.watch((snapshot) => {
    latest = snapshot;
    send();
  });
  response.on('drain', () => {
    isFull = false;
    send();
  });
  response.once('close', unwatch);
  return {
    insert(line) {
      inserted.push(line);
      send();
    },
  };
}
