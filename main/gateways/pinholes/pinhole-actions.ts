/** The actions of WANIPv6FirewallControl:1, one method each. */
import type { IpAddress } from '../../contract/address.ts';
import type { Transport } from '../../contract/model.ts';
import type { Port, Seconds } from '../../contract/units.ts';
import { isFailure, Malformed, Refused, Unreachable } from '../failure.ts';
import { portFrom, secondsFrom, wholeNumber } from '../igd/igd-entry.ts';
import { DELETE_TIME } from '../upnp/http-exchange.ts';
import type { CallArguments, ServiceClient } from '../upnp/soap-call.ts';

export interface PinholeTarget {
  readonly transport: Transport;
  readonly client: IpAddress;
  readonly port: Port;
}

export interface FirewallStatus {
  /** `false`: nothing is filtered, and no pinhole is needed. */
  readonly enabled: boolean;
  /** `false`: the user has switched inbound pinholes off (V3). */
  readonly inboundPinholesAllowed: boolean;
}

/** IANA protocol numbers. */
const PROTOCOLS: Readonly<Record<Transport, string>> = { tcp: '6', udp: '17' };

export class PinholeActions {
  readonly #client: ServiceClient;

  constructor(client: ServiceClient) {
    this.#client = client;
  }

  /** §2.5.3. Resolves to the UniqueID. @param from address to call from (V1) */
  async add(target: PinholeTarget, lease: Seconds, from: IpAddress | undefined, signal: AbortSignal): Promise<number> {
    const args = [...flowArguments(target), ['LeaseTime', String(lease)] as const];
    // Adding what is there gives it back with a new lease, so it may be repeated.
    const { values } = await this.#client.call('AddPinhole', args, signal, {
      idempotent: true,
      ...(from === undefined ? {} : { localAddress: from }),
    });
    const id = portFrom(values.get('UniqueID'));
    if (id === undefined) throw new Malformed('AddPinhole: no UniqueID', values.get('UniqueID') ?? '');
    return id;
  }

  /** §2.5.4. */
  async update(id: number, lease: Seconds, from: IpAddress | undefined, signal: AbortSignal): Promise<void> {
    await this.#client.call('UpdatePinhole', [...idArgument(id), ['NewLeaseTime', String(lease)]], signal, {
      idempotent: true,
      ...(from === undefined ? {} : { localAddress: from }),
    });
  }

  /** §2.5.5. */
  async remove(id: number, from: IpAddress | undefined, signal: AbortSignal): Promise<void> {
    await this.#client.call('DeletePinhole', idArgument(id), signal, {
      idempotent: true,
      time: DELETE_TIME,
      ...(from === undefined ? {} : { localAddress: from }),
    });
  }

  /** §2.5.6: packets that passed so far. */
  async packets(id: number, signal: AbortSignal): Promise<number> {
    const { values } = await this.#client.call('GetPinholePackets', idArgument(id), signal, { idempotent: true });
    return wholeNumber(values.get('PinholePackets')) ?? 0;
  }

  /** §2.5.7, optional (V6). */
  async isWorking(id: number, signal: AbortSignal): Promise<boolean> {
    const { values } = await this.#client.call('CheckPinholeWorking', idArgument(id), signal, { idempotent: true });
    return isTrue(values.get('IsWorking'));
  }

  /** §2.5.1. */
  async firewallStatus(signal: AbortSignal): Promise<FirewallStatus> {
    const { values } = await this.#client.call('GetFirewallStatus', [], signal, { idempotent: true });
    return {
      enabled: isTrue(values.get('FirewallEnabled')),
      inboundPinholesAllowed: isTrue(values.get('InboundPinholeAllowed')),
    };
  }

  /** §2.5.2: how long the firewall keeps the answers' way open for a flow that starts inside. */
  async outboundTimeout(target: PinholeTarget, signal: AbortSignal): Promise<Seconds | undefined> {
    const { values } = await this.#client.call('GetOutboundPinholeTimeout', flowArguments(target), signal, {
      idempotent: true,
    });
    return secondsFrom(values.get('OutboundPinholeTimeout'));
  }
}

/** V4: any remote host is empty, any remote port is 0. */
function flowArguments({ transport, client, port }: PinholeTarget): CallArguments {
  return [
    ['RemoteHost', ''],
    ['RemotePort', '0'],
    ['InternalClient', client],
    ['InternalPort', String(port)],
    ['Protocol', PROTOCOLS[transport]],
  ];
}

const idArgument = (id: number): CallArguments => [['UniqueID', String(id)]];

const isTrue = (text: string | undefined): boolean => /^(?:1|true|yes)$/i.test(text ?? '');

/** Asks whether pinholes exist; questions that the gateway does not know are not put again (V6). */
export class PinholeSight {
  readonly #actions: PinholeActions;
  readonly #unknown = new Set<'GetPinholePackets' | 'CheckPinholeWorking'>();

  constructor(actions: PinholeActions) {
    this.#actions = actions;
  }

  /** Is there a question left that the gateway may know? */
  get canTell(): boolean {
    return this.#unknown.size < 2;
  }

  /** @throws Unreachable, or the signal's reason */
  async of(id: number, signal: AbortSignal): Promise<'there' | 'absent' | 'cannot-tell'> {
    const questions = [
      ['GetPinholePackets', () => this.#actions.packets(id, signal)],
      ['CheckPinholeWorking', () => this.#actions.isWorking(id, signal)],
    ] as const;
    for (const [action, question] of questions) {
      if (this.#unknown.has(action)) continue;
      try {
        await question();
        return 'there';
      } catch (error) {
        if (!isFailure(error) || error instanceof Unreachable) throw error;
        if (error instanceof Malformed) continue;
        if (error.reason === 'absent') return 'absent';
        // V6: 709 means that it is there and that nothing has come yet.
        if (error.code === 'upnp 709') return 'there';
        if (error.reason === 'unsupported') this.#unknown.add(action);
      }
    }
    return 'cannot-tell';
  }
}

/** The refusal with what the gateway says about its switches (V3), and whose address it was about (V1, V7).
 * @throws the signal's reason */
export async function explained(
  refusal: Refused,
  actions: PinholeActions,
  target: PinholeTarget,
  from: IpAddress | undefined,
  signal: AbortSignal,
): Promise<Refused> {
  const { reason, code, message } = refusal;
  if (reason !== 'not-authorized' && reason !== 'switched-off' && reason !== 'failed') return refusal;
  let status: FirewallStatus | undefined;
  try {
    status = await actions.firewallStatus(signal);
  } catch (error) {
    if (!isFailure(error)) throw error;
  }
  if (status?.enabled === false)
    return new Refused('switched-off', code, `${message}; the firewall is off, nothing is filtered`);
  if (status?.inboundPinholesAllowed === false)
    return new Refused('switched-off', code, `${message}; inbound pinholes are switched off in the gateway`);
  if (reason !== 'not-authorized' || from !== undefined) return refusal;
  return new Refused('only-for-itself', code, `${message}; ${target.client} is not an address of this machine`);
}
