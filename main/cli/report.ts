/** Snapshots as lines and records. */
import { endpointText } from '../contract/address.ts';
import type { ControlKind, GatewayView, MappingView, Snapshot } from '../contract/model.ts';
import type { EpochMs } from '../contract/units.ts';
import { explain } from '../contract/words.ts';
import { problemRecord } from './console.ts';

const PROTOCOL: Readonly<Record<ControlKind, string>> = {
  pcp: 'PCP',
  'nat-pmp': 'NAT-PMP',
  igd: 'UPnP',
  pinhole: 'UPnP pinhole',
};

const timeOf = (moment: EpochMs): string =>
  new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(moment);

const isoOf = (moment: EpochMs | 'never'): string => (moment === 'never' ? 'never' : new Date(moment).toISOString());

export function gatewayLine(gateway: GatewayView): string {
  const { name, address, externalAddress } = gateway;
  const where = name === address ? address : `${name} (${address})`;
  const outside =
    externalAddress === 'none'
      ? 'without an internet address'
      : externalAddress === 'unknown'
        ? 'outside address not told'
        : `outside address ${externalAddress}`;
  return `Router: ${where}, ${outside}, speaks ${gateway.controls.map(({ kind }) => PROTOCOL[kind]).join(', ')}`;
}

export function gatewayRecord(gateway: GatewayView): Record<string, unknown> {
  const { id, name, model, address, interfaceName, localAddress, externalAddress, isDefault, reachable, uptime } =
    gateway;
  return {
    id,
    name,
    model,
    address,
    interface: interfaceName,
    localAddress,
    externalAddress,
    isDefault,
    reachable,
    ...(uptime === undefined ? {} : { uptimeSeconds: uptime }),
    protocols: gateway.controls.map(({ kind, foundBy, foundIn, detail }) => ({
      protocol: kind,
      foundBy,
      foundInMs: Math.round(foundIn),
      detail,
    })),
  };
}

export function discoveryRows(gateway: GatewayView): readonly (readonly string[])[] {
  return gateway.controls.map(({ kind, foundBy, foundIn, detail }) => [
    `    ${PROTOCOL[kind]}`,
    `found by ${foundBy} in ${Math.round(foundIn)} ms`,
    detail,
  ]);
}

/** What a line about a mapping says, so that a line is printed only when it says something new. */
export function mappingLine(mapping: MappingView, snapshot: Snapshot): string | undefined {
  const { status } = mapping;
  const port = `${mapping.external.port}/${mapping.transport}`;
  switch (status.at) {
    case 'off':
    case 'opening':
    case 'renewing':
    case 'closing':
      return undefined;
    case 'open': {
      const { lease } = status;
      const inside = endpointText({
        address: mapping.internal.client ?? lease.external.address ?? inner(snapshot),
        port: mapping.internal.port,
      });
      const address =
        lease.external.address ?? snapshot.gateways.find(({ id }) => id === lease.gateway)?.externalAddress;
      const outside =
        address === undefined || address === 'none' || address === 'unknown'
          ? `outside port ${lease.external.port}`
          : endpointText({ address, port: lease.external.port });
      const other = lease.external.port === mapping.external.port ? '' : ` (instead of ${mapping.external.port})`;
      return `open     ${port}  ${outside}${other} -> ${inside}  ${PROTOCOL[lease.control]}`;
    }
    case 'waiting': {
      const open = status.mayBeOpenUntil;
      const may =
        open === undefined
          ? ''
          : open === 'never'
            ? ' It may still be open.'
            : ` It may be open until ${timeOf(open)}.`;
      const why = status.problem === undefined ? '' : ` ${explain(status.problem).what}`;
      const what = {
        gateway: 'waiting for the router.',
        network: 'waiting for the network.',
        retry: 'no answer yet; tried again by itself.',
      };
      return `waiting  ${port}  ${what[status.for]}${why}${may}`;
    }
    case 'refused': {
      const { what, why, todo } = explain(status.problem);
      return [
        `refused  ${port}  ${what}`,
        ...[why, todo].filter((line) => line !== '').map((line) => `    ${line}`),
      ].join('\n');
    }
  }
}

const inner = (snapshot: Snapshot): GatewayView['localAddress'] => {
  const [gateway] = snapshot.gateways;
  if (gateway === undefined) throw new RangeError('a mapping is open without a gateway');
  return gateway.localAddress;
};

export function mappingRecord(mapping: MappingView, snapshot: Snapshot): Record<string, unknown> {
  const { forward, family, transport, external, internal, status } = mapping;
  const lease = 'lease' in status ? status.lease : undefined;
  const gateway = lease === undefined ? undefined : snapshot.gateways.find(({ id }) => id === lease.gateway);
  const problem = status.at === 'refused' || status.at === 'waiting' ? status.problem : undefined;
  return {
    event: 'mapping',
    forward,
    family,
    transport,
    wantedPort: external.port,
    internalPort: internal.port,
    ...(internal.client === undefined ? {} : { internalClient: internal.client }),
    status: status.at,
    ...(lease === undefined
      ? {}
      : {
          externalPort: lease.external.port,
          externalAddress: lease.external.address ?? gateway?.externalAddress,
          gateway: gateway?.address,
          protocol: lease.control,
          evidence: lease.evidence,
          grantedAt: isoOf(lease.grantedAt),
          expiresAt: isoOf(lease.expiresAt),
        }),
    ...(status.at === 'waiting' ? { waitsFor: status.for } : {}),
    ...(problem === undefined ? {} : { problem: problemRecord(problem) }),
  };
}
