/** The homes that the lab can make: what their gateway can do, and where it stands. */

export const FLAVOURS = [
  'igd2',
  'igd1',
  'upnp-only',
  'pxp-only',
  'openwrt',
  'private-wan',
  'cgnat-wan',
  'double-nat',
  'two-routers',
  'ipv6',
] as const;
export type Flavour = (typeof FLAVOURS)[number];

export function isFlavour(text: string): text is Flavour {
  return FLAVOURS.some((flavour) => flavour === text);
}

/** Options for a gateway's miniupnpd; see miniupnpd.conf. */
export interface DaemonSettings {
  readonly upnp: boolean;
  /** NAT-PMP, and PCP with it. */
  readonly pxp: boolean;
  readonly igd1: boolean;
  /** A host may map for itself only. */
  readonly secure: boolean;
  readonly rules: readonly string[];
  /** PCP's THIRD_PARTY option: a host may map for another. */
  readonly thirdParty: boolean;
  /** `ext_ip`: the public address when that of `wan0` is not (double NAT). */
  readonly externalAddress?: string;
  /** A private address that `lan0` has beside its own, where that looks public: miniupnpd serves on no other. */
  readonly listensAt?: string;
}

export interface Wan {
  readonly address: string;
  readonly gateway: string;
  readonly prefix: number;
}

export interface FlavourPlan {
  /** One line for people. */
  readonly about: string;
  readonly daemon: DaemonSettings;
  readonly wan: Wan;
  readonly ipv6: boolean;
  /** A second gateway between the first and the internet. */
  readonly upstream?: DaemonSettings;
}

/** Addresses that look public and do not leave the namespaces: miniupnpd refuses to map on reserved ones. */
export const PUBLIC_WAN: Wan = { address: '11.22.33.44', gateway: '11.22.33.1', prefix: 24 };
export const LAN = {
  network: '192.168.71.0/24',
  gateway: '192.168.71.1',
  client: '192.168.71.10',
  other: '192.168.71.11',
};
/** Between the two gateways of a double NAT. */
export const MIDDLE: Wan = { address: '192.168.8.2', gateway: '192.168.8.1', prefix: 24 };
export const LAN6 = {
  network: '2a0d:c0de:71::/64',
  gateway: '2a0d:c0de:71::1',
  client: '2a0d:c0de:71::10',
  other: '2a0d:c0de:71::11',
  /** As router advertisements have it: the next hop is a link-local address. */
  router: 'fe80::1',
};
export const WAN6 = { address: '2a0d:c0de:1::44', gateway: '2a0d:c0de:1::1' };

export const UNRESTRICTED: DaemonSettings = {
  upnp: true,
  pxp: true,
  igd1: false,
  secure: false,
  rules: [],
  thirdParty: true,
};
const plain = { wan: PUBLIC_WAN, ipv6: false };

export const PLANS: Readonly<Record<Flavour, FlavourPlan>> = {
  igd2: { ...plain, about: 'UPnP IGD 2, NAT-PMP and PCP, no restrictions', daemon: UNRESTRICTED },
  igd1: {
    ...plain,
    about: 'UPnP IGD 1 only: WANIPConnection:1, no NAT-PMP, no PCP',
    daemon: { ...UNRESTRICTED, igd1: true, pxp: false },
  },
  'upnp-only': { ...plain, about: 'UPnP IGD 2, no NAT-PMP, no PCP', daemon: { ...UNRESTRICTED, pxp: false } },
  'pxp-only': { ...plain, about: 'NAT-PMP and PCP, no UPnP', daemon: { ...UNRESTRICTED, upnp: false } },
  openwrt: {
    ...plain,
    about: "OpenWrt's default: all protocols, secure mode, ports 1024-65535 only",
    daemon: {
      ...UNRESTRICTED,
      secure: true,
      thirdParty: false,
      rules: [`allow 1024-65535 ${LAN.network} 1024-65535`, 'deny 0-65535 0.0.0.0/0 0-65535'],
    },
  },
  'private-wan': {
    ...plain,
    about: 'all protocols, but the WAN address is private: every mapping is refused',
    daemon: UNRESTRICTED,
    wan: MIDDLE,
  },
  'cgnat-wan': {
    ...plain,
    about: "all protocols, but the WAN address is the provider's shared 100.64/10: every mapping is refused",
    daemon: UNRESTRICTED,
    wan: { address: '100.64.5.6', gateway: '100.64.5.1', prefix: 24 },
  },
  'double-nat': {
    about:
      'two gateways in a row; the inner one knows the public address (ext_ip) and maps, the outer one does not know of it',
    daemon: { ...UNRESTRICTED, externalAddress: PUBLIC_WAN.address },
    wan: MIDDLE,
    ipv6: false,
    upstream: UNRESTRICTED,
  },
  'two-routers': {
    about:
      'two gateways in a row; the inner one reports its own address, which looks public; the outer one has UPnP only, secure mode',
    daemon: UNRESTRICTED,
    wan: { address: '11.55.66.2', gateway: '11.55.66.1', prefix: 24 },
    ipv6: false,
    upstream: { ...UNRESTRICTED, pxp: false, secure: true, listensAt: MIDDLE.gateway },
  },
  ipv6: {
    ...plain,
    about: 'all protocols, IPv4 and IPv6, with WANIPv6FirewallControl and PCP over IPv6',
    daemon: UNRESTRICTED,
    ipv6: true,
  },
};
