/** Asks routers whether they speak PCP and NAT-PMP, both at once: whichever answers is usable. */
import { endpointText, familyOf, scopeOf, type Endpoint, type IpAddress } from '../../contract/address.ts';
import type { Vitals } from '../../contract/mapping.ts';
import type { FoundBy } from '../../contract/model.ts';
import { inSeconds } from '../../contract/units.ts';
import { isFailure, Refused } from '../failure.ts';
import type { PortControl } from '../port-control.ts';
import type { PxpOptions } from '../pxp/exchange.ts';
import { NatPmpControl, probeNatPmp } from '../pxp/nat-pmp.ts';
import { PcpControl, probePcp } from '../pxp/pcp.ts';
import type { FindingMaker } from './finding-maker.ts';
import { localAddressTo, type Link } from './links.ts';

export type PxpProtocol = 'pcp' | 'nat-pmp';

export interface PxpTarget {
  readonly link: Link;
  readonly address: IpAddress;
  readonly port: number;
  readonly protocol: PxpProtocol;
  readonly foundBy: FoundBy;
  /** Nobody named it: silence says nothing, and an answer that this is the wrong protocol neither (P24). */
  readonly isGuess: boolean;
  /** It may be used before it has answered. */
  readonly isTrusted: boolean;
}

/** Reports a finding if the server answers; never rejects for the network's sake. */
export async function probe(make: FindingMaker, target: PxpTarget, signal: AbortSignal): Promise<void> {
  const { link, address, protocol } = target;
  const localAddress = localAddressTo(link, address);
  if (localAddress === undefined || (protocol === 'nat-pmp' && familyOf(address) === 'ipv6')) return;
  // An IPv6 opening points to the address that asks; a link-local one is of no use to anybody (V1).
  if (familyOf(localAddress) === 'ipv6' && scopeOf(localAddress) === 'link-local') return;
  const needsZone = familyOf(address) === 'ipv6' && scopeOf(address) === 'link-local';
  const server: Endpoint = { address, port: target.port, ...(needsZone ? { zone: link.name } : {}) };
  const { seenAs = localAddress } = link;
  const options = { network: make.system, server, localAddress, seenAs };
  const found = {
    link,
    address,
    localAddress: seenAs,
    name: '',
    model: '',
    detail: `${protocol === 'pcp' ? 'PCP version 2' : 'NAT-PMP version 0'} at ${endpointText(server, { zone: true })}`,
    remember: { kind: protocol, interfaceName: link.name, address },
  };
  try {
    if (target.isTrusted) {
      const control = controlOf(protocol, { ...options, patience: UNTRIED_PATIENCE });
      await make.reportUntried({ ...found, control, foundBy: 'remembered', vitals: {} }, signal);
    }
    const vitals = await ask(protocol, options, signal);
    make.ledger.heardFrom(link.name, address);
    await make.report({ ...found, control: controlOf(protocol, options), foundBy: target.foundBy, vitals }, signal);
  } catch (error) {
    if (signal.aborted) return;
    if (!isFailure(error)) throw error;
    make.ledger.note(error);
    const hasAnswered = !(error.name === 'Unreachable' && error.why !== 'refused');
    if (hasAnswered) make.ledger.heardFrom(link.name, address);
    // P1, P2: that it speaks the other one is what the other probe finds out.
    if (!target.isGuess && error instanceof Refused && error.reason !== 'unsupported')
      make.ledger.passOver(address, error.code);
  }
}

/** Nobody knows yet whether it is there: that is reported soon, and the search goes on. */
const UNTRIED_PATIENCE = inSeconds(1);

const controlOf = (protocol: PxpProtocol, options: PxpOptions): PortControl =>
  protocol === 'nat-pmp' ? new NatPmpControl(options) : new PcpControl(options);

async function ask(protocol: PxpProtocol, options: PxpOptions, signal: AbortSignal): Promise<Vitals> {
  if (protocol === 'nat-pmp') return await probeNatPmp(options, signal);
  const { epoch } = await probePcp(options, signal);
  return { epoch };
}
