/**
 * Problem texts in German. Words that all German texts of Portkeeper use alike:
 *
 * | English                  | German                                           |
 * | ------------------------ | ------------------------------------------------ |
 * | forward                  | Freigabe (where it stands alone: Portfreigabe)   |
 * | forwards to              | leitet weiter an; as a label: Ziel               |
 * | profile, preset          | Profil, Vorlage                                  |
 * | router, gateway          | Router                                           |
 * | lease (time)             | Laufzeit; renewed: verlängert                    |
 * | external / internal port | externer / interner Port                         |
 * | public IP address        | öffentliche IP-Adresse                           |
 * | to open / to close       | öffnen / schließen; offen / geschlossen          |
 * | to turn on / off         | einschalten / ausschalten                        |
 * | paused                   | pausiert                                         |
 * | this computer            | dieser Computer                                  |
 * | rule                     | Regel                                            |
 * | router’s settings page   | Einstellungen des Routers                        |
 * | automatically, again     | automatisch, erneut                              |
 * | learned workarounds      | gelernte Anpassungen                             |
 *
 * Readers are addressed with "du" where addressing them cannot be avoided. Quotation marks are „…“, ranges have an en
 * dash; ports and protocols are written as in English (27015–27020/UDP).
 */
import type { IpAddress } from '../address.ts';
import type { Transport } from '../model.ts';
import type { LostContent } from '../fault-reasons.ts';
import type { Port } from '../units.ts';
import { valueText } from './catalogues.ts';
import { FAULTS_DE } from './faults-de.ts';
import { clockTime, durationText, numberText } from './formats.ts';
import { placeText, storageText } from './places.ts';
import type { DnsDelay, DnsRefusal } from '../dynamic-dns.ts';
import type { ProblemCatalogue } from '../problems.ts';

const portText = ({ transport, port }: { readonly transport: Transport; readonly port: Port }): string =>
  `${port}/${transport.toUpperCase()}`;

/** At the start of a sentence. `front`: the address of the router in front, where that is the one. */
const yourRouter = (front: IpAddress | undefined): string =>
  front === undefined ? 'Dein Router' : `Der vorgeschaltete Router (${front})`;

const routerName = (name: string, front?: IpAddress): string =>
  front !== undefined ? yourRouter(front) : name === '' ? 'Der Router' : name;

const FRITZBOX =
  'In einer FRITZ!Box: Schalte „Zugriff für Anwendungen zulassen“ und „Statusinformationen über UPnP übertragen“ ein (Heimnetz > Netzwerk > Netzwerkeinstellungen), dann „Selbstständige Portfreigaben für dieses Gerät erlauben“ für diesen Computer (Internet > Freigaben > Portfreigaben).';

const list = (names: readonly string[]): string => names.join(', ');

const otherPort = (suggestion: Port | undefined): string =>
  suggestion === undefined
    ? 'Wähle einen anderen externen Port.'
    : `Stattdessen ${suggestion} als externen Port verwenden?`;

const LOW_PORTS = 'Viele Router reservieren Ports unter 1024 für sich.';

const highPort = (suggestion: Port, wanted: Port): string =>
  `Stattdessen ${suggestion} als externen Port verwenden? Er kann an den internen Port ${wanted} weiterleiten.`;

const AGAIN = 'Portkeeper versucht es erneut. Passiert es wieder,';

/** The missing part, and what takes its place. */
const LOST: Readonly<Record<LostContent, string>> = {
  latest: 'Portkeeper verwendet die letzte brauchbare Fassung. Spätere Änderungen sind verloren.',
  entries: 'Portkeeper verwendet die unbeschädigten Einträge. Die übrigen sind verloren.',
  openings: 'Ports, die noch offen sind, schließen sich am Ende ihrer Laufzeit, außer ein Profil braucht sie.',
  all: 'Portkeeper startet ohne ihren Inhalt.',
};

const NAME_REFUSED: Readonly<Record<DnsRefusal, string>> = {
  credentials: 'nimmt Benutzername, Passwort oder Token nicht an',
  'no-such-name': 'kennt diesen Namen in deinem Konto nicht',
  'bad-name': 'sagt, dass das kein vollständiger Hostname ist',
  'too-many-names': 'nimmt diese Anzahl von Namen nicht an',
  blocked: 'hat den Namen oder das Konto gesperrt',
  'not-included': 'sagt, dass dein Tarif das nicht enthält',
  client: 'nimmt keine Aktualisierungen von Portkeeper an',
  address: 'nimmt deine Adresse nicht an',
};

const NAME_REMEDY: Readonly<Record<DnsRefusal, string>> = {
  credentials: 'Prüfe die Zugangsdaten auf der Website des Anbieters, und gib sie in den Einstellungen neu ein.',
  'no-such-name': 'Prüfe den Namen in den Einstellungen, und ob es ihn in deinem Konto gibt.',
  'bad-name': 'Gib in den Einstellungen den ganzen Namen ein, zum Beispiel home.example.org.',
  'too-many-names': 'Prüfe den Namen in den Einstellungen.',
  blocked: 'Sieh auf der Website des Anbieters nach, was zu tun ist, und versuch es dann erneut.',
  'not-included': 'Prüfe deinen Tarif auf der Website des Anbieters, und versuch es dann erneut.',
  client: 'Wähle in den Einstellungen einen anderen Anbieter, oder frag diesen.',
  address: 'Frag den Anbieter, oder wähle in den Einstellungen einen anderen.',
};

const NAME_DELAYED: Readonly<Record<DnsDelay, (provider: string, detail: string) => string>> = {
  unreachable: (provider, detail) => `${provider} ist nicht erreichbar${detail}.`,
  silent: (provider) => `${provider} hat nicht rechtzeitig geantwortet.`,
  server: (provider, detail) => `${provider} meldet ein eigenes Problem${detail}.`,
  busy: (provider, detail) => `${provider} bittet um eine Pause${detail}.`,
  garbled: (provider, detail) => `${provider} hat eine Antwort gegeben, die Portkeeper nicht versteht${detail}.`,
  locked: () =>
    'Der Schlüsselbund dieses Computers ist gesperrt. Entsperre ihn, oder gib das Passwort in den Einstellungen neu ein.',
  elsewhere: () =>
    'Das Passwort wurde vom anderen Programm von Portkeeper gespeichert, App oder Dienst. Gib es in den Einstellungen neu ein.',
};

export const PROBLEMS_DE: ProblemCatalogue = {
  'no-network': () => ({
    what: 'Dieser Computer ist mit keinem Netzwerk verbunden.',
    why: 'Keine seiner Netzwerkschnittstellen hat eine nutzbare Adresse.',
    todo: 'Verbinde ihn per Kabel oder WLAN. Portkeeper öffnet dann deine Ports.',
  }),
  'no-gateway': ({ routers }) => ({
    what: 'Kein Router hat geantwortet.',
    why:
      routers.length === 0
        ? 'Dieser Computer hat keinen Standardrouter.'
        : `Von ${list(routers)} kam keine Antwort. Vielleicht ist das Gerät aus, oder eine Firewall auf diesem Computer blockiert die Antworten.`,
    todo: 'Prüfe die Verbindung zum Router, oder gib seine Adresse ein.',
  }),
  'port-control-off': ({ router }) => ({
    what: `Dein Router (${router}) lässt Programme keine Ports öffnen.`,
    why: 'UPnP, NAT-PMP und PCP sind ausgeschaltet oder werden nicht unterstützt.',
    todo: `Öffne http://${router}/ und schalte UPnP ein (manchmal unter NAT, Firewall oder Heimnetz; bei der FRITZ!Box „Selbstständige Portfreigaben“). Versuche es danach erneut.`,
  }),
  'router-url': ({ url, what, router }) => ({
    what: {
      'service-description': `Die Adresse ${url} beschreibt einen Dienst des Routers, nicht den Router.`,
      'web-page': `Die Adresse ${url} ist eine Webseite, nicht die UPnP-Beschreibung des Routers.`,
      'other-device': `Das Gerät, das ${url} beschreibt, hat keinen Dienst, der Ports öffnet.`,
      other: `Die Adresse ${url} ist nicht die UPnP-Beschreibung des Routers.`,
      missing: `Unter ${url} ist nichts.`,
      closed: `Keine Verbindung zu ${url}: Der Port ist geschlossen.`,
      silent: `Unter ${url} hat nichts geantwortet.`,
      password: `Die Adresse ${url} verlangt ein Passwort.`,
      forbidden: `Der Router verweigert den Zugriff auf ${url}.`,
    }[what],
    why: `Portkeeper hat deshalb ${router} gefragt, wo die Beschreibung ist.`,
    todo: `Gib nur die Adresse des Routers ein, ${router}, den Rest findet Portkeeper. Findet es dort keinen Router, schalte UPnP in den Einstellungen des Routers ein.`,
  }),
  'router-password': ({ router }, front) => ({
    what: `${routerName(router, front)} verlangt ein Passwort, wenn Programme Ports öffnen wollen.`,
    why: 'Er öffnet Ports nur für Programme, die sich anmelden (TR-064).',
    todo: `Melde dich mit Benutzername und Passwort des Routers an, oder erlaube auf seiner Einstellungsseite, dass Programme ohne Anmeldung Ports öffnen. ${FRITZBOX}`,
  }),
  'router-confirmation': ({ router }, front) => ({
    what: `${routerName(router, front)} verlangt, dass Änderungen am Gerät bestätigt werden.`,
    why: 'Portkeeper kann das nicht für dich tun. Solche Router fragen nach einer Taste, einem Code oder einer App.',
    todo: 'Schalte bei einer FRITZ!Box „Zusätzliche Bestätigung“ unter System > FRITZ!Box-Benutzer > Anmeldung im Heimnetz aus, oder verwende UPnP.',
  }),
  'gateway-away': ({ gateway, since }, front) => ({
    what: `${routerName(gateway, front)} antwortet seit ${clockTime(since, 'de')} Uhr nicht mehr.`,
    why: 'Vielleicht startet das Gerät gerade neu, oder die Verbindung ist unterbrochen.',
    todo: 'Startet es neu, warte: Portkeeper öffnet deine Ports wieder, sobald es zurück ist. Prüfe sonst Strom und Kabel.',
  }),
  'not-default-router': ({ gateway, address, router }) => ({
    what: `Nicht dein Standardrouter: geöffnet auf ${gateway === '' ? address : `${address} (${gateway})`}.`,
    why:
      router === undefined
        ? 'Auf deiner Standardroute hat nichts geantwortet, das Ports öffnet.'
        : `Dein Standardrouter (${router}) hat auf keine Anfrage zum Öffnen von Ports geantwortet.`,
    todo: 'Schalte UPnP, NAT-PMP oder PCP in deinem Standardrouter ein, dann ziehen die Ports automatisch dorthin um. Soll es dieses Gerät sein, gib seine Adresse in den Einstellungen an.',
  }),
  'local-network-denied': () => ({
    what: 'Das System lässt Portkeeper nicht auf Geräte im Heimnetz zugreifen.',
    why: 'Die Berechtigung „Lokales Netzwerk“ fehlt.',
    todo: 'Erlaube sie in den Systemeinstellungen unter „Datenschutz & Sicherheit“ > „Lokales Netzwerk“, und versuche es danach erneut.',
  }),
  'network-not-approved': ({ name }) => ({
    what: `In diesem Netzwerk${name === '' ? '' : ` (${name})`} öffnet Portkeeper keine Ports.`,
    why: 'Portkeeper öffnet Ports nur in freigegebenen Netzwerken, und dieses ist nicht freigegeben.',
    todo: 'Gib dieses Netzwerk frei, wenn du ihm vertraust.',
  }),
  'login-item-failed': ({ fault, detail }) => ({
    what: 'Der Start bei der Anmeldung ließ sich nicht einrichten.',
    why: {
      'not-installed': 'Portkeeper läuft aus einem temporären Ordner.',
      path: 'Der Pfad des Programmordners enthält Zeichen, die in einem Anmeldeobjekt nicht erlaubt sind.',
      'not-kept': 'Das System hat das Anmeldeobjekt nicht behalten.',
      other: detail === '' ? 'Das System nannte keinen Grund.' : `Das System meldet: „${detail}“.`,
    }[fault],
    todo: {
      'not-installed':
        'Installiere Portkeeper (unter macOS: in den Ordner „Programme“ ziehen), starte es von dort, und schalte den Start bei der Anmeldung in den Einstellungen erneut ein.',
      path: 'Lege Portkeeper in einen Ordner mit einfachem Namen, starte es von dort, und schalte den Start bei der Anmeldung in den Einstellungen erneut ein.',
      'not-kept':
        'Erlaube Portkeeper bei den Anmeldeobjekten des Systems und in deiner Sicherheitssoftware, und schalte den Start danach in den Einstellungen aus und wieder ein.',
      other:
        'Schalte ihn in den Einstellungen aus und wieder ein, oder füge Portkeeper selbst zu den Anmeldeobjekten des Systems hinzu.',
    }[fault],
  }),
  'traffic-denied': ({ gateway }) => ({
    what: `Dieser Computer lässt Portkeeper nichts an ${gateway === '' ? 'den Router' : gateway} senden.`,
    why: 'Eine Firewall auf diesem Computer blockiert das.',
    todo: 'Erlaube ausgehendes UDP zu den Ports 1900 und 5351 im lokalen Netzwerk, und versuche es danach erneut.',
  }),
  'not-our-gateway': ({ wanted, known }) => ({
    what: `Der Router „${wanted}“ wurde nicht gefunden.`,
    why: known.length === 0 ? 'Es wurde kein Router gefunden.' : `Gefunden: ${list(known)}.`,
    todo: 'Prüfe den Namen oder die Adresse.',
  }),
  conflict: ({ holder, holderHost = holder, holderName, suggestion, ...at }, front) => ({
    what:
      holderHost !== undefined
        ? `${yourRouter(front)} leitet Port ${portText(at)} schon an ${holderHost}${holderName === undefined ? '' : ` („${holderName}“)`} weiter.`
        : // PCP and NAT-PMP have one word for both.
          `${yourRouter(front)} hat abgelehnt: Port ${portText(at)} ist schon vergeben${at.port < 1024 ? ' oder nicht erlaubt' : ''}.`,
    why:
      holderHost === undefined && at.port < 1024
        ? `Ein externer Port kann nur an ein Gerät weiterleiten. ${LOW_PORTS}`
        : 'Ein externer Port kann nur an ein Gerät weiterleiten.',
    todo: otherPort(suggestion),
  }),
  'conflict-in-router': ({ suggestion, ...at }, front) => ({
    what: `${yourRouter(front)} hat abgelehnt: Port ${portText(at)} ist durch eine seiner eigenen Regeln belegt.`,
    why: 'Jemand hat in den Einstellungen des Routers eine Regel dafür angelegt, oder der Router nutzt den Port selbst.',
    todo: `${otherPort(suggestion)} Oder lösche die Regel in den Einstellungen des Routers.`,
  }),
  'port-not-allowed': ({ suggestion, code, ...at }, front) => ({
    what: `${yourRouter(front)} erlaubt nicht, Port ${portText(at)} zu öffnen (${code}).`,
    why:
      at.port < 1024
        ? LOW_PORTS
        : 'Seine Regeln erlauben es diesem Gerät nicht. Manche Router brauchen eine Erlaubnis je Gerät (in einer FRITZ!Box „Selbstständige Portfreigaben für dieses Gerät erlauben“ unter Internet > Freigaben > Portfreigaben).',
    todo:
      suggestion === undefined
        ? 'Erlaube es in den Einstellungen des Routers, oder wähle einen anderen externen Port.'
        : highPort(suggestion, at.port),
  }),
  'only-for-itself': ({ client, ...at }, front) => ({
    what: `${yourRouter(front)} lässt diesen Computer den Port ${portText(at)} nicht für ${front === undefined ? client : `deinen Router (${client})`} öffnen.`,
    why: 'Jedes Gerät darf dort nur für sich selbst Ports öffnen („secure mode“).',
    todo:
      front === undefined
        ? `Starte Portkeeper auf ${client}, oder lege diese Regel in den Einstellungen des Routers an.`
        : `Schalte „secure mode“ unter http://${front}/ aus, oder lege diese Regel dort an.`,
  }),
  'one-transport': (at, front) => ({
    what: `${yourRouter(front)} kann Port ${portText(at)} nicht öffnen: Er öffnet ${at.port} für TCP oder UDP, nicht für beide.`,
    why: `Eine Regel für ${at.transport.toUpperCase()} würde die für ${at.transport === 'tcp' ? 'UDP' : 'TCP'} ersetzen, die offen ist.`,
    todo: 'Wenn dein Programm für TCP und UDP verschiedene Ports nutzen kann, lege für jedes eine eigene Weiterleitung an. Aktualisiere sonst die Software des Routers.',
  }),
  'no-permanent-lease': (at, front) => ({
    what: `${yourRouter(front)} öffnet Port ${portText(at)} nicht dauerhaft.`,
    why: 'Er öffnet Ports nur für begrenzte Zeit.',
    todo: 'Überlass die Laufzeit Portkeeper. Der Port wird automatisch verlängert.',
  }),
  'same-port-only': ({ internal, ...at }, front) => ({
    what: `${yourRouter(front)} hat Port ${portText(at)} abgelehnt: Externer und interner Port müssen gleich sein.`,
    why: 'Er kann Portnummern nicht umsetzen.',
    todo: `Verwende ${internal} als externen Port${front === undefined ? `, oder lass dein Programm auf ${at.port} lauschen` : ''}.`,
  }),
  'one-per-internal-port': ({ internal, ...at }, front) => ({
    what: `${yourRouter(front)} kann Port ${portText(at)} nicht öffnen: Ein anderer externer Port leitet schon an ${internal} weiter.`,
    why: 'NAT-PMP und PCP erlauben nur einen externen Port je internem Port, und dieser Router unterstützt nichts anderes.',
    todo: 'Schließe den anderen, oder schalte UPnP in den Einstellungen des Routers ein.',
  }),
  'lease-too-short': (at, front) => ({
    what: `${yourRouter(front)} öffnet Port ${portText(at)} jeweils nur für ${durationText(at.lease, 'de')}.`,
    why: 'Das ist zu kurz, um den Port durchgehend offen zu halten. Portkeeper fragt alle 10 Sekunden erneut.',
    todo: 'Starte den Router neu, aktualisiere seine Firmware oder wähle in den Einstellungen ein anderes Protokoll.',
  }),
  'table-full': (at, front) => ({
    what: `${yourRouter(front)} hat keinen Platz mehr für Port ${portText(at)}.`,
    why: 'Seine Liste offener Ports ist voll.',
    todo: 'Schließe Ports, die du nicht mehr brauchst (siehe Liste des Routers), oder starte den Router neu.',
  }),
  'no-external-address': ({ gateway }, front) => ({
    what: `${routerName(gateway, front)} meldet keine nutzbare öffentliche IP-Adresse.`,
    why: 'Vielleicht ist die Internetverbindung unterbrochen, oder dein Anbieter hat eine geteilte oder private Adresse vergeben, für die viele Router keine Ports öffnen.',
    todo: 'Prüfe die Internetverbindung. Bei einer geteilten Adresse bitte deinen Anbieter um eine öffentliche, oder verwende IPv6.',
  }),
  'external-address-unknown': ({ gateway }, front) => ({
    what: `${routerName(gateway, front)} meldet seine öffentliche IP-Adresse nicht.`,
    why: 'Das tut nicht jeder Router, auch wenn die Internetverbindung steht.',
    todo: 'Du findest sie in den Einstellungen des Routers oder auf einer Website, die deine IP-Adresse anzeigt.',
  }),
  'behind-another-nat': ({ gateway, external, beyond }, front) => ({
    what: `Ports auf ${front !== undefined ? `dem vorgeschalteten Router (${front})` : gateway === '' ? 'dem Router' : gateway} sind aus dem Internet nicht erreichbar.`,
    why:
      beyond === undefined
        ? `Seine externe IP-Adresse ${external} ist nicht öffentlich: Davor liegt ein weiterer Router oder das NAT deines Anbieters.`
        : `Davor liegt ein weiterer Router, ${beyond}, obwohl er ${external} als seine Adresse meldet.`,
    todo: 'Leite die Ports auch im Router davor weiter, schalte diesen in den Bridge-Modus, oder bitte deinen Anbieter um eine öffentliche Adresse.',
  }),
  'upstream-closed': ({ router, gateway, client }) => ({
    what: `Der vorgeschaltete Router (${router}) öffnet keine Ports.`,
    why:
      client === undefined
        ? `Er antwortet nicht auf NAT-PMP. ${gateway === '' ? 'Dein Router' : gateway} meldet seine Adresse dort nicht, die für UPnP und PCP nötig wäre.`
        : 'Er antwortet von hier aus weder auf UPnP noch auf NAT-PMP oder PCP.',
    todo: `Schalte ${client === undefined ? 'NAT-PMP' : 'UPnP oder NAT-PMP'} unter http://${router}/ ein. Leite deine Ports sonst dort selbst an ${client ?? (gateway === '' ? 'deinen Router' : gateway)} weiter, und lass sie nicht mehr von Portkeeper öffnen.`,
  }),
  'pinholes-off': (at) => ({
    what: `Dein Router öffnet Port ${portText(at)} nicht für IPv6.`,
    why: 'Geräte dürfen seine IPv6-Firewall nicht öffnen.',
    todo: 'Schalte IPv6-Freigaben („IPv6-Portfreigaben“) in den Einstellungen des Routers ein.',
  }),
  'wrong-family': ({ family, ...at }) => ({
    what: `Port ${portText(at)} lässt sich nicht über ${family === 'ipv6' ? 'IPv6' : 'IPv4'} öffnen.`,
    why:
      family === 'ipv6'
        ? 'Dieser Computer hat hier keine öffentliche IPv6-Adresse.'
        : 'Dieser Computer hat hier keine IPv4-Adresse.',
    todo: family === 'ipv6' ? 'Verwende IPv4, oder schalte IPv6 im Router ein.' : 'Verwende IPv6.',
  }),
  'router-refused': ({ code, suggestion, ...at }, front) => ({
    what: `${yourRouter(front)} hat abgelehnt, Port ${portText(at)} zu öffnen (${code}).`,
    why: `Den Grund für diesen Fehlercode kennt Portkeeper nicht.${suggestion === undefined ? '' : ` ${LOW_PORTS}`}`,
    todo:
      suggestion === undefined
        ? 'Prüfe in den Einstellungen des Routers die Regeln für UPnP oder Portfreigaben, oder starte den Router neu.'
        : highPort(suggestion, at.port),
  }),
  'router-failed': ({ code, external, suggestion, ...at }, front) => ({
    what: `${yourRouter(front)} konnte Port ${portText(at)} nicht öffnen (${code}).`,
    why: [
      'Er nannte keinen Grund.',
      ...(external === undefined
        ? []
        : [
            `Seine Internetverbindung steht (öffentliche IP-Adresse ${external}); vielleicht hat seine Firewall die Regel nicht angenommen.`,
          ]),
      ...(suggestion === undefined ? [] : [LOW_PORTS]),
    ].join(' '),
    todo: suggestion === undefined ? `${AGAIN} starte den Router neu.` : highPort(suggestion, at.port),
  }),
  'firewall-failed': ({ code, external, ...at }, front) => ({
    what: `${yourRouter(front)} hat die Anfrage für Port ${portText(at)} angenommen, seine Firewall aber nicht (${code}).`,
    why: `Seine Internetverbindung steht (öffentliche IP-Adresse ${external}), also ist das Anlegen der Firewall-Regel fehlgeschlagen. Unter OpenWrt fehlen dafür oft die UPnP-Ketten der Firewall.`,
    todo: `${AGAIN} starte die Firewall des Routers und danach seinen UPnP-Dienst neu (unter OpenWrt: service firewall restart, service miniupnpd restart) oder den Router selbst.`,
  }),
  'router-garbled': ({ seen }, front) => ({
    what: `${yourRouter(front)} hat eine Antwort geschickt, die Portkeeper nicht lesen kann.`,
    why:
      seen === ''
        ? 'Seine Antwort auf die Anfrage, einen Port zu öffnen, ist leer.'
        : `Seine Antwort auf die Anfrage, einen Port zu öffnen, beginnt mit „${seen}“.`,
    todo: `${AGAIN} starte den Router neu oder aktualisiere seine Software.`,
  }),
  'open-unanswered': ({ how }, front) => ({
    what: {
      'hung-up': `${yourRouter(front)} bricht die Verbindung ab, wenn er einen Port öffnen soll.`,
      silent: `${yourRouter(front)} antwortet nicht, wenn er einen Port öffnen soll.`,
      'not-there': `${yourRouter(front)} gibt für das Öffnen von Ports eine Adresse an, unter der niemand antwortet.`,
    }[how],
    why: 'Er beantwortet andere Anfragen, die Verbindung dorthin funktioniert also. Einen Grund nannte er nicht.',
    todo: `${AGAIN} starte den Router neu oder aktualisiere seine Software.`,
  }),
  'listed-but-dead': (at, front) => ({
    what: `${yourRouter(front)} führt Port ${portText(at)} als offen, aber es kommt keine Verbindung durch.`,
    why: 'Vielleicht hat der Router die Regel verloren, eine Firewall blockiert sie, oder es lauscht kein Programm.',
    todo: 'Portkeeper hat den Port wieder geöffnet. Hilft das nicht, prüfe, ob dein Programm läuft und die Firewall dieses Computers es zulässt.',
  }),
  'storage-failed': ({ path, fault }) => ({
    what: `Offene Ports ließen sich nicht in ${path} vermerken.`,
    why: storageText(fault, 'de'),
    todo: 'Gib dort Speicherplatz frei, oder erlaube das Schreiben. Deine Ports bleiben offen, nach einem Absturz könnte Portkeeper sie aber nicht schließen.',
  }),
  'journal-unreadable': ({ path, fault }) => ({
    what: `${path}, das Verzeichnis der offenen Ports, ist nicht lesbar.`,
    why: storageText(fault, 'de', 'read'),
    todo: `Erlaube dort das Lesen, und starte Portkeeper neu. Profile funktionieren wie gewohnt. ${LOST.openings}`,
  }),
  'set-aside': ({ path, kept, lost }) => ({
    what: `${path} ist nicht lesbar.`,
    why: 'Die Datei ist beschädigt oder wurde von Hand fehlerhaft geändert.',
    todo: `${LOST[lost]} ${
      kept === undefined
        ? 'Bis sich die Datei umbenennen lässt, wird dort nichts Neues gespeichert.'
        : `Die unbrauchbare Datei liegt jetzt unter ${kept}.`
    }`,
  }),
  'profiles-unreadable': ({ path, fault }) => ({
    what: `Profile und Einstellungen lassen sich nicht aus ${path} lesen.`,
    why: storageText(fault, 'de', 'read'),
    todo:
      fault === 'unreadable'
        ? 'Stelle die Datei aus einer Sicherung wieder her, oder lege deine Profile neu an: Die unbrauchbare Datei bleibt dann unter anderem Namen erhalten. Offene Ports bleiben offen, bis du Portkeeper beendest.'
        : 'Erlaube dort das Lesen. Bis dahin bleiben offene Ports offen, und die Datei wird nicht geändert.',
  }),
  'profiles-not-stored': ({ path, fault }) => ({
    what: `Die Änderung ließ sich nicht in ${path} speichern.`,
    why: storageText(fault, 'de'),
    todo: 'Gib dort Speicherplatz frei, oder erlaube das Schreiben. Portkeeper speichert sie dann. Wird Portkeeper vorher beendet, geht sie verloren.',
  }),
  'profiles-misunderstood': ({ kept, place, fault }) => ({
    what: 'Einige Profile oder Einstellungen ließen sich nicht lesen.',
    why: `${placeText(place, 'de')}${place === '' ? '' : ` (${place})`}: ${valueText(FAULTS_DE, fault) ?? fault.code}.`,
    todo: `Der Rest wird verwendet, und offene Ports bleiben offen, bis du Portkeeper beendest. ${
      kept === undefined
        ? 'Die Datei wird erst geändert, wenn sich eine Kopie speichern lässt.'
        : `Das Original liegt unter ${kept}: Korrigiere es dort, und importiere es.`
    }`,
  }),
  'profiles-switched-off': ({ name, count, most }) => ({
    what: 'Profile mit zu vielen Ports sind ausgeschaltet.',
    why: `Mit „${name}“ sind es ${numberText(count, 'de')} Ports (TCP und UDP zählen einzeln); höchstens ${numberText(most, 'de')} sind möglich.`,
    todo: 'Wähle kleinere Bereiche oder entferne Ports, und schalte dann ein, was du brauchst.',
  }),
  'name-refused': ({ name, provider, why, detail }) => ({
    what: `Die Aktualisierung von ${name} ist gestoppt.`,
    why: `${provider} ${NAME_REFUSED[why]}${detail === '' ? '' : ` (${detail})`}.`,
    todo: NAME_REMEDY[why],
  }),
  'name-not-updated': ({ name, provider, why, detail, until }) => ({
    what: `Die Aktualisierung von ${name} ist fehlgeschlagen; der Name zeigt vielleicht noch auf deine vorige Adresse.`,
    why: NAME_DELAYED[why](provider, detail === '' ? '' : ` (${detail})`),
    todo: `Portkeeper versucht es um ${clockTime(until, 'de')} erneut.`,
  }),
  'address-command-failed': ({ program, how, detail }) => ({
    what: `Dein Befehl bei neuer Adresse, ${program}, ${how === 'not-started' ? 'ließ sich nicht starten' : how === 'too-long' ? 'wurde abgebrochen' : 'ist fehlgeschlagen'}.`,
    why:
      how === 'not-started'
        ? `Das System meldet ${detail}.`
        : how === 'too-long'
          ? 'Er lief nach einer Minute noch.'
          : detail === ''
            ? 'Er wurde von außen beendet.'
            : `Er endete mit dem Exit-Code ${detail}.`,
    todo: 'Seine Ausgabe steht im Protokoll von Portkeeper. Er läuft bei der nächsten neuen Adresse wieder, oder wenn du die Einstellung änderst.',
  }),
  'commands-unreachable': ({ path, fault }) => ({
    what: 'Andere Portkeeper-Befehle erreichen dieses Portkeeper nicht.',
    why: `In ${path} lässt sich nichts speichern. ${storageText(fault, 'de')}`,
    todo: 'Deine Ports bleiben offen. Gib dort Speicherplatz frei, oder erlaube das Schreiben, und starte Portkeeper neu.',
  }),
};
