/** Why something is refused, in German. */
import type { UnreachableReason } from '../mapping.ts';
import type { ControlKind } from '../model.ts';
import { valueText, fileFaultIn, type FaultCatalogue, type FileCatalogue } from './catalogues.ts';
import { placeText, storageText } from './places.ts';
import type { FilePlace, PortField } from '../fault-reasons.ts';

const THINGS: Readonly<Record<string, string>> = {
  string: 'ein Text',
  number: 'eine Zahl',
  boolean: 'true oder false',
  Array: 'eine Liste',
  Object: 'ein Objekt',
};

const PROTOCOLS: Readonly<Record<ControlKind, string>> = {
  pcp: 'PCP',
  'nat-pmp': 'NAT-PMP',
  igd: 'UPnP',
  pinhole: 'UPnP für IPv6',
};

/** Said of a router. */
const SILENCE: Readonly<Record<UnreachableReason, string>> = {
  timeout:
    'hat nicht geantwortet. Prüfe, ob der Router an ist und dieser Computer mit ihm verbunden ist, und versuche es danach erneut.',
  refused:
    'lauscht nicht mehr dort, wo er es tat: Er startet neu, oder UPnP wurde darin ausgeschaltet. Versuche es in einer Minute erneut.',
  reset: 'hat die Verbindung abgebrochen. Manche Router brauchen einen Moment: Versuche es erneut.',
  'no-route':
    'ist nicht zu erreichen. Prüfe, ob der Router an ist und dieser Computer in seinem Netzwerk ist, und versuche es danach erneut.',
  denied:
    'wurde nicht gefragt: Eine Firewall auf diesem Computer verbietet es. Erlaube Portkeeper, mit dem lokalen Netzwerk zu sprechen.',
  'local-network':
    'wurde nicht gefragt: Die Berechtigung „Lokales Netzwerk“ fehlt. Erlaube sie in den Systemeinstellungen unter „Datenschutz & Sicherheit“, „Lokales Netzwerk“.',
};

/** Kinds of values by their names, values themselves in German quotation marks. */
const named = (thing: string): string => THINGS[thing] ?? thing.replace(/^"(.*)"$/su, '„$1“');

export const FAULTS_DE: FaultCatalogue = {
  values: {
    missing: () => 'fehlt',
    unexpected: ({ what }) => `${named(what)} gibt es hier nicht`,
    'too-long': ({ most }) => `ist zu lang: höchstens ${most}`,
    'too-short': ({ least }) => `ist zu kurz: mindestens ${least}`,
    'too-large': ({ most }) => `ist zu groß: höchstens ${most}`,
    'too-small': ({ least }) => `ist zu klein: mindestens ${least}`,
    'whole-number': () => 'muss eine ganze Zahl sein',
    empty: () => 'darf nicht leer sein',
    'wrong-type': ({ expected, received }) =>
      `muss ${expected.map(named).join(' oder ')} sein, nicht ${named(received)}`,
    invalid: () => 'ist nicht so, wie es sein muss',
    'one-line': () => 'muss eine Zeile ohne Steuerzeichen sein',
    'name-needed': () => 'ein Name wird gebraucht',
    port: () => 'muss ein Port von 1 bis 65535 sein',
    id: () => 'muss eine Kennung sein: Kleinbuchstaben, Ziffern und -',
    'transports-needed': () => 'TCP, UDP oder beides wird gebraucht',
    'families-needed': () => 'IPv4, IPv6 oder beides wird gebraucht',
    'each-once': () => 'jedes darf nur einmal vorkommen',
    'ip-address': () => 'muss eine IP-Adresse sein',
    lease: () => 'muss aus ganzen Sekunden von 1 bis 4294967295 bestehen oder „permanent“ sein',
    'range-backwards': () => 'der Bereich endet, bevor er anfängt',
    'too-many-mappings': ({ count, most }) =>
      `verlangt insgesamt ${count} Ports (TCP und UDP zählen einzeln): höchstens ${most} sind möglich`,
    'range-too-wide': ({ most }) => `ein Bereich hat höchstens ${most} Ports`,
    'inside-too-high': () => 'der innere Bereich endet über 65535',
    'ports-twice': ({ ports }) =>
      `braucht den äußeren Port ${ports}, den eine andere Freigabe dieses Profils ebenfalls braucht`,
    'id-twice': ({ id }) => `ein anderes Profil hat ebenfalls die Kennung ${id}`,
    'newer-version': ({ known }) => `stammt von einem neueren Portkeeper: Dieses kennt Versionen bis ${known}`,
    'unknown-version': ({ version }) => `ist keine Version, die es je gab: ${version}`,
    'router-place': () => 'muss eine IP-Adresse sein, oder eine http-Adresse wie http://192.168.1.1:5000/rootDesc.xml',
    'file-too-large': ({ mebibytes }) => `ist größer als ${mebibytes} MiB: Das ist keine Liste von Ports`,
    other: ({ text }) => `ist nicht so, wie es sein muss („${text}“)`,
  },
  commands: {
    'bad-input': ({ place, why, more }) =>
      `${placeText(place, 'de')}: ${valueText(FAULTS_DE, why) ?? FAULTS_DE.values.invalid({})}${more > 0 ? ` (und ${more} weitere Fehler)` : ''}.`,
    'bad-file': (fault) => fileFaultIn(FILES_DE, fault) ?? fault.file,
    'no-such-command': ({ name }) =>
      name === '' ? 'Diesen Befehl gibt es nicht.' : `Den Befehl „${name}“ gibt es nicht.`,
    'no-such-profile': ({ id }) => `Das Profil „${id}“ gibt es nicht.`,
    'nothing-to-restore': ({ id }) => `Seit dem Start von Portkeeper wurde kein Profil „${id}“ entfernt.`,
    'too-many-profiles': ({ most }) => `Mehr als ${most} Profile sind nicht möglich. Entferne zuerst eines.`,
    'too-many-mappings': ({ count, most }) =>
      `Alle Profile zusammen hätten ${count} Ports (TCP und UDP zählen einzeln); höchstens ${most} sind möglich. Entferne ein Profil oder wähle kleinere Bereiche.`,
    'profiles-clash': ({ one, other, ports }) =>
      `„${one}“ und „${other}“ brauchen beide den äußeren Port ${ports}. Schalte „${other}“ aus, oder wähle einen anderen äußeren Port.`,
    'ports-of-profile': ({ ports, profile, id }) =>
      `Port ${ports} wird vom Profil „${profile}“ offen gehalten. Schalte es zuerst aus (portkeeper profile off ${id}).`,
    'ports-held': ({ ports, from, label }) =>
      from === 'terminal'
        ? `Port ${ports} ist bereits von einem Terminal aus geöffnet (${label}). Beende es dort, oder wähle einen anderen externen Port.`
        : `Port ${ports} ist bereits über eine Liste geöffnet (${label}). Entferne ihn dort, oder wähle einen anderen externen Port.`,
    'no-such-hold': () => 'Diese Ports werden nicht mehr offen gehalten.',
    'not-stored': ({ path, fault }) =>
      `Es ließ sich nicht in ${path} festhalten und wurde nicht getan. ${storageText(fault, 'de')} Schaffe dort Platz oder erlaube das Schreiben, und versuche es danach erneut.`,
    'not-read': () =>
      'Es wurde nichts geändert: Was gespeichert ist, lässt sich gerade nicht lesen. Sieh dir das angezeigte Problem an, und versuche es danach erneut.',
    'no-such-forward': ({ forward }) =>
      `Kein Profil hat die Freigabe „${forward}“. Sie wurde inzwischen wohl geändert oder entfernt.`,
    'same-port-over-ipv6': () =>
      'Über IPv6 ist ein Port außen und innen derselbe. Ändere stattdessen den inneren Port im Profil.',
    'no-room-for-range': ({ most }) =>
      `Der Bereich würde über 65535 enden. Sein erster Port darf höchstens ${most} sein.`,
    'ports-claimed': ({ profile, ports }) =>
      `Eine andere Freigabe von „${profile}“ braucht den äußeren Port ${ports} schon. Wähle einen anderen.`,
    'no-network': () =>
      'Es gibt kein Netzwerk, das sich freigeben ließe: Dieser Computer ist mit keinem verbunden. Verbinde ihn, und versuche es danach erneut.',
    'too-many-networks': ({ most }) =>
      `Mehr als ${most} Netzwerke lassen sich nicht freigeben. Entferne zuerst eines davon.`,
    'no-such-gateway': () =>
      'Diesen Router gibt es hier nicht, oder nicht mehr. Suche erneut nach Routern, und wähle dann einen aus der Liste.',
    'cannot-list': ({ gateway, speaks }) =>
      `${gateway} spricht ${speaks.map((kind) => PROTOCOLS[kind]).join(' und ')}, womit sich nicht auflisten lässt, was offen ist. Mit UPnP geht es: Schalte es im Router ein, um die Liste zu sehen.`,
    'gateway-unreachable': ({ gateway, why }) => `${gateway} ${SILENCE[why]}`,
    'gateway-garbled': ({ gateway }) =>
      `${gateway} hat etwas Unverständliches geantwortet. Im Protokoll steht, was; versuche es erneut, oder starte den Router neu.`,
    'gateway-refused': ({ gateway, why, failure }) => {
      if (why === 'not-authorized')
        return `${gateway} erlaubt es nicht (${failure}). Sieh nach, ob es in der Oberfläche des Routers eine Einstellung dafür gibt.`;
      if (why === 'unsupported') return `${gateway} kann das nicht (${failure}).`;
      return `${gateway} hat es abgelehnt (${failure}). Versuche es erneut; bleibt es dabei, starte den Router neu.`;
    },
    'counts-no-traffic': ({ gateway }) =>
      `${gateway} zählt die Bytes seiner Internetverbindung nicht, oder verrät sie nicht. Router mit UPnP können das: Sieh nach, ob es dafür eine Einstellung gibt.`,
    'asked-enough': ({ gateway }) =>
      `${gateway} wurde in dieser Minute so oft gefragt, wie es ihm guttut. Versuche es in der nächsten erneut.`,
    'entry-untold': ({ gateway, port }) =>
      `${gateway} sagt nicht, wohin ${port} führt; deshalb wurde nichts geschlossen. Lies die Tabelle erneut, oder schließe den Port in der Oberfläche des Routers.`,
    'entry-elsewhere': ({ port, holder, name }) =>
      `Port ${port} gehört inzwischen ${holder === '' ? 'einem anderen Gerät' : holder}${name === '' ? '' : ` („${name}“)`}; deshalb wurde nichts geschlossen. Lies die Tabelle erneut, um zu sehen, was dort steht.`,
    'entry-wanted': ({ port, profile }) =>
      `„${profile}“ hält ${port} offen und würde den Port gleich wieder öffnen. Schalte stattdessen „${profile}“ aus.`,
    'entry-refused': ({ gateway, port, why, failure }) => {
      if (why === 'not-authorized' || why === 'only-for-itself' || why === 'conflict')
        return `${gateway} lässt ${port} nur von dem Gerät selbst schließen (${failure}). Schließe den Port dort oder in der Oberfläche des Routers.`;
      if (why === 'absent')
        return `${gateway} führt ${port} in der Tabelle, will den Port aber nicht kennen, wenn er ihn schließen soll (${failure}). Schließe ihn in der Oberfläche des Routers.`;
      if (why === 'unsupported')
        return `${gateway} weiß nicht, wie ${port} zu schließen ist (${failure}). Schließe den Port in der Oberfläche des Routers.`;
      return `${gateway} hat ${port} nicht geschlossen (${failure}). Versuche es erneut; bleibt es dabei, schließe den Port in der Oberfläche des Routers.`;
    },
    'entry-unsure': ({ gateway, port, why }) =>
      `${gateway} ${why === 'garbled' ? 'hat etwas Unverständliches geantwortet.' : SILENCE[why]} Lies die Tabelle erneut, um zu sehen, ob ${port} geschlossen wurde.`,
    'entry-still-there': ({ gateway, port }) =>
      `${gateway} hat ${port} noch nicht geschlossen. Portkeeper versucht es weiter, bis der Port geschlossen oder seine Zeit dort um ist.`,
    'unknown-router': () =>
      'Über diesen Router ist nichts vermerkt, und er ist nicht hier. Lies erneut, was vermerkt ist.',
    'no-such-trait': ({ trait, known }) => `Die Eigenschaft „${trait}“ gibt es nicht. Es gibt: ${known.join(', ')}.`,
    'trait-value': ({ trait, may }) =>
      `Die Eigenschaft „${trait}“ kann diesen Wert nicht haben. Möglich ist ${may.join(' oder ')}.`,
    'no-demo': () => 'Hier gibt es keinen simulierten Router. Die App und „portkeeper serve“ haben einen.',
    'demo-failed': ({ fault }) => `Der simulierte Router ließ sich nicht starten („${fault}“). Versuche es erneut.`,
    'not-running': () => 'Portkeeper läuft nicht. Starte die App, oder im Terminal: portkeeper serve',
    'no-desktop': ({ folder }) =>
      `Hier gibt es keinen Desktop, auf dem sich der Ordner zeigen ließe. Er liegt unter ${folder}`,
    'nothing-fetched': () => 'Es wurde noch keine neuere Version geladen. Suche zuerst nach einer.',
    'is-service': () => 'Portkeeper läuft hier als Dienst. Beende ihn dort, wo er gestartet wurde.',
    'no-self-update': () => 'Dieses Portkeeper aktualisiert sich nicht selbst: Das tut, womit es installiert wurde.',
    stopped: () => 'Portkeeper ist beendet, oder gerade dabei. Starte es neu.',
    'not-connected': () => 'Portkeeper antwortet nicht. Vielleicht wurde es beendet; starte es neu.',
    'own-fault': () => 'In Portkeeper selbst ist ein Fehler aufgetreten; mehr steht im Protokoll.',
    'bad-request': ({ text }) => `Ein Programm hat Portkeeper etwas Falsches gefragt („${text}“).`,
  },
};

const WANTED: Readonly<Record<PortField, string>> = {
  address: 'keine IPv4-Adresse, kein Bereich wie 192.168.0.0/24 und nicht leer',
  port: 'kein Port von 1 bis 65535',
  protocol: 'weder TCP noch UDP',
  duration: 'keine Zeit in Sekunden von 0 (für immer) bis 4294967295',
  comment: 'kein Text',
};

function place({ line, column, entry, field }: FilePlace): string {
  if (entry !== undefined) return `Eintrag ${entry}${field === undefined ? '' : `, „${field}“`}`;
  if (line === undefined) return '';
  const inLine = column === undefined ? '' : `, Spalte ${column}${field === undefined ? '' : ` (${field})`}`;
  return `Zeile ${line}${inLine}`;
}

const IN_QUOTES = 'Ein Feld in Anführungszeichen sieht so aus: "Test 1".';

export const FILES_DE: FileCatalogue = {
  place,
  several: (file, count, shown) =>
    `${file} hat ${count} Fehler${count === shown ? '' : `; das sind die ersten ${shown}`}:`,
  whole: {
    'too-large': ({ mebibytes }) =>
      `ist größer als ${mebibytes} MiB: Das ist keine Liste von Ports. Prüfe den Namen der Datei.`,
    'not-text': () => 'ist kein Text in UTF-8. Speichere die Datei im Editor als UTF-8, und versuche es danach erneut.',
    'no-header': ({ header }) => `ist leer. Die erste Zeile muss so lauten: ${header}`,
    'no-ports': () => 'enthält keine Ports. Prüfe den Namen der Datei.',
    unknown: () =>
      'ist weder das, was Portkeeper exportiert, noch eine Liste von Ports für upnp-daemon. Prüfe den Namen der Datei.',
  },
  reasons: {
    'not-json': ({ found }) =>
      `das ist kein JSON (${found === '' ? 'es endet zu früh' : `„${found}“ gehört nicht hierher`}).`,
    'quote-not-closed': () => `hier beginnt ein Anführungszeichen, das nie endet. ${IN_QUOTES}`,
    'quote-not-alone': () => `nach dem schließenden Anführungszeichen steht noch etwas. ${IN_QUOTES}`,
    csv: ({ text }) => `das ist nicht so, wie es sein muss („${text}“). ${IN_QUOTES}`,
    'column-missing': ({ column, header, delimiter }) =>
      `die Spalte „${column}“ fehlt. Die erste Zeile muss so lauten: ${header}${delimiter === undefined ? '' : ` (ist „${delimiter}“ das Trennzeichen?)`}`,
    'column-twice': ({ column }) => `die Spalte „${column}“ gibt es zweimal. Benenne eine um.`,
    'too-many-fields': ({ fields, columns, delimiter }) =>
      `die Zeile hat ${fields} Felder, die erste Zeile ${columns}. Setze das Feld, in dem „${delimiter}“ vorkommt, in Anführungszeichen.`,
    'too-few-fields': ({ fields, columns }) =>
      `die Zeile hat nur ${fields} von ${columns} Feldern. Sie muss so aussehen: 192.168.0.10;12345;UDP;60;Test 1`,
    'not-a-list': () => 'ganz außen muss ein Array stehen, auch bei nur einem Port: [ { "port": 25565, ... } ]',
    'not-an-object': () => 'hier muss ein Objekt stehen: { "port": 25565, "protocol": "TCP", ... }',
    'wrong-value': ({ field, value }) =>
      value === '' ? 'hier fehlt etwas.' : `${value.replace(/^"(.*)"$/su, '„$1“')} ist ${WANTED[field]}.`,
    'port-twice': ({ port, transport, other }) =>
      `der äußere Port ${port}/${transport.toUpperCase()} wird schon in ${place(other)} gebraucht. Lass einen davon weg.`,
    'too-many-ports': ({ most }) =>
      `ein Profil hat höchstens ${most} Freigaben. Teile die Liste auf mehrere Dateien auf.`,
    'too-many-mappings': ({ count, most }) =>
      `sie verlangt ${count} Ports, höchstens ${most} sind möglich. Lass einige weg.`,
  },
};
