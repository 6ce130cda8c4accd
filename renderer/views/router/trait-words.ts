/** What a router has shown that it needs, in the words of who does not write routers' software. */
import type { TraitView } from '../../../main/contract/gateway-table.ts';
import type { Catalogue, Language } from '../../../main/contract/words/catalogues.ts';
import type { RouterTraits } from '../../../main/contract/mapping.ts';
import { millis } from '../../../main/contract/units.ts';
import { durationText } from '../../../main/contract/words/formats.ts';

export interface TraitText {
  readonly name: string;
  /** What it means, as a sentence. */
  readonly meaning: string;
}

type TraitTexts = {
  readonly [Name in keyof RouterTraits]-?: {
    readonly name: string;
    readonly meaning: (value: Exclude<RouterTraits[Name], undefined>) => string;
  };
};

const en: TraitTexts = {
  leases: {
    name: 'Lease time',
    meaning: (value) =>
      value === 'capped'
        ? 'It gives less time than it is asked for.'
        : 'It opens ports without an end only; Portkeeper closes them.',
  },
  longestLease: {
    name: 'Longest lease time',
    meaning: (value) => `It gives ${durationText(millis(value * 1000), 'en')} at most.`,
  },
  samePortOnly: {
    name: 'Same port on both sides',
    meaning: (value) => (value ? 'Outside and inside port must be the same.' : 'Outside and inside port may differ.'),
  },
  unreliableSuccess: {
    name: 'Checked answers',
    meaning: (value) =>
      value
        ? 'It has said yes and opened nothing: each port is looked for in its list.'
        : 'When it says that a port is open, it is open.',
  },
  falseRestarts: {
    name: 'Restarts',
    meaning: (value) =>
      value
        ? 'It reports restarts that never happened: Portkeeper checks open ports only now and then.'
        : 'When it reports a restart, it has restarted.',
  },
  renewalNeedsDelete: {
    name: 'Renewal',
    meaning: (value) =>
      value ? 'It does not extend what is open: a port is closed and opened anew.' : 'It extends what is open.',
  },
  listing: {
    name: 'List of open ports',
    meaning: (value) =>
      value === 'index-only' ? 'It shows its list only entry by entry.' : 'Its list does not show all that is open.',
  },
  deleteRemoteHost: {
    name: 'Closing ports',
    meaning: (value) => `It closes ports only when "${value}" is named as the other side.`,
  },
  soap: {
    name: 'Form of requests',
    meaning: () => 'It understands requests in an unusual form only.',
  },
  parallel: {
    name: 'Requests at once',
    meaning: (value) => (value === 1 ? 'It takes one request at a time.' : `It takes ${value} requests at once.`),
  },
};

const de: TraitTexts = {
  leases: {
    name: 'Laufzeit',
    meaning: (value) =>
      value === 'capped'
        ? 'Er gibt weniger Zeit als gewünscht.'
        : 'Er öffnet Ports nur ohne Ende; Portkeeper schließt sie.',
  },
  longestLease: {
    name: 'Längste Laufzeit',
    meaning: (value) => `Er gibt höchstens ${durationText(millis(value * 1000), 'de')}.`,
  },
  samePortOnly: {
    name: 'Gleicher Port auf beiden Seiten',
    meaning: (value) =>
      value ? 'Äußerer und innerer Port müssen gleich sein.' : 'Äußerer und innerer Port dürfen sich unterscheiden.',
  },
  unreliableSuccess: {
    name: 'Geprüfte Antworten',
    meaning: (value) =>
      value
        ? 'Er hat zugesagt und nichts geöffnet: Jeder Port wird in seiner Liste nachgesehen.'
        : 'Wenn er sagt, dass ein Port offen ist, dann ist er es.',
  },
  falseRestarts: {
    name: 'Neustarts',
    meaning: (value) =>
      value
        ? 'Er meldet Neustarts, die es nicht gab: Portkeeper prüft offene Ports nur ab und zu.'
        : 'Wenn er einen Neustart meldet, hat er neu gestartet.',
  },
  renewalNeedsDelete: {
    name: 'Verlängern',
    meaning: (value) =>
      value
        ? 'Er verlängert nicht, was offen ist: Ein Port wird geschlossen und neu geöffnet.'
        : 'Er verlängert, was offen ist.',
  },
  listing: {
    name: 'Liste offener Ports',
    meaning: (value) =>
      value === 'index-only'
        ? 'Er zeigt seine Liste nur Eintrag für Eintrag.'
        : 'Seine Liste zeigt nicht alles, was offen ist.',
  },
  deleteRemoteHost: {
    name: 'Schließen von Ports',
    meaning: (value) => `Er schließt Ports nur, wenn „${value}“ als Gegenseite genannt wird.`,
  },
  soap: {
    name: 'Form der Anfragen',
    meaning: () => 'Er versteht Anfragen nur in einer ungewöhnlichen Form.',
  },
  parallel: {
    name: 'Anfragen zugleich',
    meaning: (value) =>
      value === 1 ? 'Er nimmt eine Anfrage nach der anderen.' : `Er nimmt ${value} Anfragen zugleich.`,
  },
};

const TEXTS: Catalogue<TraitTexts> = { en, de };

/** One that is not known, or whose value is no JSON, is told as it is. */
export function traitText({ name, value }: Pick<TraitView, 'name' | 'value'>, language: Language): TraitText {
  const texts = TEXTS[language];
  const known = Object.hasOwn(texts, name);
  const read = known ? parsed(value) : undefined;
  if (read === undefined) return { name, meaning: value };
  // A trait and its value belong together, and the memory keeps only values that it has checked.
  const text = texts[name as keyof RouterTraits] as {
    readonly name: string;
    readonly meaning: (value: unknown) => string;
  };
  return { name: text.name, meaning: text.meaning(read) };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
