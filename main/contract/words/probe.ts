/** The findings of a test from outside, and what to do about them: for the window and the terminal. */
import type { ProbeVerdict, ProbeView, ShutBecause, UntestedBecause } from '../probe.ts';
import type { Catalogue, Language } from './catalogues.ts';

interface ProbeText {
  /** A few words. */
  readonly short: string;
  /** The finding and its reason, as far as known; whole sentences. Empty where the short word says it all. */
  readonly what: string;
  /** Empty where nothing has to be done. */
  readonly todo: string;
}

interface About {
  /** Internal port. */
  readonly port: number;
  readonly transport: string;
  /** `this computer`, or an address. */
  readonly device: string;
  readonly seen: string;
  readonly reported: string;
  readonly beyond: string;
}

interface ProbeTexts {
  readonly thisComputer: string;
  readonly reachable: (about: About) => ProbeText;
  readonly 'no-program': Readonly<Record<'open' | 'unknown', (about: About) => ProbeText>>;
  readonly elsewhere: (about: About) => ProbeText;
  readonly unanswered: (about: About) => ProbeText;
  readonly shut: { readonly short: string } & Readonly<Record<ShutBecause, (about: About) => Omit<ProbeText, 'short'>>>;
  readonly untested: { readonly short: string } & Readonly<Record<UntestedBecause, Omit<ProbeText, 'short'>>>;
}

const TEXTS: Catalogue<ProbeTexts> = {
  en: {
    thisComputer: 'this computer',
    reachable: () => ({ short: 'Reachable from outside', what: '', todo: '' }),
    'no-program': {
      open: ({ port, transport, device }) => ({
        short: 'Open, but no program is listening',
        what: `Traffic from outside arrives. No program on ${device} accepts it on port ${port}/${transport}; Portkeeper answered in its place.`,
        todo: 'Start the program, and check which port it uses.',
      }),
      unknown: ({ port, transport, device }) => ({
        short: 'No program is listening',
        what: `Nothing on ${device} answers on port ${port}/${transport}, so whether traffic arrives is unknown.`,
        todo: `Start the program on ${device}, then test again.`,
      }),
    },
    elsewhere: ({ port, transport, device }) => ({
      short: 'Someone else answers',
      what: `Something answers from outside, but not ${device} on port ${port}/${transport}: perhaps the router itself, or another device.`,
      todo: 'Look for another rule for this port, or remote access, on the router’s settings page.',
    }),
    unanswered: ({ port, transport, device }) => ({
      short: 'No answer, so unknown',
      what: `The program on ${device} didn’t answer the test on port ${port}/${transport}. Many programs ignore what they don’t expect over UDP.`,
      todo: 'To be sure, quit the program and test again: Portkeeper then answers in its place.',
    }),
    shut: {
      short: 'Not reachable from outside',
      'carrier-nat': ({ reported }) => ({
        what: `Nothing arrives. Your provider shares one public address between several homes (carrier-grade NAT): the router has ${reported} instead of a public one.`,
        todo: 'Ask your provider for a public IPv4 address, or use IPv6.',
      }),
      'double-nat': ({ reported, beyond }) => ({
        what: `Nothing arrives. There is another router between yours and the internet: ${beyond === '' ? `yours has the private address ${reported}` : beyond}.`,
        todo: 'Open the port on that router, too (“Check” offers it if that works), or set it to bridge mode.',
      }),
      'other-address': ({ seen, reported }) => ({
        what: `Nothing arrives. The internet sees this computer at ${seen}, but the router says its address is ${reported}. A VPN, a second connection or another router is in between.`,
        todo: 'Turn the VPN off for the test, or forward the port where the other address is.',
      }),
      filtered: () => ({
        what: 'Nothing arrives, although the router says the port is open. A firewall of the router, the provider or the device stops it, another router is in between, or the rule doesn’t work.',
        todo: 'Allow the program in the device’s firewall and check the router’s. Portkeeper renews the rule now; test again in a moment.',
      }),
    },
    untested: {
      short: 'Couldn’t be tested',
      'no-answer': {
        what: 'The probe server or port checker didn’t give an answer.',
        todo: 'Check its address in the settings; of a probe server, that “portkeeper probe-server” is running there and its port is open.',
      },
      'no-address': {
        what: 'The router doesn’t report the public IP address that the port checker wants to know.',
        todo: 'Use a port checker that sees the address itself, or a probe server.',
      },
      'tcp-only': {
        what: 'The port checker tests TCP only.',
        todo: 'If it can test UDP, add {transport} to its address in the settings; a probe server tests both.',
      },
      'no-such-name': {
        what: 'There is no address for the name of the probe server.',
        todo: 'Check the name in the settings, and this computer’s connection.',
      },
      'other-family': {
        what: 'The probe server has no address of this IP version.',
        todo: 'Enter its name instead of an address in the settings, or use a server that has both.',
      },
      'same-network': {
        what: 'The probe server is in your own network, so its answer says nothing about the internet.',
        todo: 'Run it outside: on a rented server, or at a friend’s.',
      },
      busy: {
        what: 'The probe server has been asked as often as it allows.',
        todo: 'Try again in a minute.',
      },
      'needs-secret': {
        what: 'The probe server wants a secret.',
        todo: 'Ask whoever runs it for the file, and choose it in the settings.',
      },
      'wrong-secret': {
        what: 'The probe server doesn’t accept your secret.',
        todo: 'Ask whoever runs it for the current file.',
      },
      'unknown-version': {
        what: 'The probe server and this Portkeeper are too different in version.',
        todo: 'Update the older one.',
      },
      'other-device': {
        what: 'A probe server tries only the address it is asked from, and over IPv6 every device has its own.',
        todo: 'Test it from that device.',
      },
    },
  },
  de: {
    thisComputer: 'diesem Computer',
    reachable: () => ({ short: 'Von außen erreichbar', what: '', todo: '' }),
    'no-program': {
      open: ({ port, transport, device }) => ({
        short: 'Offen, aber kein Programm wartet',
        what: `Von außen kommt etwas an. Auf ${device} nimmt kein Programm es auf Port ${port}/${transport} an; Portkeeper hat an seiner Stelle geantwortet.`,
        todo: 'Starte das Programm, und prüfe, welchen Port es nutzt.',
      }),
      unknown: ({ port, transport, device }) => ({
        short: 'Kein Programm wartet',
        what: `Auf ${device} antwortet nichts auf Port ${port}/${transport}. Ob etwas ankommt, lässt sich so nicht sagen.`,
        todo: `Starte das Programm auf ${device}, und teste erneut.`,
      }),
    },
    elsewhere: ({ port, transport, device }) => ({
      short: 'Jemand anderes antwortet',
      what: `Etwas antwortet nach außen, aber nicht Port ${port}/${transport} auf ${device}: vielleicht der Router selbst oder ein anderes Gerät.`,
      todo: 'Sieh in den Einstellungen des Routers nach einer anderen Regel für diesen Port oder nach Fernzugriff.',
    }),
    unanswered: ({ port, transport, device }) => ({
      short: 'Keine Antwort, also ungewiss',
      what: `Das Programm auf ${device} hat auf Port ${port}/${transport} nicht geantwortet. Viele Programme übergehen über UDP, was sie nicht erwarten.`,
      todo: 'Für Gewissheit beende das Programm, und teste erneut: Portkeeper antwortet dann an seiner Stelle.',
    }),
    shut: {
      short: 'Von außen nicht erreichbar',
      'carrier-nat': ({ reported }) => ({
        what: `Nichts kommt an. Dein Anbieter teilt eine öffentliche Adresse unter mehreren Anschlüssen auf (Carrier-Grade-NAT): Der Router hat ${reported} statt einer öffentlichen.`,
        todo: 'Bitte deinen Anbieter um eine öffentliche IPv4-Adresse, oder nutze IPv6.',
      }),
      'double-nat': ({ reported, beyond }) => ({
        what: `Nichts kommt an. Zwischen deinem Router und dem Internet steht ein weiterer: ${beyond === '' ? `Deiner hat die private Adresse ${reported}` : beyond}.`,
        todo: 'Öffne den Port auch auf dem anderen Router („Prüfung“ bietet es an, wenn das geht), oder stelle ihn auf Bridge-Modus.',
      }),
      'other-address': ({ seen, reported }) => ({
        what: `Nichts kommt an. Das Internet sieht diesen Computer unter ${seen}, der Router nennt aber ${reported} als seine Adresse. Dazwischen ist ein VPN, ein zweiter Anschluss oder ein weiterer Router.`,
        todo: 'Schalte das VPN für den Test aus, oder gib den Port dort frei, wo die andere Adresse ist.',
      }),
      filtered: () => ({
        what: 'Nichts kommt an, obwohl der Port laut Router offen ist. Eine Firewall von Router, Anbieter oder Gerät hält es auf, ein weiterer Router ist dazwischen, oder die Regel wirkt nicht.',
        todo: 'Erlaube das Programm in der Firewall des Geräts, und prüfe die des Routers. Portkeeper erneuert die Regel jetzt; teste gleich noch einmal.',
      }),
    },
    untested: {
      short: 'Test nicht möglich',
      'no-answer': {
        what: 'Der Testserver oder Portprüfer hat keine Antwort gegeben.',
        todo: 'Prüfe seine Adresse in den Einstellungen; bei einem Testserver auch, ob dort „portkeeper probe-server“ läuft und sein Port offen ist.',
      },
      'no-address': {
        what: 'Der Router meldet die öffentliche IP-Adresse nicht, die der Portprüfer wissen will.',
        todo: 'Nimm einen Portprüfer, der die Adresse selbst sieht, oder einen Testserver.',
      },
      'tcp-only': {
        what: 'Der Portprüfer testet nur TCP.',
        todo: 'Kann er auch UDP testen, ergänze {transport} in seiner Adresse in den Einstellungen. Ein Testserver testet beides.',
      },
      'no-such-name': {
        what: 'Zum Namen des Testservers gibt es keine Adresse.',
        todo: 'Prüfe den Namen in den Einstellungen und die Verbindung dieses Computers.',
      },
      'other-family': {
        what: 'Der Testserver hat keine Adresse dieser IP-Version.',
        todo: 'Gib in den Einstellungen seinen Namen statt einer Adresse ein, oder nimm einen Server, der beide hat.',
      },
      'same-network': {
        what: 'Der Testserver steht in deinem eigenen Netzwerk. Seine Antwort sagt nichts über das Internet.',
        todo: 'Lass ihn außerhalb laufen: auf einem gemieteten Server oder bei Freunden.',
      },
      busy: {
        what: 'Der Testserver wurde so oft gefragt, wie er es zulässt.',
        todo: 'Versuche es in einer Minute erneut.',
      },
      'needs-secret': {
        what: 'Der Testserver verlangt ein Geheimnis.',
        todo: 'Bitte den Betreiber um die Datei, und wähle sie in den Einstellungen.',
      },
      'wrong-secret': {
        what: 'Der Testserver erkennt dein Geheimnis nicht an.',
        todo: 'Bitte den Betreiber um die aktuelle Datei.',
      },
      'unknown-version': {
        what: 'Die Versionen von Testserver und Portkeeper passen nicht zusammen.',
        todo: 'Aktualisiere die ältere.',
      },
      'other-device': {
        what: 'Ein Testserver probiert nur die Adresse, von der er gefragt wird, und über IPv6 hat jedes Gerät seine eigene.',
        todo: 'Teste es von jenem Gerät aus.',
      },
    },
  },
};

/** @param isOwn the forward goes to this computer */
export function probeText(
  { transport, internal, verdict }: Pick<ProbeView, 'transport' | 'internal' | 'verdict'>,
  isOwn: boolean,
  language: Language,
): ProbeText {
  const texts = TEXTS[language];
  const device = isOwn ? texts.thisComputer : (internal.client ?? texts.thisComputer);
  const { seen = '', reported = '', beyond = '' } = verdict.is === 'shut' ? verdict : {};
  const about: About = {
    port: internal.port,
    transport: transport.toUpperCase(),
    device,
    seen,
    reported,
    beyond,
  };
  return textOf(texts, verdict, about);
}

function textOf(texts: ProbeTexts, verdict: ProbeVerdict, about: About): ProbeText {
  switch (verdict.is) {
    case 'no-program':
      return texts['no-program'][verdict.door](about);
    case 'shut':
      return { short: texts.shut.short, ...texts.shut[verdict.why](about) };
    case 'untested':
      return { short: texts.untested.short, ...texts.untested[verdict.why] };
    default:
      return texts[verdict.is](about);
  }
}
