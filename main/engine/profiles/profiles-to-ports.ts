/** Profiles as the one list of ports that upnp-daemon knows, and what is lost on the way. */
import { familyOf } from '../../contract/address.ts';
import type { IpAddress } from '../../contract/address.ts';
import type { ExportLoss } from '../../contract/export-loss.ts';
import type { Transport } from '../../contract/model.ts';
import type { Profile, ProfileForward } from '../../contract/profile.ts';
import type { ProfileBook } from '../../contract/profile-document.ts';
import { COLUMNS } from './ports-rows.ts';

/** Seconds, where neither a forward nor the settings say how long: as UPnP is asked for. */
const DEFAULT_DURATION = 3600;

interface Line {
  /** Empty for this machine. */
  readonly address: IpAddress | '';
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP';
  /** Seconds; 0 for good. */
  readonly duration: number;
  readonly comment: string;
}

export interface PortList {
  readonly lines: readonly Line[];
  readonly left: readonly ExportLoss[];
}

/** What is on comes first: where two profiles ask for one port, theirs is written. */
export function portsOf({ profiles, settings }: ProfileBook): PortList {
  const losses = new Map<ExportLoss['what'], number>([
    ['profiles', 0],
    ['settings', 0],
  ]);
  const lose = (what: ExportLoss['what']): void => void losses.set(what, (losses.get(what) ?? 0) + 1);
  const claimed = new Set<string>();
  const lines: Line[] = [];
  for (const profile of profiles.toSorted((one, other) => Number(other.on) - Number(one.on))) {
    for (const forward of profile.forwards) {
      const isWritable = isSaid(forward, lose);
      if (isWritable) lines.push(...linesOf(profile, forward, settings.lease, claimed, lose));
    }
  }
  return { lines, left: [...losses].map(([what, forwards]) => ({ what, forwards })) };
}

/** Can anything of it be said? */
function isSaid(
  { families, external, internal, gateway, ifTaken }: ProfileForward,
  lose: (what: ExportLoss['what']) => void,
): boolean {
  const isForIpv4 = internal.client === undefined || familyOf(internal.client) === 'ipv4';
  if (!families.includes('ipv4') || !isForIpv4) {
    lose('ipv6');
    return false;
  }
  if (internal.first !== external.first) {
    lose('inside-port');
    return false;
  }
  if (families.includes('ipv6')) lose('ipv6-too');
  if (gateway !== undefined) lose('router');
  if (ifTaken !== 'fail') lose('if-taken');
  return true;
}

function linesOf(
  profile: Profile,
  { label, transports, external, internal, lease }: ProfileForward,
  usualLease: number | null,
  claimed: Set<string>,
  lose: (what: ExportLoss['what']) => void,
): readonly Line[] {
  const lines: Line[] = [];
  let isClaimed = false;
  for (let port: number = external.first; port <= external.last; port++) {
    for (const transport of transports) {
      const place = `${port}/${transport}`;
      if (claimed.has(place)) {
        isClaimed = true;
        continue;
      }
      claimed.add(place);
      lines.push({
        address: internal.client ?? '',
        port,
        protocol: PROTOCOLS[transport],
        duration: lease === 'permanent' ? 0 : (lease ?? usualLease ?? DEFAULT_DURATION),
        comment: label === '' ? profile.name : label,
      });
    }
  }
  if (isClaimed) lose('ports-claimed');
  return lines;
}

const PROTOCOLS: Readonly<Record<Transport, Line['protocol']>> = { tcp: 'TCP', udp: 'UDP' };

export function csvOf(lines: readonly Line[]): string {
  const rows = lines.map((line) => COLUMNS.map((column) => field(String(line[column]))).join(';'));
  return [COLUMNS.join(';'), ...rows, ''].join('\n');
}

/** RFC 4180 §2.5–2.7, with upnp-daemon's delimiter. Blanks at the ends would be trimmed. */
function field(text: string): string {
  return /[";\r\n]|^\s|\s$/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function jsonOfPorts(lines: readonly Line[]): string {
  const entries = lines.map(({ address, ...line }) => ({ address: address === '' ? null : address, ...line }));
  return `${JSON.stringify(entries, undefined, 2)}\n`;
}
