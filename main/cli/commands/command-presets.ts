import type { Forward } from '../../contract/model.ts';
import { openingQuestions, type Confirmed } from '../../contract/profiles/opening-questions.ts';
import {
  findPreset,
  nearPresets,
  searchPresets,
  portsText,
  forwardsOfPreset,
  type Preset,
  type PresetCategory,
} from '../../contract/profiles/presets.ts';
import { listText } from '../../contract/words/formats.ts';
import { allPresets } from '../../engine/profiles/presets.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import {
  forwardDefaults,
  forwardsOf,
  refuseOverlaps,
  type ForwardDefaults,
  type GivenForwardOptions,
} from '../options/port-spec.ts';
import type { Console } from '../output/console.ts';
import { EXIT, InputFault, type ExitCode } from '../output/fault.ts';

const CATEGORY: Readonly<Record<PresetCategory, string>> = {
  game: 'game',
  media: 'media',
  remote: 'remote access',
  voice: 'voice and chat',
  p2p: 'peer to peer',
  server: 'server',
  home: 'home',
};

/** The one that `query` names, or the only one that it finds, is shown with all that is known of it. Ends with
 * `EXIT.failed` when nothing is found, as searches do. */
export async function presets(_options: GlobalOptions, console: Console, words: readonly string[]): Promise<ExitCode> {
  const query = words.join(' ');
  const found = searchPresets(allPresets(), query);
  if (found.length === 0) {
    const message = `No preset matches “${query}”.${nearText(query)}`;
    console.note(message);
    console.record({ event: 'error', message, exitCode: EXIT.failed });
    return EXIT.failed;
  }
  for (const preset of found) console.record(preset);
  if (console.json) return EXIT.ok;
  const named = findPreset(found, query);
  const inFull = named === undefined ? (found.length === 1 ? found : []) : [named];
  const others = found.filter((preset) => !inFull.includes(preset));
  for (const preset of inFull) showWhole(preset, console);
  if (others.length > 0) {
    if (inFull.length > 0) console.line('');
    console.table(others.map(rowOf), HEADINGS);
  }
  console.note(
    inFull.length === 1
      ? `Open its ports with: portkeeper open --preset ${inFull[0]?.id ?? ''}`
      : `${found.length} presets. Open the ports of one with: portkeeper open --preset ID`,
  );
  return EXIT.ok;
}

/** A sentence with a space before it, or nothing. */
function nearText(name: string): string {
  const near = nearPresets(allPresets(), name, 4).map(({ id }) => id);
  return near.length === 0 ? '' : ` Did you mean ${listText(near, 'en', 'or')}?`;
}

const HEADINGS = ['ID', 'NAME', 'PORTS'];

function rowOf(preset: Preset): readonly string[] {
  return [preset.id, preset.name, portsOf(preset, true)];
}

function portsOf({ forwards }: Preset, required: boolean): string {
  return forwards
    .filter((forward) => forward.required === required)
    .map(portsText)
    .join(' ');
}

function showWhole({ id, name, category, forwards, note, source }: Preset, console: Console): void {
  console.line(`${name} (${CATEGORY[category]}): ${id}`);
  console.table(
    forwards.map((forward) => [
      `    ${portsText(forward)}`,
      `${forward.label.en}${forward.required ? '' : ' (optional)'}`,
    ]),
  );
  if (note !== undefined) console.line(`    ${note.en}`);
  console.line(`    Source: ${source.name}, ${source.url}`);
}

/** An id, or a name or alias that only one has. @throws InputFault */
export function presetNamed(name: string): Preset {
  const preset = findPreset(allPresets(), name);
  if (preset !== undefined) return preset;
  throw new InputFault(`There is no preset “${name}”.${nearText(name)} See all of them with: portkeeper presets`, {
    at: { word: name },
  });
}

/** Forwards for the presets and ports of one command line. @throws InputFault also when two claim one external port */
export function askedFor(
  ports: readonly string[],
  given: GivenForwardOptions,
  options: GlobalOptions,
): {
  readonly forwards: readonly Forward[];
  readonly presets: readonly Preset[];
  readonly confirmed: Confirmed;
} {
  const defaults = forwardDefaults(given, options);
  const presets = (given.preset ?? []).map(presetNamed);
  const forwards = [...presetForwards(presets, defaults), ...forwardsOf(ports, defaults)];
  refuseOverlaps(forwards);
  return { forwards, presets, confirmed: given.yes === true ? 'all' : answeredByNotes(presets, defaults) };
}

/** A preset's own note says what else would be asked. */
export function answeredByNotes(presets: readonly Preset[], defaults: ForwardDefaults): readonly string[] {
  const noted = presets.filter(({ note }) => note !== undefined);
  return openingQuestions(presetForwards(noted, defaults)).map(({ key }) => key);
}

/** Notes to read before they are opened. */
export function tellNotes(presets: readonly Preset[], console: Console): void {
  for (const { name, note } of presets) if (note !== undefined) console.note(`${name}: ${note.en}`);
}

/** The forwards that each of them requires. An empty label is the preset's name. */
export function presetForwards(presets: readonly Preset[], { label, ...rest }: ForwardDefaults): readonly Forward[] {
  return presets.flatMap((preset) => forwardsOfPreset(preset, { ...rest, label: label === '' ? preset.name : label }));
}
