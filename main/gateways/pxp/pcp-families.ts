/** One PCP server, reached by two pairs of addresses. */
import type { Family } from '../../contract/address.ts';
import type { Capabilities } from '../../contract/mapping.ts';
import type { PortControl } from '../port-control.ts';

/** Asks for IPv4 mappings from our IPv4 address and for IPv6 openings from our IPv6 address, as each leads to the address that
 * asked (RFC 6887 §8.1, §11.2). */
export function joinPcpFamilies(controls: Readonly<Record<Family, PortControl>>): PortControl {
  const { ipv4, ipv6 } = controls;
  return {
    kind: 'pcp',
    get capabilities(): Capabilities {
      // The two differ in what IPv6 does without: other ports.
      return { ...ipv4.capabilities, families: ['ipv4', 'ipv6'] };
    },
    open: (wish, signal) => controls[wish.family].open(wish, signal),
    close: (key, signal) => controls[key.family].close(key, signal),
    find: (key, signal) => ipv4.find(key, signal),
    async vitals(signal) {
      try {
        return await ipv4.vitals(signal);
      } catch (error) {
        // A server that hears one family only is alive all the same.
        if (signal.aborted) throw error;
        return await ipv6.vitals(signal);
      }
    },
  };
}
