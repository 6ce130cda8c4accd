/** The actions of a WANIPConnection or WANPPPConnection service, one method each. */
import type { IpAddress } from '../../contract/address.ts';
import type { Transport } from '../../contract/model.ts';
import type { Port, Seconds } from '../../contract/units.ts';
import { decodePortListing } from '../../wire/soap.ts';
import { WireError } from '../../wire/wire-error.ts';
import { Malformed } from '../failure.ts';
import { DELETE_TIME } from '../upnp/http-exchange.ts';
import type { CallArguments, ServiceClient } from '../upnp/soap-call.ts';
import type { HostNames } from './host-names.ts';
import { answeredEntry, entryFrom, valuesOfRow, portFrom, type EntryKey, type TableEntry } from './igd-entry.ts';

export interface AddRequest {
  readonly transport: Transport;
  readonly external: { readonly port: Port };
  readonly internal: { readonly client: IpAddress; readonly port: Port };
  /** 0 for permanent. */
  readonly lease: Seconds;
  readonly description: string;
  /** Anyone when absent. */
  readonly remoteHost?: string;
}

/** C23: upper case only. */
export const protocolText = (transport: Transport): string => transport.toUpperCase();

export class IgdTable {
  readonly client: ServiceClient;
  readonly #names: HostNames;

  constructor(client: ServiceClient, names: HostNames) {
    this.client = client;
    this.#names = names;
  }

  get serviceType(): string {
    return this.client.service.type;
  }

  /** WANIPConnection:1 §2.4.16. Resolves to whether the answer had no body (X27). */
  async add(request: AddRequest, signal: AbortSignal): Promise<{ readonly empty: boolean }> {
    return await this.client.call('AddPortMapping', addArguments(request), signal);
  }

  /** WANIPConnection:2 §2.5.16. `undefined` when the answer does not name the port that was reserved. */
  async addAny(request: AddRequest, signal: AbortSignal): Promise<number | undefined> {
    const { values } = await this.client.call('AddAnyPortMapping', addArguments(request), signal);
    // C29: misnamed by old daemons.
    return portFrom(values.get('NewReservedPort') ?? values.get('NewExternalPort') ?? [...values.values()][0]);
  }

  async remove(key: EntryKey, remoteHost: string, signal: AbortSignal): Promise<{ readonly empty: boolean }> {
    return await this.client.call('DeletePortMapping', keyArguments(key, remoteHost), signal, {
      idempotent: true,
      time: DELETE_TIME,
    });
  }

  /** @throws Refused among others; what its reasons mean here depends on the moment (E10) */
  async specific(key: EntryKey, remoteHost: string, signal: AbortSignal): Promise<TableEntry | 'mismatch'> {
    const { values } = await this.client.call('GetSpecificPortMappingEntry', keyArguments(key, remoteHost), signal, {
      idempotent: true,
    });
    if (!values.has('NewInternalClient') && !values.has('NewInternalPort')) return 'mismatch';
    const entry = answeredEntry(key, values);
    return entry === 'mismatch' ? entry : await this.#names.placed(entry, signal);
  }

  /** `undefined` for an answer that makes no sense. */
  async atIndex(index: number, signal: AbortSignal): Promise<TableEntry | undefined> {
    const { values } = await this.client.call(
      'GetGenericPortMappingEntry',
      [['NewPortMappingIndex', String(index)]],
      signal,
    );
    const entry = entryFrom(values);
    return entry === undefined ? undefined : await this.#names.placed(entry, signal);
  }

  /** Up to `count` entries of one transport from external port `from` on (WANIPConnection:2 §2.5.21). */
  async page(transport: Transport, from: number, count: number, signal: AbortSignal): Promise<readonly TableEntry[]> {
    const action = 'GetListOfPortMappings';
    const { values } = await this.client.call(
      action,
      [
        ['NewStartPort', String(from)],
        ['NewEndPort', '65535'],
        ['NewProtocol', protocolText(transport)],
        // Those of every client, as far as the gateway lets us see them.
        ['NewManage', '1'],
        ['NewNumberOfPorts', String(count)],
      ],
      signal,
    );
    const listing = values.get('NewPortListing') ?? '';
    const rows = decodePortListing(listing);
    if (rows instanceof WireError) throw new Malformed(`${action}: ${rows.message}`, rows.capture, { cause: rows });
    const entries: TableEntry[] = [];
    for (const row of rows) {
      const entry = entryFrom(valuesOfRow(row));
      if (entry !== undefined) entries.push(await this.#names.placed(entry, signal));
    }
    return entries;
  }
}

/** In the order of the standard's argument table, which strict routers check (X31). */
export function addArguments(request: AddRequest): CallArguments {
  return [
    ['NewRemoteHost', request.remoteHost ?? ''],
    ['NewExternalPort', String(request.external.port)],
    ['NewProtocol', protocolText(request.transport)],
    ['NewInternalPort', String(request.internal.port)],
    ['NewInternalClient', request.internal.client],
    ['NewEnabled', '1'],
    // C26: never empty.
    ['NewPortMappingDescription', request.description.trim() === '' ? 'mapping' : request.description],
    ['NewLeaseDuration', String(request.lease)],
  ];
}

function keyArguments(key: EntryKey, remoteHost: string): CallArguments {
  return [
    ['NewRemoteHost', remoteHost],
    ['NewExternalPort', String(key.external.port)],
    ['NewProtocol', protocolText(key.transport)],
  ];
}
