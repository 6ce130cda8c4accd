/** Actions, arguments and state variables of the services (WANIPConnection:1/2, WANCommonInterfaceConfig:1,
 * WANIPv6FirewallControl:1, Layer3Forwarding:1). */
import type { Personality } from '../router/personality.ts';

export interface ActionShape {
  readonly in: readonly string[];
  readonly out: readonly string[];
}

export interface ServiceShape {
  readonly actions: Readonly<Record<string, ActionShape>>;
  readonly variables: Readonly<Record<string, { readonly type: string; readonly evented?: true }>>;
  /** The state variable related to an argument. */
  variableOf(argument: string): string;
}

const takes = (...names: readonly string[]): ActionShape => ({ in: names, out: [] });
const tells = (...names: readonly string[]): ActionShape => ({ in: [], out: names });

const entryKey = ['NewRemoteHost', 'NewExternalPort', 'NewProtocol'];
const entryRest = [
  'NewInternalPort',
  'NewInternalClient',
  'NewEnabled',
  'NewPortMappingDescription',
  'NewLeaseDuration',
];
const range = ['NewStartPort', 'NewEndPort', 'NewProtocol', 'NewManage'];

const connectionActions = {
  SetConnectionType: takes('NewConnectionType'),
  GetConnectionTypeInfo: tells('NewConnectionType', 'NewPossibleConnectionTypes'),
  RequestConnection: takes(),
  ForceTermination: takes(),
  GetStatusInfo: tells('NewConnectionStatus', 'NewLastConnectionError', 'NewUptime'),
  GetNATRSIPStatus: tells('NewRSIPAvailable', 'NewNATEnabled'),
  GetGenericPortMappingEntry: { in: ['NewPortMappingIndex'], out: [...entryKey, ...entryRest] },
  GetSpecificPortMappingEntry: { in: entryKey, out: entryRest },
  AddPortMapping: takes(...entryKey, ...entryRest),
  DeletePortMapping: takes(...entryKey),
  GetExternalIPAddress: tells('NewExternalIPAddress'),
};
const statusActions: ReadonlySet<string> = new Set(['GetConnectionTypeInfo', 'GetStatusInfo', 'GetNATRSIPStatus']);
const rangeActions = {
  DeletePortMappingRange: takes(...range),
  GetListOfPortMappings: { in: [...range, 'NewNumberOfPorts'], out: ['NewPortListing'] },
};
const anyAction = { AddAnyPortMapping: { in: [...entryKey, ...entryRest], out: ['NewReservedPort'] } };

const connectionVariables: ServiceShape['variables'] = {
  ConnectionType: { type: 'string' },
  PossibleConnectionTypes: { type: 'string', evented: true },
  ConnectionStatus: { type: 'string', evented: true },
  Uptime: { type: 'ui4' },
  LastConnectionError: { type: 'string' },
  RSIPAvailable: { type: 'boolean' },
  NATEnabled: { type: 'boolean' },
  ExternalIPAddress: { type: 'string', evented: true },
  PortMappingNumberOfEntries: { type: 'ui2', evented: true },
  PortMappingEnabled: { type: 'boolean' },
  PortMappingLeaseDuration: { type: 'ui4' },
  RemoteHost: { type: 'string' },
  ExternalPort: { type: 'ui2' },
  InternalPort: { type: 'ui2' },
  PortMappingProtocol: { type: 'string' },
  InternalClient: { type: 'string' },
  PortMappingDescription: { type: 'string' },
};
const rangeVariables: ServiceShape['variables'] = {
  SystemUpdateID: { type: 'ui4', evented: true },
  A_ARG_TYPE_Manage: { type: 'boolean' },
  A_ARG_TYPE_PortListing: { type: 'string' },
};

function connectionVariableOf(argument: string): string {
  switch (argument) {
    case 'NewPortMappingIndex':
      return 'PortMappingNumberOfEntries';
    case 'NewEnabled':
      return 'PortMappingEnabled';
    case 'NewLeaseDuration':
      return 'PortMappingLeaseDuration';
    case 'NewProtocol':
      return 'PortMappingProtocol';
    case 'NewStartPort':
    case 'NewEndPort':
    case 'NewReservedPort':
      return 'ExternalPort';
    case 'NewNumberOfPorts':
      return 'PortMappingNumberOfEntries';
    case 'NewManage':
      return 'A_ARG_TYPE_Manage';
    case 'NewPortListing':
      return 'A_ARG_TYPE_PortListing';
    default:
      return argument.replace(/^New/, '');
  }
}

const pinholeEnd = ['RemoteHost', 'RemotePort', 'InternalClient', 'InternalPort', 'Protocol'];
const firewall: ServiceShape = {
  actions: {
    GetFirewallStatus: tells('FirewallEnabled', 'InboundPinholeAllowed'),
    GetOutboundPinholeTimeout: { in: pinholeEnd, out: ['OutboundPinholeTimeout'] },
    AddPinhole: { in: [...pinholeEnd, 'LeaseTime'], out: ['UniqueID'] },
    UpdatePinhole: takes('UniqueID', 'NewLeaseTime'),
    DeletePinhole: takes('UniqueID'),
    GetPinholePackets: { in: ['UniqueID'], out: ['PinholePackets'] },
    CheckPinholeWorking: { in: ['UniqueID'], out: ['IsWorking'] },
  },
  variables: {
    FirewallEnabled: { type: 'boolean', evented: true },
    InboundPinholeAllowed: { type: 'boolean', evented: true },
    A_ARG_TYPE_OutboundPinholeTimeout: { type: 'ui4' },
    A_ARG_TYPE_IPv6Address: { type: 'string' },
    A_ARG_TYPE_Port: { type: 'ui2' },
    A_ARG_TYPE_Protocol: { type: 'ui2' },
    A_ARG_TYPE_LeaseTime: { type: 'ui4' },
    A_ARG_TYPE_UniqueID: { type: 'ui2' },
    A_ARG_TYPE_PinholePackets: { type: 'ui4' },
    A_ARG_TYPE_Boolean: { type: 'boolean' },
  },
  variableOf: (argument) => {
    if (/Host$|Client$/.test(argument)) return 'A_ARG_TYPE_IPv6Address';
    if (argument.endsWith('Port')) return 'A_ARG_TYPE_Port';
    if (argument.endsWith('LeaseTime')) return 'A_ARG_TYPE_LeaseTime';
    if (argument === 'IsWorking') return 'A_ARG_TYPE_Boolean';
    return argument in firewall.variables ? argument : `A_ARG_TYPE_${argument}`;
  },
};

const wanCommon: ServiceShape = {
  actions: {
    GetCommonLinkProperties: tells(
      'NewWANAccessType',
      'NewLayer1UpstreamMaxBitRate',
      'NewLayer1DownstreamMaxBitRate',
      'NewPhysicalLinkStatus',
    ),
    GetTotalBytesSent: tells('NewTotalBytesSent'),
    GetTotalBytesReceived: tells('NewTotalBytesReceived'),
    GetTotalPacketsSent: tells('NewTotalPacketsSent'),
    GetTotalPacketsReceived: tells('NewTotalPacketsReceived'),
  },
  variables: {
    WANAccessType: { type: 'string' },
    Layer1UpstreamMaxBitRate: { type: 'ui4' },
    Layer1DownstreamMaxBitRate: { type: 'ui4' },
    PhysicalLinkStatus: { type: 'string', evented: true },
    TotalBytesSent: { type: 'ui4' },
    TotalBytesReceived: { type: 'ui4' },
    TotalPacketsSent: { type: 'ui4' },
    TotalPacketsReceived: { type: 'ui4' },
  },
  variableOf: (argument) => argument.replace(/^New/, ''),
};

const layer3: ServiceShape = {
  actions: {
    SetDefaultConnectionService: takes('NewDefaultConnectionService'),
    GetDefaultConnectionService: tells('NewDefaultConnectionService'),
  },
  variables: { DefaultConnectionService: { type: 'string', evented: true } },
  variableOf: (argument) => argument.replace(/^New/, ''),
};

/** What the router's services offer, its missing actions left out (N6, C29). */
export function serviceShapes(
  personality: Personality,
): Readonly<Record<'l3f' | 'wan-common' | 'connection' | 'firewall', ServiceShape>> {
  const { device, list, mapping, status } = personality;
  const offered = Object.entries(connectionActions).filter(([name]) => status.actions || !statusActions.has(name));
  const ranges = device.igdVersion === 2 && list.ranges;
  const any = device.igdVersion === 2 && mapping.addAny;
  return {
    l3f: layer3,
    'wan-common': wanCommon,
    firewall,
    connection: {
      actions: { ...Object.fromEntries(offered), ...(ranges ? rangeActions : {}), ...(any ? anyAction : {}) },
      variables: device.igdVersion === 2 ? { ...connectionVariables, ...rangeVariables } : connectionVariables,
      variableOf: connectionVariableOf,
    },
  };
}
