/** A router's traits, in the words of people who do not write routers' software. */
import type { TraitView } from '../../../main/contract/gateway-table.ts';
import type { Catalogue, Language } from '../../../main/contract/words/catalogues.ts';
import type { RouterTraits } from '../../../main/contract/mapping.ts';
import { millis } from '../../../main/contract/units.ts';
import { durationText } from '../../../main/contract/words/formats.ts';

export interface TraitText {
  readonly name: string;
  /** Its meaning, as a sentence. */
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
        ? 'Grants shorter leases than requested.'
        : 'Opens ports only without a time limit; Portkeeper closes them.',
  },
  longestLease: {
    name: 'Longest lease time',
    meaning: (value) => `Grants at most ${durationText(millis(value * 1000), 'en')}.`,
  },
  samePortOnly: {
    name: 'Same port on both sides',
    meaning: (value) =>
      value ? 'External and internal port must be the same.' : 'External and internal port can differ.',
  },
  unreliableSuccess: {
    name: 'Reported success',
    meaning: (value) =>
      value
        ? 'Has reported success without opening a port, so Portkeeper checks each port in its list.'
        : 'Reports success only when the port is open.',
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
      value ? 'Can’t renew open ports: Portkeeper closes and opens them again.' : 'Renews open ports.',
  },
  listing: {
    name: 'List of open ports',
    meaning: (value) => (value === 'index-only' ? 'Lists open ports only one by one.' : 'Doesn’t list all open ports.'),
  },
  deleteRemoteHost: {
    name: 'Closing ports',
    meaning: (value) => `Closes ports only when “${value}” is given as the remote host.`,
  },
  soap: {
    name: 'Request format',
    meaning: () => 'Accepts requests only in an unusual format.',
  },
  parallel: {
    name: 'Simultaneous requests',
    meaning: (value) => (value === 1 ? 'Handles one request at a time.' : `Handles up to ${value} requests at once.`),
  },
};

const de: TraitTexts = {
  leases: {
    name: 'Laufzeit',
    meaning: (value) =>
      value === 'capped'
        ? 'Gewährt kürzere Laufzeiten als angefragt.'
        : 'Öffnet Ports nur unbegrenzt; Portkeeper schließt sie.',
  },
  longestLease: {
    name: 'Längste Laufzeit',
    meaning: (value) => `Gewährt höchstens ${durationText(millis(value * 1000), 'de')}.`,
  },
  samePortOnly: {
    name: 'Gleicher Port auf beiden Seiten',
    meaning: (value) =>
      value
        ? 'Externer und interner Port müssen gleich sein.'
        : 'Externer und interner Port können sich unterscheiden.',
  },
  unreliableSuccess: {
    name: 'Gemeldeter Erfolg',
    meaning: (value) =>
      value
        ? 'Hat Erfolg gemeldet, ohne einen Port zu öffnen. Portkeeper prüft deshalb jeden Port in seiner Liste.'
        : 'Meldet Erfolg nur, wenn der Port offen ist.',
  },
  falseRestarts: {
    name: 'Neustarts',
    meaning: (value) =>
      value
        ? 'Er meldet Neustarts, die es nicht gab: Portkeeper prüft offene Ports nur ab und zu.'
        : 'Wenn er einen Neustart meldet, hat er neu gestartet.',
  },
  renewalNeedsDelete: {
    name: 'Verlängerung',
    meaning: (value) =>
      value
        ? 'Kann offene Ports nicht verlängern: Portkeeper schließt sie und öffnet sie wieder.'
        : 'Verlängert offene Ports.',
  },
  listing: {
    name: 'Liste offener Ports',
    meaning: (value) =>
      value === 'index-only' ? 'Listet offene Ports nur einzeln auf.' : 'Listet nicht alle offenen Ports auf.',
  },
  deleteRemoteHost: {
    name: 'Schließen von Ports',
    meaning: (value) => `Schließt Ports nur, wenn „${value}“ als Gegenstelle angegeben wird.`,
  },
  soap: {
    name: 'Format der Anfragen',
    meaning: () => 'Akzeptiert Anfragen nur in einem ungewöhnlichen Format.',
  },
  parallel: {
    name: 'Gleichzeitige Anfragen',
    meaning: (value) =>
      value === 1 ? 'Verarbeitet nur eine Anfrage auf einmal.' : `Verarbeitet bis zu ${value} Anfragen gleichzeitig.`,
  },
};

const TEXTS: Catalogue<TraitTexts> = { en, de };

/** One that is not known, or whose value is no JSON, is shown as it is. */
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
