/** The question before opening forwards that a person should think about, and the devices they cannot point to. */
import type { Danger, OpeningQuestion, UnfitAddress } from '../profiles/opening-questions.ts';
import type { Catalogue, Language } from './catalogues.ts';
import { listText, numberText, portsText } from './formats.ts';

export interface QuestionText {
  readonly title: string;
  /** A paragraph each. */
  readonly text: readonly string[];
  /** The action, as a verb. */
  readonly yes: string;
}

/** The rest is counted. */
const MOST_NAMED = 3;
/** Beyond that many kinds, what they have in common is said. */
const MOST_DANGERS = 2;

const en = {
  title: {
    port: (port: string): string => `Open port ${port}?`,
    ports: (ports: string): string => `Forward ${ports} ports?`,
    device: (address: string): string => `Forward to ${address}?`,
    several: 'Open these ports?',
  },
  yes: {
    ports: (ports: string): string => `Forward ${ports} ports`,
    device: 'Forward anyway',
    other: 'Open anyway',
  },
  service: (name: string, port: string): string => `${name} (port ${port})`,
  danger: {
    'remote-login': (services: string): string =>
      `${services}: attackers guess passwords around the clock. Safer: allow keys only, or use a VPN.`,
    'plain-login': (services: string): string =>
      `${services}: passwords are sent unencrypted. Safer: use SSH with keys, or a VPN.`,
    'remote-desktop': (services: string): string =>
      `${services}: attacked around the clock to take over computers. Safer: use a VPN.`,
    'file-sharing': (services: string): string =>
      `${services}: made for home networks, and a common way in for ransomware. Safer: use a VPN.`,
    database: (services: string): string =>
      `${services}: open databases are found within hours, and emptied. Safer: use a VPN or an SSH tunnel.`,
    control: (services: string): string =>
      `${services}: anyone who reaches it can take over the computer. Safer: use a VPN or an SSH tunnel.`,
    'device-service': (services: string): string =>
      `${services}: reveals your devices, or is abused to flood others. Safer: use a VPN.`,
  } satisfies Record<Danger, (services: string) => string>,
  dangers: (services: string): string =>
    `${services}: attacked around the clock, and made for trusted networks. Safer: use a VPN, or SSH with keys only.`,
  noProtection: 'Another external port is no protection: all ports are searched.',
  ranges: (ranges: string, ports: string, several: boolean): string =>
    `${ranges} ${several ? 'are large ranges' : 'is a large range'}: ${ports} ports${several ? ' together' : ''}. Most programs need only a few. While they are open, anyone on the internet can reach them.`,
  elsewhere: (addresses: string, networks: string, several: boolean): string =>
    `${addresses} ${several ? 'are' : 'is'} in none of this computer’s networks (${networks}), so your router probably can’t reach ${several ? 'them' : 'it'}.`,
  more: (count: number): string => `${count} more`,
  unfit: {
    public: 'is a public address, not one of a device on your network',
    unspecified: 'is not the address of a device',
    broadcast: 'is the address of all devices in a network, not of one',
    network: 'is the address of a network, not of a device in it',
    loopback: 'is this computer itself: choose “This computer”, or leave the address out',
    multicast: 'is the address of a group, not of a device',
    'link-local': 'is an automatic address that routers don’t forward to',
    reserved: 'is an address that no device can have',
  } satisfies Record<UnfitAddress, string>,
};

const de: typeof en = {
  title: {
    port: (port) => `Port ${port} freigeben?`,
    ports: (ports) => `${ports} Ports freigeben?`,
    device: (address) => `An ${address} weiterleiten?`,
    several: 'Diese Ports freigeben?',
  },
  yes: {
    ports: (ports) => `${ports} Ports freigeben`,
    device: 'Trotzdem weiterleiten',
    other: 'Trotzdem freigeben',
  },
  service: (name, port) => `${name} (Port ${port})`,
  danger: {
    'remote-login': (services) =>
      `${services}: Hier werden rund um die Uhr Passwörter durchprobiert. Sicherer: nur Schlüssel zulassen oder ein VPN nutzen.`,
    'plain-login': (services) =>
      `${services}: Passwörter gehen unverschlüsselt durchs Netz. Sicherer: SSH mit Schlüsseln oder ein VPN nutzen.`,
    'remote-desktop': (services) =>
      `${services}: Wird rund um die Uhr angegriffen, um Computer zu übernehmen. Sicherer: ein VPN nutzen.`,
    'file-sharing': (services) =>
      `${services}: Für Heimnetze gemacht und ein häufiges Einfallstor für Erpressungstrojaner. Sicherer: ein VPN nutzen.`,
    database: (services) =>
      `${services}: Offene Datenbanken werden binnen Stunden gefunden und geleert. Sicherer: ein VPN oder einen SSH-Tunnel nutzen.`,
    control: (services) =>
      `${services}: Wer das erreicht, kann den Computer übernehmen. Sicherer: ein VPN oder einen SSH-Tunnel nutzen.`,
    'device-service': (services) =>
      `${services}: Verrät deine Geräte oder wird missbraucht, um andere lahmzulegen. Sicherer: ein VPN nutzen.`,
  },
  dangers: (services) =>
    `${services}: Werden rund um die Uhr angegriffen und sind für vertraute Netze gemacht. Sicherer: ein VPN oder SSH nur mit Schlüsseln nutzen.`,
  noProtection: 'Ein anderer externer Port schützt nicht: Alle Ports werden abgesucht.',
  ranges: (ranges, ports, several) =>
    `${ranges} ${several ? 'sind große Bereiche' : 'ist ein großer Bereich'}: ${several ? 'zusammen ' : ''}${ports} Ports. Die meisten Programme brauchen nur wenige. Solange sie offen sind, kann jeder im Internet sie erreichen.`,
  elsewhere: (addresses, networks, several) =>
    `${addresses} ${several ? 'liegen' : 'liegt'} in keinem Netzwerk dieses Computers (${networks}). Dein Router kann ${several ? 'sie' : 'das Gerät'} vermutlich nicht erreichen.`,
  more: (count) => `${count} weitere`,
  unfit: {
    public: 'ist eine Adresse im Internet, keine eines Geräts in deinem Netzwerk',
    unspecified: 'ist keine Adresse eines Geräts',
    broadcast: 'ist die Adresse aller Geräte eines Netzwerks, nicht die von einem',
    network: 'ist die Adresse eines Netzwerks, nicht die eines Geräts darin',
    loopback: 'ist dieser Computer selbst: Wähle „Dieser Computer“ oder lass die Adresse weg',
    multicast: 'ist die Adresse einer Gruppe, nicht die eines Geräts',
    'link-local': 'ist eine automatische Adresse, an die Router nicht weiterleiten',
    reserved: 'ist eine Adresse, die kein Gerät haben kann',
  },
};

const words: Catalogue<typeof en> = { en, de };

/** A part of a sentence that the address begins. */
export const unfitText = (why: UnfitAddress, language: Language): string => words[language].unfit[why];

/** One question for all of them, however many they are. */
export function questionText(questions: readonly OpeningQuestion[], language: Language): QuestionText {
  const say = words[language];
  const dangerous = questions.filter((one) => one.code === 'dangerous-port');
  const large = questions.filter((one) => one.code === 'large-range');
  const elsewhere = questions.filter((one) => one.code === 'device-elsewhere');
  const named = (all: readonly string[]): string => {
    const rest = all.length - MOST_NAMED;
    return listText(rest > 0 ? [...all.slice(0, MOST_NAMED), say.more(rest)] : all, language);
  };
  const ports = numberText(
    large.reduce((sum, one) => sum + one.ports, 0),
    language,
  );
  const dangers = Map.groupBy(dangerous, ({ danger }) => danger);
  const services = (all: typeof dangerous): string =>
    named(all.map(({ service, port }) => say.service(service, `${port}`)));
  const text =
    dangers.size > MOST_DANGERS
      ? [say.dangers(services(dangerous))]
      : [...dangers].map(([danger, ones]) => say.danger[danger](services(ones)));
  if (dangerous.length > 0) text.push(say.noProtection);
  if (large.length > 0)
    text.push(say.ranges(named(large.map(({ range }) => portsText(range))), ports, large.length > 1));
  if (elsewhere.length > 0) {
    const addresses = elsewhere.map(({ address }) => address);
    const networks = [...new Set(elsewhere.flatMap((one) => one.networks))];
    text.push(say.elsewhere(named(addresses), named(networks), addresses.length > 1));
  }
  const [only, ...others] = questions;
  if (large.length === questions.length) return { title: say.title.ports(ports), text, yes: say.yes.ports(ports) };
  if (only?.code === 'device-elsewhere' && others.length === 0) {
    return { title: say.title.device(only.address), text, yes: say.yes.device };
  }
  const isOne = only?.code === 'dangerous-port' && others.length === 0;
  return { title: isOne ? say.title.port(`${only.port}`) : say.title.several, text, yes: say.yes.other };
}
