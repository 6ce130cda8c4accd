/** miniupnpd's `allow` and `deny` lines: external ports, internal network, internal ports; the first match decides. */
import { inNetwork, parseCidr, type Cidr, type IpAddress } from '../../contract/address.ts';

interface Ports {
  readonly first: number;
  readonly last: number;
}

export interface PermissionRule {
  readonly verdict: 'allow' | 'deny';
  readonly external: Ports;
  readonly network: Cidr;
  readonly internal: Ports;
}

function parsePorts(text: string | undefined): Ports | undefined {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text ?? '');
  if (match === null) return undefined;
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  return first <= last && last <= 65_535 ? { first, last } : undefined;
}

/** @throws RangeError when the line is not `allow|deny PORTS NETWORK PORTS` */
export function parsePermissionRule(line: string): PermissionRule {
  const [verdict, external, network, internal, ...more] = line.trim().split(/\s+/);
  const outside = parsePorts(external);
  const inside = parsePorts(internal);
  const cidr = parseCidr(network ?? '');
  if (
    (verdict !== 'allow' && verdict !== 'deny') ||
    outside === undefined ||
    inside === undefined ||
    cidr === undefined ||
    more.length > 0
  ) {
    throw new RangeError(`not a permission rule: ${line}`);
  }
  return { verdict, external: outside, network: cidr, internal: inside };
}

const within = (ports: Ports, port: number): boolean => ports.first <= port && port <= ports.last;

/** Allowed when no rule matches, as miniupnpd has it. */
export function isPermitted(
  rules: readonly PermissionRule[],
  wish: { readonly externalPort: number; readonly internalClient: IpAddress; readonly internalPort: number },
): boolean {
  const deciding = rules.find(
    (rule) =>
      within(rule.external, wish.externalPort) &&
      within(rule.internal, wish.internalPort) &&
      inNetwork(wish.internalClient, rule.network),
  );
  return deciding?.verdict !== 'deny';
}
