import type { VNode } from 'preact';
import { useId, useState } from 'preact/hooks';
import { portsText } from '../../../main/contract/words/formats.ts';
import { importLossText } from '../../../main/contract/words/import-losses.ts';
import { wideRangesIn } from '../../../main/contract/port-totals.ts';
import type { Profile } from '../../../main/contract/profile.ts';
import { settingsWords } from './words.ts';
import { wideRangesQuestion } from '../../../main/contract/words/wide-ranges.ts';
import { Button } from '../../parts/input/button.tsx';
import { Callout } from '../../parts/notice/callout.tsx';
import { RadioList } from '../../parts/input/radio-list.tsx';
import { useLanguage, useWords } from '../../state/language.tsx';
import { useSnapshot } from '../../state/snapshot.ts';
import { Sentences } from './sentences.tsx';
import type { ImportMode, ImportState } from './use-import.ts';

interface ImportPreviewProperties {
  readonly state: Extract<ImportState, { readonly at: 'preview' }>;
  readonly isBusy: boolean;
  readonly onTake: (mode: ImportMode) => void;
  readonly onCancel: () => void;
}

/** More than anybody reads; the rest is counted. */
const MOST_SHOWN = 12;
const MOST_PORTS = 4;

/** What is in a file, and what is to become of it. */
export function ImportPreview({ state, isBusy, onTake, onCancel }: ImportPreviewProperties): VNode {
  const words = useWords(settingsWords);
  const language = useLanguage();
  const id = useId();
  const mine = useSnapshot().profiles.length;
  const [mode, setMode] = useState<ImportMode>('add');
  const { name, content } = state;
  const { profiles, settings, left } = content;
  const hasProfiles = profiles.length > 0;
  const more = profiles.length - MOST_SHOWN;
  const wide = wideRangesIn(profiles.flatMap(({ forwards }) => forwards));
  return (
    <section class="import-preview" aria-labelledby={`${id}-title`}>
      <h3 id={`${id}-title`}>
        {words.preview(name)}: {hasProfiles ? words.previewProfiles(profiles.length) : words.previewNone}
        {hasProfiles && settings !== undefined && ` ${words.previewSettings}`}
      </h3>
      {hasProfiles && (
        <ul class="import-profiles">
          {profiles.slice(0, MOST_SHOWN).map((profile) => (
            <li key={profile.id}>
              <span class="import-name">{profile.name}</span>
              <span class="muted">{portsOf(profile, words.previewMore)}</span>
            </li>
          ))}
          {more > 0 && <li class="muted">{words.previewMore(more)}</li>}
        </ul>
      )}
      {left.length > 0 && (
        <Callout tone="warn" icon="warning" title={words.importLeft}>
          <Sentences list={left.map((loss) => importLossText(loss, language))} />
        </Callout>
      )}
      {wide !== undefined && (
        <Callout tone="warn" icon="warning" title={wideRangesQuestion(wide, language).brief}>
          {wide.ranges.slice(0, MOST_PORTS).map(portsText).join(', ')}
          {wide.ranges.length > MOST_PORTS && ` ${words.previewMore(wide.ranges.length - MOST_PORTS)}`}
        </Callout>
      )}
      {hasProfiles && (
        <>
          <p id={`${id}-mode`} class="field-label">
            {words.mode}
          </p>
          <RadioList
            labelledBy={`${id}-mode`}
            value={mode}
            choices={[
              {
                value: 'add',
                label: words.modeAdd,
                hint: settings === undefined ? words.modeAddHint : words.modeAddSettingsHint,
              },
              {
                value: 'replace',
                label: words.modeReplace,
                hint: (settings === undefined ? words.modeReplaceListHint : words.modeReplaceHint)(mine),
              },
            ]}
            onChange={setMode}
          />
        </>
      )}
      <div class="setting-form">
        {hasProfiles && (
          <Button kind="primary" isBusy={isBusy} onClick={() => onTake(mode)}>
            {mode === 'add' ? words.importNow(profiles.length) : words.replaceNow}
          </Button>
        )}
        <Button kind="quiet" onClick={onCancel}>
          {words.cancel}
        </Button>
      </div>
    </section>
  );
}

/** The first few, and how many more there are. */
export function portsOf({ forwards }: Profile, more: (count: number) => string): string {
  const shown = forwards.slice(0, MOST_PORTS).map(portsText).join(', ');
  const rest = forwards.length - MOST_PORTS;
  return rest > 0 ? `${shown} ${more(rest)}` : shown;
}
