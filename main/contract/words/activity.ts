/** What has happened, a sentence for each fact. */
import type { ForwardThen, ShownFact } from '../activity.ts';
import type { IpAddress } from '../address.ts';
import type { Catalogue, Language } from './catalogues.ts';
import type { Problem } from '../problems.ts';
import { withoutHidden } from './hidden.ts';
import { explain } from './problems.ts';
import { durationInFull, numberText, portsText } from './formats.ts';

/** Some facts share a shape, and have their names in one union. */
export type FactOf<Is extends ShownFact['is'], Fact = ShownFact> = Fact extends { readonly is: infer Own }
  ? Is extends Own
    ? Fact & { readonly is: Is }
    : never
  : never;
type ActivityTexts = { readonly [Is in ShownFact['is']]: (fact: FactOf<Is>) => string };

/** The forward as a person knows it: `Minecraft: 25565/TCP`. */
function forward({ name, ...ports }: ForwardThen): string {
  return name === '' ? portsText(ports) : `${name}: ${portsText(ports)}`;
}

function english(): ActivityTexts {
  const the = (gateway: string): string => (gateway === '' ? 'the router' : gateway);
  const The = (gateway: string): string => (gateway === '' ? 'The router' : gateway);
  const what = (problem: Problem): string => explain(problem, 'en').what;
  const found = (address: IpAddress | 'none' | undefined): string =>
    address === undefined
      ? ''
      : address === 'none'
        ? '; it has no internet address'
        : `; the internet address is ${address}`;
  return {
    started: () => 'Portkeeper started.',
    ended: ({ left }) =>
      left === 'closed'
        ? 'Portkeeper ended; everything is closed.'
        : 'Portkeeper ended; what is open stays so until its lease ends.',
    woke: ({ asleep }) => `The computer was asleep for ${durationInFull(asleep, 'en')}.`,
    'gateway-found': ({ gateway, address }) => `${The(gateway)} was found${found(address)}.`,
    'gateway-away': ({ gateway }) => `${The(gateway)} does not answer any more.`,
    'gateway-back': ({ gateway }) => `${The(gateway)} answers again.`,
    'gateway-restarted': ({ gateway }) => `${The(gateway)} restarted.`,
    'address-changed': ({ gateway, from, to }) =>
      to === 'none'
        ? `${The(gateway)} has lost its internet address${from === 'none' ? '' : ` ${from}`}.`
        : from === 'none'
          ? `${The(gateway)} has got the internet address ${to}.`
          : `The internet address of ${the(gateway)} changed from ${from} to ${to}.`,
    switched: ({ name, on }) => `${name} was switched ${on ? 'on' : 'off'}.`,
    paused: () => 'Everything was paused.',
    resumed: () => 'The pause ended.',
    demo: ({ on }) => (on ? 'Switched to the simulated router.' : 'Switched back to the real router.'),
    opened: ({ gateway, granted, ...each }) =>
      `${forward(each)} opened on ${the(gateway)}${granted === undefined ? '' : ` as outside port ${granted}`}.`,
    renewed: ({ gateway, forwards }) =>
      `${numberText(forwards, 'en')} ${forwards === 1 ? 'forward' : 'forwards'} renewed on ${the(gateway)}.`,
    closed: (each) => `${forward(each)} closed.`,
    lost: ({ because, ...each }) =>
      because === undefined
        ? `${forward(each)} is not open any more.`
        : `${forward(each)} is not open any more: ${because === 'gateway' ? 'the router does not answer' : 'there is no network'}.`,
    refused: ({ problem, ...each }) => `${forward(each)} is not open. ${what(problem)}`,
    problem: ({ problem }) => what(problem),
    solved: ({ problem }) => `Solved: ${what(problem)}`,
  };
}

function german(): ActivityTexts {
  const the = (gateway: string): string => (gateway === '' ? 'dem Router' : gateway);
  const The = (gateway: string): string => (gateway === '' ? 'Der Router' : gateway);
  const what = (problem: Problem): string => explain(problem, 'de').what;
  const found = (address: IpAddress | 'none' | undefined): string =>
    address === undefined
      ? ''
      : address === 'none'
        ? '; eine Internetadresse gibt es nicht'
        : `; die Internetadresse ist ${address}`;
  return {
    started: () => 'Portkeeper wurde gestartet.',
    ended: ({ left }) =>
      left === 'closed'
        ? 'Portkeeper wurde beendet; alles ist geschlossen.'
        : 'Portkeeper wurde beendet; was offen ist, bleibt es bis zum Ende der Laufzeit.',
    woke: ({ asleep }) => `Der Computer war im Ruhezustand, Dauer: ${durationInFull(asleep, 'de')}.`,
    'gateway-found': ({ gateway, address }) => `${The(gateway)} wurde gefunden${found(address)}.`,
    'gateway-away': ({ gateway }) => `${The(gateway)} antwortet nicht mehr.`,
    'gateway-back': ({ gateway }) => `${The(gateway)} antwortet wieder.`,
    'gateway-restarted': ({ gateway }) => `${The(gateway)} wurde neu gestartet.`,
    'address-changed': ({ gateway, from, to }) =>
      to === 'none'
        ? `${The(gateway)} hat die Internetadresse${from === 'none' ? '' : ` ${from}`} verloren.`
        : from === 'none'
          ? `${The(gateway)} hat die Internetadresse ${to} bekommen.`
          : `Die Internetadresse von ${the(gateway)} ist jetzt ${to} statt ${from}.`,
    switched: ({ name, on }) => `${name} wurde ${on ? 'eingeschaltet' : 'ausgeschaltet'}.`,
    paused: () => 'Alles wurde pausiert.',
    resumed: () => 'Die Pause ist zu Ende.',
    demo: ({ on }) => (on ? 'Zum simulierten Router gewechselt.' : 'Zurück zum echten Router gewechselt.'),
    opened: ({ gateway, granted, ...each }) =>
      `${forward(each)} auf ${the(gateway)} geöffnet${granted === undefined ? '' : `, als äußerer Port ${granted}`}.`,
    renewed: ({ gateway, forwards }) =>
      `${numberText(forwards, 'de')} ${forwards === 1 ? 'Freigabe' : 'Freigaben'} auf ${the(gateway)} verlängert.`,
    closed: (each) => `${forward(each)} geschlossen.`,
    lost: ({ because, ...each }) =>
      because === undefined
        ? `${forward(each)} ist nicht mehr offen.`
        : `${forward(each)} ist nicht mehr offen: ${because === 'gateway' ? 'Der Router antwortet nicht' : 'Es gibt keine Netzwerkverbindung'}.`,
    refused: ({ problem, ...each }) => `${forward(each)} ist nicht offen. ${what(problem)}`,
    problem: ({ problem }) => what(problem),
    solved: ({ problem }) => `Behoben: ${what(problem)}`,
  };
}

const TEXTS: Catalogue<ActivityTexts> = { en: english(), de: german() };

export function activityText(fact: ShownFact, language: Language): string {
  // What a fact is and what it says belong together; the type system cannot follow that through the table.
  const text = TEXTS[language][fact.is] as (fact: ShownFact) => string;
  return withoutHidden(text(fact));
}
