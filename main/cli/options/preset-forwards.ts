/** `--preset NAME` of `open`: names become forwards. */
import type { Forward } from '../../contract/model.ts';
import { findPreset } from '../../contract/preset-search.ts';
import { forwardsOfPreset } from '../../contract/presets.ts';
import type { Preset } from '../../contract/presets.ts';
import { allPresets } from '../../engine/profiles/presets.ts';
import { nearText } from '../commands/command-presets.ts';
import { InputFault } from '../output/fault.ts';
import type { ForwardDefaults } from './port-spec.ts';

/** An id, or a name or alias that only one has. @throws InputFault */
export function presetNamed(name: string): Preset {
  const preset = findPreset(allPresets(), name);
  if (preset !== undefined) return preset;
  throw new InputFault(
    `--preset ${name}: there is no such preset.${nearText(name)} See all of them with: portkeeper presets`,
  );
}

/** What each of them requires. An empty label is the preset's name. */
export function presetForwards(
  presets: readonly Preset[],
  { label, families, ifTaken, lease, gateway, interfaceName }: ForwardDefaults,
): readonly Forward[] {
  return presets.flatMap((preset) =>
    forwardsOfPreset(preset, {
      families,
      ifTaken,
      ...(label === '' ? {} : { label }),
      ...(lease === undefined ? {} : { lease }),
      ...(gateway === undefined ? {} : { gateway }),
      ...(interfaceName === undefined ? {} : { interfaceName }),
    }),
  );
}
