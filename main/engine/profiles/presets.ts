import document from '../../../assets/presets.json' with { type: 'json' };
import { parsePresets, type Preset } from '../../contract/profiles/presets.ts';

let known: readonly Preset[] | undefined;

/** All that are delivered with the program; read at the first call. */
export function allPresets(): readonly Preset[] {
  known ??= parsePresets(document);
  return known;
}
