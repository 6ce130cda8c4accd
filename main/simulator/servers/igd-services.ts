/** Actions, arguments and state variables of the services (WANIPConnection:1/2, WANCommonInterfaceConfig:1,
 * WANIPv6FirewallControl:1, Layer3Forwarding:1). */
import type { Personality } from '../router/personality.ts';

export interface ActionShape {
  readonly in: readonly string[];
  readonly out: readonly string[];
}

export interface ServiceShape {
  readonly actions: Readonly<Record<string, ActionShape>>;
  /** Their data type; `!` behind it where a change is an event. */
  readonly variables: Readonly<Record<string, string>>;
  /** The state variable related to an argument. */
  variableOf(argument: string): string;
}

const takes = (...names: readonly string[]): ActionShape => ({ in: names, out: [] });
const withoutNew = (argument: string): string => argument.replace(/^New/, '');
const all = (type: string, ...names: readonly string[]): ServiceShape['variables'] =>
  Object.fromEntries(names.map((name) => [name, type]));
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
  ...all(
    'string',
    'ConnectionType',
    'LastConnectionError',
    'RemoteHost',
    'PortMappingProtocol',
    'InternalClient',
    'PortMappingDescription',
  ),
  ...all('string!', 'PossibleConnectionTypes', 'ConnectionStatus', 'ExternalIPAddress'),
  ...all('ui4', 'Uptime', 'PortMappingLeaseDuration'),
  ...all('boolean', 'RSIPAvailable', 'NATEnabled', 'PortMappingEnabled'),
  ...all('ui2!', 'PortMappingNumberOfEntries'),
  ...all('ui2', 'ExternalPort', 'InternalPort'),
};
const rangeVariables: ServiceShape['variables'] = {
  ...all('ui4!', 'SystemUpdateID'),
  ...all('boolean', 'A_ARG_TYPE_Manage'),
  ...all('string', 'A_ARG_TYPE_PortListing'),
};

/** Where they are not named like the argument without `New`. */
const connectionVariableNames: Readonly<Record<string, string>> = {
  NewPortMappingIndex: 'PortMappingNumberOfEntries',
  NewEnabled: 'PortMappingEnabled',
  NewLeaseDuration: 'PortMappingLeaseDuration',
  NewProtocol: 'PortMappingProtocol',
  NewStartPort: 'ExternalPort',
  NewEndPort: 'ExternalPort',
  NewReservedPort: 'ExternalPort',
  NewNumberOfPorts: 'PortMappingNumberOfEntries',
  NewManage: 'A_ARG_TYPE_Manage',
  NewPortListing: 'A_ARG_TYPE_PortListing',
};

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
    ...all('boolean!', 'FirewallEnabled', 'InboundPinholeAllowed'),
    ...all('ui4', 'A_ARG_TYPE_OutboundPinholeTimeout', 'A_ARG_TYPE_LeaseTime', 'A_ARG_TYPE_PinholePackets'),
    ...all('string', 'A_ARG_TYPE_IPv6Address'),
    ...all('ui2', 'A_ARG_TYPE_Port', 'A_ARG_TYPE_Protocol', 'A_ARG_TYPE_UniqueID'),
    ...all('boolean', 'A_ARG_TYPE_Boolean'),
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
    ...all('string', 'WANAccessType'),
    ...all(
      'ui4',
      'Layer1UpstreamMaxBitRate',
      'Layer1DownstreamMaxBitRate',
      'TotalBytesSent',
      'TotalBytesReceived',
      'TotalPacketsSent',
      'TotalPacketsReceived',
    ),
    ...all('string!', 'PhysicalLinkStatus'),
  },
  variableOf: withoutNew,
};

const layer3: ServiceShape = {
  actions: {
    SetDefaultConnectionService: takes('NewDefaultConnectionService'),
    GetDefaultConnectionService: tells('NewDefaultConnectionService'),
  },
  variables: { DefaultConnectionService: 'string!' },
  variableOf: withoutNew,
};

/** The router's services, without its missing actions (N6, C29). */
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
      variableOf: (argument) => connectionVariableNames[argument] ?? withoutNew(argument),
    },
  };
}
