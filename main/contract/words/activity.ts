/** A sentence for each fact of what has happened. */
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
        ? '; it has no public IP address'
        : `; its public IP address is ${address}`;
  return {
    started: () => 'Portkeeper started.',
    ended: ({ left }) =>
      left === 'closed'
        ? 'Portkeeper quit and closed all ports.'
        : 'Portkeeper quit; open ports stay open until their leases expire.',
    woke: ({ asleep }) => `The computer was asleep for ${durationInFull(asleep, 'en')}.`,
    'gateway-found': ({ gateway, address }) => `${The(gateway)} was found${found(address)}.`,
    'gateway-away': ({ gateway }) => `${The(gateway)} stopped answering.`,
    'gateway-back': ({ gateway }) => `${The(gateway)} answers again.`,
    'gateway-restarted': ({ gateway }) => `${The(gateway)} restarted.`,
    'address-changed': ({ gateway, from, to }) =>
      to === 'none'
        ? `${The(gateway)} lost its public IP address${from === 'none' ? '' : ` ${from}`}.`
        : from === 'none'
          ? `${The(gateway)} got the public IP address ${to}.`
          : `The public IP address of ${the(gateway)} changed from ${from} to ${to}.`,
    'command-ran': ({ program }) => `Your command for a new address, ${program}, ran.`,
    'name-updated': ({ host, addresses }) => `${host} now points to ${addresses.join(' and ')}.`,
    switched: ({ name, on }) => `${name} was turned ${on ? 'on' : 'off'}.`,
    condition: ({ name, opensWhile, isMet }) => {
      if (opensWhile.is === 'listening')
        return isMet
          ? `${name}: a program listens, so it opens.`
          : `${name}: no program listens any more, so it closes.`;
      if (opensWhile.is === 'running')
        return isMet
          ? `${name}: ${opensWhile.program} is running, so it opens.`
          : `${name}: ${opensWhile.program} is no longer running, so it closes.`;
      return isMet ? `${name}: its hours have begun, so it opens.` : `${name}: its hours are over, so it closes.`;
    },
    paused: () => 'Everything was paused.',
    resumed: () => 'Everything was resumed.',
    demo: ({ on }) => (on ? 'Switched to the simulated router.' : 'Switched back to the real router.'),
    opened: ({ gateway, granted, ...each }) =>
      `${forward(each)} opened on ${the(gateway)}${granted === undefined ? '' : ` as external port ${granted}`}.`,
    renewed: ({ gateway, forwards }) =>
      `${numberText(forwards, 'en')} ${forwards === 1 ? 'forward' : 'forwards'} renewed on ${the(gateway)}.`,
    closed: (each) => `${forward(each)} closed.`,
    lost: ({ because, ...each }) =>
      because === undefined
        ? `${forward(each)} is no longer open.`
        : `${forward(each)} is no longer open: ${because === 'gateway' ? 'the router isn’t answering' : 'there is no network connection'}.`,
    refused: ({ problem, ...each }) => `${forward(each)} is not open. ${what(problem)}`,
    problem: ({ problem }) => what(problem),
    solved: ({ problem }) => `Resolved: ${what(problem)}`,
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
        ? ' und hat keine öffentliche IP-Adresse'
        : ` und hat die öffentliche IP-Adresse ${address}`;
  return {
    started: () => 'Portkeeper wurde gestartet.',
    ended: ({ left }) =>
      left === 'closed'
        ? 'Portkeeper wurde beendet und hat alle Ports geschlossen.'
        : 'Portkeeper wurde beendet; offene Ports bleiben bis zum Ende ihrer Laufzeit offen.',
    woke: ({ asleep }) => `Der Computer war im Ruhezustand (${durationInFull(asleep, 'de')}).`,
    'gateway-found': ({ gateway, address }) => `${The(gateway)} wurde gefunden${found(address)}.`,
    'gateway-away': ({ gateway }) => `${The(gateway)} antwortet nicht mehr.`,
    'gateway-back': ({ gateway }) => `${The(gateway)} antwortet wieder.`,
    'gateway-restarted': ({ gateway }) => `${The(gateway)} wurde neu gestartet.`,
    'address-changed': ({ gateway, from, to }) =>
      to === 'none'
        ? `${The(gateway)} hat die öffentliche IP-Adresse${from === 'none' ? '' : ` ${from}`} verloren.`
        : from === 'none'
          ? `${The(gateway)} hat die öffentliche IP-Adresse ${to} erhalten.`
          : `Die öffentliche IP-Adresse von ${the(gateway)} hat sich von ${from} zu ${to} geändert.`,
    'command-ran': ({ program }) => `Dein Befehl bei neuer Adresse, ${program}, wurde ausgeführt.`,
    'name-updated': ({ host, addresses }) => `${host} zeigt jetzt auf ${addresses.join(' und ')}.`,
    switched: ({ name, on }) => `${name} wurde ${on ? 'eingeschaltet' : 'ausgeschaltet'}.`,
    condition: ({ name, opensWhile, isMet }) => {
      if (opensWhile.is === 'listening')
        return isMet
          ? `${name} wird geöffnet: Ein Programm lauscht.`
          : `${name} wird geschlossen: Es lauscht kein Programm mehr.`;
      if (opensWhile.is === 'running')
        return isMet
          ? `${name} wird geöffnet: ${opensWhile.program} läuft.`
          : `${name} wird geschlossen: ${opensWhile.program} läuft nicht mehr.`;
      return isMet ? `${name} wird geöffnet: Es ist die Zeit dafür.` : `${name} wird geschlossen: Die Zeit ist vorbei.`;
    },
    paused: () => 'Alles wurde pausiert.',
    resumed: () => 'Alles wurde fortgesetzt.',
    demo: ({ on }) => (on ? 'Zum simulierten Router gewechselt.' : 'Zurück zum echten Router gewechselt.'),
    opened: ({ gateway, granted, ...each }) =>
      `${forward(each)} auf ${the(gateway)} geöffnet${granted === undefined ? '' : ` (externer Port ${granted})`}.`,
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
  // A fact and its text belong together; the type system cannot follow that through the table.
  const text = TEXTS[language][fact.is] as (fact: ShownFact) => string;
  return withoutHidden(text(fact));
}
