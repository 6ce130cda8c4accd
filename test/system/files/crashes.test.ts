/** Profiles and the journal of a process that is killed, or loses its power, at any moment of a write. */
import { setImmediate } from 'node:timers/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ip } from '../../../main/contract/address.ts';
import { after, inHours, port } from '../../../main/contract/units.ts';
import type { RecoveredLease } from '../../../main/core/events.ts';
import { leftoverKeyOf } from '../../../main/core/state.ts';
import type { Journal } from '../../../main/engine/loop/journal.ts';
import type { DocumentStoreOptions, SetAside } from '../../../main/system/node/files/document-store.ts';
import type { DocumentStore, Log } from '../../../main/system/system.ts';
import { HOME, LAPTOP, NOW } from '../../support/story.ts';
import { SeededRandom } from '../../world/seeded-random.ts';
import { CrashingDisk } from './crashing-disk.ts';

const FOLDER = path.resolve('/disk');
const SILENT: Log = { write: () => undefined };

/** Of whoever runs now. */
let disk: CrashingDisk;

async function onCrashingDisk() {
  vi.doMock('node:fs/promises', () => {
    const calls = ['open', 'rename', 'rm', 'copyFile', 'readdir', 'readFile', 'stat'] as const;
    const through =
      (call: (typeof calls)[number]) =>
      (...given: [string, string]) =>
        disk.promises[call](...given);
    return Object.fromEntries(calls.map((call) => [call, through(call)]));
  });
  vi.doMock('node:fs', () => ({ statSync: () => ({ isDirectory: () => true }), mkdirSync: () => undefined }));
  const [documents, records, journal] = await Promise.all([
    import('../../../main/system/node/files/document-store.ts'),
    import('../../../main/system/node/files/record-log.ts'),
    import('../../../main/engine/loop/journal.ts'),
  ]);
  return { ...documents, ...records, ...journal };
}

let stores: Awaited<ReturnType<typeof onCrashingDisk>>;

// Whoever ran before in this process has read the modules with the real files, and whoever comes later wants them so.
beforeAll(async () => {
  vi.resetModules();
  stores = await onCrashingDisk();
});

afterAll(() => {
  for (const module of ['node:fs/promises', 'node:fs']) vi.doUnmock(module);
  vi.resetModules();
});

const documentOf = (version: number) => ({
  version,
  profiles: Array.from({ length: version % 7 }, () => `p${version}`),
});

function entryOf(external: number): RecoveredLease {
  const lease = {
    gateway: HOME,
    network: '192.168.1.1/24',
    control: 'pcp',
    family: 'ipv4',
    transport: 'tcp',
    external: { port: port(external), address: ip('11.22.33.44') },
    internal: { client: LAPTOP, port: port(external) },
    handle: {},
    grantedAt: NOW,
    renewAt: NOW,
    expiresAt: after(NOW, inHours(2)),
    evidence: 'answered',
    renewals: 0,
    recreate: false,
  } as const;
  return { lease, label: `port ${external}`, kept: false };
}

/** Possible states after a crash: the last one confirmed, or any requested since. */
class Expected<Value> {
  #asked: { readonly value: Value }[];

  constructor(first: Value) {
    this.#asked = [{ value: first }];
  }

  get values(): readonly Value[] {
    return this.#asked.map(({ value }) => value);
  }

  /** Returns what confirms it. */
  ask(value: Value): () => void {
    const one = { value };
    this.#asked.push(one);
    return () => {
      this.#asked = this.#asked.slice(Math.max(0, this.#asked.indexOf(one)));
    };
  }
}

/** The history of one disk, over all programs that ran on it. */
class Life {
  readonly #random: SeededRandom;
  readonly #profiles = new Expected<number | undefined>(undefined);
  readonly #ports = new Map(Array.from({ length: 8 }, (_, at) => [25_565 + at, new Expected(false)]));
  #version = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /** Starts, looks at what is there, and goes on until it dies. @param openFile as the desktop application writes it */
  async run(openFile: DocumentStoreOptions['openFile']): Promise<never> {
    const onSetAside = ({ path: file }: SetAside): never => expect.fail(`${file} was set aside`);
    const { createDocumentStore, createRecordLog, Journal } = stores;
    const store = createDocumentStore(FOLDER, { onSetAside, ...(openFile === undefined ? {} : { openFile }) });
    const journal = new Journal(createRecordLog(path.join(FOLDER, 'journal.log'), { holds: 'openings' }), SILENT);
    const found = await store.read('profiles');
    const versions = this.#profiles.values;
    expect(versions.map((version) => (version === undefined ? version : documentOf(version)))).toContainEqual(found);
    const open = new Set((await journal.load(NOW)).map((left) => this.#known(left)));
    for (const [external, { values }] of this.#ports) expect(values, `port ${external}`).toContain(open.has(external));
    for (;;) {
      const writing = Array.from({ length: this.#random.between(1, 3) }, () => this.#write(store, journal, open));
      await Promise.all(writing);
    }
  }

  #known({ lease, label }: RecoveredLease): number {
    expect(label).toBe(`port ${lease.external.port}`);
    expect([...this.#ports.keys()]).toContain(lease.external.port);
    return lease.external.port;
  }

  async #write(store: DocumentStore, journal: Journal, open: Set<number>): Promise<void> {
    const draw = this.#random.between(1, 20);
    if (draw <= 8) {
      this.#version += 1;
      const confirm = this.#profiles.ask(this.#version);
      await store.write('profiles', documentOf(this.#version));
      return confirm();
    }
    if (draw === 9) return await journal.storeAgain();
    const isOpening = draw % 2 === 0;
    const chosen = [...this.#ports].filter(([external]) => open.has(external) !== isOpening && this.#random.chance(50));
    const confirms = chosen.map(([, expected]) => expected.ask(isOpening));
    const entries = chosen.map(([external]) => entryOf(external));
    if (isOpening) {
      for (const [external] of chosen) open.add(external);
      await journal.held(entries, NOW);
    } else {
      for (const [external] of chosen) open.delete(external);
      const keys = entries.map(({ lease }) => leftoverKeyOf(lease));
      await journal.gone(keys, NOW);
    }
    for (const confirm of confirms) confirm();
  }
}

/** Crashes of one disk in a row. */
const CRASHES = 4;

/** More by hand: `CRASHES=100000 npx vitest run test/system/files/crashes.test.ts`. */
const RUNS = Number(process.env['CRASHES'] ?? 1000) / CRASHES;

test.for([
  ['our own writing', undefined],
  [
    'electron-store',
    ({ cwd, name }) => ({
      get store() {
        return {};
      },
      set store(members) {
        disk.writeAtOnce(path.join(cwd, `${name}.json`), JSON.stringify(members));
      },
    }),
  ],
] as const satisfies readonly (readonly [string, DocumentStoreOptions['openFile']])[])(
  'files of %s: profiles are whole, and the journal knows of everything that may be open',
  async ([, openFile]) => {
    for (let seed = 1; seed <= RUNS / 2; seed += 1) {
      const random = new SeededRandom(seed, 'crashes');
      const life = new Life(random);
      const calls = (): number => random.between(1, random.chance(50) ? 20 : 120);
      disk = new CrashingDisk(FOLDER, random, calls());
      for (let crash = 0; crash <= CRASHES; crash += 1) {
        await Promise.race([life.run(openFile), disk.crashed]).catch((error: unknown) => {
          throw new Error(`seed ${seed}, after ${crash} crashes`, { cause: error });
        });
        // What it had left to do ends at its next call.
        for (let turn = 0; turn < 3; turn += 1) await setImmediate();
        disk = disk.next(calls());
      }
    }
  },
);
