/** How it stands with the name that others reach this connection by. */
import type { MissingDetail, NameView } from '../dynamic-dns.ts';
import type { EpochMs } from '../units.ts';
import type { Catalogue, Language } from './catalogues.ts';
import { listText, momentText } from './formats.ts';

interface NameTexts {
  readonly given: string;
  readonly missing: Readonly<Record<MissingDetail, string>>;
  readonly waiting: string;
  readonly updating: string;
  readonly current: (addresses: string, when: string) => string;
  readonly retrying: (when: string) => string;
  readonly refused: string;
  readonly secret: Readonly<Record<NameView['secret'], string>>;
}

const TEXTS: Catalogue<NameTexts> = {
  en: {
    given: 'Kept up to date by you or your router.',
    missing: {
      name: 'Not set up yet: enter the host name.',
      user: 'Not set up yet: enter the user name.',
      server: 'Not set up yet: enter the provider’s server.',
      secret: 'Not set up yet: enter the password or token.',
      https: 'Not updated: the server’s address begins with http, so your password would be sent unencrypted.',
    },
    waiting: 'Waiting for a public IP address on a network where ports may be opened.',
    updating: 'Updating…',
    current: (addresses, when) => `Points to ${addresses}. Last update: ${when}.`,
    retrying: (when) => `Not updated yet. Next try: ${when}.`,
    refused: 'No longer updated, because the provider refused.',
    secret: {
      system: 'Stored in this computer’s keyring.',
      file: 'Stored unencrypted, in a file that only you can read: this computer offers no keyring.',
      none: 'Not set.',
    },
  },
  de: {
    given: 'Wird von dir oder deinem Router aktuell gehalten.',
    missing: {
      name: 'Noch nicht eingerichtet: Gib den Hostnamen ein.',
      user: 'Noch nicht eingerichtet: Gib den Benutzernamen ein.',
      server: 'Noch nicht eingerichtet: Gib den Server des Anbieters ein.',
      secret: 'Noch nicht eingerichtet: Gib das Passwort oder Token ein.',
      https:
        'Nicht aktualisiert: Die Adresse des Servers beginnt mit http, dein Passwort ginge unverschlüsselt dorthin.',
    },
    waiting: 'Wartet auf eine öffentliche IP-Adresse in einem Netzwerk, in dem Ports geöffnet werden dürfen.',
    updating: 'Wird aktualisiert…',
    current: (addresses, when) => `Zeigt auf ${addresses}. Letzte Aktualisierung: ${when}.`,
    retrying: (when) => `Noch nicht aktualisiert. Nächster Versuch: ${when}.`,
    refused: 'Wird nicht mehr aktualisiert, weil der Anbieter ablehnt.',
    secret: {
      system: 'Im Schlüsselbund dieses Computers gespeichert.',
      file: 'Unverschlüsselt gespeichert, in einer Datei, die nur du lesen kannst: Dieser Computer bietet keinen Schlüsselbund.',
      none: 'Nicht gesetzt.',
    },
  },
};

/** A sentence or two. */
export function nameText(view: NameView, now: EpochMs, language: Language): string {
  const texts = TEXTS[language];
  const when = (moment: EpochMs | undefined): string => momentText(moment ?? now, now, language);
  switch (view.at) {
    case 'given':
    case 'waiting':
    case 'updating':
    case 'refused':
      return texts[view.at];
    case 'incomplete':
      return texts.missing[view.missing ?? 'name'];
    case 'retrying':
      return texts.retrying(when(view.nextAt));
    case 'current': {
      const { ipv4, ipv6 } = view.pointsTo;
      const addresses = [ipv4, ipv6].filter((address) => address !== undefined);
      return texts.current(listText(addresses, language), when(view.updatedAt));
    }
  }
}

export const secretText = ({ secret }: NameView, language: Language): string => TEXTS[language].secret[secret];
