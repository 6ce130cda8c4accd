/** Status of a WAN connection. Each question is optional for routers (N6), each answer a hint (N1). */
import { familyOf, isPublic, parseIp, scopeOf, type IpAddress } from '../../contract/address.ts';
import type { Vitals } from '../../contract/mapping.ts';
import { inSeconds, millis, secondsToMillis, type Millis, type Seconds } from '../../contract/units.ts';
import type { Clock } from '../../system/system.ts';
import { isFailure, Malformed, outcomeOf, Refused, Unreachable } from '../failure.ts';
import { withDeadline, type HttpNetwork } from '../upnp/http-exchange.ts';
import { ServiceClient, type ServiceClientOptions } from '../upnp/soap-call.ts';
import { secondsFrom } from './igd-entry.ts';
import type { RememberedService } from '../gateway.ts';

interface StatusInfo {
  /** `undefined` when the gateway's word says neither. */
  readonly connected: boolean | undefined;
  /** Since the connection came up. */
  readonly uptime: Seconds | undefined;
}

/** WANIPConnection:1 §2.4.5. @throws Unreachable, Malformed, Refused, or the signal's reason */
export async function readStatusInfo(client: ServiceClient, signal: AbortSignal): Promise<StatusInfo> {
  const { values } = await client.call('GetStatusInfo', [], signal, { idempotent: true });
  return {
    connected: isConnected(values.get('NewConnectionStatus') ?? ''),
    uptime: secondsFrom(values.get('NewUptime')),
  };
}

/** N2: "Up" is "Connected". */
function isConnected(status: string): boolean | undefined {
  if (/^(?:connected|up)$/i.test(status)) return true;
  return /^(?:disconnect|down|unconfigured|pendingdisconnect)/i.test(status) ? false : undefined;
}

/** WANIPConnection:1 §2.4.18. `none` when there is none now, `undefined` for what cannot be one (N4).
 * @throws Unreachable, Malformed, Refused, or the signal's reason */
export async function readExternalAddress(
  client: ServiceClient,
  signal: AbortSignal,
): Promise<IpAddress | 'none' | undefined> {
  const { values } = await client.call('GetExternalIPAddress', [], signal, { idempotent: true });
  return externalAddressFrom(values.get('NewExternalIPAddress'));
}

function externalAddressFrom(text: string | undefined): IpAddress | 'none' | undefined {
  if (text === undefined) return undefined;
  if (text === '') return 'none';
  const address = parseIp(text);
  if (address === undefined || familyOf(address) !== 'ipv4') return undefined;
  switch (scopeOf(address)) {
    case 'unspecified':
      return 'none';
    case 'loopback':
    case 'multicast':
    case 'link-local':
      return undefined;
    default:
      return address;
  }
}

/** As long as the line says that it stayed up, its address is asked for no more often, and with every second heartbeat at
 * most: a heartbeat is one exchange. A new one is also told by an event. */
const ADDRESS_AGAIN = inSeconds(45);
/** Uptimes are in whole seconds, and their answers take a while. */
const COARSE = inSeconds(3);

/** Questions that a gateway said it does not know are not put again. */
export class VitalSigns {
  readonly #client: () => ServiceClient;
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** When the address was asked for last, and since when the line had been up by then. */
  #former: { readonly askedAt: Millis; readonly upSince: number; isPassed: boolean } | undefined;
  readonly #unknown = new Set<string>();
  readonly #answered = new Set<string>();

  constructor(client: () => ServiceClient, clock: Pick<Clock, 'monotonic'>) {
    this.#client = client;
    this.#clock = clock;
  }

  /** @param whole also what is not likely to be another than before
   * @throws Unreachable when the gateway does not answer, or the signal's reason */
  async read(whole: boolean, signal: AbortSignal): Promise<Vitals> {
    const status = await this.#ask('GetStatusInfo', () => readStatusInfo(this.#client(), signal));
    const now = this.#clock.monotonic();
    const upSince = status instanceof Unreachable ? undefined : upSinceOf(status, now);
    if (!whole && this.#isAsBefore(upSince, now)) return told(status);
    const address = await this.#ask('GetExternalIPAddress', () => readExternalAddress(this.#client(), signal));
    const isWhole = upSince !== undefined && !(address instanceof Unreachable);
    this.#former = isWhole ? { askedAt: now, upSince, isPassed: false } : undefined;
    // One question may be what it fails at, as long as it answers the other.
    if (address instanceof Unreachable && (status === undefined || status instanceof Unreachable)) throw address;
    if (status instanceof Unreachable && address === undefined) throw status;
    const line = told(status);
    // With the line up, an address that is not reported is unknown, not missing.
    const reported = address === 'none' && line.connected === true ? 'unknown' : address;
    return {
      ...(reported === undefined || reported instanceof Unreachable ? {} : { externalAddress: reported }),
      ...line,
    };
  }

  /** The line has been up since the same moment. */
  #isAsBefore(upSince: number | undefined, now: Millis): boolean {
    const former = this.#former;
    if (upSince === undefined || former === undefined || (former.isPassed && now - former.askedAt >= ADDRESS_AGAIN))
      return false;
    former.isPassed = true;
    return Math.abs(upSince - former.upSince) <= COARSE;
  }

  /** @throws Unreachable for a question that was answered before: then it is the gateway that is silent */
  async #ask<Value>(action: string, question: () => Promise<Value>): Promise<Value | Unreachable | undefined> {
    if (this.#unknown.has(action)) return undefined;
    try {
      const answer = await question();
      this.#answered.add(action);
      return answer;
    } catch (error) {
      if (!isFailure(error)) throw error;
      if (error instanceof Unreachable) {
        const isDown = error.why === 'timeout' && this.#answered.size === 0;
        if (isDown || this.#answered.has(action)) throw error;
        return error;
      }
      if (error instanceof Refused && error.reason === 'unsupported') this.#unknown.add(action);
      return undefined;
    }
  }
}

function told(status: StatusInfo | Unreachable | undefined): Pick<Vitals, 'uptime' | 'connected'> {
  const { connected, uptime } = status instanceof Unreachable ? {} : (status ?? {});
  return { ...(uptime === undefined ? {} : { uptime }), ...(connected === undefined ? {} : { connected }) };
}

/** On the monotonic clock; `undefined` while it is not known to be up. */
function upSinceOf(status: StatusInfo | undefined, now: Millis): number | undefined {
  return status?.connected === true && status.uptime !== undefined ? now - secondsToMillis(status.uptime) : undefined;
}

/** Puts the live one of several WAN connection services first (X10). Ranks lower, never refuses (N1, N3).
 * @throws the signal's reason */
export async function rankServices(
  network: HttpNetwork,
  services: readonly RememberedService[],
  options: Pick<ServiceClientOptions, 'traits' | 'queue' | 'localAddress'>,
  signal: AbortSignal,
): Promise<readonly RememberedService[]> {
  if (services.length < 2) return services;
  const preferred = options.traits.get().soap?.service;
  const ranked: { readonly service: RememberedService; readonly rank: number }[] = [];
  const { clock } = network;
  const until = clock.monotonic() + RANKING_TIME;
  for (const service of services) {
    const client = new ServiceClient({ ...options, network, service });
    const left = millis(Math.max(0, until - clock.monotonic()));
    const asking = withDeadline(clock, left, 'status of a service', signal, (inTime) => liveliness(client, inTime));
    const rank = await outcomeOf(asking);
    ranked.push({ service, rank: isFailure(rank) || clock.monotonic() >= until ? NOT_ASKED : rank });
  }
  return ranked
    .toSorted(
      (one, other) =>
        other.rank - one.rank ||
        Number(other.service.type === preferred) - Number(one.service.type === preferred) ||
        versionOf(other.service) - versionOf(one.service),
    )
    .map(({ service }) => service);
}

/** X12: version 2 has clearer errors, ranges and AddAny. */
const versionOf = ({ type }: RememberedService): number => Number(/:(\d+)$/.exec(type)?.[1] ?? 0);

/** A slow router (X35) has to be found in the time of a search; so long its services are asked for their status. */
const RANKING_TIME = inSeconds(6);
/** Better than what is known to be down. */
const NOT_ASKED = 2;

/** Connected and public 4, connected 3, down 1, otherwise 0. @throws the signal's reason */
async function liveliness(client: ServiceClient, signal: AbortSignal): Promise<number> {
  const status = await outcomeOf(readStatusInfo(client, signal));
  if (isSilent(status)) return 0;
  if (!(status instanceof Refused) && status.connected === false) return 1;
  const address = await outcomeOf(readExternalAddress(client, signal));
  if (isSilent(address)) return 0;
  const hasAddress = !(address instanceof Refused) && address !== 'none' && address !== undefined;
  // N6: one that does not report its status is judged by its address.
  const connected = status instanceof Refused || status.connected === undefined ? hasAddress : status.connected;
  if (connected) return hasAddress && isPublic(address) ? 4 : 3;
  return status instanceof Refused && address instanceof Refused ? 0 : 1;
}

const isSilent = (outcome: unknown): outcome is Unreachable | Malformed =>
  outcome instanceof Unreachable || outcome instanceof Malformed;
