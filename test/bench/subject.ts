/** The engine as the bench's subject: what a face does from "I want these" to "they are open". */
import { join } from 'node:path';
import { asForwardId, type Forward } from '../../main/contract/model.ts';
import { inSeconds, port, seconds, type Millis } from '../../main/contract/units.ts';
import { Engine } from '../../main/engine/loop/engine.ts';
import { createRouterMemory } from '../../main/gateways/router-memory.ts';
import { createDocumentStore } from '../../main/system/node/files/document-store.ts';
import { createLog } from '../../main/system/node/files/log.ts';
import { createNodeSystem } from '../../main/system/node/node-system.ts';
import { createRecordLog } from '../../main/system/node/files/record-log.ts';

export type Protocol = 'pcp' | 'natpmp' | 'upnp';

const LEASE_SECONDS = 3600;
/** Far above every measurement: only a fault takes so long. */
const PATIENCE_MS = 300_000;

function forwardOf(number: number): Forward {
  return {
    id: asForwardId(`bench-${number}`),
    label: 'bench',
    transports: ['tcp'],
    families: ['ipv4'],
    external: { first: port(number), last: port(number) },
    internal: { first: port(number) },
    lease: seconds(LEASE_SECONDS),
    ifTaken: 'fail',
  };
}

/**
 * Opens TCP ports and answers how many ms that took, from the engine's construction until all are granted; journal and
 * router memory are real files in `folder`, and an earlier run's memory of the router is used.
 * @throws Error when any of them is not open
 */
export async function openWithEngine(
  protocol: Protocol,
  options: { readonly folder: string; readonly ports: readonly number[] },
): Promise<number> {
  const forwards = options.ports.map(forwardOf);
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const started = performance.now();
  const { engine, stop } = start(options.folder, { protocol });
  engine.want(forwards);
  const { mappings } = await engine.settled(patience);
  const took = performance.now() - started;
  // As `open --once` ends: nothing is closed, and the next run does not take these for its own.
  engine.keep();
  await engine.settled(patience);
  await stop();
  const failed = mappings.filter(({ status }) => status.at !== 'open');
  if (failed.length > 0 || mappings.length !== forwards.length)
    throw new Error(`${failed.length} of ${forwards.length} not open: ${JSON.stringify(failed[0]?.status)}`);
  return took;
}

/** Searches once and leaves in `folder` what the engine remembers of the router. */
export async function learnWithEngine(protocol: Protocol, folder: string): Promise<void> {
  const { engine, stop } = start(folder, { protocol, window: inSeconds(2) });
  await engine.until(({ search }) => search.completed > 0, AbortSignal.timeout(PATIENCE_MS));
  await stop();
}

function start(folder: string, search: { readonly protocol: Protocol; readonly window?: Millis }) {
  const log = createLog({ level: 'error', stderr: true });
  const system = createNodeSystem({ log });
  const engine = new Engine({
    system,
    journal: createRecordLog(join(folder, 'journal.jsonl'), { holds: 'openings' }),
    memory: createRouterMemory(createDocumentStore(folder), log, system.clock),
    search,
  });
  const end = new AbortController();
  const ended = engine.run(end.signal);
  return {
    engine,
    stop: async () => {
      end.abort(new Error('the sample is complete'));
      await ended;
    },
  };
}
