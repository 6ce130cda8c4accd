/** WANIPv6FirewallControl:1. */
import { familyOf, parseIp, type IpAddress } from '../../contract/address.ts';
import { after, seconds, secondsToMillis } from '../../contract/units.ts';
import type { PinholeTable, SimPinhole } from '../router/pinhole-table.ts';
import type { RouterState } from '../router/router-state.ts';
import {
  fault,
  numberOf,
  success,
  type ActionResult,
  type Caller,
  type OutArguments,
  type SoapCall,
} from './igd-soap.ts';

/** WANIPv6FirewallControl:1 §2.3.3: LeaseTime is 1 … 86400 s (V10). */
const longestLease = 86_400;

export function firewallAction(state: RouterState, call: SoapCall, caller: Caller): ActionResult {
  const { pinholes } = state.personality;
  if (call.action === 'GetFirewallStatus') {
    return { out: toldFirewall(state) };
  }
  // V3: §2.5.2 and §2.5.3 put these before anything else.
  if (!pinholes.firewallEnabled) return fault(702);
  if (!pinholes.inboundAllowed) return fault(703);
  switch (call.action) {
    case 'AddPinhole':
      return addPinhole(state, call, caller);
    case 'UpdatePinhole':
      return updatePinhole(state, call, caller);
    case 'DeletePinhole':
      return onOwn(state, call, caller, (pinhole, table) => {
        // V5.
        if (!pinholes.deletes) return fault(606);
        table.remove(pinhole.id);
        return success;
      });
    case 'GetPinholePackets':
      return onOwn(state, call, caller, () => ({ out: { PinholePackets: 0 } }));
    case 'CheckPinholeWorking':
      return onOwn(state, call, caller, () => fault(709));
    case 'GetOutboundPinholeTimeout':
      return { out: { OutboundPinholeTimeout: 7200 } };
    default:
      return fault(401);
  }
}

function addPinhole(state: RouterState, call: SoapCall, caller: Caller): ActionResult {
  const { pinholes } = state.personality;
  const protocol = numberOf(call, 'Protocol');
  const internalPort = numberOf(call, 'InternalPort');
  const remotePort = numberOf(call, 'RemotePort');
  const lease = numberOf(call, 'LeaseTime');
  const internalClient = parseIp(call.arguments.get('InternalClient') ?? '');
  const remote = call.arguments.get('RemoteHost')?.trim() ?? '';
  const remoteHost = remote === '' ? undefined : parseIp(remote);
  if (protocol === undefined || internalPort === undefined || remotePort === undefined || lease === undefined) {
    return fault(402);
  }
  if (internalPort > 65_535 || remotePort > 65_535 || lease < 1 || lease > longestLease) return fault(402);
  if (internalClient === undefined || familyOf(internalClient) !== 'ipv6') return fault(402);
  // V4: any host is an empty string, nothing else.
  if (remote !== '' && remoteHost === undefined) return fault(402);
  if (protocol === 65_535) return fault(707);
  if (protocol !== 6 && protocol !== 17) return fault(705);
  if (internalPort === 0) return fault(706);
  if (!mayOpen(state, internalClient, caller) || internalPort < pinholes.lowestPort) return fault(606);
  const expiresAt = after(state.system.clock.now(), secondsToMillis(seconds(lease)));
  const wish = { remoteHost, remotePort, internalClient, internalPort, protocol, expiresAt, owner: 'igd' } as const;
  return { out: { UniqueID: state.pinholes.add(wish).id } };
}

function updatePinhole(state: RouterState, call: SoapCall, caller: Caller): ActionResult {
  const lease = numberOf(call, 'NewLeaseTime');
  if (lease === undefined || lease < 1 || lease > longestLease) return fault(402);
  return onOwn(state, call, caller, (pinhole, table) => {
    table.renew(pinhole.id, after(state.system.clock.now(), secondsToMillis(seconds(lease))));
    return success;
  });
}

function onOwn(
  state: RouterState,
  call: SoapCall,
  caller: Caller,
  work: (pinhole: SimPinhole, table: PinholeTable) => ActionResult,
): ActionResult {
  const id = numberOf(call, 'UniqueID');
  if (id === undefined || id > 65_535) return fault(402);
  const pinhole = state.pinholes.get(id);
  if (pinhole === undefined) return fault(704);
  return mayOpen(state, pinhole.internalClient, caller) ? work(pinhole, state.pinholes) : fault(606);
}

/** V1. */
const mayOpen = (state: RouterState, client: IpAddress, caller: Caller): boolean =>
  !state.personality.pinholes.ownAddressOnly || client === caller.address;

/** As GetFirewallStatus and the events report it. */
export function toldFirewall({ personality }: RouterState): OutArguments {
  const { firewallEnabled, inboundAllowed } = personality.pinholes;
  return { FirewallEnabled: firewallEnabled ? 1 : 0, InboundPinholeAllowed: inboundAllowed ? 1 : 0 };
}
