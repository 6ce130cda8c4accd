/** What the journals of a data folder say is open on routers, also while another process holds it. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { FoundMapping } from '../contract/mapping.ts';
import type { GatewayId } from '../contract/model.ts';
import { Journal } from '../engine/loop/journal.ts';
import { lookIntoRecordLog } from '../system/node/files/record-log.ts';
import type { System } from '../system/system.ts';
import { StorageError } from '../system/system.ts';

export interface Recorded {
  has(gateway: GatewayId, mapping: Pick<FoundMapping, 'transport' | 'external' | 'internal'>): boolean;
}

export async function recordedIn(dataFolder: string, { log, clock }: Pick<System, 'log' | 'clock'>): Promise<Recorded> {
  const places = new Set<string>();
  for (const folder of await foldersOf(dataFolder)) {
    const journal = new Journal(
      {
        load: () => lookIntoRecordLog(path.join(folder, 'journal.jsonl')),
        append: () => Promise.resolve(),
        rewrite: () => Promise.resolve(),
      },
      log,
    );
    try {
      for (const { lease } of await journal.load(clock.now())) places.add(placeOf(lease.gateway, lease));
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      // What is on the router can be shown all the same.
      log.write('warn', 'a journal could not be read', { path: error.path, error: error.message });
    }
  }
  return { has: (gateway, mapping) => places.has(placeOf(gateway, mapping)) };
}

/** The folder itself, and one for each pid file of `run`. */
async function foldersOf(dataFolder: string): Promise<readonly string[]> {
  const runs = path.join(dataFolder, 'run');
  const names = await readdir(runs).catch(() => []);
  return [dataFolder, ...names.map((name) => path.join(runs, name))];
}

function placeOf(
  gateway: GatewayId,
  { transport, external, internal }: Pick<FoundMapping, 'transport' | 'external' | 'internal'>,
): string {
  return `${gateway}|${external.port}/${transport}|${internal.client}:${internal.port}`;
}
