/** Addresses and names in a text replaced by placeholders, the same one by the same one throughout. */
import { familyOf, parseIp, scopeOf, type IpAddress } from '../../contract/address.ts';
import type { PersonalNames } from './host.ts';

/** Groups that everybody uses: SSDP (UPnP DA 2.0 §1.2, Annex A), all hosts and routers (RFC 1112, RFC 4291 §2.7.1). */
const WELL_KNOWN: ReadonlySet<string> = new Set([
  '0.0.0.0',
  '::',
  '239.255.255.250',
  '224.0.0.1',
  '224.0.0.2',
  'ff02::1',
  'ff02::2',
  'ff02::c',
  'ff05::c',
  'ff08::c',
  'ff0e::c',
  '255.255.255.255',
]);

/** Short names are words as well. */
const SHORTEST_NAME = 3;

const UUID = String.raw`[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}`;
const MAC = String.raw`[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}|[0-9a-f]{4}(?:\.[0-9a-f]{4}){2}`;
/** As macOS prints it, without leading zeros. */
const SHORT_MAC = String.raw`(?<![0-9a-f:.])[0-9a-f]{1,2}(?::[0-9a-f]{1,2}){5}(?![0-9a-f]*:)(?![0-9a-f])`;
/** A hardware address without its colons, a nonce, a key. */
const HEX = String.raw`[0-9a-f]{12,}`;
/** Text with a double colon, or seven single ones, and everything that belongs to it. */
const IPV6 = String.raw`[0-9a-f:.]{0,45}::[0-9a-f:.]{0,45}|(?:[0-9a-f]{1,4}:){6}(?:[0-9a-f]{1,4}:[0-9a-f]{1,4}|(?:\d{1,3}\.){3}\d{1,3})`;
/** With dots, or with hyphens as in names that providers give (`p5-11-22-33-44.example`). */
const IPV4 = String.raw`\d{1,3}(?:\.\d{1,3}){3}|\d{1,3}(?:-\d{1,3}){3,}`;
/** The host of a URL, with whatever stands before an `@`. */
const HOST = String.raw`(?<=:\/\/)[^\s/:?#"'<>[\]\\]+(?::[^\s/@]*@[^\s/:?#"'<>[\]\\]+)?`;

/** Name and password in a URL, with its host: names of the person and the computer may be in it. */
const LOGIN = String.raw`(?<=:\/\/)[^\s/@"'<>]{0,256}@[^\s/:?#"'<>[\]\\]+`;
/** A name as DNS has it, of a country, of the usual ends, or of a home: providers write the person's address into it. No
 * name of a file ends so. */
const ENDS = String.raw`(?!(?:js|ts|md|sh|so|py|gz|rs|db)\b)[a-z]{2}|com|net|org|info|biz|edu|gov|arpa|box|lan|local|localdomain|home|intern|internal|intranet|corp|dev|app|cloud|online|site|xyz`;
const NAME = String.raw`(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.){1,8}(?:${ENDS})(?![\p{L}\p{N}_-]|\.[\p{L}\p{N}])`;
const DOMAIN = String.raw`(?<![\p{L}\p{N}._-])${NAME}`;
/** Providers take it for the name of the person. */
const MAIL = String.raw`(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]{1,64}@${NAME}`;
/** What people are known by to a provider, in the question of a URL. */
const IN_QUESTION = String.raw`(?<=[?&;](?:token|pass(?:word|wd)?|pwd|secret|(?:api)?key|user(?:name)?|login|domains?|host(?:name)?)=)[^\s&;"'<>]+`;

/** Hosts that every Portkeeper speaks of. */
const KNOWN_HOSTS: ReadonlySet<string> = new Set(['localhost', 'github.com', 'api.github.com']);

export class Mask {
  readonly #placeholders = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  readonly #names: readonly (readonly [name: string, placeholder: string])[];
  readonly #pattern: RegExp;

  /** @param routers names that people gave to their routers */
  constructor({ homeFolder, computer, user }: PersonalNames, routers: readonly string[] = []) {
    const label = computer.split('.')[0] ?? '';
    const all = [
      // Other programs write it with the other slash, and JSON with two.
      ...[homeFolder, homeFolder.replaceAll('\\', '/'), homeFolder.replaceAll('\\', '\\\\')].map(
        (name) => [name, '~'] as const,
      ),
      [computer, 'this-computer'] as const,
      [label, 'this-computer'] as const,
      [user, 'user'] as const,
      ...routers.map((name, at) => [name, `router-${at + 1}`] as const),
    ];
    this.#names = all.filter(([name]) => name.length >= SHORTEST_NAME);
    const names = this.#names.map(([name, placeholder]) => {
      const text = name.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
      return placeholder === '~' ? text : String.raw`(?<![\p{L}\p{N}])${text}(?![\p{L}\p{N}])`;
    });
    this.#pattern = new RegExp(
      [LOGIN, MAIL, IN_QUESTION, ...names, DOMAIN, UUID, MAC, SHORT_MAC, IPV6, IPV4, HOST, HEX].join('|'),
      'giu',
    );
  }

  text(text: string): string {
    return text.replaceAll(this.#pattern, (found, ...rest: readonly unknown[]) => {
      const at = rest.find((each) => typeof each === 'number') ?? 0;
      return isFraction(found, text.slice(Math.max(0, at - 2), at)) ? found : this.#maskOf(found);
    });
  }

  #maskOf(found: string): string {
    const lower = found.toLowerCase();
    const own = this.#names.find(([name]) => name.toLowerCase() === lower);
    if (own !== undefined) return own[1];
    // As large as it is, it may have something at its ends that is not part of it.
    for (const { before, address, after } of candidatesOf(lower)) {
      const ip = parseIp(address);
      if (ip !== undefined) return `${before}${this.#maskOfAddress(ip)}${after}`;
    }
    if (new RegExp(`^(?:${UUID})$`).test(lower)) return this.#placeholder(lower, 'uuid');
    if (new RegExp(`^(?:${MAC})$`).test(lower)) return this.#placeholder(lower.replaceAll(/[:.-]/g, ''), 'mac');
    if (/^[0-9a-f]{1,2}(?::[0-9a-f]{1,2}){5}$/.test(lower)) {
      const bytes = lower.split(':').map((byte) => byte.padStart(2, '0'));
      return this.#placeholder(bytes.join(''), 'mac');
    }
    if (lower.includes('@')) return this.#maskOf(found.slice(found.lastIndexOf('@') + 1));
    // A moment in milliseconds is none.
    if (/^1\d{12}$/.test(lower)) return found;
    if (/^[0-9a-f]{12}$/.test(lower)) return this.#placeholder(lower, 'mac');
    if (/^[0-9a-f]+$/.test(lower)) return this.#placeholder(lower, 'hex');
    if (KNOWN_HOSTS.has(lower)) return found;
    return this.#placeholder(lower, /^[\d.:a-f-]+$/.test(lower) ? 'address' : 'host');
  }

  #maskOfAddress(ip: IpAddress): string {
    const scope = scopeOf(ip);
    if (scope === 'loopback' || WELL_KNOWN.has(ip)) return ip;
    return this.#placeholder(ip, familyOf(ip) === 'ipv6' ? `${scope}-ipv6` : scope);
  }

  #placeholder(key: string, kind: string): string {
    const known = this.#placeholders.get(key);
    if (known !== undefined) return known;
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    const placeholder = `${kind}-${count}`;
    this.#placeholders.set(key, placeholder);
    return placeholder;
  }
}

/** `482000000000001` of 6.482000000000001: no key has a digit and a full stop before it. */
const isFraction = (found: string, before: string): boolean =>
  /^\d+(?:e\d{0,3})?$/i.test(found) && /^\d\.$/.test(before);

/** Colons and full stops at either end that may be the address's own: two, and one that is the sentence's. */
const MOST_MARKS = 3;
const isMark = (char: string | undefined): boolean => char === ':' || char === '.';

interface Candidate {
  readonly before: string;
  readonly address: string;
  readonly after: string;
}

/** Possible addresses in it, the largest first: colons and full stops at its ends may be the sentence's. */
function* candidatesOf(text: string): Generator<Candidate> {
  const [, before = '', hyphened] = /^((?:\d+-)*)(\d+(?:-\d+){3})$/.exec(text) ?? [];
  if (hyphened !== undefined) yield { before, address: hyphened.replaceAll('-', '.'), after: '' };
  const first = text.search(/[^:.]/);
  let last = text.length;
  while (last > 0 && isMark(text[last - 1])) last -= 1;
  const inside = first < 0 ? text.length : first;
  for (let start = Math.max(0, inside - MOST_MARKS); start <= inside; start++) {
    for (let end = Math.min(text.length, last + MOST_MARKS); end >= last && end > start; end--) {
      yield { before: text.slice(0, start), address: text.slice(start, end), after: text.slice(end) };
    }
  }
}
