/** When a profile that is on is open, and why it is or is not. */
import type { ConditionView } from '../commands.ts';
import type { OpensWhile } from '../profiles/opens-while.ts';
import type { Profile } from '../profiles/profile.ts';
import { DAYS, epochMs, type EpochMs } from '../units.ts';
import type { Catalogue, Language } from './catalogues.ts';
import { isSameDay, listText, momentText, rangeText, weekdayText } from './formats.ts';

const en = {
  always: 'always',
  listening: 'while a program listens on its port',
  running: (program: string): string => `while ${program} is running`,
  everyDay: 'every day',
  /** As long as it stays so. */
  met: {
    listening: 'Open while a program listens',
    running: (program: string): string => `Open while ${program} is running`,
    hours: (until: string): string => `Open until ${until}`,
    allHours: 'Open at all hours',
  },
  unmet: {
    listening: (ports: string): string => `Opens when a program listens on port ${ports}`,
    running: (program: string): string => `Opens when ${program} runs`,
    today: (at: string): string => `Opens at ${at}`,
    later: (at: string): string => `Opens ${at}`,
  },
  unknown: {
    listening: 'Unknown whether a program listens: the system doesn’t say',
    running: 'Unknown which programs run: the system doesn’t say',
  },
  onUntil: (at: string): string => `Turns off at ${at}`,
  onUntilLater: (at: string): string => `Turns off ${at}`,
};

const de: typeof en = {
  always: 'immer',
  listening: 'solange ein Programm an seinem Port lauscht',
  running: (program) => `solange ${program} läuft`,
  everyDay: 'jeden Tag',
  met: {
    listening: 'Offen, solange ein Programm lauscht',
    running: (program) => `Offen, solange ${program} läuft`,
    hours: (until) => `Offen bis ${until}`,
    allHours: 'Zu jeder Zeit offen',
  },
  unmet: {
    listening: (ports) => `Öffnet, sobald ein Programm an Port ${ports} lauscht`,
    running: (program) => `Öffnet, sobald ${program} läuft`,
    today: (at) => `Öffnet um ${at}`,
    later: (at) => `Öffnet ${at}`,
  },
  unknown: {
    listening: 'Nicht feststellbar, ob ein Programm lauscht: Das System gibt keine Auskunft',
    running: 'Nicht feststellbar, welche Programme laufen: Das System gibt keine Auskunft',
  },
  onUntil: (at) => `Geht um ${at} aus`,
  onUntilLater: (at) => `Geht ${at} aus`,
};

const WORDS: Catalogue<typeof en> = { en, de };

/** A person's choice: `18:00–23:00, Mon, Tue`. */
export function opensWhileText(opensWhile: OpensWhile, language: Language): string {
  const words = WORDS[language];
  switch (opensWhile.is) {
    case 'always':
    case 'listening':
      return words[opensWhile.is];
    case 'running':
      return words.running(opensWhile.program);
    case 'hours': {
      const { days, from, to } = opensWhile;
      const named = days.map((day) => weekdayName(DAYS.indexOf(day), language));
      return `${from}–${to}, ${days.length === DAYS.length ? words.everyDay : named.join(', ')}`;
    }
  }
}

/** 5 January 1970 was a Monday. */
export const weekdayName = (day: number, language: Language): string =>
  weekdayText(epochMs((4 + day) * 86_400_000), language, 'UTC');

type Told = Pick<Profile, 'forwards' | 'opensWhile' | 'onUntil'>;

/** Why it is open, or is not, and until when; nothing for a profile that is simply on.
 * @param now of the person who reads it */
export function conditionText(
  profile: Told,
  condition: Pick<ConditionView, 'isMet' | 'isUnknown' | 'until'> | undefined,
  now: EpochMs,
  language: Language,
): string | undefined {
  const words = WORDS[language];
  const parts: string[] = [];
  const { opensWhile, onUntil } = profile;
  if (opensWhile !== undefined && condition !== undefined)
    parts.push(standingText(profile, opensWhile, condition, now, language));
  if (onUntil !== undefined) {
    const say = isSameDay(onUntil, now) ? words.onUntil : words.onUntilLater;
    parts.push(say(momentText(onUntil, now, language)));
  }
  return parts.length === 0 ? undefined : parts.join(' · ');
}

function standingText(
  { forwards }: Pick<Profile, 'forwards'>,
  opensWhile: OpensWhile,
  { isMet, isUnknown, until }: Pick<ConditionView, 'isMet' | 'isUnknown' | 'until'>,
  now: EpochMs,
  language: Language,
): string {
  const { met, unmet, unknown } = WORDS[language];
  switch (opensWhile.is) {
    case 'always':
      return met.allHours;
    case 'listening': {
      if (isUnknown) return unknown.listening;
      if (isMet) return met.listening;
      const here = forwards.filter(({ internal }) => internal.client === undefined);
      const ports = here.map(({ internal: { first }, external }) =>
        rangeText({ first, last: first + external.last - external.first }),
      );
      return unmet.listening(listText([...new Set(ports)], language, 'or'));
    }
    case 'running':
      if (isUnknown) return unknown.running;
      return isMet ? met.running(opensWhile.program) : unmet.running(opensWhile.program);
    case 'hours': {
      if (until === undefined) return met.allHours;
      const at = momentText(until, now, language);
      if (isMet) return met.hours(at);
      return isSameDay(until, now) ? unmet.today(at) : unmet.later(at);
    }
  }
}
