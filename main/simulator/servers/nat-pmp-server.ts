/** The NAT-PMP server of a simulated router (RFC 6886), bytes in, bytes out. */
import { familyOf, toBytes4, type IpAddress } from '../../contract/address.ts';
import type { Transport } from '../../contract/model.ts';
import { seconds } from '../../contract/units.ts';
import type { RouterState } from '../router/router-state.ts';
import { grant } from './pxp-grants.ts';

/** RFC 6886 §3.5. */
const results = { success: 0, version: 1, notAuthorized: 2, networkFailure: 3, outOfResources: 4, opcode: 5 } as const;

function response(state: RouterState, opcode: number, result: number, length: number): DataView<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(length));
  view.setUint8(1, opcode | 0x80);
  view.setUint16(2, result);
  view.setUint32(4, state.epoch());
  return view;
}

const bytesOf = (view: DataView<ArrayBuffer>): Uint8Array => new Uint8Array(view.buffer);

/** RFC 6886 §3.2, also for announcements (§3.2.1). */
export function externalAddressResponse(state: RouterState): Uint8Array {
  const wan = state.mappableWan();
  const view = response(state, 0, wan === undefined ? results.networkFailure : results.success, 12);
  const bytes = bytesOf(view);
  if (wan !== undefined && familyOf(wan) === 'ipv4') bytes.set(toBytes4(wan), 8);
  return bytes;
}

/** RFC 6886 §3.5, RFC 6887 Appendix A: what another version's request gets (P1). */
export function unsupportedVersionResponse(state: RouterState, opcode: number): Uint8Array {
  return bytesOf(response(state, opcode & 0x7f, results.version, 8));
}

/** `undefined` where the server keeps silent: responses, torn requests. */
export function answerNatPmp(state: RouterState, request: Uint8Array, from: IpAddress): Uint8Array | undefined {
  const [, opcode] = request;
  if (opcode === undefined || opcode >= 0x80) return undefined;
  if (opcode === 0) {
    state.counters.count('nat-pmp address');
    return request.length === 2 ? externalAddressResponse(state) : undefined;
  }
  if (opcode > 2) {
    state.counters.count('nat-pmp other');
    return bytesOf(response(state, opcode, results.opcode, 8));
  }
  if (request.length !== 12) return undefined;
  return answerMapping(state, request, from, opcode);
}

function answerMapping(state: RouterState, request: Uint8Array, from: IpAddress, opcode: number): Uint8Array {
  const asked = new DataView(request.buffer, request.byteOffset, request.byteLength);
  const transport: Transport = opcode === 1 ? 'udp' : 'tcp';
  const internalPort = asked.getUint16(4);
  const suggestedPort = asked.getUint16(6);
  const lifetime = asked.getUint32(8);
  const reply = (result: number, externalPort: number, granted: number): Uint8Array => {
    const view = response(state, opcode, result, 16);
    const mask = state.personality.pxp.eightBitPorts ? 0xff : 0xffff;
    view.setUint16(8, internalPort & mask);
    view.setUint16(10, externalPort & mask);
    view.setUint32(12, granted);
    return bytesOf(view);
  };

  state.counters.count(lifetime === 0 ? 'nat-pmp delete' : 'nat-pmp map');
  if (lifetime === 0) {
    remove(state, transport, from, internalPort);
    return reply(results.success, 0, 0);
  }
  if (internalPort === 0) return reply(results.notAuthorized, suggestedPort, lifetime);
  // miniupnpd has one word for a line that is down and a rule that cannot be made.
  const isImpossible = state.mappableWan() === undefined || state.personality.mapping.chainsMissing;
  if (isImpossible) return reply(results.networkFailure, suggestedPort, lifetime);
  const outcome = grant(state, {
    owner: 'nat-pmp',
    transport,
    client: from,
    internalPort,
    suggestedPort,
    lifetime: seconds(lifetime),
    noOtherPort: false,
  });
  if (outcome === 'not-authorized') return reply(results.notAuthorized, suggestedPort, lifetime);
  if (outcome === 'no-resources' || outcome === 'cannot-provide') {
    return reply(results.outOfResources, suggestedPort, lifetime);
  }
  return reply(results.success, outcome.externalPort, outcome.lifetime);
}

/** RFC 6886 §3.4: internal port 0 deletes all of this client and transport (P22); a missing one is gone already. */
function remove(state: RouterState, transport: Transport, client: IpAddress, internalPort: number): void {
  for (const mapping of state.table.mappings()) {
    if (
      mapping.transport === transport &&
      mapping.internalClient === client &&
      mapping.owner === 'nat-pmp' &&
      (internalPort === 0 || mapping.internalPort === internalPort)
    ) {
      state.table.remove(transport, mapping.externalPort);
    }
  }
}
