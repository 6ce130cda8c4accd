/** The checks and their findings, in German. */
import type { FindingCatalogue, PortPlace } from '../diagnosis/findings.ts';
import { routerMenu, type RouterKey } from '../diagnosis/router-menus.ts';
import { clockTime, listText } from './formats.ts';
import { explain } from './problems.ts';

const portText = ({ transport, port }: PortPlace): string => `${port}/${transport.toUpperCase()}`;
const list = (names: readonly string[]): string => listText(names, 'de');
const routerName = (name: string): string => (name === '' ? 'Der Router' : name);
const programName = (name: string): string => (name === '' ? 'Ein Programm' : `„${name}“`);
const inPlace = (where: string): string => (where === '' ? '' : ` (${where})`);

const fine = (what: string) => ({ what, why: '', todo: '' });

function turnOn(menu: RouterKey | undefined, otherwise: string): string {
  if (menu === undefined) return otherwise;
  const { maker, on } = routerMenu(menu);
  return `Schalte es in den Einstellungen des Routers ein. ${maker}: ${on.de}.`;
}

function permit(menu: RouterKey | undefined): string {
  const known = menu === undefined ? undefined : routerMenu(menu);
  const place = known?.allow ?? known?.on;
  return known === undefined || place === undefined
    ? 'Suche in den Einstellungen des Routers nach UPnP und erlaube Programmen oder diesem Computer, Ports zu öffnen.'
    : `Erlaube es in den Einstellungen des Routers. ${known.maker}: ${place.de}.`;
}

export const FINDINGS_DE: FindingCatalogue = {
  problem: ({ problem }) => explain(problem, 'de'),
  'not-checked': () => ({
    what: 'Das ließ sich nicht prüfen.',
    why: 'Die Prüfung ist fehlgeschlagen oder hat zu lange gedauert.',
    todo: 'Prüfe erneut.',
  }),

  connected: ({ interfaceName, address, router }) =>
    fine(`Über ${interfaceName}${address === undefined ? '' : ` (${address})`} mit ${router} verbunden.`),
  'no-router': ({ interfaces }) => ({
    what: 'Dieser Computer hat keinen Standardrouter.',
    why: `Er ist verbunden (${list(interfaces)}), kennt aber keinen Weg ins Internet.`,
    todo: 'Stelle die Netzwerkverbindung auf automatisch (DHCP) oder trage dort die Adresse des Routers ein.',
  }),
  'no-dhcp': ({ interfaceName, address }) => ({
    what: `Dieser Computer hat an ${interfaceName} keine Adresse bekommen.`,
    why: `${address} hat er sich selbst gegeben, weil ihm kein Router eine zugewiesen hat.`,
    todo: 'Prüfe Kabel oder WLAN-Passwort und starte dann den Router neu.',
  }),

  'no-adapters': () => fine('Kein VPN und kein virtueller Adapter ist im Weg.'),
  'idle-adapters': ({ names }) => fine(`Nicht im Weg: ${list(names)}.`),
  'vpn-is-default': ({ interfaceName }) => ({
    what: `Der gesamte Datenverkehr läuft über ein VPN (${interfaceName}).`,
    why: 'Verbindungen aus dem Internet kommen beim Router an, die Antworten gehen aber über das VPN hinaus.',
    todo: 'Trenne das VPN oder nimm dein Programm davon aus. Bietet das VPN Portweiterleitung an, schalte sie dort ein.',
  }),
  'virtual-router': ({ router, maker }) => ({
    what: `Dieser Computer ist eine virtuelle Maschine hinter einem virtuellen Router (${maker}).`,
    why: `${router} gehört zu ${maker}, nicht zu deinem Heimnetz, und leitet keine Ports weiter.`,
    todo: 'Stelle das Netzwerk der virtuellen Maschine von NAT auf „Netzwerkbrücke“ um.',
  }),

  'search-passes': () => fine('Nichts auf diesem Computer blockiert die Suche nach Routern.'),
  'answers-blocked': ({ firewall, where, protocols }) => ({
    what: 'Die Firewall dieses Computers blockiert die Antworten des Routers.',
    why: `${firewall}${inPlace(where)} verwirft Antworten über ${list(protocols)}.`,
    todo: 'Erlaube eingehendes UDP von den Ports 1900 und 5351 des Routers und prüfe dann erneut.',
  }),

  protocols: ({ gateway, answered, silent }) =>
    fine(
      `${routerName(gateway)} antwortet über ${list(answered)}${silent.length === 0 ? '' : `, nicht über ${list(silent)}`}.`,
    ),
  'port-control-off': ({ router, menu }) => ({
    what: `Dein Router (${router}) lässt Programme keine Ports öffnen.`,
    why: 'UPnP, NAT-PMP und PCP sind ausgeschaltet oder werden nicht unterstützt.',
    todo: turnOn(menu, `Öffne http://${router}/ und schalte UPnP ein (manchmal unter NAT, Firewall oder Heimnetz).`),
  }),

  'one-gateway': ({ gateway }) => fine(`${routerName(gateway)} ist hier der einzige Router.`),
  'several-gateways': ({ gateway, others }) => ({
    what: `Hier gibt es mehrere Router: ${list(gateway === '' ? others : [gateway, ...others])}.`,
    why:
      gateway === ''
        ? 'Keiner davon ist der Standardrouter.'
        : `${gateway} ist der Standardrouter. Portkeeper verwendet ihn.`,
    todo: 'Willst du einen anderen verwenden, trage seine Adresse in den Einstellungen ein.',
  }),

  'public-address': ({ gateway, external, isConfirmed }) =>
    fine(
      isConfirmed
        ? `${routerName(gateway)} hat die öffentliche IP-Adresse ${external}, auch vom Internet aus gesehen.`
        : `${routerName(gateway)} hat die öffentliche IP-Adresse ${external}.`,
    ),
  'double-nat': ({ gateway, external, upstream }) => ({
    what: 'Doppeltes NAT: Vor deinem Router steht ein weiterer.',
    why: [
      ...(external === undefined ? [] : [`${routerName(gateway)} hat die private Adresse ${external}.`]),
      ...(upstream === undefined ? [] : [`Der vorgeschaltete Router ist ${upstream.address}.`]),
      ...(upstream === undefined || upstream.protocols.length === 0
        ? []
        : [`Er antwortet über ${list(upstream.protocols)}.`]),
    ].join(' '),
    todo:
      upstream === undefined || upstream.protocols.length === 0
        ? `Stelle den vorderen Router auf Bridge-Modus um oder leite die Ports auch dort weiter, an ${external ?? 'deinen Router'}.`
        : 'Lass Portkeeper deine Ports auch auf dem vorderen Router öffnen, oder stelle ihn auf Bridge-Modus um.',
  }),
  'carrier-nat': ({ gateway, shared, isNext }) => ({
    what: 'Dein Internetanbieter teilt eine öffentliche Adresse unter mehreren Kunden auf (CGNAT).',
    why: isNext
      ? `${routerName(gateway)} meldet keine öffentliche Adresse, und der nächste Router des Anbieters ist ${shared}: Adressen aus 100.64.0.0/10 sind für geteilte Anschlüsse reserviert.`
      : `${routerName(gateway)} hat die Adresse ${shared}, die für geteilte Anschlüsse reserviert ist (100.64.0.0/10). Aus dem Internet ist sie nicht erreichbar.`,
    todo: 'Bitte deinen Anbieter um eine öffentliche IPv4-Adresse oder verwende IPv6.',
  }),
  'unusable-address': ({ gateway, external, scope }) => ({
    what: `${routerName(gateway)} hat keine Adresse, die aus dem Internet erreichbar ist.`,
    why: `${external} ist reserviert (${scope}).`,
    todo: 'Prüfe die Internetverbindung des Routers oder frage deinen Anbieter.',
  }),
  'stun-silent': ({ server }) => ({
    what: `Der STUN-Server ${server} hat nicht geantwortet.`,
    why: 'Vielleicht stimmt sein Name nicht, oder etwas blockiert UDP unterwegs.',
    todo: 'Prüfe ihn in den Einstellungen oder wähle einen anderen.',
  }),
  'other-address': ({ gateway, external, seen }) => ({
    what: 'Vor deinem Router steht ein weiteres NAT.',
    why: `${routerName(gateway)} meldet ${external}, das Internet sieht aber ${seen}.`,
    todo: 'Bitte deinen Anbieter um eine öffentliche IPv4-Adresse oder suche nach einem weiteren Router vor deinem.',
  }),

  'nothing-wanted': () => fine('Es soll kein Port offen sein.'),
  'trial-opened': ({ gateway, port }) =>
    fine(`${routerName(gateway)} hat zum Test einen Port geöffnet (${port}) und wieder geschlossen.`),
  open: ({ count }) => fine(count === 1 ? '1 Port ist offen.' : `${count} Ports sind offen.`),
  'under-way': ({ count }) => ({
    what: count === 1 ? '1 Port ist noch nicht offen.' : `${count} Ports sind noch nicht offen.`,
    why: 'Der Router hat bisher weder zugesagt noch abgelehnt.',
    todo: 'Prüfe gleich noch einmal.',
  }),
  paused: () => ({
    what: 'Portkeeper ist pausiert.',
    why: 'Alle Ports sind geschlossen, bis du fortsetzt.',
    todo: 'Setze im Menü des Infobereichs oder im Fenster fort.',
  }),
  'not-running': ({ count }) => ({
    what: 'Portkeeper läuft nicht.',
    why: `${count === 1 ? '1 Profil ist' : `${count} Profile sind`} eingeschaltet, aber nichts hält die Ports offen.`,
    todo: 'Starte die App oder führe aus: portkeeper serve',
  }),
  'writing-off': ({ gateway, code, menu }) => ({
    what: `${routerName(gateway)} gibt Programmen Auskunft, lässt sie aber keine Ports öffnen (${code}).`,
    why: 'Ports zu öffnen ist eine eigene Berechtigung, und diesem Computer fehlt sie.',
    todo: permit(menu),
  }),

  listens: ({ places }) =>
    fine(
      places.length === 1
        ? `${programName(places[0]?.program ?? '')} wartet an Port ${places.map(portText).join('')}.`
        : `Programme warten an den Ports ${list(places.map(portText))}.`,
    ),
  'nothing-listens': (place) => ({
    what: `Kein Programm wartet an Port ${portText(place)}.`,
    why: 'Der Router leitet Verbindungen an diesen Computer weiter, aber hier antwortet niemand.',
    todo: 'Starte dein Programm und prüfe, welchen Port es verwendet.',
  }),
  'loopback-only': ({ address, program, ...place }) => ({
    what: `${programName(program)} wartet an Port ${portText(place)} nur auf diesen Computer selbst.`,
    why: `Es ist an ${address} gebunden. Andere Geräte erreichen diese Adresse nicht.`,
    todo: 'Ändere in den Einstellungen des Programms die Adresse, an der es wartet, auf 0.0.0.0 (alle Adressen) und starte es neu.',
  }),
  'other-transport': ({ program, ...place }) => ({
    what: `Kein Programm wartet an Port ${portText(place)}.`,
    why: `${programName(program)} verwendet denselben Port über ${place.transport === 'tcp' ? 'UDP' : 'TCP'}.`,
    todo: `Ändere die Freigabe auf ${place.transport === 'tcp' ? 'UDP' : 'TCP'} oder auf beides.`,
  }),
  'other-interface': ({ address, program, ...place }) => ({
    what: `${programName(program)} wartet an Port ${portText(place)} nur unter ${address}.`,
    why: 'Der Router leitet an eine andere Adresse dieses Computers weiter.',
    todo: 'Ändere in den Einstellungen des Programms die Adresse, an der es wartet, auf 0.0.0.0 (alle Adressen) und starte es neu.',
  }),
  'device-refuses': ({ client, ...place }) => ({
    what: `Kein Programm wartet an Port ${portText(place)} von ${client}.`,
    why: 'Das Gerät ist da und lehnt die Verbindung ab.',
    todo: 'Starte das Programm auf diesem Gerät und prüfe, welchen Port es verwendet.',
  }),
  'device-silent': ({ client, ...place }) => ({
    what: `${client} antwortet nicht an Port ${portText(place)}.`,
    why: 'Das Gerät ist vielleicht aus, hat inzwischen eine andere Adresse oder eine Firewall.',
    todo: 'Prüfe, ob das Gerät eingeschaltet ist und noch diese Adresse hat.',
  }),
  'programs-unknown': () => ({
    what: 'Ob ein Programm wartet, lässt sich nicht feststellen.',
    why: 'Das System sagt es nicht, oder die Freigabe führt über UDP zu einem anderen Gerät.',
    todo: '',
  }),

  'no-firewall': () => fine('Soweit sichtbar, ist keine Firewall eingeschaltet.'),
  'firewall-lets-in': ({ firewall }) => fine(`Die Firewall (${firewall}) lässt Verbindungen herein.`),
  'firewall-blocks': ({ firewall, where, ...place }) => ({
    what: `Die Firewall dieses Computers blockiert Port ${portText(place)}.`,
    why: `${firewall}${inPlace(where)} lässt keine Verbindung aus dem Internet herein.`,
    todo: firewallHelp(firewall, place),
  }),
  'firewall-unclear': ({ firewall }) => ({
    what: `Eine Firewall ist eingeschaltet (${firewall}).`,
    why: 'Ihre Regeln sind ohne Administratorrechte nicht lesbar.',
    todo: 'Wenn sich niemand verbinden kann, prüfe, ob sie dein Programm zulässt.',
  }),

  'hairpin-works': ({ external, port }) => fine(`Dieser Computer erreicht sich selbst unter ${external}:${port}.`),
  'hairpin-missing': ({ external, port }) => ({
    what: `Dieser Computer erreicht sich selbst unter ${external}:${port} nicht.`,
    why: 'Viele Router leiten Verbindungen nicht zurück ins Heimnetz. Von außen kann es trotzdem funktionieren.',
    todo: 'Teste von außen, etwa mit einem Handy über Mobilfunk. Verwende zu Hause die interne Adresse.',
  }),

  'ipv6-none': () => fine('Dieser Computer hat keine öffentliche IPv6-Adresse.'),
  'ipv6-ready': ({ address }) =>
    fine(`Öffentliche IPv6-Adresse ${address}. Der Router öffnet seine IPv6-Firewall auf Anfrage.`),
  'ipv6-closed': ({ address }) => ({
    what: 'Der Router lässt Programme seine IPv6-Firewall nicht öffnen.',
    why: `Dieser Computer hat die öffentliche IPv6-Adresse ${address}, der Router bietet aber keinen Weg, Verbindungen hereinzulassen.`,
    todo: 'Erlaube es in den Einstellungen des Routers (oft „IPv6-Firewall“ oder „IPv6-Freigaben“) oder verwende IPv4.',
  }),

  'leases-fine': () => fine('Nichts Ungewöhnliches.'),
  'clock-wrong': () => ({
    what: 'Die Uhr dieses Computers geht falsch.',
    why: 'Sie zeigt eine Zeit, zu der es diese Version von Portkeeper noch nicht gab.',
    todo: 'Schalte in den Systemeinstellungen die automatische Uhrzeit ein.',
  }),
  restarted: ({ gateway, at }) => ({
    what: `${routerName(gateway)} hat um ${clockTime(at, 'de')} neu gestartet oder seine offenen Ports verloren.`,
    why: 'Portkeeper öffnet sie erneut. Passiert es oft, ist der Router oder seine Verbindung instabil.',
    todo: 'Passiert es wieder, aktualisiere die Software des Routers.',
  }),
  remembered: ({ gateway, traits }) =>
    fine(
      `Portkeeper hat für ${routerName(gateway)} ${traits.length === 1 ? '1 Anpassung' : `${traits.length} Anpassungen`} gelernt.`,
    ),
};

function firewallHelp(firewall: string, { transport, port }: PortPlace): string {
  switch (firewall) {
    case 'ufw':
      return `Erlaube es: sudo ufw allow ${port}/${transport}`;
    case 'firewalld':
      return `Erlaube es: sudo firewall-cmd --add-port=${port}/${transport} --permanent, dann sudo firewall-cmd --reload`;
    case 'macOS':
      return 'Erlaube dein Programm unter Systemeinstellungen > Netzwerk > Firewall > Optionen.';
    case 'nftables':
      return `Füge eine Regel hinzu, die es annimmt, etwa: ${transport} dport ${port} accept`;
    default:
      return 'Erlaube dein Programm in den Einstellungen der Firewall.';
  }
}
