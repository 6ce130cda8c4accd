/** A ruleset's verdict on a packet (nftables), as far as its rules are of the usual kinds. */
import { familyOf, inNetwork, parseIp, type IpAddress } from '../../../contract/address.ts';
import type { IncomingPacket } from '../../system.ts';

type Verdict = 'accept' | 'drop';
/** `undefined`: it may match. */
type Match = boolean | undefined;

export interface RulesetVerdict {
  readonly verdict: 'lets-in' | 'blocks' | 'unknown';
  /** `inet filter input`. */
  readonly where: string;
}

type Outcome = Verdict | 'return' | 'yes' | 'no' | 'maybe';

interface Chain {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  readonly hook: string | undefined;
  readonly priority: number;
  readonly policy: Verdict;
}

/** Jumps go no deeper (the kernel's limit is 16). */
const DEEPEST = 16;

/**
 * @param text of `nft -j list ruleset`
 * @returns nothing when it has no chain for what comes in, or is no ruleset
 */
export function rulesetVerdict(text: string, packet: IncomingPacket): RulesetVerdict | undefined {
  const ruleset = new Ruleset(text, packet);
  let unclear: Chain | undefined;
  const chains = ruleset.inputChains;
  for (const chain of chains) {
    const verdict = ruleset.verdictOf(chain);
    if (verdict === 'drop') return { verdict: 'blocks', where: whereOf(chain) };
    if (verdict === undefined) unclear ??= chain;
  }
  if (chains.length === 0) return undefined;
  return unclear === undefined ? { verdict: 'lets-in', where: '' } : { verdict: 'unknown', where: whereOf(unclear) };
}

const whereOf = ({ family, table, name }: Chain): string => `${family} ${table} ${name}`;

type Json = Readonly<Record<string, unknown>>;
const record = (value: unknown): Json => (typeof value === 'object' && value !== null ? { ...value } : {});
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

class Ruleset {
  readonly #packet: IncomingPacket;
  readonly #chains: readonly Chain[];
  readonly #rules = new Map<string, Json[]>();
  readonly #sets = new Map<string, readonly unknown[]>();

  constructor(text: string, packet: IncomingPacket) {
    this.#packet = packet;
    const entries = list(record(parsed(text))['nftables']).map(record);
    this.#chains = entries.flatMap(({ chain }) => (chain === undefined ? [] : [chainOf(record(chain))]));
    for (const { rule, set } of entries) {
      const { family, table, chain, expr } = record(rule);
      if (expr !== undefined) {
        const key = `${String(family)} ${String(table)} ${String(chain)}`;
        this.#rules.set(key, [...(this.#rules.get(key) ?? []), { expr }]);
      }
      const { name, elem = [], ...of } = record(set);
      if (typeof name !== 'string') continue;
      this.#sets.set(`${String(of['family'])} ${String(of['table'])} ${name}`, list(elem));
    }
  }

  get inputChains(): readonly Chain[] {
    const family = familyOf(this.#packet.from.address) === 'ipv4' ? 'ip' : 'ip6';
    return this.#chains
      .filter(
        (chain) => (chain.hook === 'input' || chain.hook === 'ingress') && ['inet', family].includes(chain.family),
      )
      .toSorted((a, b) => a.priority - b.priority);
  }

  /** `undefined`: it depends on something unknown. */
  verdictOf(chain: Chain): Verdict | undefined {
    const maybe = new Set<Verdict>();
    const verdict = this.#run(chain, maybe, 0);
    const final = verdict === 'accept' || verdict === 'drop' ? verdict : chain.policy;
    return [...maybe].some((other) => other !== final) ? undefined : final;
  }

  #run(chain: Chain, maybe: Set<Verdict>, depth: number): Verdict | 'end' {
    if (depth > DEEPEST) return 'end';
    for (const { expr } of this.#rules.get(whereOf(chain)) ?? []) {
      const outcome = this.#rule(chain, list(expr).map(record), maybe, depth);
      if (outcome === 'accept' || outcome === 'drop') return outcome;
      if (outcome === 'return') return 'end';
    }
    return 'end';
  }

  #rule(chain: Chain, statements: readonly Json[], maybe: Set<Verdict>, depth: number): Verdict | 'return' | 'next' {
    let isSure = true;
    for (const statement of statements) {
      const [kind = ''] = Object.keys(statement);
      const outcome = this.#statement(chain, kind, statement[kind], isSure ? maybe : new Set(), depth);
      if (outcome === 'no') return 'next';
      if (outcome === 'maybe') isSure = false;
      else if (outcome !== 'yes') {
        if (isSure) return outcome;
        if (outcome !== 'return') maybe.add(outcome);
        return 'next';
      }
    }
    return 'next';
  }

  #statement(chain: Chain, kind: string, value: unknown, maybe: Set<Verdict>, depth: number): Outcome {
    switch (kind) {
      case 'accept':
      case 'drop':
      case 'return':
        return kind;
      case 'reject':
        return 'drop';
      case 'counter':
      case 'log':
      case 'comment':
        return 'yes';
      case 'match':
        return said(this.#matches(chain, record(value)));
      case 'vmap':
        return this.#mapped(chain, record(value), maybe, depth);
      case 'jump':
      case 'goto': {
        const outcome = this.#jump(chain, String(record(value)['target']), maybe, depth);
        return outcome === 'end' ? (kind === 'goto' ? 'return' : 'yes') : outcome;
      }
      default:
        return 'maybe';
    }
  }

  #jump(chain: Chain, target: string, maybe: Set<Verdict>, depth: number): Verdict | 'end' {
    const next = this.#chains.find(
      ({ family, table, name }) => family === chain.family && table === chain.table && name === target,
    );
    return next === undefined ? 'end' : this.#run(next, maybe, depth + 1);
  }

  /** `ct state vmap { established : accept, invalid : drop }`. */
  #mapped(chain: Chain, { key, data }: Json, maybe: Set<Verdict>, depth: number): Outcome {
    const fact = this.#factOf(record(key));
    if (fact === undefined) return 'maybe';
    for (const entry of list(record(data)['set'])) {
      const [from, to] = list(entry);
      if (holds(fact, from) !== true) continue;
      const [kind = ''] = Object.keys(record(to));
      return this.#statement(chain, kind, record(to)[kind], maybe, depth);
    }
    return 'no';
  }

  #matches(chain: Chain, { op, left, right }: Json): Match {
    const fact = this.#factOf(record(left));
    if (fact === undefined) return undefined;
    const named = typeof right === 'string' && right.startsWith('@') ? right.slice(1) : undefined;
    const values =
      named === undefined ? right : { set: this.#sets.get(`${chain.family} ${chain.table} ${named}`) ?? [] };
    const is = holds(fact, values);
    if (is === undefined) return undefined;
    return op === '!=' ? !is : op === '==' || op === 'in' ? is : undefined;
  }

  /** The packet's value there; `undefined` where unknown. `null`: it has no such thing. */
  #factOf({ payload, meta, ct }: Json): Fact | undefined {
    const { transport, port, from, interfaceName, isAnswer = false } = this.#packet;
    const isFour = familyOf(from.address) === 'ipv4';
    const { protocol, field } = record(payload);
    if (protocol === 'th' || protocol === 'tcp' || protocol === 'udp') {
      if (protocol !== 'th' && protocol !== transport) return null;
      return field === 'dport' ? port : field === 'sport' ? from.port : undefined;
    }
    if (protocol === 'ip' || protocol === 'ip6') {
      if ((protocol === 'ip') !== isFour) return null;
      if (field === 'saddr') return from.address;
      return field === 'protocol' || field === 'nexthdr' ? transport : undefined;
    }
    switch (record(meta)['key']) {
      case 'iif':
      case 'iifname':
        return interfaceName;
      case 'l4proto':
        return transport;
      case 'nfproto':
        return isFour ? 'ipv4' : 'ipv6';
    }
    return record(ct)['key'] === 'state' ? (isAnswer ? 'established' : 'new') : undefined;
  }
}

type Fact = string | number | null;

const said = (match: Match): 'yes' | 'no' | 'maybe' => (match === undefined ? 'maybe' : match ? 'yes' : 'no');

/** Is the fact one of the values? */
function holds(fact: Fact, values: unknown): Match {
  if (fact === null) return false;
  if (Array.isArray(values)) return any(values.map((value) => holds(fact, value)));
  if (typeof values === 'number') return fact === values;
  if (typeof values === 'string') return isSameText(String(fact), values);
  const { set, range, prefix, elem } = record(values);
  if (set !== undefined) return any(list(set).map((value) => holds(fact, value)));
  if (elem !== undefined) return holds(fact, record(elem)['val']);
  if (range !== undefined) {
    const [low, high] = list(range);
    if (typeof low === 'number' && typeof high === 'number')
      return typeof fact === 'number' && low <= fact && fact <= high;
    return undefined;
  }
  if (prefix !== undefined) {
    const { addr, len } = record(prefix);
    const network = parseIp(String(addr));
    const address: IpAddress | undefined = parseIp(String(fact));
    if (network === undefined || address === undefined || typeof len !== 'number') return undefined;
    return familyOf(network) === familyOf(address) && inNetwork(address, { address: network, prefix: len });
  }
  return undefined;
}

/** Interfaces may be named by their beginning: `eth*`. */
const isSameText = (fact: string, value: string): boolean =>
  value.endsWith('*') ? fact.startsWith(value.slice(0, -1)) : fact === value;

function any(matches: readonly Match[]): Match {
  return matches.includes(true) ? true : matches.includes(undefined) ? undefined : false;
}

function chainOf({ family, table, name, hook, prio, policy }: Json): Chain {
  return {
    family: String(family),
    table: String(table),
    name: String(name),
    hook: typeof hook === 'string' ? hook : undefined,
    priority: typeof prio === 'number' ? prio : 0,
    policy: policy === 'drop' ? 'drop' : 'accept',
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
