/** History in plain words, the latest first. */
import type { VNode } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { isShown, type ActivityEntry } from '../../../main/contract/activity.ts';
import type { EpochMs } from '../../../main/contract/units.ts';
import { activityText } from '../../../main/contract/words/activity.ts';
import { clockTime, dayText } from '../../../main/contract/words/formats.ts';
import { Button } from '../../parts/button.tsx';
import { RadioGroup, Select, choicesOf } from '../../parts/choice.tsx';
import { SearchBox } from '../../parts/search-box.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Card, Section } from '../../parts/layout.tsx';
import { EmptyState } from '../../parts/notice.tsx';
import { useSaveFile } from '../../state/browser.ts';
import { useLanguage, useWords } from '../../state/language.tsx';
import { memo } from '../../state/memo.ts';
import { useMoment, useTime } from '../../state/time.tsx';
import {
  byDay,
  csvOf,
  profilesIn,
  shownEntries,
  signOf,
  type ShownEntry,
  type TimelineFilter,
} from './timeline-days.ts';
import { activityViewWords } from './words.ts';

/** Entries that are shown at first, and more at a time. */
const PAGE = 150;

/** Longer than any profile's name is: no profile is called so. */
const EVERY = ' '.repeat(81);

export function Timeline({ entries }: { readonly entries: readonly ActivityEntry[] }): VNode {
  const words = useWords(activityViewWords);
  const language = useLanguage();
  const time = useTime();
  const saveFile = useSaveFile();
  const [query, setQuery] = useState('');
  const [filter, setFilter] = useState<TimelineFilter>('changes');
  const [profile, setProfile] = useState<string | undefined>(undefined);
  const [count, setCount] = useState(PAGE);
  const profiles = useMemo(() => profilesIn(entries), [entries]);
  const shown = useMemo(
    () => shownEntries(entries, filter, profile, query, (fact) => activityText(fact, language)),
    [entries, filter, profile, query, language],
  );
  const days = useMemo(() => byDay(shown.slice(0, count), (at) => new Date(at).toDateString()), [shown, count]);
  if (!entries.some(({ fact }) => isShown(fact))) {
    return <EmptyState icon="activity" title={words.timeline.none} text={words.timeline.noneHint} />;
  }
  const save = (): void => {
    const { time: at, kind, text } = words.timeline.columns;
    const table = csvOf(shown, [at, kind, text], (entry) => [
      new Date(entry.at).toISOString(),
      words.kinds[signOf(entry.fact).kind],
      activityText(entry.fact, language),
    ]);
    const today = new Date(time.now()).toISOString().slice(0, 10);
    // Spreadsheets take a text for UTF-8 when it begins so.
    saveFile(`portkeeper-activity-${today}.csv`, `\uFEFF${table}`);
  };
  return (
    <Section
      title={words.timeline.title}
      actions={
        <Button icon="download" size="small" disabled={shown.length === 0} onClick={save}>
          {words.timeline.export}
        </Button>
      }
    >
      <div class="timeline-tools">
        <SearchBox label={words.timeline.search} value={query} onInput={setQuery} />
        {profiles.length > 1 && (
          <Select
            aria-label={words.timeline.profile}
            value={profile ?? EVERY}
            choices={[
              { value: EVERY, label: words.timeline.everyProfile },
              ...profiles.map((name) => ({ value: name, label: name })),
            ]}
            onChange={(name) => setProfile(name === EVERY ? undefined : name)}
          />
        )}
        <RadioGroup
          label={words.timeline.filter}
          value={filter}
          choices={choicesOf(words.timeline.filters)}
          onChange={setFilter}
        />
      </div>
      {shown.length === 0 && (
        <EmptyState icon="search" title={words.timeline.noneFound}>
          <Button
            onClick={() => {
              setFilter('all');
              setProfile(undefined);
              setQuery('');
            }}
          >
            {words.timeline.showAll}
          </Button>
        </EmptyState>
      )}
      {days.map((day) => (
        <DaySection key={day.entries.at(-1)?.id} at={day.at} entries={day.entries} />
      ))}
      {shown.length > count && (
        <p class="timeline-more">
          <Button kind="quiet" onClick={() => setCount(count + PAGE)}>
            {words.timeline.more(Math.min(PAGE, shown.length - count))}
          </Button>
        </p>
      )}
    </Section>
  );
}

function DaySection({ at, entries }: { readonly at: EpochMs; readonly entries: readonly ShownEntry[] }): VNode {
  const language = useLanguage();
  const title = useMoment((now) => dayText(at, now, language));
  return (
    <div class="timeline-day">
      <h3 class="timeline-date">{title}</h3>
      <Card kind="rows">
        <ol class="timeline">
          {entries.map((entry) => (
            <Entry key={entry.id} entry={entry} />
          ))}
        </ol>
      </Card>
    </div>
  );
}

const Entry = memo<{ readonly entry: ShownEntry }>(function TimelineEntry({ entry }): VNode {
  const words = useWords(activityViewWords);
  const language = useLanguage();
  const { icon, tone, kind } = signOf(entry.fact);
  return (
    <li class="timeline-entry" data-kind={kind}>
      <time class="timeline-time" dateTime={new Date(entry.at).toISOString()}>
        {clockTime(entry.at, language)}
      </time>
      <span class="timeline-sign" data-tone={tone}>
        <Icon name={icon} size={16} />
        <span class="unseen">{words.kinds[kind]}</span>
      </span>
      <span>{activityText(entry.fact, language)}</span>
    </li>
  );
});
