/** Faults in ports that were typed. */
import type { PortsFault, PortsReason } from '../profiles/ports.ts';
import type { Catalogue, Language } from './catalogues.ts';

const TEXTS: Catalogue<Readonly<Record<PortsReason, (found: string) => string>>> = {
  en: {
    missing: () => 'A port is missing here.',
    'not-a-port': (found) => `${quoted(found, 'en')} is not a port. Ports are numbers from 1 to 65535.`,
    'not-a-range': (found) => `${quoted(found, 'en')} is not a range. A range is written like 27015-27020.`,
    'range-backwards': (found) => `The range ${found} ends before it begins.`,
    'lengths-differ': () => 'The external and the internal range differ in length.',
    'internal-too-high': () => 'The internal range ends above 65535.',
    'not-a-protocol': (found) => `${quoted(found, 'en')} is not a protocol. Use tcp, udp or both.`,
    'not-an-address': (found) => `${quoted(found, 'en')} is not an IPv4 address.`,
  },
  de: {
    missing: () => 'Hier fehlt ein Port.',
    'not-a-port': (found) => `${quoted(found, 'de')} ist kein Port. Ports sind Zahlen von 1 bis 65535.`,
    'not-a-range': (found) => `${quoted(found, 'de')} ist kein Bereich. Ein Bereich sieht so aus: 27015-27020.`,
    'range-backwards': (found) => `Der Bereich ${found} endet, bevor er anfängt.`,
    'lengths-differ': () => 'Der externe und der interne Bereich sind verschieden lang.',
    'internal-too-high': () => 'Der interne Bereich endet über 65535.',
    'not-a-protocol': (found) => `${quoted(found, 'de')} ist kein Protokoll. Möglich sind tcp, udp und both.`,
    'not-an-address': (found) => `${quoted(found, 'de')} ist keine IPv4-Adresse.`,
  },
};

const quoted = (text: string, language: Language): string => (language === 'de' ? `„${text}“` : `“${text}”`);

/** A whole sentence, without the place. */
export function portsFaultText({ why, found }: PortsFault, language: Language): string {
  return TEXTS[language][why](found);
}
