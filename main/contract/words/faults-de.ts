/** Why something is refused, in German. */
import type { UnreachableReason } from '../mapping.ts';
import type { ControlKind } from '../model.ts';
import { valueText, fileFaultIn, type FaultCatalogue, type FileCatalogue } from './catalogues.ts';
import { questionText, unfitText } from './opening-questions.ts';
import { placeText, storageText } from './places.ts';
import type { FilePlace, PortField } from '../fault-reasons.ts';

const THINGS: Readonly<Record<string, string>> = {
  string: 'Text',
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
    'hat nicht geantwortet. Prüfe, ob der Router eingeschaltet und dieser Computer mit ihm verbunden ist, und versuche es erneut.',
  refused:
    'antwortet nicht mehr unter der bisherigen Adresse. Vielleicht startet der Router neu, oder UPnP wurde ausgeschaltet. Versuche es in einer Minute erneut.',
  reset: 'hat die Verbindung getrennt. Manche Router brauchen einen Moment. Versuche es erneut.',
  'no-route':
    'ist nicht erreichbar. Prüfe, ob der Router eingeschaltet und dieser Computer mit seinem Netzwerk verbunden ist, und versuche es erneut.',
  denied:
    'wurde nicht gefragt: Eine Firewall auf diesem Computer blockiert das. Erlaube Portkeeper den Zugriff auf das lokale Netzwerk.',
  'local-network':
    'wurde nicht gefragt: Die Berechtigung „Lokales Netzwerk“ fehlt. Erlaube sie in den Systemeinstellungen unter „Datenschutz & Sicherheit“ > „Lokales Netzwerk“.',
};

/** Kinds of values by their names, values themselves in German quotation marks. */
const named = (thing: string): string => THINGS[thing] ?? thing.replace(/^"(.*)"$/su, '„$1“');

export const FAULTS_DE: FaultCatalogue = {
  values: {
    missing: () => 'fehlt',
    unexpected: ({ what }) => `unbekanntes Feld ${named(what)}`,
    'too-long': ({ most }) => `ist zu lang (höchstens ${most})`,
    'too-short': ({ least }) => `ist zu kurz (mindestens ${least})`,
    'too-large': ({ most }) => `ist zu groß (höchstens ${most})`,
    'too-small': ({ least }) => `ist zu klein (mindestens ${least})`,
    'whole-number': () => 'muss eine ganze Zahl sein',
    empty: () => 'darf nicht leer sein',
    'wrong-type': ({ expected, received }) =>
      `muss ${expected.map(named).join(' oder ')} sein, nicht ${named(received)}`,
    invalid: () => 'ist ungültig',
    'one-line': () => 'muss eine einzelne Zeile ohne Steuerzeichen sein',
    'name-needed': () => 'gib einen Namen ein',
    port: () => 'muss ein Port von 1 bis 65535 sein',
    id: () => 'muss eine Kennung aus Kleinbuchstaben, Ziffern und Bindestrichen sein',
    'transports-needed': () => 'wähle TCP, UDP oder beides',
    'families-needed': () => 'wähle IPv4, IPv6 oder beides',
    'each-once': () => 'darf nichts doppelt enthalten',
    'ip-address': () => 'muss eine IP-Adresse sein',
    'not-a-device': ({ address, why }) => `kann nicht ${address} sein: Das ${unfitText(why, 'de')}`,
    lease: () => 'muss 1 bis 4294967295 Sekunden oder „permanent“ sein',
    'range-backwards': () => 'der Bereich endet, bevor er anfängt',
    'too-many-mappings': ({ count, most }) =>
      `braucht insgesamt ${count} Ports (TCP und UDP zählen einzeln), möglich sind höchstens ${most}`,
    'range-too-wide': ({ most }) => `ein Bereich darf höchstens ${most} Ports umfassen`,
    'inside-too-high': () => 'der interne Bereich endet über 65535',
    'ports-twice': ({ ports }) =>
      `nutzt den externen Port ${ports}, den schon eine andere Freigabe dieses Profils nutzt`,
    'id-twice': ({ id }) => `ein anderes Profil hat schon die Kennung ${id}`,
    'newer-version': ({ known }) => `stammt aus einer neueren Portkeeper-Version (diese liest bis Version ${known})`,
    'unknown-version': ({ version }) => `ist keine bekannte Version (${version})`,
    'probe-place': () =>
      'muss Adresse oder Name eines Testservers sein, zum Beispiel probe.example.net oder 11.22.33.44:15351',
    'tester-place': () =>
      'muss Adresse oder Name eines Testservers sein, zum Beispiel probe.example.net, oder die https-Adresse eines Portprüfers mit {port}, zum Beispiel https://example.net/{port}',
    'router-place': () =>
      'muss eine IP-Adresse oder eine http-Adresse sein, zum Beispiel http://192.168.1.1:5000/rootDesc.xml',
    'clock-time': () => 'muss eine Uhrzeit von 00:00 bis 23:59 sein, zum Beispiel 18:30',
    'days-needed': () => 'wähle mindestens einen Tag',
    'program-needed': () => 'gib den Dateinamen des Programms ein, zum Beispiel java',
    'nothing-listens-here': () =>
      'braucht einen Port, der zu diesem Computer führt: Programme auf anderen Geräten sind nicht zu sehen',
    'host-name': () => 'muss ein Hostname sein, zum Beispiel home.example.org',
    'dns-server': () => 'muss eine Web-Adresse ohne Anmeldedaten sein, zum Beispiel https://dyn.example.net/nic/update',
    'program-line': () =>
      'muss mit dem vollständigen Pfad eines Programms beginnen; Teile mit Leerzeichen stehen in Anführungszeichen',
    'file-too-large': ({ mebibytes }) => `ist größer als ${mebibytes} MiB und damit zu groß für eine Portliste`,
    other: ({ text }) => `ist ungültig („${text}“)`,
  },
  commands: {
    'bad-input': ({ place, why, more }) =>
      `${placeText(place, 'de')}: ${valueText(FAULTS_DE, why) ?? FAULTS_DE.values.invalid({})}${more > 0 ? ` (und ${more} weitere Fehler)` : ''}.`,
    'bad-file': (fault) => fileFaultIn(FILES_DE, fault) ?? fault.file,
    'no-such-command': ({ name }) => (name === '' ? 'Unbekannter Befehl.' : `Unbekannter Befehl „${name}“.`),
    'no-such-profile': ({ id }) => `Das Profil „${id}“ gibt es nicht.`,
    'nothing-to-restore': ({ id }) =>
      `Das Profil „${id}“ lässt sich nicht wiederherstellen: Es wurde seit dem Start von Portkeeper nicht gelöscht.`,
    'too-many-profiles': ({ most }) => `Mehr als ${most} Profile sind nicht möglich. Lösche zuerst eines.`,
    'too-many-mappings': ({ count, most }) =>
      `Deine Profile bräuchten zusammen ${count} Ports (TCP und UDP zählen einzeln), möglich sind höchstens ${most}. Lösche ein Profil, oder wähle kleinere Bereiche.`,
    'profiles-too-large': ({ mebibytes }) =>
      `Alle Profile zusammen wären größer als ${mebibytes} MiB. Entferne ein Profil oder kürze Bezeichnungen.`,
    'profile-changed': ({ name }) =>
      `„${name}“ wurde inzwischen anderswo geändert, deshalb wurde nichts gespeichert. Sieh nach, wie es jetzt ist, und versuche es erneut.`,
    'profiles-clash': ({ one, other, ports }) =>
      `„${one}“ und „${other}“ nutzen beide den externen Port ${ports}. Schalte „${other}“ aus, oder wähle einen anderen externen Port.`,
    'ports-of-profile': ({ ports, profile, id }) =>
      `Das Profil „${profile}“ hält Port ${ports} offen. Schalte es zuerst aus (portkeeper profile off ${id}).`,
    'ports-held': ({ ports, from, label }) =>
      from === 'terminal'
        ? `Port ${ports} ist bereits von einem Terminal aus geöffnet (${label}). Beende es dort, oder wähle einen anderen externen Port.`
        : `Port ${ports} ist bereits über eine Portliste geöffnet (${label}). Entferne ihn dort, oder wähle einen anderen externen Port.`,
    'no-such-hold': () => 'Diese Ports werden nicht mehr offen gehalten.',
    'confirm-first': ({ questions }) =>
      `${questionText(questions, 'de').text.join(' ')} Nichts wurde geändert. Wenn du das willst, bestätige es in der App oder mit --yes im Terminal.`,
    'not-stored': ({ path, fault }) =>
      `In ${path} ließ sich nicht speichern, deshalb wurde nichts geändert. ${storageText(fault, 'de')} Gib Speicherplatz frei, oder erlaube das Schreiben, und versuche es erneut.`,
    'not-read': () =>
      'Die gespeicherten Profile und Einstellungen ließen sich nicht lesen, deshalb wurde nichts geändert. Sieh dir das angezeigte Problem an, und versuche es erneut.',
    'no-such-forward': ({ forward }) =>
      `Kein Profil hat die Freigabe „${forward}“. Vielleicht wurde sie geändert oder gelöscht.`,
    'same-port-over-ipv6': () =>
      'Über IPv6 sind externer und interner Port gleich. Ändere stattdessen den internen Port im Profil.',
    'no-room-for-range': ({ most }) =>
      `Der Bereich würde über 65535 enden. Sein erster Port darf höchstens ${most} sein.`,
    'ports-claimed': ({ profile, ports }) =>
      `Eine andere Freigabe von „${profile}“ nutzt den externen Port ${ports} schon. Wähle einen anderen.`,
    'no-network': () =>
      'Dieser Computer ist mit keinem Netzwerk verbunden, das du freigeben könntest. Verbinde ihn, und versuche es erneut.',
    'too-many-networks': ({ most }) => `Du kannst höchstens ${most} Netzwerke freigeben. Entferne zuerst eines.`,
    'no-sign-in': () => 'Auf diesem System kann sich Portkeeper nicht bei Routern anmelden.',
    'wrong-password': ({ router }) =>
      `Der Router ${router} hat Benutzername oder Passwort abgelehnt. Nichts wurde gespeichert. Prüfe beides und versuche es erneut; viele Router sperren nach wenigen falschen Versuchen.`,
    'no-such-gateway': () => 'Dieser Router wurde nicht gefunden. Suche erneut, und wähle einen aus der Liste.',
    'cannot-list': ({ gateway, speaks }) =>
      `${gateway} unterstützt ${speaks.map((kind) => PROTOCOLS[kind]).join(' und ')}, damit lassen sich offene Ports nicht auflisten. Schalte UPnP in den Einstellungen des Routers ein, um die Liste zu sehen.`,
    'gateway-unreachable': ({ gateway, why }) => `${gateway} ${SILENCE[why]}`,
    'gateway-garbled': ({ gateway }) =>
      `${gateway} hat eine Antwort geschickt, die Portkeeper nicht lesen kann. Versuche es erneut, oder starte den Router neu. Einzelheiten stehen im Protokoll.`,
    'gateway-refused': ({ gateway, why, failure }) => {
      if (failure === 'http 401')
        return `${gateway} verlangt dafür ein Passwort (${failure}). Portkeeper kann sich bei Routern nicht anmelden. Sieh nach, ob es in den Einstellungen des Routers eine Option gibt, die es Programmen erlaubt.`;
      if (why === 'not-authorized')
        return `${gateway} erlaubt das nicht (${failure}). Sieh nach, ob es in den Einstellungen des Routers eine Option dafür gibt.`;
      if (why === 'unsupported') return `${gateway} kann das nicht (${failure}).`;
      return `${gateway} hat abgelehnt (${failure}). Versuche es erneut. Passiert es wieder, starte den Router neu.`;
    },
    'counts-no-traffic': ({ gateway }) =>
      `${gateway} meldet nicht, wie viele Daten über die Internetverbindung laufen. Router mit UPnP können das: Sieh nach, ob es in den Einstellungen des Routers eine Option dafür gibt.`,
    'asked-enough': ({ gateway }) =>
      `Portkeeper begrenzt, wie oft es ${gateway} abfragt. Versuche es in einer Minute erneut.`,
    'entry-untold': ({ gateway, port }) =>
      `${gateway} verrät nicht, wohin ${port} weiterleitet, deshalb wurde nichts geschlossen. Aktualisiere die Liste, oder schließe den Port in den Einstellungen des Routers.`,
    'entry-elsewhere': ({ port, holder, name }) =>
      `Port ${port} gehört inzwischen ${holder === '' ? 'einem anderen Gerät' : holder}${name === '' ? '' : ` („${name}“)`}, deshalb wurde nichts geschlossen. Aktualisiere die Liste, um zu sehen, was dort steht.`,
    'entry-wanted': ({ port, profile }) =>
      `„${profile}“ hält Port ${port} offen und würde ihn wieder öffnen. Schalte stattdessen „${profile}“ aus.`,
    'entry-refused': ({ gateway, port, why, failure }) => {
      if (why === 'not-authorized' || why === 'only-for-itself' || why === 'conflict')
        return `${gateway} lässt ${port} nur von dem Gerät selbst schließen (${failure}). Schließe den Port dort oder in den Einstellungen des Routers.`;
      if (why === 'absent')
        return `${gateway} führt ${port} in der Liste, kann den Port zum Schließen aber nicht finden (${failure}). Schließe ihn in den Einstellungen des Routers.`;
      if (why === 'unsupported')
        return `${gateway} kann ${port} nicht schließen (${failure}). Schließe den Port in den Einstellungen des Routers.`;
      return `${gateway} hat ${port} nicht geschlossen (${failure}). Versuche es erneut. Bleibt er offen, schließe den Port in den Einstellungen des Routers.`;
    },
    'entry-unsure': ({ gateway, port, why }) =>
      `${gateway} ${why === 'garbled' ? 'hat eine Antwort geschickt, die Portkeeper nicht lesen kann.' : SILENCE[why]} Aktualisiere die Liste, um zu sehen, ob ${port} geschlossen wurde.`,
    'entry-still-there': ({ gateway, port }) =>
      `${gateway} hat ${port} noch nicht geschlossen. Portkeeper versucht es weiter, bis der Port geschlossen ist oder seine Laufzeit endet.`,
    'unknown-router': () => 'Portkeeper weiß nichts über diesen Router. Lade die Liste neu.',
    'no-such-trait': ({ trait, known }) =>
      `Die Eigenschaft „${trait}“ gibt es nicht. Möglich sind: ${known.join(', ')}.`,
    'trait-value': ({ trait, may }) =>
      `Die Eigenschaft „${trait}“ kann diesen Wert nicht haben. Möglich ist ${may.join(' oder ')}.`,
    'no-probe-server': () =>
      'Zum Testen fehlt ein Testserver. Starte „portkeeper probe-server“ außerhalb deines Zuhauses, auf einem gemieteten Server oder bei Freunden, und gib seine Adresse in den Einstellungen ein (portkeeper settings set probeServer ADRESSE). Auch die Web-Adresse eines Portprüfers genügt.',
    'probe-demo': () => 'Mit dem simulierten Router ist nichts zum Internet offen, also gibt es nichts zu testen.',
    'nothing-open': () => 'Keiner dieser Ports ist offen, also gibt es nichts zu testen. Öffne zuerst einen.',
    'no-secret-file': ({ path }) =>
      `Die Datei ${path} mit dem Geheimnis des Testservers gibt es nicht. Prüfe den Pfad in den Einstellungen.`,
    'secret-unreadable': ({ path, why }) =>
      `Das Geheimnis des Testservers ließ sich nicht aus ${path} lesen. ${storageText(why, 'de', 'read')}`,
    'secret-length': ({ path, least, most }) =>
      `Die Datei ${path} enthält kein Geheimnis: Es muss ${least} bis ${most} Bytes haben. Nimm dieselbe Datei wie der Testserver.`,
    'no-demo': () => 'Den simulierten Router gibt es nur in der App und mit „portkeeper serve“.',
    'demo-failed': ({ fault }) =>
      `Der simulierte Router konnte nicht gestartet werden („${fault}“). Versuche es erneut.`,
    'not-running': () => 'Portkeeper läuft nicht. Starte die App, oder gib im Terminal ein: portkeeper serve',
    'no-desktop': ({ folder }) => `Hier gibt es keinen Desktop, um den Ordner anzuzeigen. Er liegt unter ${folder}`,
    'nothing-fetched': () => 'Es wurde noch kein Update geladen. Suche zuerst nach Updates.',
    'no-dns-provider': () => 'Wähle zuerst einen Anbieter für dynamisches DNS, und seinen Server, wenn nötig.',
    'command-by-terminal': () =>
      'Zu deiner Sicherheit lässt sich ein Befehl nicht im Browser festlegen. Nutze „portkeeper settings set addressCommand“ im Terminal.',
    'no-self-update': () =>
      'Diese Installation aktualisiert sich nicht selbst. Aktualisiere sie so, wie du sie installiert hast.',
    stopped: () => 'Portkeeper ist beendet oder wird gerade beendet. Starte es neu.',
    'not-connected': () => 'Portkeeper antwortet nicht. Vielleicht wurde es beendet. Starte es neu.',
    'own-fault': () => 'In Portkeeper ist ein Fehler aufgetreten. Einzelheiten stehen im Protokoll.',
    'bad-request': ({ text }) => `Ein Programm hat Portkeeper eine ungültige Anfrage geschickt („${text}“).`,
  },
};

const WANTED: Readonly<Record<PortField, string>> = {
  address: 'weder eine IPv4-Adresse noch ein Bereich wie 192.168.0.0/24',
  port: 'kein Port von 1 bis 65535',
  protocol: 'weder TCP noch UDP',
  duration: 'keine Zeit in Sekunden von 0 (unbegrenzt) bis 4294967295',
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
      `ist größer als ${mebibytes} MiB und damit zu groß für eine Portliste. Prüfe den Dateinamen.`,
    'not-text': () => 'ist kein UTF-8-Text. Speichere die Datei im Editor als UTF-8, und versuche es erneut.',
    'no-header': ({ header }) => `ist leer. Die erste Zeile muss so lauten: ${header}`,
    'no-ports': () => 'enthält keine Ports. Prüfe den Dateinamen.',
    unknown: () => 'ist weder ein Export von Portkeeper noch eine Portliste für upnp-daemon. Prüfe den Dateinamen.',
  },
  reasons: {
    'not-json': ({ found }) =>
      `das ist kein gültiges JSON (${found === '' ? 'die Datei endet zu früh' : `unerwartet: „${found}“`}).`,
    'quote-not-closed': () => `hier fehlt das schließende Anführungszeichen. ${IN_QUOTES}`,
    'quote-not-alone': () => `nach dem schließenden Anführungszeichen steht noch Text. ${IN_QUOTES}`,
    csv: ({ text }) => `das ist ungültig („${text}“). ${IN_QUOTES}`,
    'column-missing': ({ column, header, delimiter }) =>
      `die Spalte „${column}“ fehlt. Die erste Zeile muss so lauten: ${header}${delimiter === undefined ? '' : ` (ist „${delimiter}“ das Trennzeichen?)`}`,
    'column-twice': ({ column }) => `die Spalte „${column}“ kommt zweimal vor. Benenne eine um.`,
    'too-many-fields': ({ fields, columns, delimiter }) =>
      `die Zeile hat ${fields} Felder, die erste Zeile aber ${columns}. Setze das Feld, in dem „${delimiter}“ vorkommt, in Anführungszeichen.`,
    'too-few-fields': ({ fields, columns }) =>
      `die Zeile hat nur ${fields} von ${columns} Feldern. Sie muss so aussehen: 192.168.0.10;12345;UDP;60;Test 1`,
    'not-a-list': () =>
      'auf der obersten Ebene muss ein Array stehen, auch für einen einzelnen Port: [ { "port": 25565, … } ]',
    'not-an-object': () => 'hier muss ein Objekt stehen: { "port": 25565, "protocol": "TCP", … }',
    'wrong-value': ({ field, value }) => (value === '' ? 'hier fehlt etwas.' : `${named(value)} ist ${WANTED[field]}.`),
    'not-a-device': ({ address, why }) => `${address} ${unfitText(why, 'de')}.`,
    'port-twice': ({ port, transport, other }) =>
      `der externe Port ${port}/${transport.toUpperCase()} kommt schon in ${place(other)} vor. Entferne einen davon.`,
    'too-many-ports': ({ most }) =>
      `ein Profil kann höchstens ${most} Freigaben haben. Teile die Liste auf mehrere Dateien auf.`,
    'too-many-mappings': ({ count, most }) =>
      `die Liste braucht ${count} Ports, möglich sind höchstens ${most}. Entferne einige.`,
  },
};
