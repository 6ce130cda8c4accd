/** The presets that are delivered with the program. */
import document from '../../assets/presets.json';
import { useMemo } from 'preact/hooks';
import {
  labelsOf,
  parsePresets,
  presetIn,
  type Preset,
  type PresetForward,
} from '../../main/contract/profiles/presets.ts';
import { useLanguage } from './language.tsx';

let known: readonly Preset[] | undefined;
let labels: ReturnType<typeof labelsOf> | undefined;

/** All that are delivered with the program; checked at the first call. */
export function allPresets(): readonly Preset[] {
  known ??= parsePresets(document);
  return known;
}

/** In the given language, where it is the label of a preset's ports. */
export function presetLabelIn(label: string, language: keyof PresetForward['label']): string {
  labels ??= labelsOf(allPresets());
  return labels.get(label)?.[language] ?? label;
}

/** The same, called as they are in the window's language. */
export function usePresets(): readonly Preset[] {
  const language = useLanguage();
  return useMemo(() => allPresets().map((preset) => presetIn(preset, language)), [language]);
}
