/** Presets that a newcomer is shown first: for each kind of thing that people open ports for, the best known. */
import type { Preset } from '../../../main/contract/presets.ts';

const POPULAR: readonly string[] = [
  'minecraft',
  'minecraft-bedrock',
  'valheim',
  'palworld',
  'terraria',
  'counter-strike-2',
  'plex',
  'jellyfin',
  'teamspeak',
  'wireguard',
  'qbittorrent',
  'web-server',
];

/** In their order; one that is not delivered any more is left out. */
export function popularPresets(presets: readonly Preset[]): readonly Preset[] {
  return POPULAR.flatMap((id) => presets.find((preset) => preset.id === id) ?? []);
}
