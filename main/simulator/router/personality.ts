/**
 * Behaviour of a simulated router, as plain data: every switch is one habit seen on real routers, and any may be
 * combined with any. The defaults are miniupnpd 2.3.1 as the lab saw it; `personalities` names useful combinations.
 */
import type { IpAddress } from '../../contract/address.ts';
import type { Millis, Seconds } from '../../contract/units.ts';

/** A UPnP error code (UPnP DA 2.0 §3.2.2) that the router likes to answer with. */
export type UpnpCode = number;

/** All switches of a router, by subject. */
export interface Personality {
  readonly name: string;
  readonly protocols: {
    readonly igd: boolean;
    readonly natPmp: boolean;
    /** Without it, NAT-PMP answers a PCP request with version 0 and result 1 (P1). */
    readonly pcp: boolean;
  };
  readonly device: {
    readonly igdVersion: 1 | 2;
    readonly friendlyName: string;
    readonly manufacturer: string;
    readonly modelName: string;
    readonly modelNumber: string;
    /** The SERVER header of SSDP and HTTP. */
    readonly server: string;
    /** D13: a new UDN at each boot. */
    readonly udnPerBoot: boolean;
  };
  readonly ssdp: {
    /** D5: which searches are heard. */
    readonly hears: 'both' | 'multicast' | 'unicast' | 'none';
    /** D1: the only search targets answered; all of its own and `ssdp:all` when `any`. */
    readonly targets: 'any' | readonly string[];
    readonly delay: Millis;
    /** D4: a NOTIFY to the group instead of an answer to the searcher. */
    readonly answersByNotify: boolean;
    /** D3: the ST of the answer. */
    readonly answeredTarget: 'asked' | 'own';
    /** D7: answers leave from another port than 1900. */
    readonly ownSourcePort: boolean;
    /** Announces alive and byebye. */
    readonly announces: boolean;
    readonly notifyEvery: Seconds;
    /** D20, D21: what LOCATION says instead of the truth. */
    readonly location: string | undefined;
  };
  readonly http: {
    /** From the whole request to the first byte of the answer (X35). */
    readonly latency: Millis;
    /** X22: `1.0` hangs up on a request of any other version. */
    readonly versions: 'any' | '1.0' | '1.1';
    /** X23. */
    readonly framing: 'length' | 'chunked' | 'until-close';
    /** X24. */
    readonly lineEnd: '\r\n' | '\n';
    /** X19: what does not come in the first segment is not read. */
    readonly onePacket: boolean;
    /** X28: the method of control requests. */
    readonly method: 'POST' | 'M-POST';
    /** X16: a SOAPAction without quotes is a bad request. */
    readonly quotedActionOnly: boolean;
    /** X17: a Host header without the port is not found. */
    readonly hostNeedsPort: boolean;
    /** X32: what a second request in flight does. */
    readonly parallel: 'fine' | 'hangs-up' | 'crashes';
    /** X34: every n-th control request is hung up on; 0 for none. */
    readonly hangsUpEvery: number;
    /** TR-064: at its own place and port, calls are answered only to signed-in users. */
    readonly signIn:
      | {
          readonly user: string;
          readonly password: string;
          /** Wrong passwords before nobody is let in for a while. */
          readonly locksAfter: number;
          /** Changes have to be confirmed at the router. */
          readonly secondFactor: boolean;
        }
      | undefined;
  };
  readonly description: {
    /** X1, X2. */
    readonly xml: 'clean' | 'junk-before' | 'junk-after' | 'not-well-formed';
    /** X13. */
    readonly urlBase: 'absent' | 'right' | 'wrong' | 'empty';
    /** X14, X15. */
    readonly controlUrls: 'path' | 'absolute' | 'query';
    /** X10: `several`: a dead PPP and a dead IP service before the live one. */
    readonly connections: 'ip' | 'ppp' | 'several';
    /** D15: the paths begin with a token drawn at each boot. */
    readonly randomPath: boolean;
  };
  readonly soap: {
    /** X26. */
    readonly faultStatus: 500 | 200;
    /** X27: the body of a success without output arguments is empty. */
    readonly emptySuccess: boolean;
    /** X4: values have blanks and line ends around them. */
    readonly padded: boolean;
    /** X44: how output arguments are written: `nested` one element deeper. */
    readonly outputs: 'plain' | 'lower-case' | 'nested';
    /** How AddPortMapping is answered once all else is well: with a page, with noise, with an empty body, or not at all. */
    readonly add: 'answered' | 'page' | 'noise' | 'nothing' | 'hang-up';
    /** Is what such an answer is about done all the same? */
    readonly addIsDone: boolean;
  };
  readonly lease: {
    /** Meaning of a lease of 0: kept, the longest lease (L7), or the only thing taken (L1). */
    readonly permanent: 'kept' | 'longest' | 'only';
    /** L1, L2: the answer to a lease where only 0 is taken. */
    readonly refusal: UpnpCode;
    /** A longer lease is cut to this. */
    readonly longest: Seconds;
    /** L6: every lease is this long. */
    readonly constant: Seconds | undefined;
    /** L4: a leased add is answered with success and forgotten. */
    readonly dropsLeased: boolean;
    /** L8: false: an add of an existing entry succeeds and leaves its clock alone. */
    readonly renewalRestartsClock: boolean;
    /** L9, C1: false: an add of one's own live entry is a conflict. */
    readonly ownOverwrite: boolean;
    /** L10: with at least `from` entries, those without traffic since the last round are removed. */
    readonly cleaning: { readonly from: number; readonly every: Seconds } | undefined;
    /** L15. */
    readonly reported: 'remaining' | 'granted' | 'zero';
    /** L11, L12: a rule stops forwarding so long after it was made, listed as before. */
    readonly ruleDiesAfter: Seconds | undefined;
    /** L20: when an add over a listed entry without rule makes the rule again. */
    readonly overwriteRepairs: 'always' | 'until-listed' | 'never';
    /** L14. */
    readonly survivesReboot: boolean;
  };
  readonly mapping: {
    /** `allow 1024-65535 192.168.1.0/24 1024-65535`, first match wins, allowed when none does. */
    readonly permissions: readonly string[];
    /** A client maps and deletes for itself only. */
    readonly secure: boolean;
    /** C3: the answer to a mapping for another host in secure mode. */
    readonly thirdPartyCode: UpnpCode;
    /** C13: the answer to a port that the permissions forbid. */
    readonly forbiddenCode: UpnpCode;
    /** C21: the answer to every add. */
    readonly readOnlyCode: UpnpCode | undefined;
    /** C9. */
    readonly samePortOnly: boolean;
    /** C18, C19. */
    readonly capacity: { readonly entries: number; readonly whenFull: UpnpCode | 'silent' } | undefined;
    /** C16. */
    readonly transports: 'independent' | 'second-refused' | 'second-replaces';
    /** C7: two entries may not forward to one internal port. */
    readonly internalPortOnce: boolean;
    /** C12: what DeletePortMapping takes as remote host. */
    readonly deleteRemoteHost: 'anything' | '*' | '';
    /** The answer to deleting a missing entry; 0 for success. */
    readonly deleteAbsentCode: UpnpCode;
    /** Linux-IGD deletes whatever holds the port, then adds. */
    readonly replacesAnyones: boolean;
    /** C29. */
    readonly addAny: boolean;
    /** The firewall's chains are missing: no rule can be made, though the line is up and the address is public. */
    readonly chainsMissing: boolean;
  };
  readonly list: {
    /** E5: false: nothing of UPnP is listed, though it works. */
    readonly lists: boolean;
    /** E17: internal clients are listed as `host-192-168-1-10`. */
    readonly namesClients: boolean;
    /** E3. */
    readonly firstIndex: 0 | 1;
    /** E1: the fault that ends the list; 0 for a 500 without any. */
    readonly endCode: UpnpCode;
    /** E2: beyond the end the last entry is repeated. */
    readonly repeatsLast: boolean;
    /** E10: GetSpecificPortMappingEntry does not know an entry before this age. */
    readonly specificLag: Millis;
    /** E12: every n-th GetGenericPortMappingEntry is hung up on; 0 for none. */
    readonly hangsUpEvery: number;
    /** GetListOfPortMappings exists. */
    readonly ranges: boolean;
    /** E6: false: GetListOfPortMappings from port 0 is an invalid argument. */
    readonly rangeFromZero: boolean;
    /** E7: most rows of one answer; a request for more fails with 501. */
    readonly rangeRows: number | undefined;
    /** E16: GetListOfPortMappings kills the daemon when the table has so many entries. */
    readonly diesAt: number | undefined;
  };
  readonly status: {
    /** N1, N2. */
    readonly connection: 'Connected' | 'Disconnected' | 'Up';
    /** N4: how a missing external address is reported, and (`always-…`) a present one too. */
    readonly externalAddress: 'empty-when-none' | 'zero-when-none' | 'always-empty' | 'always-zero';
    /** N6: GetStatusInfo, GetConnectionTypeInfo, GetNATRSIPStatus exist. */
    readonly actions: boolean;
    /** GetTotalBytesSent and GetTotalBytesReceived exist. */
    readonly countsBytes: boolean;
    /** X40: false: nobody can subscribe to anything. */
    readonly events: boolean;
    /** Where the byte counters stand when the line comes up; they wrap at 2³² (E15). */
    readonly bytesFrom: number;
    /** E15: they are written as signed 32-bit numbers. */
    readonly bytesSigned: boolean;
  };
  readonly wan: {
    /** N3: plays this instead of the address that the router was made with. */
    readonly address: IpAddress | 'none' | undefined;
    /** Maps although the external address is private, shared or missing. */
    readonly mapsWithoutPublicAddress: boolean;
    /** L17: once the line has dropped, nothing can be mapped before the daemon restarts. */
    readonly dropIsFinal: boolean;
  };
  readonly pxp: {
    readonly shortest: Seconds;
    readonly longest: Seconds;
    /** P6, P7: the external port granted. */
    readonly portChoice: 'asked' | 'other' | 'new-each-time';
    /** P8. */
    readonly refusesPortZero: boolean;
    /** P9: ports of answers are cut to eight bits. */
    readonly eightBitPorts: boolean;
    /** P18: the result of every PCP delete. */
    readonly deleteResult: number;
    /** P18: the PCP result of deleting a missing entry. */
    readonly deleteAbsentResult: number;
    /** P20: lifetimes of short-lived and long-lived PCP errors. */
    readonly errorLifetime: { readonly short: Seconds; readonly long: Seconds };
    /** P25: false: any mandatory option is unsupported. */
    readonly options: boolean;
    readonly thirdParty: boolean;
    /** P15: a mapping belongs to its nonce. */
    readonly checksNonce: boolean;
    /** P25: the ANNOUNCE opcode exists. */
    readonly announce: boolean;
    /** Multicast announcements per event: RFC 6886 §3.2.1 says ten; 0 for a silent router. */
    readonly announcements: number;
    /** P13: 5350, or the server's own. */
    readonly announcementPort: number;
    /** L21: a new WAN address restarts the epoch although the mappings stay. */
    readonly epochPerAddress: boolean;
    /** Each answer reports another epoch, at random, and another uptime over UPnP. */
    readonly jumpingClock: boolean;
    /** P4: the port is closed for a moment, again and again. */
    readonly outages: { readonly every: Millis; readonly length: Millis } | undefined;
    /** P11: each datagram takes so long, one after the other, so that one sent again meanwhile is answered late. */
    readonly perDatagram: { readonly least: Millis; readonly most: Millis };
  };
  readonly pinholes: {
    /** WANIPv6FirewallControl is in the description (with IGD:2 and an IPv6 address of the router). */
    readonly offered: boolean;
    readonly firewallEnabled: boolean;
    /** V3. */
    readonly inboundAllowed: boolean;
    /** V1: 606 unless the request comes from the address to be opened. */
    readonly ownAddressOnly: boolean;
    /** V7: lowest port that may be opened. */
    readonly lowestPort: number;
    /** V5. */
    readonly deletes: boolean;
  };
}

/** The switches that differ from another personality. */
export type Traits = {
  readonly [Subject in Exclude<keyof Personality, 'name'>]?: Partial<Personality[Subject]>;
};
