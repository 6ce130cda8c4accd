/** Which presets a search and a category leave. */
import { nearPresets, searchPresets } from '../../../main/contract/preset-search.ts';
import type { Preset, PresetCategory } from '../../../main/contract/presets.ts';

/** In the order in which they are offered. */
export const CATEGORIES = [
  'game',
  'server',
  'media',
  'voice',
  'remote',
  'p2p',
  'home',
] as const satisfies readonly PresetCategory[];

export type CategoryChoice = PresetCategory | 'all';

export interface Hits {
  /** The best first. */
  readonly shown: readonly Preset[];
  /** Of what the search finds, how many each choice shows. */
  readonly counts: Readonly<Record<CategoryChoice, number>>;
  /** Spelt alike, when the search finds nothing. */
  readonly near: readonly Preset[];
}

const MOST_NEAR = 4;

export function hitsOf(presets: readonly Preset[], query: string, category: CategoryChoice): Hits {
  const found = searchPresets(presets, query);
  const counts = { all: found.length, game: 0, server: 0, media: 0, voice: 0, remote: 0, p2p: 0, home: 0 };
  for (const preset of found) counts[preset.category] += 1;
  return {
    shown: category === 'all' ? found : found.filter((preset) => preset.category === category),
    counts,
    near: found.length === 0 ? nearPresets(presets, query, MOST_NEAR) : [],
  };
}
