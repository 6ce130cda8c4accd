/** The presets that are delivered with the program. */
import document from '../../assets/presets.json';
import { parsePresets, type Preset } from '../../main/contract/presets.ts';

let known: readonly Preset[] | undefined;

/** All that are delivered with the program; checked at the first call. */
export function allPresets(): readonly Preset[] {
  known ??= parsePresets(document);
  return known;
}
