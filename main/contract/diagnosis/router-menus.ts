/**
 * Where routers' settings pages have the switches that let programs open ports: the menu's own names, by maker. Only what
 * its `source` says is here; more is welcome, with a source.
 */
import type { Catalogue } from '../words/catalogues.ts';

export interface RouterMenu {
  /** As people call it. */
  readonly maker: string;
  /** In a friendly name, a model, a page's title or a name in the home's DNS. */
  readonly match: RegExp;
  /** Where to turn it on, as the pages have it in each language. */
  readonly on: Catalogue<string>;
  /** Where a device is allowed to open ports itself, where that is another switch. */
  readonly allow?: Catalogue<string>;
  readonly source: readonly string[];
}

export const ROUTER_MENUS = {
  fritzbox: {
    maker: 'FRITZ!Box',
    match: /fritz[!.]?\s?box|^fritz$|\bAVM\b/i,
    on: {
      en: 'Home Network > Network > Network Settings: “Transmit status information over UPnP”',
      de: 'Heimnetz > Netzwerk > Netzwerkeinstellungen: „Statusinformationen über UPnP übertragen“',
    },
    allow: {
      en: 'Internet > Permit Access > Port Sharing: choose this computer and permit independent port sharing',
      de: 'Internet > Freigaben > Portfreigaben: diesen Computer wählen und selbstständige Portfreigaben erlauben',
    },
    source: [
      'https://service.avm.de/help/en/FRITZ-Box-7530/019p2/hilfe_portfreigabe',
      'https://avm.de/service/fritzbox/fritzbox-6430-cable/wissensdatenbank/publication/show/894_Automatische-Portfreigaben-einrichten/',
      'https://www.computerbild.de/artikel/cb-Tipps-DSL-WLAN-FritzBox-UPnP-aktivieren-31506507.html',
    ],
  },
  asus: {
    maker: 'ASUS',
    match: /\basus|\b(?:rt|gt)-(?:a[cx]|be)\d|zenwifi/i,
    on: {
      en: 'Advanced Settings > WAN > Internet Connection: “Enable UPnP”',
      de: 'Erweiterte Einstellungen > WAN > Internetverbindung: UPnP',
    },
    source: [
      'https://github.com/zmoox/ASUS_KPN_IPTV',
      'https://github.com/RMerl/asuswrt-merlin.ng/blob/master/release/src/router/www/DE.dict',
    ],
  },
  google: {
    maker: 'Google Nest Wifi',
    match: /google\s?wifi|nest\s?wifi|\bonhub\b/i,
    on: {
      en: 'Google Home app > Favorites > Wi-Fi > Settings > Advanced networking: UPnP',
      de: 'Google Home App > Favoriten > WLAN > Einstellungen > Erweiterte Netzwerkeinstellungen: UPnP',
    },
    source: ['https://support.google.com/wifi/answer/6274337'],
  },
  verizon: {
    maker: 'Verizon Fios',
    match: /verizon|\bfios\b|actiontec|\bmi424/i,
    on: {
      en: 'Advanced > Universal Plug and Play: “Allow Other Network Users to Control Wireless Broadband Router’s Network Features”',
      de: 'Advanced > Universal Plug and Play: „Allow Other Network Users to Control Wireless Broadband Router’s Network Features“',
    },
    source: ['https://www.manualsdir.com/manuals/36589/actiontec-electronic-mi424-wr.html?page=121'],
  },
  arris: {
    maker: 'ARRIS SURFboard',
    match: /\barris\b|surfboard/i,
    on: {
      en: 'SURFboard Central app > My Network > Network Management > Network Settings > General Setting: UPnP',
      de: 'SURFboard-Central-App > My Network > Network Management > Network Settings > General Setting: UPnP',
    },
    source: [
      'https://arris.my.salesforce-sites.com/consumers/articles/General_FAQs/SURFBoard-Central-UPnP-Setup/?l=en_US&fs=RelatedArticle',
    ],
  },
  'tp-link': {
    maker: 'TP-Link',
    match: /tp-?link|\barcher\b/i,
    on: { en: 'Advanced > NAT Forwarding > UPnP', de: 'Advanced > NAT Forwarding > UPnP' },
    source: ['https://community.tp-link.com/us/home/kb/detail/348'],
  },
  netgear: {
    maker: 'NETGEAR',
    match: /netgear|nighthawk/i,
    on: {
      en: 'ADVANCED > Advanced Setup > UPnP: “Turn UPnP On”',
      de: 'ADVANCED > Advanced Setup > UPnP: „Turn UPnP On“',
    },
    source: ['https://www.easymanua.ls/netgear/wndr4500/manual?p=107'],
  },
  mikrotik: {
    maker: 'MikroTik',
    match: /mikrotik|routeros|routerboard/i,
    on: {
      en: 'IP > UPnP: “enabled”, with one external and one internal interface (/ip upnp set enabled=yes)',
      de: 'IP > UPnP: „enabled“, mit einer externen und einer internen Schnittstelle (/ip upnp set enabled=yes)',
    },
    source: ['https://www.pulumi.com/registry/packages/routeros/api-docs/ipupnp'],
  },
  openwrt: {
    maker: 'OpenWrt',
    match: /openwrt|\bluci\b/i,
    on: {
      en: 'Services > UPnP (package luci-app-upnp), or “option enabled 1” in /etc/config/upnpd',
      de: 'Dienste > UPnP (Paket luci-app-upnp) oder „option enabled 1“ in /etc/config/upnpd',
    },
    allow: {
      en: '/etc/config/upnpd: the perm_rule entries say which ports devices may open',
      de: '/etc/config/upnpd: Die Einträge perm_rule legen fest, welche Ports Geräte öffnen dürfen',
    },
    source: [
      'https://github.com/openwrt/luci/blob/master/applications/luci-app-upnp/root/usr/share/luci/menu.d/luci-app-upnp.json',
      'https://openwrt.org/docs/guide-user/firewall/upnp/miniupnpd',
    ],
  },
  opnsense: {
    maker: 'OPNsense',
    match: /opnsense/i,
    on: {
      en: 'Services > UPnP IGD & PCP > Settings (plugin os-upnp)',
      de: 'Services > UPnP IGD & PCP > Settings (Plugin os-upnp)',
    },
    source: [
      'https://github.com/opnsense/plugins/blob/master/net/upnp/src/opnsense/mvc/app/models/OPNsense/UPnP/Menu/Menu.xml',
    ],
  },
  pfsense: {
    maker: 'pfSense',
    match: /pfsense|netgate/i,
    on: { en: 'Services > UPnP & NAT-PMP', de: 'Services > UPnP & NAT-PMP' },
    allow: {
      en: 'Services > UPnP & NAT-PMP: “Default Deny” and the ACL entries say who may open ports',
      de: 'Services > UPnP & NAT-PMP: „Default Deny“ und die ACL-Einträge sagen, wer Ports öffnen darf',
    },
    source: ['https://docs.netgate.com/pfsense/en/latest/services/upnp.html'],
  },
  zyxel: {
    maker: 'Zyxel',
    match: /zyxel|\bnbg-?\d/i,
    on: {
      en: 'Management > UPnP: “Enable the Universal Plug and Play (UPnP) Feature”',
      de: 'Management > UPnP: „Enable the Universal Plug and Play (UPnP) Feature“',
    },
    allow: {
      en: 'Management > UPnP: “Allow users to make port forwarding changes through UPnP”',
      de: 'Management > UPnP: „Allow users to make port forwarding changes through UPnP“',
    },
    source: ['https://manualsdump.com/en/manuals/zyxel_communications-nbg4115/126887/171'],
  },
} as const satisfies Readonly<Record<string, RouterMenu>>;

export type RouterKey = keyof typeof ROUTER_MENUS;

export const routerMenu = (key: RouterKey): RouterMenu => ROUTER_MENUS[key];

const KEYS = Object.keys(ROUTER_MENUS) as readonly RouterKey[];

/** The maker whose menus a router has, by its names; nothing when none of them is known. */
export function routerKeyOf(names: readonly string[]): RouterKey | undefined {
  return KEYS.find((key) => names.some((name) => routerMenu(key).match.test(name.slice(0, 300))));
}
