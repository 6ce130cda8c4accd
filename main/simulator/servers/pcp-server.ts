/** The PCP server of a simulated router (RFC 6887), bytes in, bytes out. */
import { familyOf, fromBytes, toBytes16, type IpAddress } from '../../contract/address.ts';
import { after, seconds, secondsToMillis } from '../../contract/units.ts';
import { hex, joined, type RouterState } from '../router/router-state.ts';
import { grant, heldFor, mayTouch } from './pxp-grants.ts';

/** RFC 6887 §7.4. */
const results = {
  success: 0,
  version: 1,
  notAuthorized: 2,
  malformedRequest: 3,
  opcode: 4,
  option: 5,
  malformedOption: 6,
  networkFailure: 7,
  noResources: 8,
  protocol: 9,
  cannotProvideExternal: 11,
  addressMismatch: 12,
} as const;
/** RFC 6887 §7.4: worth another try soon. */
const shortLived: ReadonlySet<number> = new Set([
  results.networkFailure,
  results.noResources,
  10,
  results.cannotProvideExternal,
]);

const headerLength = 24;
const mapLength = 36;
/** RFC 6887 §7. */
const longest = 1100;

interface MapRequest {
  readonly lifetime: number;
  readonly nonce: string;
  readonly protocol: number;
  readonly internalPort: number;
  readonly suggestedPort: number;
  readonly suggestedAddress: IpAddress;
  readonly client: IpAddress;
  readonly preferFailure: boolean;
  /** Offset and end of each option that was obeyed. */
  readonly options: readonly Uint8Array[];
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function header(state: RouterState, opcode: number, result: number, lifetime: number): Uint8Array {
  const bytes = new Uint8Array(headerLength);
  const view = viewOf(bytes);
  view.setUint8(0, 2);
  view.setUint8(1, opcode | 0x80);
  view.setUint8(3, result);
  view.setUint32(4, lifetime);
  view.setUint32(8, state.epoch());
  return bytes;
}

/** RFC 6887 §14.1.3: unsolicited, or the answer to one. */
export const announceResponse = (state: RouterState): Uint8Array => header(state, 0, results.success, 0);

/** RFC 6887 §8.2: an error repeats what followed the request's header. */
function refusal(state: RouterState, request: Uint8Array, result: number): Uint8Array {
  const { errorLifetime } = state.personality.pxp;
  const lifetime = shortLived.has(result) ? errorLifetime.short : errorLifetime.long;
  const rest = request.subarray(headerLength, longest);
  return joined(header(state, (request[1] ?? 0) & 0x7f, result, lifetime), rest.subarray(0, rest.length & ~3));
}

/** RFC 6887 §9: the answer to another version. */
export const unsupportedVersion = (state: RouterState, request: Uint8Array): Uint8Array =>
  refusal(state, request, results.version);

/** `undefined` where the server keeps silent: responses, fragments. */
export function answerPcp(state: RouterState, request: Uint8Array, from: IpAddress): Uint8Array | undefined {
  const opcode = request[1];
  if (opcode === undefined || opcode >= 0x80) return undefined;
  const { pxp } = state.personality;
  if (request.length < headerLength || request.length > longest || request.length % 4 !== 0) {
    return refusal(state, request, results.malformedRequest);
  }
  if (request[0] !== 2) return unsupportedVersion(state, request);
  if (opcode === 0 && pxp.announce) {
    state.counters.count('pcp ANNOUNCE');
    return announceResponse(state);
  }
  if (opcode !== 1) {
    state.counters.count('pcp other');
    return refusal(state, request, results.opcode);
  }
  const lifetime = viewOf(request).getUint32(4);
  state.counters.count(lifetime === 0 ? 'pcp MAP delete' : 'pcp MAP');
  if (fromBytes(request.subarray(8, 24)) !== from) return refusal(state, request, results.addressMismatch);
  const map = readMap(state, request, from);
  if (typeof map === 'number') return refusal(state, request, map);
  const outcome = familyOf(from) === 'ipv6' ? openPinhole(state, map) : mapPort(state, map);
  return 'result' in outcome ? refusal(state, request, outcome.result) : mapResponse(state, request, map, outcome);
}

function mapResponse(state: RouterState, request: Uint8Array, map: MapRequest, granted: Granted): Uint8Array {
  const payload = request.slice(headerLength, headerLength + mapLength);
  viewOf(payload).setUint16(18, granted.port);
  payload.set(toBytes16(granted.address), 20);
  return joined(header(state, 1, results.success, granted.lifetime), payload, ...map.options);
}

/** The request, or the result code that it earns. */
function readMap(state: RouterState, request: Uint8Array, from: IpAddress): MapRequest | number {
  if (request.length < headerLength + mapLength) return results.malformedRequest;
  const view = viewOf(request);
  let client = from;
  let preferFailure = false;
  const options: Uint8Array[] = [];
  const seen = new Set<number>();
  for (let at = headerLength + mapLength; at < request.length;) {
    const code = view.getUint8(at);
    const length = view.getUint16(at + 2);
    const end = at + 4 + ((length + 3) & ~3);
    if (end > request.length || seen.has(code)) return results.malformedOption;
    seen.add(code);
    const data = request.subarray(at + 4, at + 4 + length);
    const obeyed = state.personality.pxp.options && (code === 2 || (code === 1 && state.personality.pxp.thirdParty));
    if (!obeyed && code < 128) return results.option;
    if (obeyed) {
      if (length !== (code === 1 ? 16 : 0)) return results.malformedOption;
      if (code === 1) client = fromBytes(data);
      else preferFailure = true;
      options.push(request.slice(at, end));
    }
    at = end;
  }
  const lifetime = view.getUint32(4);
  const protocol = view.getUint8(headerLength + 12);
  const internalPort = view.getUint16(headerLength + 16);
  if (internalPort === 0) return results.malformedRequest;
  if (protocol !== 6 && protocol !== 17) return protocol === 0 ? results.malformedRequest : results.protocol;
  // RFC 6887 §13.2: PREFER_FAILURE has no meaning in a deletion.
  if (preferFailure && lifetime === 0) return results.malformedOption;
  return {
    lifetime,
    nonce: hex(request.subarray(headerLength, headerLength + 12)),
    protocol,
    internalPort,
    suggestedPort: view.getUint16(headerLength + 18),
    suggestedAddress: fromBytes(request.subarray(headerLength + 20, headerLength + 36)),
    client,
    preferFailure,
    options,
  };
}

interface Granted {
  readonly port: number;
  readonly address: IpAddress;
  readonly lifetime: number;
}
type Outcome = Granted | { readonly result: number };

function mapPort(state: RouterState, map: MapRequest): Outcome {
  const { pxp } = state.personality;
  const transport = map.protocol === 6 ? 'tcp' : 'udp';
  const wan = state.mappableWan();
  if (map.lifetime === 0) {
    const held = heldFor(state, { transport, client: map.client, internalPort: map.internalPort });
    if (held === undefined && pxp.deleteAbsentResult !== 0) return { result: pxp.deleteAbsentResult };
    if (held !== undefined && !mayTouch(state, held, map.nonce)) return { result: results.notAuthorized };
    if (held !== undefined) state.table.remove(transport, held.externalPort);
    if (pxp.deleteResult !== 0) return { result: pxp.deleteResult };
    return { port: map.suggestedPort, address: map.suggestedAddress, lifetime: 0 };
  }
  if (wan === undefined || state.personality.mapping.chainsMissing) return { result: results.noResources };
  const otherAddress = !/^(?:0\.0\.0\.0|::)$/.test(map.suggestedAddress) && map.suggestedAddress !== wan;
  if (map.preferFailure && otherAddress) return { result: results.cannotProvideExternal };
  const outcome = grant(state, {
    owner: 'pcp',
    transport,
    client: map.client,
    internalPort: map.internalPort,
    suggestedPort: map.suggestedPort,
    lifetime: seconds(map.lifetime),
    nonce: map.nonce,
    noOtherPort: map.preferFailure,
  });
  if (outcome === 'not-authorized') return { result: results.notAuthorized };
  if (outcome === 'no-resources') return { result: results.noResources };
  if (outcome === 'cannot-provide') return { result: results.cannotProvideExternal };
  return { port: outcome.externalPort, address: wan, lifetime: outcome.lifetime };
}

/** Over IPv6 nothing is translated: MAP opens the firewall for the client's own address (RFC 6887 §11). */
function openPinhole(state: RouterState, map: MapRequest): Outcome {
  const { pxp, pinholes } = state.personality;
  const held = state.pinholes.find(
    (pinhole) =>
      pinhole.owner === 'pcp' &&
      pinhole.protocol === map.protocol &&
      pinhole.internalClient === map.client &&
      pinhole.internalPort === map.internalPort,
  );
  if (held !== undefined && pxp.checksNonce && held.nonce !== map.nonce) return { result: results.notAuthorized };
  if (map.lifetime === 0) {
    if (held === undefined && pxp.deleteAbsentResult !== 0) return { result: pxp.deleteAbsentResult };
    if (held !== undefined) state.pinholes.remove(held.id);
    if (pxp.deleteResult !== 0) return { result: pxp.deleteResult };
    return { port: map.suggestedPort, address: map.suggestedAddress, lifetime: 0 };
  }
  if (!pinholes.inboundAllowed || map.internalPort < pinholes.lowestPort) return { result: results.notAuthorized };
  const lifetime = seconds(Math.min(Math.max(map.lifetime, pxp.shortest), pxp.longest));
  state.pinholes.add({
    remoteHost: undefined,
    remotePort: 0,
    internalClient: map.client,
    internalPort: map.internalPort,
    protocol: map.protocol,
    expiresAt: after(state.system.clock.now(), secondsToMillis(lifetime)),
    owner: 'pcp',
    nonce: map.nonce,
  });
  return { port: map.internalPort, address: map.client, lifetime };
}
