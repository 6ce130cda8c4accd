/** The findings of a test from outside, and where its tester is. How it is done: docs/probe.md. */
import { parseIp, type Family, type IpAddress } from './address.ts';
import type { ForwardId, Transport } from './model.ts';
import { isPort, type EpochMs, type Port } from './units.ts';

/** Default port of `portkeeper probe-server`; unassigned by IANA, and near the 5351 of PCP. */
export const PROBE_PORT = 15_351 as Port;

/** Why nothing came in, as far as it is known. */
export type ShutBecause =
  /** The router's own address is one of the provider's, shared by many homes (RFC 6598). */
  | 'carrier-nat'
  /** Another router is in front of it: the router's own address is private, or one was met on the way out. */
  | 'double-nat'
  /** The internet sees this computer at another address than the router has: a VPN, or another connection. */
  | 'other-address'
  /** Address and rule are right: a firewall, or a rule that does not work. */
  | 'filtered';

/** Why a test says nothing. */
export type UntestedBecause =
  /** The server cannot be reached, or is none. */
  | 'no-answer'
  /** Its name is not known. */
  | 'no-such-name'
  /** It has no address of this IP version. */
  | 'other-family'
  /** It is in the same network: what it sees is not what the internet sees. */
  | 'same-network'
  /** It has been asked as often as it allows. */
  | 'busy'
  | 'needs-secret'
  | 'wrong-secret'
  | 'unknown-version'
  /** A port checker's web address asks for the address, and the router does not report it. */
  | 'no-address'
  /** A port checker whose web address does not name the transport. */
  | 'tcp-only'
  /** IPv6 of another device: a server tries the asker's own address only. */
  | 'other-device';

export type ProbeVerdict =
  | { readonly is: 'reachable' }
  /** Nothing listens. `door`: Portkeeper answered in the program's place; `unknown`: it could not. */
  | { readonly is: 'no-program'; readonly door: 'open' | 'unknown' }
  /** Somebody answers, and it is not this computer. */
  | { readonly is: 'elsewhere' }
  /** UDP: a program listens, and does not answer strangers. */
  | { readonly is: 'unanswered' }
  | {
      readonly is: 'shut';
      readonly why: ShutBecause;
      readonly seen?: IpAddress;
      readonly reported?: IpAddress;
      /** The router in front that was met on the way out. */
      readonly beyond?: IpAddress;
    }
  | { readonly is: 'untested'; readonly why: UntestedBecause };

/** The latest test of one mapping. */
export interface ProbeView {
  readonly forward: ForwardId;
  readonly family: Family;
  readonly transport: Transport;
  /** As the internet sees it. */
  readonly external: Port;
  readonly internal: { readonly client?: IpAddress; readonly port: Port };
  readonly at: EpochMs;
  readonly verdict: ProbeVerdict;
}

export interface ProbesView {
  /** Forwards that are being tested, and how far that is. */
  readonly running: readonly { readonly forward: ForwardId; readonly done: number; readonly of: number }[];
  readonly latest: readonly ProbeView[];
}

export interface ProbePlace {
  /** A name or an address. */
  readonly host: string;
  readonly port: Port;
}

/** RFC 1123 §2.1. */
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*\.?$/i;

/** `probe.example.net`, `probe.example.net:15351`, `11.22.33.44`, `[2001:db8::1]:15351`, `2001:db8::1`. */
export function parseProbePlace(text: string, otherwise: Port = PROBE_PORT): ProbePlace | undefined {
  const trimmed = text.trim();
  const whole = parseIp(trimmed);
  if (whole !== undefined) return { host: whole, port: otherwise };
  const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(trimmed) ?? [];
  const port = digits === undefined ? otherwise : Number(digits);
  const address = parseIp(bracketed ?? plain ?? '');
  // Digits and dots that are no address would be looked up as a name.
  const isName = plain !== undefined && HOST_NAME.test(plain) && !/^[\d.]+$/.test(plain);
  const host = address ?? (isName ? plain : undefined);
  return host === undefined || !isPort(port) ? undefined : { host, port };
}

/** The tester outside. */
export type Tester = ({ readonly is: 'server' } & ProbePlace) | { readonly is: 'checker'; readonly url: string };

/** A probe server, or the web address of a port checker: it has `{port}` where the port is to be, and may have
 * `{transport}` and `{address}`. */
export function parseTester(text: string): Tester | undefined {
  const url = text.trim();
  if (/^https?:/i.test(url)) return URL.canParse(url) && url.includes('{port}') ? { is: 'checker', url } : undefined;
  const place = parseProbePlace(text);
  return place && { is: 'server', ...place };
}
