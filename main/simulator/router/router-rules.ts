import { parseIp } from '../../contract/address.ts';
import type { Transport } from '../../contract/model.ts';
import type { SimPinhole } from './pinhole-table.ts';
import type { ForwardingRule } from './router-plane.ts';
import type { SimMapping } from './router-table.ts';

/** What the router's tables mean for packets. */
export function forwardingRules(
  mappings: readonly SimMapping[],
  pinholes: readonly SimPinhole[],
): readonly ForwardingRule[] {
  return [...mappings.map((mapping) => ofMapping(mapping)), ...pinholes.flatMap((pinhole) => ofPinhole(pinhole))];
}

function ofMapping(mapping: SimMapping): ForwardingRule {
  // C11: `*` and nothing mean anyone.
  const remote = mapping.remoteHost === undefined ? undefined : parseIp(mapping.remoteHost);
  return {
    family: 'ipv4',
    transport: mapping.transport,
    external: { port: mapping.externalPort },
    internal: { client: mapping.internalClient, port: mapping.internalPort },
    ...(remote === undefined || remote === '0.0.0.0' ? {} : { remote: { address: remote } }),
  };
}

function ofPinhole(pinhole: SimPinhole): readonly ForwardingRule[] {
  const { internalClient: client, internalPort: port, protocol, remoteHost, remotePort } = pinhole;
  const remote = {
    ...(remoteHost === undefined ? {} : { address: remoteHost }),
    ...(remotePort === 0 ? {} : { port: remotePort }),
  };
  const tcp = protocol === 6 || protocol === 65_535;
  const udp = protocol === 17 || protocol === 65_535;
  const transports: readonly Transport[] = [...(tcp ? ['tcp' as const] : []), ...(udp ? ['udp' as const] : [])];
  return transports.map((transport) => ({
    family: 'ipv6',
    transport,
    external: { port },
    internal: { client, port },
    remote,
  }));
}
