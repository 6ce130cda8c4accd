/** The actions of WANIPv6FirewallControl:1, one method each. */
import type { IpAddress } from '../../contract/address.ts';
import type { Transport } from '../../contract/model.ts';
import type { Port, Seconds } from '../../contract/units.ts';
import { isFailure, outcomeOf, Malformed, Refused, Unreachable } from '../failure.ts';
import { portFrom } from '../igd/igd-entry.ts';
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
  readonly #unknown = new Set<string>();

  constructor(client: ServiceClient) {
    this.#client = client;
  }

  /** §2.5.3. Resolves to the UniqueID. @param from address to call from (V1) */
  async add(target: PinholeTarget, lease: Seconds, from: IpAddress | undefined, signal: AbortSignal): Promise<number> {
    const args = [...flowArguments(target), ['LeaseTime', String(lease)] as const];
    // Adding an existing pinhole returns it with a new lease, so the call may be repeated.
    const { values } = await this.#client.call('AddPinhole', args, signal, {
      idempotent: true,
      localAddress: from,
    });
    const id = portFrom(values.get('UniqueID'));
    if (id === undefined) throw new Malformed('AddPinhole: no UniqueID', values.get('UniqueID') ?? '');
    return id;
  }

  /** §2.5.4. */
  async update(id: number, lease: Seconds, from: IpAddress | undefined, signal: AbortSignal): Promise<void> {
    await this.#client.call('UpdatePinhole', [...idArgument(id), ['NewLeaseTime', String(lease)]], signal, {
      idempotent: true,
      localAddress: from,
    });
  }

  /** §2.5.5. */
  async remove(id: number, from: IpAddress | undefined, signal: AbortSignal): Promise<void> {
    await this.#client.call('DeletePinhole', idArgument(id), signal, {
      idempotent: true,
      time: DELETE_TIME,
      localAddress: from,
    });
  }

  /** Is there a question left that the gateway may know? */
  get canTell(): boolean {
    return this.#unknown.size < 2;
  }

  /** Is the pinhole there? Asks for its packets (§2.5.6) and whether it works (§2.5.7); questions that the gateway does
   * not know are not put again (V6). @throws Unreachable, or the signal's reason */
  async look(id: number, signal: AbortSignal): Promise<'there' | 'absent' | 'cannot-tell'> {
    for (const action of ['GetPinholePackets', 'CheckPinholeWorking']) {
      if (this.#unknown.has(action)) continue;
      const outcome = await outcomeOf(this.#client.call(action, idArgument(id), signal, { idempotent: true }));
      if (!isFailure(outcome)) return 'there';
      if (outcome instanceof Unreachable) throw outcome;
      if (outcome instanceof Malformed) continue;
      if (outcome.reason === 'absent') return 'absent';
      // V6: 709 means that it is there and that nothing has come yet.
      if (outcome.code === 'upnp 709') return 'there';
      if (outcome.reason === 'unsupported') this.#unknown.add(action);
    }
    return 'cannot-tell';
  }

  /** §2.5.1. */
  async firewallStatus(signal: AbortSignal): Promise<FirewallStatus> {
    const { values } = await this.#client.call('GetFirewallStatus', [], signal, { idempotent: true });
    return {
      enabled: isTrue(values.get('FirewallEnabled')),
      inboundPinholesAllowed: isTrue(values.get('InboundPinholeAllowed')),
    };
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
  const status = await outcomeOf(actions.firewallStatus(signal));
  if (!isFailure(status) && !status.enabled)
    return new Refused('switched-off', code, `${message}; the firewall is off, nothing is filtered`);
  if (!isFailure(status) && !status.inboundPinholesAllowed)
    return new Refused('switched-off', code, `${message}; inbound pinholes are switched off in the gateway`);
  if (reason !== 'not-authorized' || from !== undefined) return refusal;
  return new Refused('only-for-itself', code, `${message}; ${target.client} is not an address of this machine`);
}
