/** Ports that well-known programs need, as `assets/presets.json` lists them. */
import * as v from 'valibot';
import type { IpAddress } from './address.ts';
import { asForwardId } from './model.ts';
import type { Forward, PortRange, Transport } from './model.ts';
import { isPort, port } from './units.ts';
import type { Port } from './units.ts';

export type PresetCategory = 'game' | 'media' | 'remote' | 'voice' | 'p2p' | 'server' | 'home';

/** What the data says in words, in each language of the catalogue. */
export interface PresetText {
  readonly en: string;
  readonly de: string;
}

export interface PresetForward {
  /** What these ports are for, such as "Game". */
  readonly label: PresetText;
  readonly transports: readonly Transport[];
  readonly external: PortRange;
  /** As long as `external`. */
  readonly internal: { readonly first: Port };
  /** Without it the program cannot be reached; otherwise it serves an extra. */
  readonly required: boolean;
}

export interface Preset {
  /** Kebab-case, unique, stable: people type it, and profiles may keep it. */
  readonly id: string;
  readonly name: string;
  readonly category: PresetCategory;
  /** Other words that people search for. */
  readonly aliases: readonly string[];
  /** At least one is required; no port of a transport occurs twice. */
  readonly forwards: readonly PresetForward[];
  /** What to know before it is opened. */
  readonly note?: PresetText;
  /** Where the figures come from. */
  readonly source: { readonly name: string; readonly url: string };
}

/** Every port is a mapping of its own: more than this no router takes gladly. */
const MOST_PORTS_OF_A_RANGE = 100;

const wordsSchema = v.pipe(v.string(), v.trim(), v.nonEmpty(), v.maxLength(300));
const textSchema = v.strictObject({ en: wordsSchema, de: wordsSchema });
const portSchema = v.custom<Port>(isPort, 'must be a port from 1 to 65535');

/** Written as one port, or as the first and the last of a range. */
const rangeSchema = v.pipe(
  v.union([portSchema, v.strictTuple([portSchema, portSchema])], 'must be a port, or the first and last of a range'),
  v.transform((ports): PortRange => {
    const [first, last] = typeof ports === 'number' ? [ports, ports] : ports;
    return { first, last };
  }),
  v.check(({ first, last }) => first <= last, 'the range ends before it begins'),
  v.check(({ first, last }) => last - first < MOST_PORTS_OF_A_RANGE, `more than ${MOST_PORTS_OF_A_RANGE} ports`),
);

const forwardSchema = v.pipe(
  v.strictObject({
    label: textSchema,
    transports: v.pipe(
      v.array(v.picklist(['tcp', 'udp'])),
      v.nonEmpty(),
      v.check((transports) => new Set(transports).size === transports.length, 'a transport occurs twice'),
    ),
    external: rangeSchema,
    /** The first one; as outside when absent. */
    internal: v.optional(portSchema),
    required: v.boolean(),
  }),
  v.check(
    ({ external, internal = external.first }) => isPort(internal + external.last - external.first),
    'the inside range ends above 65535',
  ),
  v.transform(({ internal, ...rest }): PresetForward => ({
    ...rest,
    internal: { first: internal ?? rest.external.first },
  })),
);

const presetSchema = v.strictObject({
  id: v.pipe(v.string(), v.regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'must be in kebab-case')),
  name: wordsSchema,
  category: v.picklist(['game', 'media', 'remote', 'voice', 'p2p', 'server', 'home']),
  aliases: v.array(wordsSchema),
  forwards: v.pipe(
    v.array(forwardSchema),
    v.check((forwards) => forwards.some(({ required }) => required), 'no forward is required'),
    v.check((forwards) => repeatedPort(forwards) === undefined, 'a port occurs twice'),
  ),
  note: v.exactOptional(textSchema),
  source: v.strictObject({
    name: wordsSchema,
    url: v.pipe(v.string(), v.url(), v.startsWith('https://')),
  }),
});

const presetsSchema = v.pipe(
  v.array(presetSchema),
  v.check((presets) => new Set(presets.map(({ id }) => id)).size === presets.length, 'an id occurs twice'),
);

/** @throws Error naming the place and the reason when it is no list of presets */
export function parsePresets(document: unknown): readonly Preset[] {
  const result = v.safeParse(presetsSchema, document);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new Error(`presets: ${v.getDotPath(issue) ?? 'the whole'}: ${issue.message}`);
}

function repeatedPort(forwards: readonly Pick<PresetForward, 'transports' | 'external'>[]): string | undefined {
  const seen = new Set<string>();
  for (const { transports, external } of forwards) {
    for (const transport of transports) {
      for (let number: number = external.first; number <= external.last; number++) {
        const key = `${number}/${transport}`;
        if (seen.has(key)) return key;
        seen.add(key);
      }
    }
  }
  return undefined;
}

/** How a preset becomes forwards. */
export interface PresetUse extends Pick<Forward, 'families' | 'ifTaken' | 'lease' | 'gateway' | 'interfaceName'> {
  /** `all` includes what serves an extra. Absent: only what is required. */
  readonly which?: 'required' | 'all';
  /** In place of the preset's name in the router's list. */
  readonly label?: string;
  /** Another host of the LAN; absent for this machine. */
  readonly client?: IpAddress;
}

/** Their ids are the preset's, followed by what is opened: `minecraft:25565/tcp`. */
export function forwardsOfPreset(preset: Preset, use: PresetUse): readonly Forward[] {
  const { which = 'required', label = preset.name, client, ...rest } = use;
  return preset.forwards
    .filter(({ required }) => required || which === 'all')
    .map(({ transports, external, internal }) => ({
      ...rest,
      id: asForwardId(`${preset.id}:${portsText({ transports, external })}`),
      label,
      transports,
      external,
      internal: client === undefined ? internal : { ...internal, client },
    }));
}

/** `25565/tcp`, `27015-27020/udp`, `7777/tcp+udp`: as people may type it, too. */
export function portsText({ transports, external }: Pick<Forward, 'transports' | 'external'>): string {
  const { first, last } = external;
  return `${first === last ? port(first) : `${first}-${last}`}/${transports.join('+')}`;
}
