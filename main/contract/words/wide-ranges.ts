/** The question before a large range of ports is taken. */
import type { Catalogue, Language } from './catalogues.ts';
import type { WideRanges } from '../claims.ts';
import { listText, numberText, portsText } from './formats.ts';

export interface WideRangesQuestion {
  readonly title: string;
  readonly text: string;
  /** What is done, as a verb. */
  readonly yes: string;
  /** `1,000 ports in 2 large ranges` */
  readonly brief: string;
}

/** The rest is counted. */
const MOST_NAMED = 3;

const en = {
  title: (ports: string): string => `Forward ${ports} ports?`,
  text: (ranges: string, ports: string, several: boolean): string =>
    `${ranges} ${several ? 'are large ranges' : 'is a large range'}: ${ports} ports${several ? ' together' : ''}. Most programs need only a few. While they are open, anyone on the internet can reach them.`,
  yes: (ports: string): string => `Forward ${ports} ports`,
  brief: (ports: string, count: number): string =>
    count === 1 ? `A large range of ${ports} ports` : `${ports} ports in ${count} large ranges`,
  more: (count: number): string => `${count} more`,
};

const de: typeof en = {
  title: (ports) => `${ports} Ports freigeben?`,
  text: (ranges, ports, several) =>
    `${ranges} ${several ? 'sind große Bereiche' : 'ist ein großer Bereich'}: ${several ? 'zusammen ' : ''}${ports} Ports. Die meisten Programme brauchen nur wenige. Solange sie offen sind, kann jeder im Internet sie erreichen.`,
  yes: (ports) => `${ports} Ports freigeben`,
  brief: (ports, count) =>
    count === 1 ? `Ein großer Bereich von ${ports} Ports` : `${ports} Ports in ${count} großen Bereichen`,
  more: (count) => `${count} weitere`,
};

const words: Catalogue<typeof en> = { en, de };

export function wideRangesQuestion({ ranges, ports }: WideRanges, language: Language): WideRangesQuestion {
  const say = words[language];
  const named = ranges.slice(0, MOST_NAMED).map(portsText);
  const rest = ranges.length - named.length;
  const list = listText(rest > 0 ? [...named, say.more(rest)] : named, language);
  const count = numberText(ports, language);
  return {
    title: say.title(count),
    text: say.text(list, count, ranges.length > 1),
    yes: say.yes(count),
    brief: say.brief(count, ranges.length),
  };
}
