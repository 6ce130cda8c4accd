/**
 * Settings for everything. Every member has a default; unknown members are dropped, bad ones refused.
 *
 * `onQuit`, `lease`, `paused`, approved networks and what concerns windows only take effect at once. `protocol`, `gateway`,
 * `upstreamRouter` and `exceptInterfaces` say where and how to look for routers: for these the App closes what is open,
 * ends its engine and automatically begins a new one on the same journal.
 */
import * as v from 'valibot';
import { familyOf, parseIp } from './address.ts';
import { AddressSchema } from './checked.ts';
import { DNS_PROVIDER_IDS, isPrivateUrl } from './dynamic-dns.ts';
import { says } from './fault-reasons.ts';
import { parseProbePlace, parseTester } from './probe.ts';

/** A name or a part of one, an address, an interface: short, one line. */
const OneLine = v.pipe(
  v.string(),
  v.trim(),
  v.nonEmpty(),
  v.maxLength(200),
  v.regex(/^[^\p{Cc}]*$/u, says('one-line')),
);

/** Longer than any that is typed. */
const LONGEST_COMMAND = 1000;

const ProgramText = v.pipe(
  v.string(),
  v.trim(),
  v.maxLength(LONGEST_COMMAND),
  v.regex(/^[^\p{Cc}]*$/u, says('one-line')),
  v.check((text) => programOf(text) !== undefined, says('program-line')),
);

const RouterPlace = v.pipe(OneLine, v.check(isRouterPlace, says('router-place')));

const UpstreamRouter = v.pipe(
  AddressSchema,
  v.check((address) => familyOf(address) === 'ipv4', says('ip-address')),
);

/** Over http, anyone on the way could answer in a port checker's place. */
const TesterPlace = v.pipe(
  OneLine,
  v.check((text) => {
    const tester = parseTester(text);
    return tester?.is === 'server' || (tester !== undefined && isPrivateUrl(tester.url));
  }, says('tester-place')),
);

const ProbeServer = v.pipe(
  OneLine,
  v.check((text) => parseProbePlace(text) !== undefined, says('probe-place')),
);

/** As DNS has it: letters of other scripts are written by whoever types them as `xn--` (RFC 5891). */
const HostName = v.pipe(
  OneLine,
  v.toLowerCase(),
  v.regex(/^(?=.{4,253}$)(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+[a-z][a-z\d-]{0,61}[a-z\d]$/, says('host-name')),
);

const DnsServer = v.pipe(OneLine, v.check(isDnsServer, says('dns-server')));

const PROBE_INTERVALS = ['never', '10min', 'hour', 'day'] as const;

/** Networks that a person trusts. */
export const MOST_APPROVED = 64;

const ApprovedNetwork = v.strictObject({
  /** See contract/model. */
  key: OneLine,
  /** The router's name, as the person knows it. */
  name: OneLine,
});

export const SettingsSchema = v.object({
  /** What happens to open ports when Portkeeper quits. */
  onQuit: v.optional(v.picklist(['close', 'keep']), 'close'),
  protocol: v.optional(v.picklist(['auto', 'upnp', 'pcp', 'natpmp']), 'auto'),
  /** Only this router: its address, or the URL of its description. */
  gateway: v.optional(v.nullable(RouterPlace), null),
  /** For double NAT: the address of the router in front of the home's, on which ports are opened too. */
  upstreamRouter: v.optional(v.nullable(UpstreamRouter), null),
  /** Interfaces to leave out, by name. */
  exceptInterfaces: v.optional(v.pipe(v.array(OneLine), v.maxLength(64)), []),
  /** Seconds that routers are asked for, unless a forward says otherwise; `null` for the protocol's own. */
  lease: v.optional(v.nullable(v.pipe(v.number(), v.integer(), v.minValue(60), v.maxValue(604_800))), null),
  /** Everything closed, whatever the profiles' switches say. */
  paused: v.optional(v.boolean(), false),
  language: v.optional(v.picklist(['system', 'en', 'de']), 'system'),
  theme: v.optional(v.picklist(['system', 'light', 'dark']), 'system'),
  notifications: v.optional(v.picklist(['problems', 'all', 'none']), 'problems'),
  /** In the background, when the person logs in. */
  startAtLogin: v.optional(v.boolean(), false),
  /** Ask now and then whether there is a newer version. */
  checkForUpdates: v.optional(v.boolean(), true),
  /** Ports are opened on {@link approvedNetworks} only. */
  onlyApprovedNetworks: v.optional(v.boolean(), false),
  approvedNetworks: v.optional(v.pipe(v.array(ApprovedNetwork), v.maxLength(MOST_APPROVED)), []),
  /** Tester from outside: `HOST` or `HOST:PORT` of a `portkeeper probe-server`, or a port checker's web address with
   * `{port}`. Nobody is asked without. */
  probeServer: v.optional(v.nullable(TesterPlace), null),
  /** How often open ports are tested; else when a person asks for it. */
  probeEvery: v.optional(v.picklist(PROBE_INTERVALS), 'never'),
  /** Asked, in a check, which address the internet sees: `HOST` or `HOST:PORT` of a STUN server. Nobody without. */
  stunServer: v.optional(v.nullable(ProbeServer), null),
  /** Path of the file with the secret that the probe server wants. */
  probeSecretFile: v.optional(v.nullable(v.pipe(v.string(), v.trim(), v.nonEmpty(), v.maxLength(1000))), null),
  /**
   * A program that runs when the public address changes: its full path and arguments, see {@link programOf}. Never taken
   * from a file that is imported, or from a browser.
   */
  addressCommand: v.optional(v.nullable(ProgramText), null),
  /** Provider that keeps {@link dnsName} pointing here; `none`: somebody else does, such as the router. */
  dynamicDns: v.optional(v.picklist(['none', ...DNS_PROVIDER_IDS]), 'none'),
  /** Name by which others reach this connection; given to friends in the place of the address. */
  dnsName: v.optional(v.nullable(HostName), null),
  dnsUser: v.optional(v.nullable(OneLine), null),
  /** Server of the provider `dyndns2`, such as https://dyn.example.net/nic/update. */
  dnsServer: v.optional(v.nullable(DnsServer), null),
  dnsAddresses: v.optional(v.picklist(['ipv4', 'ipv6', 'both']), 'ipv4'),
  /** The password may travel unencrypted: over http, to other computers. */
  dnsOverHttp: v.optional(v.boolean(), false),
  /** The person has seen the first steps. */
  welcomed: v.optional(v.boolean(), false),
  /** The person has read what a first open port means. */
  firstOpenSeen: v.optional(v.boolean(), false),
});

export type Settings = Readonly<v.InferOutput<typeof SettingsSchema>>;

/** Any of the settings; here unknown ones are refused. */
export const SettingsChangeSchema = v.strictObject(v.partial(SettingsSchema).entries);

export const DEFAULT_SETTINGS: Settings = v.parse(SettingsSchema, {});

function isRouterPlace(text: string): boolean {
  return parseIp(text) !== undefined || (URL.canParse(text) && new URL(text).protocol === 'http:');
}

export interface ProgramLine {
  readonly file: string;
  readonly args: readonly string[];
}

/**
 * The words of a line, apart at blanks; quotation marks of either kind keep blanks, and nothing else means anything, as
 * there is no shell. `undefined` when a quotation mark is left open, or the first word is no absolute path.
 */
export function programOf(line: string): ProgramLine | undefined {
  const words: string[] = [];
  const rest = line.replaceAll(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g, (word) => {
    words.push(word.replaceAll(/"([^"]*)"|'([^']*)'/g, (_, one: string | undefined, other = '') => `${one ?? other}`));
    return '';
  });
  const [file = '', ...args] = words;
  const isPath = /^(?:\/|[a-z]:[\\/]|\\\\)./i.test(file);
  return rest.trim() === '' && isPath ? { file, args } : undefined;
}

/** A login in it would be stored for all to see; what comes after `?` is for whoever asks to add. */
function isDnsServer(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username === '' && password === '' && !/[?#]/.test(text);
}
