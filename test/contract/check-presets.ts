/**
 * `npm run presets -- check`: compares the ports of presets with those of gamedig, whose list of games is kept by people
 * who query servers. Ends with 1 when they differ where they are not known to.
 */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import * as v from 'valibot';
import { findPreset, portsText, type Preset } from '../../main/contract/profiles/presets.ts';
import { allPresets } from '../../main/engine/profiles/presets.ts';

const GAMEDIG = 'gamedig@5.3.3';

/** Where the two differ, and why the preset stays as it is. */
const KNOWN: Readonly<Record<string, string>> = {
  'assetto-corsa': 'its own default; AMP and Pelican have 9600',
  'chivalry-medieval-warfare': 'AMP has 27015',
  'core-keeper': 'AMP and Pelican have 27015 and 27016',
  hytale: 'of a mod that answers queries',
  'insurgency-sandstorm': 'its usual port of Source games; AMP has 27102 and 27131',
  palworld: 'the REST API, which controls the server',
  'space-engineers': 'its usual port of Source games; AMP has 27016',
  'the-isle': 'of the game before Evrima',
  'v-rising': 'its usual port of Source games; AMP has 9876 and 9877',
  'venice-unleashed': 'RCON, which controls the server',
};

const gamesSchema = v.record(
  v.string(),
  v.object({
    name: v.string(),
    options: v.object({
      port: v.optional(v.number()),
      port_query: v.optional(v.number()),
      port_query_offset: v.optional(v.union([v.number(), v.array(v.number())])),
    }),
  }),
);
type Game = v.InferOutput<typeof gamesSchema>[string];

/** The game's and the query's port, as far as it names them. */
function portsOf({ options: { port, port_query: query, port_query_offset: offset } }: Game): readonly number[] {
  const [first] = [offset].flat();
  const asked = query ?? (port === undefined || first === undefined ? undefined : port + first);
  return [...new Set([port, asked])].filter((each) => each !== undefined);
}

const covers = ({ forwards }: Preset, port: number): boolean =>
  forwards.some(({ external }) => external.first <= port && port <= external.last);

async function gamedig(folder: string): Promise<readonly Game[]> {
  const run = (command: string, args: readonly string[]): void => {
    const { status, stderr } = spawnSync(command, args, {
      cwd: folder,
      encoding: 'utf8',
      shell: process.platform === 'win32',
    });
    if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  };
  run('npm', ['pack', '--silent', GAMEDIG]);
  run('tar', ['-xzf', `${GAMEDIG.replace('@', '-')}.tgz`]);
  const { games } = await import(pathToFileURL(path.join(folder, 'package/lib/games.js')).href);
  return Object.values(v.parse(gamesSchema, games));
}

if (process.argv[2] !== 'check') {
  console.error('What to do is missing: npm run presets -- check');
  process.exit(2);
}
const folder = await mkdtemp(path.join(tmpdir(), 'portkeeper-presets-'));
try {
  const presets = allPresets();
  let pairs = 0;
  const unknown: string[] = [];
  for (const game of await gamedig(folder)) {
    const preset = findPreset(presets, game.name.replaceAll(/\s*\(\d{4}\)/g, ''));
    const ports = portsOf(game);
    if (preset === undefined || ports.length === 0) continue;
    pairs += 1;
    if (ports.every((port) => covers(preset, port))) continue;
    const reason = KNOWN[preset.id];
    const line = `${preset.id}: ${preset.forwards.map(portsText).join(', ')}; gamedig has ${ports.join(' and ')}`;
    console.log(reason === undefined ? line : `${line} (${reason})`);
    if (reason === undefined) unknown.push(preset.id);
  }
  console.log(`${pairs} compared with ${GAMEDIG}; ${unknown.length} differ without a known reason.`);
  process.exitCode = unknown.length === 0 ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
