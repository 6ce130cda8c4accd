/** The actions of WANIPv6FirewallControl:1, one method each. */
import type { IpAddress } from '../../contract/address.ts';
import type { Transport } from '../../contract/model.ts';
import type { Port, Seconds } from '../../contract/units.ts';
import { Malformed } from '../failure.ts';
import { DELETE_TIME } from '../upnp/http-exchange.ts';
import { portFrom, secondsFrom, wholeNumber } from '../igd/igd-entry.ts';
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
