/** Routers by name. Ids in brackets are rows of the quirk catalogue; several may be combined with {@link personality}. */
import { ip } from '../../contract/address.ts';
import { inMinutes, inSeconds, millis, seconds } from '../../contract/units.ts';
import type { Personality, Traits } from '../router/personality.ts';
import { miniupnpd } from './miniupnpd.ts';

/** OpenWrt's rules: high ports, for oneself. */
const openwrtRules = ['allow 1024-65535 0.0.0.0/0 1024-65535', 'deny 0-65535 0.0.0.0/0 0-65535'];
const igdOnly = { igd: true, natPmp: false, pcp: false };
/** IGD:1 as miniupnpd shows it: no ranges, no any-port, 0 means for ever, refusals are all 718. */
const igd1 = {
  device: { igdVersion: 1 },
  lease: { permanent: 'kept' },
  mapping: { addAny: false, forbiddenCode: 718 },
  list: { ranges: false },
} as const satisfies Traits;

const byName = {
  miniupnpd: {},
  'miniupnpd-igd1': igd1,
  'openwrt-secure': { mapping: { secure: true, permissions: openwrtRules } },
  chatty: { ssdp: { notifyEvery: seconds(30) } },
  'upnp-only': { protocols: igdOnly },
  'pxp-only': { protocols: { igd: false } },
  'pcp-only': { protocols: { igd: false, natPmp: false } },
  /** P1 on a router that speaks UPnP as well. */
  'pcp-answers-version-0': { protocols: { pcp: false } },
  /** A VPN's gateway (P5, P6, M11): NAT-PMP alone, a port of its choice, 60 s at most. */
  'natpmp-only-vpn': {
    protocols: { igd: false, natPmp: true, pcp: false },
    pxp: { shortest: seconds(1), longest: seconds(60), portChoice: 'other', announcements: 0 },
    wan: { mapsWithoutPublicAddress: true },
  },
  /** Linux-IGD: IGD:1, deletes before it adds, knows no lease. */
  'linux-igd': {
    ...igd1,
    protocols: igdOnly,
    device: { igdVersion: 1, server: 'Linux/2.4 UPnP/1.0 Intel SDK for UPnP devices /1.2', modelName: 'Linux-IGD' },
    lease: { permanent: 'kept', longest: seconds(0), reported: 'zero' },
    mapping: { addAny: false, replacesAnyones: true },
    list: { ranges: false },
    wan: { mapsWithoutPublicAddress: true },
  },

  'permanent-only-725': { lease: { permanent: 'only', refusal: 725 } },
  'lease-402': { lease: { permanent: 'only', refusal: 402 } },
  'lease-501': { lease: { permanent: 'only', refusal: 501 } },
  'accepts-but-drops-leased': { lease: { dropsLeased: true, permanent: 'kept' } },
  'constant-lease-86400': { lease: { constant: seconds(86_400), reported: 'granted' } },
  'seven-day-cap': { lease: { permanent: 'longest', longest: seconds(604_800) } },
  'renew-does-not-restart-clock': { lease: { renewalRestartsClock: false } },
  'refuses-own-overwrite-718': { lease: { ownOverwrite: false } },
  'cleans-early': { lease: { cleaning: { from: 20, every: seconds(600) } } },
  'listed-but-dead': { lease: { ruleDiesAfter: seconds(1800), overwriteRepairs: 'never' } },
  'never-forwards': { lease: { ruleDiesAfter: seconds(0), overwriteRepairs: 'never' } },
  'survives-reboot': { lease: { survivesReboot: true } },
  /** L21: the mappings outlive what the epoch tells. */
  'epoch-resets-keeping-table': { lease: { survivesReboot: true }, pxp: { epochPerAddress: true } },

  '718-for-third-party': { mapping: { secure: true, thirdPartyCode: 718 } },
  '606-for-third-party': { mapping: { secure: true, thirdPartyCode: 606 } },
  'same-port-only-724': { mapping: { samePortOnly: true } },
  'low-ports-refused-606': { mapping: { permissions: openwrtRules, forbiddenCode: 606 } },
  'low-ports-refused-501': { mapping: { permissions: openwrtRules, forbiddenCode: 501 } },
  'low-ports-refused-402': { mapping: { permissions: openwrtRules, forbiddenCode: 402 } },
  'low-ports-refused-718': { mapping: { permissions: openwrtRules, forbiddenCode: 718 } },
  'table-full-silent': { mapping: { capacity: { entries: 32, whenFull: 'silent' } } },
  'table-full-728': { mapping: { capacity: { entries: 32, whenFull: 728 } } },
  'table-full-501': { mapping: { capacity: { entries: 32, whenFull: 501 } } },
  'tcp-udp-exclusive': { mapping: { transports: 'second-refused' } },
  'tcp-udp-replaces': { mapping: { transports: 'second-replaces' } },
  'internal-port-once': { mapping: { internalPortOnce: true } },
  'delete-needs-star': { mapping: { deleteRemoteHost: '*' } },
  'read-only-501': { mapping: { readOnlyCode: 501 } },
  'read-only-606': { mapping: { readOnlyCode: 606 } },
  'firewall-chains-missing': { mapping: { chainsMissing: true } },

  'list-ends-with-714': { list: { endCode: 714, ranges: false } },
  'list-ends-with-402': { list: { endCode: 402, ranges: false } },
  'list-ends-with-501': { list: { endCode: 501, ranges: false } },
  'list-ends-with-718': { list: { endCode: 718, ranges: false } },
  'list-ends-with-899': { list: { endCode: 899, ranges: false } },
  'list-ends-with-bare-500': { list: { endCode: 0, ranges: false } },
  'list-repeats-last': { list: { repeatsLast: true, ranges: false } },
  'list-counts-from-1': { list: { firstIndex: 1, ranges: false } },
  'lists-nothing': { list: { lists: false } },
  'list-from-1': { list: { rangeFromZero: false } },
  'list-pages-of-100': { list: { rangeRows: 100 } },
  'specific-says-714-after-add': { list: { specificLag: inSeconds(1.5) } },
  'hangs-up-in-list': { list: { hangsUpEvery: 5, ranges: false } },
  'dies-of-list': { list: { diesAt: 200 } },

  'multicast-search-only': { ssdp: { hears: 'multicast' } },
  'unicast-search-only': { ssdp: { hears: 'unicast' } },
  'answers-by-notify': { ssdp: { answersByNotify: true, delay: inSeconds(6) } },
  'slow-to-be-found': { ssdp: { delay: inSeconds(12) } },
  'answers-one-target': { ssdp: { targets: ['urn:schemas-upnp-org:device:InternetGatewayDevice:1'] } },
  'answers-own-version': { ssdp: { answeredTarget: 'own' } },
  'odd-source-port': { ssdp: { ownSourcePort: true } },
  'forged-location': { ssdp: { location: 'http://127.0.0.1:80/rootDesc.xml' } },
  'new-udn-each-boot': { device: { udnPerBoot: true }, description: { randomPath: true } },

  'several-wan-services': { description: { connections: 'several' } },
  'ppp-service': { device: { igdVersion: 1 }, description: { connections: 'ppp' }, list: { ranges: false } },
  'urlbase-wrong': { description: { urlBase: 'wrong' } },
  'absolute-control-url': { description: { controlUrls: 'absolute' } },
  'query-control-url': { description: { controlUrls: 'query' } },
  'junk-before-xml': { description: { xml: 'junk-before' } },
  'junk-after-xml': { description: { xml: 'junk-after' } },
  'not-well-formed': { description: { xml: 'not-well-formed' } },
  'http10-only': { http: { versions: '1.0' } },
  'http11-only': { http: { versions: '1.1' } },
  chunked: { http: { framing: 'chunked' } },
  'until-close': { http: { framing: 'until-close' } },
  'bare-lf': { http: { lineEnd: '\n' } },
  'one-packet-parser': { http: { onePacket: true } },
  'm-post-only': { http: { method: 'M-POST' } },
  'quoted-action-only': { http: { quotedActionOnly: true } },
  'host-needs-port': { http: { hostNeedsPort: true } },
  'hangs-up-on-parallel': { http: { parallel: 'hangs-up', latency: millis(40) } },
  'crashes-on-parallel': { http: { parallel: 'crashes', latency: millis(40) } },
  'resets-now-and-then': { http: { hangsUpEvery: 7 } },
  slow: { http: { latency: inSeconds(5) } },
  'fault-in-200': { soap: { faultStatus: 200 } },
  'empty-body-200': { soap: { emptySuccess: true } },
  'padded-values': { soap: { padded: true } },
  'page-for-add': { soap: { add: 'page' } },
  'page-for-add-but-done': { soap: { add: 'page', addIsDone: true } },
  'noise-for-add': { soap: { add: 'noise' } },
  'nothing-for-add': { soap: { add: 'nothing' } },
  'hangs-up-on-add': { soap: { add: 'hang-up' } },

  'says-disconnected': { status: { connection: 'Disconnected' } },
  'says-up': { status: { connection: 'Up' } },
  'no-status-actions': { status: { actions: false } },
  'address-not-told': { status: { externalAddress: 'always-empty' } },
  'counts-no-bytes': { status: { countsBytes: false } },
  'counters-wrap': { status: { bytesFrom: 2 ** 32 - 1_000_000 } },
  'private-wan': { wan: { address: ip('192.168.100.2') } },
  'cgnat-wan': { wan: { address: ip('100.72.3.4') } },
  'maps-behind-cgnat': { wan: { address: ip('100.72.3.4'), mapsWithoutPublicAddress: true } },
  'drop-is-final': { wan: { dropIsFinal: true } },
  'no-address': { wan: { address: 'none' }, status: { externalAddress: 'zero-when-none' } },

  'transient-refused': { pxp: { outages: { every: inMinutes(1), length: inSeconds(3) } } },
  'other-port-granted': { pxp: { portChoice: 'other' } },
  'new-port-each-time': { pxp: { portChoice: 'new-each-time' } },
  'busy-pxp': { pxp: { perDatagram: { least: millis(100), most: millis(200) } } },
  'refuses-port-0': { pxp: { refusesPortZero: true } },
  'eight-bit-ports': { protocols: { pcp: false }, pxp: { eightBitPorts: true } },
  'delete-result-8': { pxp: { deleteResult: 8 } },
  'long-error-lifetimes': { pxp: { errorLifetime: { short: seconds(300), long: seconds(7200) } } },
  'no-options': { pxp: { options: false } },
  'no-announce': { pxp: { announce: false, announcements: 0 } },
  'announces-to-5351': { pxp: { announcementPort: 5351 } },
  'third-party-allowed': { pxp: { thirdParty: true } },

  'pinholes-off': { pinholes: { inboundAllowed: false } },
  '606-unless-own-address': { pinholes: { ownAddressOnly: true } },
  'pinholes-for-anyone': { pinholes: { ownAddressOnly: false } },
  'pinhole-delete-refused': { pinholes: { deletes: false } },
} as const satisfies Record<string, Traits>;

export type PersonalityName = keyof typeof byName;

export const personalityNames: readonly PersonalityName[] = Object.keys(byName).filter((name) =>
  isPersonalityName(name),
);

export function isPersonalityName(name: string): name is PersonalityName {
  return Object.hasOwn(byName, name);
}

function differing(base: Personality, name: string, traits: Traits): Personality {
  return {
    name,
    protocols: { ...base.protocols, ...traits.protocols },
    device: { ...base.device, ...traits.device },
    ssdp: { ...base.ssdp, ...traits.ssdp },
    http: { ...base.http, ...traits.http },
    description: { ...base.description, ...traits.description },
    soap: { ...base.soap, ...traits.soap },
    lease: { ...base.lease, ...traits.lease },
    mapping: { ...base.mapping, ...traits.mapping },
    list: { ...base.list, ...traits.list },
    status: { ...base.status, ...traits.status },
    wan: { ...base.wan, ...traits.wan },
    pxp: { ...base.pxp, ...traits.pxp },
    pinholes: { ...base.pinholes, ...traits.pinholes },
  };
}

/** miniupnpd with the habits named or given, later ones winning: `personality('openwrt-secure', 'chunked', { http: { latency } })`. */
export function personality(...parts: readonly (PersonalityName | Traits)[]): Personality {
  const names = parts.map((part) => (typeof part === 'string' ? part : 'and more'));
  return parts.reduce<Personality>(
    (base, part) => differing(base, names.join(', '), typeof part === 'string' ? byName[part] : part),
    miniupnpd,
  );
}
