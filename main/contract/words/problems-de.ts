/**
 * What is said about problems, in German. Words that all German texts of Portkeeper use alike:
 *
 * | English               | German                                              |
 * | --------------------- | --------------------------------------------------- |
 * | forward               | Freigabe (where it stands alone: Portfreigabe) |
 * | profile, preset       | Profil, Vorlage                                     |
 * | router, gateway       | Router                                              |
 * | lease (time)          | Laufzeit; renewed: verlängert                       |
 * | outside / inside port | äußerer / innerer Port                              |
 * | external address      | Internetadresse (never "externe IP")                |
 * | to open / to close    | öffnen / schließen; open / closed: offen / zu       |
 * | to switch on / off    | einschalten / ausschalten                           |
 * | paused                | pausiert                                            |
 * | this computer         | dieser Computer                                     |
 * | rule                  | Regel                                               |
 * | router’s pages        | Oberfläche des Routers                              |
 * | tried again by itself | von selbst erneut versucht                          |
 * | leftover              | Überbleibsel                                        |
 * | router memory         | Router-Gedächtnis                                   |
 *
 * Readers are addressed with "du" where addressing them cannot be avoided. Quotation marks are „…“, ranges have an en
 * dash; ports and protocols are written as in English (27015–27020/UDP).
 */
import type { Transport } from '../model.ts';
import type { LostContent } from '../fault-reasons.ts';
import type { Port } from '../units.ts';
import { valueText } from './catalogues.ts';
import { FAULTS_DE } from './faults-de.ts';
import { clockTime, durationText } from './formats.ts';
import { placeText, storageText } from './places.ts';
import type { ProblemCatalogue } from '../problems.ts';

const portText = ({ transport, port }: { readonly transport: Transport; readonly port: Port }): string =>
  `${port}/${transport.toUpperCase()}`;

const routerName = (name: string): string => (name === '' ? 'Der Router' : name);

const list = (names: readonly string[]): string => names.join(', ');

const otherPort = (suggestion: Port | undefined): string =>
  suggestion === undefined ? 'Wähle einen anderen äußeren Port.' : `Stattdessen ${suggestion} als äußeren Port nehmen?`;

const LOW_PORTS = 'Viele Router behalten Ports unter 1024 für sich.';

const highPort = (suggestion: Port, wanted: Port): string =>
  `Stattdessen ${suggestion} als externen Port verwenden? Er kann an den internen Port ${wanted} weiterleiten.`;

const AGAIN = 'Portkeeper versucht es erneut. Bleibt es dabei,';

/** What is missing, and what takes its place. */
const LOST: Readonly<Record<LostContent, string>> = {
  latest: 'Benutzt wird die letzte brauchbare Fassung; spätere Änderungen fehlen.',
  entries: 'Die unbeschädigten Einträge werden benutzt; die anderen fehlen.',
  openings:
    'Ports, die ein früherer Lauf offen ließ, schließen sich erst, wenn ihre Frist beim Router endet, außer ein Profil braucht sie.',
  all: 'Portkeeper beginnt ohne den Inhalt der Datei.',
};

export const PROBLEMS_DE: ProblemCatalogue = {
  'no-network': () => ({
    what: 'Dieser Computer ist mit keinem Netzwerk verbunden.',
    why: 'Keiner seiner Netzwerkanschlüsse hat eine brauchbare Adresse.',
    todo: 'Verbinde ihn per Kabel oder WLAN. Was offen sein soll, wird geöffnet, sobald das Netzwerk da ist.',
  }),
  'no-gateway': ({ routers }) => ({
    what: 'Kein Router hat geantwortet.',
    why:
      routers.length === 0
        ? 'Dieser Computer kennt keinen Router, der ins Internet führt.'
        : `Von ${list(routers)} kam nichts zurück: Vielleicht ist das Gerät aus, oder eine Firewall auf diesem Computer hält die Antworten auf.`,
    todo: 'Prüfe die Verbindung zum Router, oder gib seine Adresse selbst an.',
  }),
  'port-control-off': ({ router }) => ({
    what: `Dein Router (${router}) ist da, lässt Programme aber keine Ports öffnen.`,
    why: 'UPnP, NAT-PMP und PCP sind darin ausgeschaltet, oder er kennt nichts davon.',
    todo: `Öffne http://${router}/ und schalte „UPnP“ ein (manchmal unter NAT, Firewall oder Heimnetz; bei der FRITZ!Box „Selbstständige Portfreigaben“). Versuche es danach erneut.`,
  }),
  'gateway-away': ({ gateway, since }) => ({
    what: `${routerName(gateway)} antwortet seit ${clockTime(since, 'de')} Uhr nicht mehr.`,
    why: 'Vielleicht startet das Gerät gerade neu, oder die Verbindung dorthin ist unterbrochen.',
    todo: 'Bei einem Neustart ist nichts zu tun: Alles wird wieder geöffnet, sobald der Router zurück ist. Sonst prüfe Strom und Kabel.',
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
    what: 'Das System lässt Portkeeper nicht mit Geräten im Heimnetz sprechen.',
    why: 'Die Berechtigung „Lokales Netzwerk“ fehlt.',
    todo: 'Erlaube sie in den Systemeinstellungen unter „Datenschutz & Sicherheit“, „Lokales Netzwerk“, und versuche es danach erneut.',
  }),
  'network-not-approved': ({ name }) => ({
    what: `In diesem Netzwerk${name === '' ? '' : ` (${name})`} wird nichts geöffnet.`,
    why: 'Portkeeper soll Ports nur in freigegebenen Netzwerken öffnen, und dieses gehört nicht dazu.',
    todo: 'Gib dieses Netzwerk frei, wenn du ihm vertraust.',
  }),
  'login-item-failed': ({ fault, detail }) => ({
    what: 'Der Start von Portkeeper bei der Anmeldung ließ sich nicht einrichten.',
    why: {
      'not-installed': 'Es läuft von einem Ort, der nicht bleibt.',
      path: 'Der Name des Programmordners hat Zeichen, die in einem Anmeldeobjekt nicht stehen können.',
      'not-kept': 'Das System hat den Eintrag nicht behalten.',
      other: detail === '' ? 'Das System nannte keinen Grund.' : `Das System meldet: „${detail}“.`,
    }[fault],
    todo: {
      'not-installed':
        'Installiere Portkeeper (unter macOS: in den Ordner „Programme“ ziehen), starte es von dort, und schalte den Start bei der Anmeldung in den Einstellungen noch einmal ein.',
      path: 'Lege Portkeeper in einen Ordner mit einfachem Namen, starte es von dort, und schalte den Start bei der Anmeldung in den Einstellungen noch einmal ein.',
      'not-kept':
        'Erlaube Portkeeper bei den Anmeldeobjekten des Systems und in jedem Schutzprogramm, und schalte den Start danach in den Einstellungen aus und wieder ein.',
      other:
        'Schalte ihn in den Einstellungen aus und wieder ein, oder trage Portkeeper selbst bei den Anmeldeobjekten des Systems ein.',
    }[fault],
  }),
  'traffic-denied': ({ gateway }) => ({
    what: `Dieser Computer lässt Portkeeper nichts an ${gateway === '' ? 'den Router' : gateway} senden.`,
    why: 'Eine Firewall auf diesem Computer verbietet es.',
    todo: 'Erlaube ausgehendes UDP zu den Ports 1900 und 5351 im lokalen Netzwerk, und versuche es danach erneut.',
  }),
  'not-our-gateway': ({ wanted, known }) => ({
    what: `Ein Router namens „${wanted}“ wurde nicht gefunden.`,
    why: known.length === 0 ? 'Es wurde überhaupt keiner gefunden.' : `Gefunden wurde: ${list(known)}.`,
    todo: 'Prüfe den Namen oder die Adresse.',
  }),
  conflict: ({ holder, holderName, suggestion, ...at }) => ({
    what:
      holder !== undefined
        ? `Dein Router hat abgelehnt: Port ${portText(at)} gehört ${holder}${holderName === undefined ? '' : ` („${holderName}“)`}.`
        : // PCP and NAT-PMP have one word for both.
          `Dein Router hat abgelehnt: Port ${portText(at)} ist schon vergeben${at.port < 1024 ? ' oder nicht erlaubt' : ''}.`,
    why:
      holder === undefined && at.port < 1024
        ? 'Ein äußerer Port kann nur zu einem Gerät führen, und viele Router behalten Ports unter 1024 für sich.'
        : 'Ein äußerer Port kann nur zu einem Gerät führen.',
    todo: otherPort(suggestion),
  }),
  'conflict-in-router': ({ suggestion, ...at }) => ({
    what: `Dein Router hat abgelehnt: Port ${portText(at)} ist durch eine eigene Regel belegt.`,
    why: 'Jemand hat in der Oberfläche des Routers eine Regel dafür angelegt, oder der Router braucht den Port selbst.',
    todo: `${otherPort(suggestion)} Oder entferne die Regel in der Oberfläche des Routers.`,
  }),
  'port-not-allowed': ({ suggestion, code, ...at }) => ({
    what: `Dein Router erlaubt es nicht, Port ${portText(at)} zu öffnen (${code}).`,
    why:
      at.port < 1024
        ? 'Viele Router behalten Ports unter 1024 für sich.'
        : 'Seine Regeln verbieten es für dieses Gerät. Manche Router wollen eine Erlaubnis je Gerät („Selbstständige Portfreigaben für dieses Gerät erlauben“).',
    todo:
      suggestion === undefined
        ? 'Erlaube es in der Oberfläche des Routers, oder wähle einen anderen äußeren Port.'
        : `Stattdessen ${suggestion} als äußeren Port nehmen? Innen kann er weiter zu ${at.port} führen.`,
  }),
  'only-for-itself': ({ client, ...at }) => ({
    what: `Dein Router lässt diesen Computer den Port ${portText(at)} nicht für ${client} öffnen.`,
    why: 'Jedes Gerät darf dort nur für sich selbst Ports öffnen („secure mode“).',
    todo: `Starte Portkeeper auf ${client}, oder lege diese Regel in der Oberfläche des Routers an.`,
  }),
  'no-permanent-lease': (at) => ({
    what: `Dein Router öffnet Port ${portText(at)} nicht auf Dauer.`,
    why: 'Er gibt Ports nur für begrenzte Zeit her.',
    todo: 'Überlass die Laufzeit Portkeeper: Verlängert wird von selbst.',
  }),
  'same-port-only': ({ internal, ...at }) => ({
    what: `Dein Router hat ${portText(at)} abgelehnt: Äußerer und innerer Port müssen gleich sein.`,
    why: 'Er kann Portnummern nicht umsetzen.',
    todo: `Nimm auch außen ${internal}, oder lass dein Programm auf ${at.port} lauschen.`,
  }),
  'one-per-internal-port': ({ internal, ...at }) => ({
    what: `Port ${portText(at)} lässt sich nicht öffnen: Ein anderer äußerer Port führt schon zu ${internal}.`,
    why: 'PCP und NAT-PMP erlauben je innerem Port nur einen äußeren, und dieser Router bietet nichts anderes an.',
    todo: 'Schließe den anderen, oder schalte UPnP im Router ein.',
  }),
  'lease-too-short': (at) => ({
    what: `Dein Router öffnet Port ${portText(at)} jeweils nur für ${durationText(at.lease, 'de')}.`,
    why: 'Das ist zu kurz, um den Port durchgehend offen zu halten. Portkeeper fragt alle 10 Sekunden erneut.',
    todo: 'Starte den Router neu, aktualisiere seine Firmware oder wähle in den Einstellungen ein anderes Protokoll.',
  }),
  'table-full': (at) => ({
    what: `Dein Router hat keinen Platz mehr für Port ${portText(at)}.`,
    why: 'Seine Liste offener Ports ist voll.',
    todo: 'Schließe Ports, die niemand braucht (siehe die Liste des Routers), oder starte den Router neu.',
  }),
  'no-external-address': ({ gateway }) => ({
    what: `${routerName(gateway)} meldet keine brauchbare öffentliche IP-Adresse.`,
    why: 'Vielleicht ist die Internetverbindung unterbrochen, oder der Anbieter hat eine geteilte oder private Adresse vergeben, für die viele Router keine Ports öffnen.',
    todo: 'Prüfe die Internetverbindung. Bei einer geteilten Adresse bitte den Anbieter um eine öffentliche, oder nimm IPv6.',
  }),
  'external-address-unknown': ({ gateway }) => ({
    what: `${routerName(gateway)} meldet seine öffentliche IP-Adresse nicht.`,
    why: 'Das tut nicht jeder Router, auch wenn die Internetverbindung steht.',
    todo: 'Du findest sie in der Oberfläche des Routers oder auf einer Website, die deine IP-Adresse anzeigt.',
  }),
  'behind-another-nat': ({ gateway, external }) => ({
    what: `Ports, die ${gateway === '' ? 'der Router' : gateway} öffnet, sind aus dem Internet nicht erreichbar.`,
    why: `Seine Adresse nach außen, ${external}, ist nicht öffentlich: Ein weiterer Router oder dein Anbieter steht davor.`,
    todo: 'Leite die Ports auch im Router davor weiter, nutze ihn nur als Modem, oder bitte deinen Anbieter um eine öffentliche Adresse.',
  }),
  'pinholes-off': (at) => ({
    what: `Dein Router öffnet Port ${portText(at)} nicht für IPv6.`,
    why: 'Es ist ausgeschaltet, dass Geräte seine IPv6-Firewall von innen öffnen.',
    todo: 'Schalte IPv6-Freigaben (PCP, „IPv6-Portfreigaben“) in der Oberfläche des Routers ein.',
  }),
  'wrong-family': ({ family, ...at }) => ({
    what: `Port ${portText(at)} lässt sich nicht über ${family === 'ipv6' ? 'IPv6' : 'IPv4'} öffnen.`,
    why:
      family === 'ipv6'
        ? 'Dieser Computer hat hier keine öffentliche IPv6-Adresse.'
        : 'Dieser Computer hat hier keine IPv4-Adresse.',
    todo: family === 'ipv6' ? 'Nimm IPv4, oder schalte IPv6 im Router ein.' : 'Nimm IPv6.',
  }),
  'router-refused': ({ code, suggestion, ...at }) => ({
    what: `Dein Router hat es abgelehnt, Port ${portText(at)} zu öffnen (${code}).`,
    why: `Er nannte keinen Grund, den Portkeeper kennt.${suggestion === undefined ? '' : ` ${LOW_PORTS}`}`,
    todo:
      suggestion === undefined
        ? 'Sieh in der Oberfläche des Routers nach Regeln für UPnP oder Portfreigaben; manchem hilft ein Neustart.'
        : highPort(suggestion, at.port),
  }),
  'router-failed': ({ code, external, suggestion, ...at }) => ({
    what: `Dein Router konnte Port ${portText(at)} nicht öffnen (${code}).`,
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
  'firewall-failed': ({ code, external, ...at }) => ({
    what: `Dein Router hat die Anfrage für Port ${portText(at)} angenommen, seine Firewall aber nicht (${code}).`,
    why: `Seine Internetverbindung steht (öffentliche IP-Adresse ${external}), also ist das Anlegen der Firewall-Regel fehlgeschlagen. Unter OpenWrt fehlen dafür oft die UPnP-Ketten der Firewall.`,
    todo: `${AGAIN} starte die Firewall des Routers und danach seinen UPnP-Dienst neu (unter OpenWrt: service firewall restart, service miniupnpd restart) oder den Router selbst.`,
  }),
  'router-garbled': ({ gateway, seen }) => ({
    what: 'Dein Router hat so geantwortet, dass Portkeeper es nicht lesen kann.',
    why:
      seen === ''
        ? `${routerName(gateway)} hat auf die Anfrage, einen Port zu öffnen, eine leere Antwort geschickt.`
        : `Auf die Anfrage, einen Port zu öffnen, beginnt die Antwort von ${gateway === '' ? 'deinem Router' : gateway} mit „${seen}“.`,
    todo: `${AGAIN} starte den Router neu oder aktualisiere seine Software.`,
  }),
  'open-unanswered': ({ gateway, how }) => ({
    what: {
      'hung-up': 'Dein Router bricht die Verbindung ab, wenn er einen Port öffnen soll.',
      silent: 'Dein Router antwortet nicht, wenn er einen Port öffnen soll.',
      'not-there': 'Unter der Adresse, die dein Router für das Öffnen von Ports angibt, ist nichts.',
    }[how],
    why: `${routerName(gateway)} beantwortet andere Anfragen, die Verbindung dorthin funktioniert also. Einen Grund gab es nicht.`,
    todo: `${AGAIN} starte den Router neu oder aktualisiere seine Software.`,
  }),
  'listed-but-dead': (at) => ({
    what: `Dein Router führt Port ${portText(at)} als offen, doch von außen kommt nichts durch.`,
    why: 'Der Router hat die Regel dahinter verloren, eine Firewall blockiert, oder es lauscht kein Programm.',
    todo: 'Der Port wurde neu geöffnet. Bleibt es dabei, prüfe, ob dein Programm läuft und die Firewall dieses Computers es durchlässt.',
  }),
  'storage-failed': ({ path, fault }) => ({
    what: `Was offen ist, ließ sich nicht in ${path} festhalten.`,
    why: storageText(fault, 'de'),
    todo: 'Schaffe dort Platz, oder erlaube das Schreiben. Die Ports bleiben offen; nach einem Absturz ließen sie sich nicht von selbst schließen.',
  }),
  'journal-unreadable': ({ path, fault }) => ({
    what: `${path}, das Verzeichnis der offenen Ports, ist nicht lesbar.`,
    why: storageText(fault, 'de', 'read'),
    todo: `Erlaube dort das Lesen, und starte Portkeeper neu. Profile funktionieren wie gewohnt. ${LOST.openings}`,
  }),
  'set-aside': ({ path, kept, lost }) => ({
    what: `${path} war nicht lesbar.`,
    why: 'Die Datei war beschädigt, oder von Hand mit einem Fehler geändert.',
    todo: `${LOST[lost]} ${
      kept === undefined
        ? 'Die Datei bleibt, wo sie ist, bis sie sich umbenennen lässt; so lange wird dort nichts Neues gespeichert.'
        : `Die unbrauchbare Datei liegt jetzt unter ${kept}.`
    }`,
  }),
  'profiles-unreadable': ({ path, fault }) => ({
    what: `Profile und Einstellungen lassen sich nicht aus ${path} lesen.`,
    why: storageText(fault, 'de', 'read'),
    todo:
      fault === 'unreadable'
        ? 'Stelle die Datei aus einer Sicherung wieder her, oder lege deine Profile neu an: Die unbrauchbare Datei bleibt dann unter anderem Namen erhalten. Was offen war, bleibt offen, bis Portkeeper beendet wird.'
        : 'Erlaube dort das Lesen. Bis dahin bleibt offen, was offen war, und in der Datei wird nichts geändert.',
  }),
  'profiles-not-stored': ({ path, fault }) => ({
    what: `Die Änderung ließ sich nicht in ${path} speichern.`,
    why: storageText(fault, 'de'),
    todo: 'Schaffe dort Platz, oder erlaube das Schreiben; dann speichert Portkeeper sie. Wird Portkeeper vorher beendet, geht sie verloren.',
  }),
  'profiles-misunderstood': ({ kept, place, fault }) => ({
    what: 'Ein Teil der Profile und Einstellungen war nicht zu verstehen.',
    why: `${placeText(place, 'de')}${place === '' ? '' : ` (${place})`}: ${valueText(FAULTS_DE, fault) ?? fault.code}.`,
    todo: `Was zu verstehen war, wird benutzt; was offen war, bleibt offen, bis Portkeeper beendet wird. ${
      kept === undefined
        ? 'Die Datei wird nicht geändert, bevor sich eine Kopie speichern lässt.'
        : `Das Ganze liegt unter ${kept}: Berichtige es dort, und importiere es.`
    }`,
  }),
  'commands-unreachable': ({ path, fault }) => ({
    what: 'Andere Portkeeper-Befehle erreichen dieses Portkeeper nicht.',
    why: `In ${path} lässt sich nichts speichern. ${storageText(fault, 'de')}`,
    todo: 'Deine Ports bleiben offen. Schaffe dort Platz, oder erlaube das Schreiben, und starte Portkeeper neu.',
  }),
};
