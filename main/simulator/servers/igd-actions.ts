/** Every SOAP action of the gateway, by service. */
import type { RouterState } from '../router/router-state.ts';
import { firewallAction } from './firewall-actions.ts';
import { servicesOf, udnOf, type Service, type ServiceKind } from './igd-descriptions.ts';
import { serviceShapes } from './igd-services.ts';
import { fault, type ActionResult, type Caller, type SoapCall } from './igd-soap.ts';
import { genericEntry, listRange, specificEntry } from './mapping-list-actions.ts';
import { addMapping, deleteMapping, deleteRange } from './wan-connection-actions.ts';

/** Performs the action and counts it. */
export function perform(state: RouterState, service: Service, call: SoapCall, caller: Caller): ActionResult {
  state.counters.count(call.action);
  if (!isOf(service, call)) return fault(401);
  const shapes = serviceShapes(state.personality);
  switch (service.kind) {
    case 'firewall':
      return firewallAction(state, call, caller);
    case 'wan-common':
      return wanCommonAction(state, call);
    case 'l3f':
      return layer3Action(state, call);
    case 'connection':
      return call.action in shapes.connection.actions ? connectionAction(state, call, caller) : fault(401);
    case 'dead-connection':
    case 'dead-ppp':
      return call.action in shapes.connection.actions ? deadAction(call, service.kind) : fault(401);
  }
}

/** miniupnpd answers for any version of its services, and for PPP as for IP connections. */
function isOf(service: Service, call: SoapCall): boolean {
  const family = (type: string): string => type.replace(/:\d+$/, '').replace('WANPPPConnection', 'WANIPConnection');
  return family(service.type) === family(call.service);
}

function connectionAction(state: RouterState, call: SoapCall, caller: Caller): ActionResult {
  switch (call.action) {
    case 'AddPortMapping':
      return addMapping(state, call, caller, false);
    case 'AddAnyPortMapping':
      return addMapping(state, call, caller, true);
    case 'DeletePortMapping':
      return deleteMapping(state, call, caller);
    case 'DeletePortMappingRange':
      return deleteRange(state, call, caller);
    case 'GetGenericPortMappingEntry':
      return genericEntry(state, call, state.counters.of(call.action));
    case 'GetSpecificPortMappingEntry':
      return specificEntry(state, call);
    case 'GetListOfPortMappings':
      return listRange(state, call);
    case 'GetExternalIPAddress':
      return { out: { NewExternalIPAddress: toldAddress(state) } };
    case 'GetStatusInfo':
      return {
        out: {
          NewConnectionStatus: toldStatus(state),
          NewLastConnectionError: 'ERROR_NONE',
          NewUptime: state.uptime(),
        },
      };
    case 'GetConnectionTypeInfo':
      return { out: { NewConnectionType: 'IP_Routed', NewPossibleConnectionTypes: 'IP_Routed' } };
    case 'GetNATRSIPStatus':
      return { out: { NewRSIPAvailable: 0, NewNATEnabled: 1 } };
    case 'SetConnectionType':
      return fault(731);
    case 'RequestConnection':
    case 'ForceTermination':
      return fault(606);
    default:
      return fault(401);
  }
}

/** N3, N4: as GetExternalIPAddress and the events report it. */
export function toldAddress(state: RouterState): string {
  const { externalAddress } = state.personality.status;
  if (externalAddress === 'always-empty') return '';
  if (externalAddress === 'always-zero') return '0.0.0.0';
  return state.mappableWan() ?? (externalAddress === 'zero-when-none' ? '0.0.0.0' : '');
}

/** N1, N2. */
export function toldStatus(state: RouterState): string {
  return state.wan() === 'none' ? 'Disconnected' : state.personality.status.connection;
}

/** X10: a service for a line that nobody plugged in. */
function deadAction(call: SoapCall, kind: ServiceKind): ActionResult {
  switch (call.action) {
    case 'GetStatusInfo':
      return { out: { NewConnectionStatus: 'Disconnected', NewLastConnectionError: 'ERROR_NONE', NewUptime: 0 } };
    case 'GetExternalIPAddress':
      return { out: { NewExternalIPAddress: kind === 'dead-ppp' ? '' : '0.0.0.0' } };
    case 'GetGenericPortMappingEntry':
      return fault(713);
    case 'GetSpecificPortMappingEntry':
    case 'DeletePortMapping':
      return fault(714);
    default:
      return fault(501);
  }
}

/** The rate goes up and down by this share … */
const BUSY_SHARE = 0.8;
/** … in so many seconds, times 2π. */
const BUSY_PERIOD = 17;

function wanCommonAction(state: RouterState, call: SoapCall): ActionResult {
  const link = state.wan() === 'none' ? 'Down' : 'Up';
  const { countsBytes, bytesFrom, bytesSigned } = state.personality.status;
  // A household that is always busy, now more and now less; the counters wrap as 32-bit ones do (E15).
  const seconds = state.uptime();
  const busy = seconds + BUSY_SHARE * BUSY_PERIOD * (1 - Math.cos(seconds / BUSY_PERIOD));
  const grown = (perSecond: number, from = 0): number => Math.floor(from + busy * perSecond) % 2 ** 32;
  const bytes = (perSecond: number): number => {
    const count = grown(perSecond, bytesFrom);
    return bytesSigned && count >= 2 ** 31 ? count - 2 ** 32 : count;
  };
  if (call.action.startsWith('GetTotalBytes') && !countsBytes) return fault(401);
  switch (call.action) {
    case 'GetCommonLinkProperties':
      return {
        out: {
          NewWANAccessType: 'Cable',
          NewLayer1UpstreamMaxBitRate: 40_000_000,
          NewLayer1DownstreamMaxBitRate: 100_000_000,
          NewPhysicalLinkStatus: link,
        },
      };
    case 'GetTotalBytesSent':
      return { out: { NewTotalBytesSent: bytes(12_500) } };
    case 'GetTotalBytesReceived':
      return { out: { NewTotalBytesReceived: bytes(98_000) } };
    case 'GetTotalPacketsSent':
      return { out: { NewTotalPacketsSent: grown(30) } };
    case 'GetTotalPacketsReceived':
      return { out: { NewTotalPacketsReceived: grown(75) } };
    default:
      return fault(401);
  }
}

function layer3Action(state: RouterState, call: SoapCall): ActionResult {
  if (call.action === 'SetDefaultConnectionService') return fault(606);
  if (call.action !== 'GetDefaultConnectionService') return fault(401);
  return { out: { NewDefaultConnectionService: defaultConnectionService(state) } };
}

/** Layer3Forwarding:1 §2.2.1. */
export function defaultConnectionService(state: RouterState): string {
  const live = servicesOf(state)[2].find((service) => service.kind === 'connection');
  const version = state.personality.device.igdVersion;
  return `uuid:${udnOf(state, 2)}:WANConnectionDevice:${version},${live?.id ?? ''}`;
}
