/** Names that follow the public address: who keeps them, and how it goes. */
import type { OwnAddresses } from './snapshot.ts';
import type { EpochMs } from './units.ts';

/** Input and abilities of a provider of dynamic DNS. */
export interface DnsProvider {
  /** A name of its own, the same in every language. */
  readonly label: string;
  /** Where it is asked; absent where the person says so. What is secret is bound to it. */
  readonly server?: string;
  readonly needsUser: boolean;
  /** The detail that is kept secret: see `secret.set`. */
  readonly secret: 'password' | 'token' | 'url';
  readonly ipv6: boolean;
}

/** Sources: each provider's own description of its updates, and ddclient 4 where there is none. */
export const DNS_PROVIDERS = {
  desec: {
    label: 'deSEC (dedyn.io)',
    server: 'https://update.dedyn.io/',
    needsUser: false,
    secret: 'token',
    ipv6: true,
  },
  duckdns: {
    label: 'Duck DNS',
    server: 'https://www.duckdns.org/update',
    needsUser: false,
    secret: 'token',
    ipv6: true,
  },
  cloudflare: {
    label: 'Cloudflare',
    server: 'https://api.cloudflare.com/client/v4/',
    needsUser: false,
    secret: 'token',
    ipv6: true,
  },
  'no-ip': {
    label: 'No-IP',
    server: 'https://dynupdate.no-ip.com/nic/update',
    needsUser: true,
    secret: 'password',
    ipv6: true,
  },
  dynu: { label: 'Dynu', server: 'https://api.dynu.com/nic/update', needsUser: true, secret: 'password', ipv6: true },
  dyn: {
    label: 'Dyn',
    server: 'https://members.dyndns.org/v3/update',
    needsUser: true,
    secret: 'password',
    ipv6: true,
  },
  'dy-fi': { label: 'dy.fi', server: 'https://www.dy.fi/nic/update', needsUser: true, secret: 'password', ipv6: false },
  he: {
    label: 'Hurricane Electric',
    server: 'https://dyn.dns.he.net/nic/update',
    needsUser: false,
    secret: 'password',
    ipv6: false,
  },
  ovh: {
    label: 'OVHcloud',
    server: 'https://www.ovh.com/nic/update',
    needsUser: true,
    secret: 'password',
    ipv6: false,
  },
  strato: {
    label: 'STRATO',
    server: 'https://dyndns.strato.com/nic/update',
    needsUser: true,
    secret: 'password',
    ipv6: true,
  },
  /** Any other that speaks the protocol that Dyn began, at `dnsServer`. */
  dyndns2: { label: 'dyndns2', needsUser: true, secret: 'password', ipv6: true },
  /** An address of the web that is asked, with what is in braces filled in: it is secret as a whole. */
  url: { label: 'URL', needsUser: false, secret: 'url', ipv6: true },
} as const satisfies Readonly<Record<string, DnsProvider>>;

export type DnsProviderId = keyof typeof DNS_PROVIDERS;
export const DNS_PROVIDER_IDS = Object.keys(DNS_PROVIDERS).filter((id): id is DnsProviderId => id in DNS_PROVIDERS);

/** Required before anything is sent. `https`: the secret would travel unencrypted. */
export type MissingDetail = 'name' | 'user' | 'server' | 'secret' | 'https';

/** Nothing is sent until the person changes something: what the provider said. */
export const DNS_REFUSALS = [
  'credentials',
  'no-such-name',
  'bad-name',
  'too-many-names',
  'blocked',
  'not-included',
  'client',
  'address',
] as const;
export type DnsRefusal = (typeof DNS_REFUSALS)[number];

/** It is tried again: `unreachable`, `silent`, `server` is its own trouble, `busy` asks for a pause, `garbled` is not
 * understood; `locked` and `elsewhere` are about the secret. */
export const DNS_DELAYS = ['unreachable', 'silent', 'server', 'busy', 'garbled', 'locked', 'elsewhere'] as const;
export type DnsDelay = (typeof DNS_DELAYS)[number];

/** The name by which others reach this connection, and how it is kept up to date. */
export interface NameView {
  /** Empty while it is missing. */
  readonly name: string;
  readonly provider: DnsProviderId | 'none';
  /** `given`: the person keeps it. `waiting`: there is no public address, or this is not a network of theirs. */
  readonly at: 'given' | 'incomplete' | 'waiting' | 'updating' | 'current' | 'retrying' | 'refused';
  readonly missing?: MissingDetail;
  /** As the provider has confirmed. */
  readonly pointsTo: OwnAddresses;
  /** When the latest confirmed update was made. */
  readonly updatedAt?: EpochMs;
  readonly nextAt?: EpochMs;
  /** Where the secret is kept. */
  readonly secret: 'system' | 'file' | 'none';
}

/** May a secret be sent there? Nobody listens in on this computer, or over https. */
export function isPrivateUrl(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return (
    protocol === 'https:' || (protocol === 'http:' && /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname))
  );
}
