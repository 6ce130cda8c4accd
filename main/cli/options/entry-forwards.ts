/** The entries of a list of ports as forwards. */
import { inNetwork } from '../../contract/address.ts';
import type { Forward } from '../../contract/model.ts';
import { asForwardId } from '../../contract/model.ts';
import type { NetworkState } from '../../system/system.ts';
import type { PortEntry } from '../../engine/profiles/ports-file.ts';

/** What of a file applies to this machine now. Of two ranges that one interface is in, the first counts. */
export function forwardsOfEntries(
  entries: readonly PortEntry[],
  network: Pick<NetworkState, 'interfaces'>,
): { readonly forwards: readonly Forward[]; readonly elsewhere: readonly PortEntry[] } {
  const forwards = new Map<string, Forward>();
  const elsewhere: PortEntry[] = [];
  for (const entry of entries) {
    const range = entry.network;
    const own =
      range === undefined
        ? undefined
        : network.interfaces.find(
            ({ addresses, loopback }) => !loopback && addresses.some(({ address }) => inNetwork(address, range)),
          );
    if (range !== undefined && own === undefined) {
      elsewhere.push(entry);
      continue;
    }
    // By what it asks for, not by its place: lines may be sorted anew without closing anything.
    const id = asForwardId(`${entry.port}/${entry.transport}@${entry.address ?? own?.name ?? ''}`);
    if (forwards.has(id)) continue;
    forwards.set(id, {
      id,
      label: entry.comment,
      transports: [entry.transport],
      families: ['ipv4'],
      external: { first: entry.port, last: entry.port },
      internal: { first: entry.port, ...(entry.address === undefined ? {} : { client: entry.address }) },
      lease: entry.lease,
      ifTaken: 'fail',
      ...(own === undefined ? {} : { interfaceName: own.name }),
    });
  }
  return { forwards: [...forwards.values()], elsewhere };
}
