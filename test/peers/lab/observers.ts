/** Debian's upnpc and natpmpc, run on a host of the home: what they see and do owes nothing to our code. */
import type { LabGateway } from './gateway.ts';
import type { LabHost, Transport } from './host.ts';
import type { Finished } from './process.ts';

export interface ListedMapping {
  readonly transport: Transport;
  readonly external: number;
  readonly client: string;
  readonly internal: number;
  readonly description: string;
  readonly remoteHost: string;
  /** Seconds, as the gateway reports it. */
  readonly lease: number;
}

/** `code` is the protocol's own: a UPnP error, a NAT-PMP result. */
export type Outcome =
  | { readonly ok: true; readonly external: number; readonly lifetime: number }
  | { readonly ok: false; readonly code: number };

export interface Asked {
  readonly transport: Transport;
  readonly external: number;
  readonly internal: number;
  /** Seconds; over UPnP 0 is "until deleted". */
  readonly lifetime: number;
}

function refusal(finished: Finished): Outcome {
  const [, code] = /failed with code (-?\d+)/.exec(finished.stdout) ?? [];
  if (code === undefined) throw new Error(`upnpc said what we do not know: ${finished.stdout}${finished.stderr}`);
  return { ok: false, code: Number(code) };
}

/** ` 0 TCP 25565->192.168.71.10:25565 'label' '' 3600` */
const ENTRY = /^\s*\d+ (TCP|UDP)\s+(\d+)->([\d.]+):(\d+)\s+'(.*)' '(.*)' (\d+)$/;

function listed(stdout: string): readonly ListedMapping[] {
  return stdout.split('\n').flatMap((line) => {
    const [, protocol, external, client = '', internal, description = '', remoteHost = '', lease] =
      ENTRY.exec(line) ?? [];
    if (protocol === undefined) return [];
    return [
      {
        transport: protocol === 'TCP' ? 'tcp' : 'udp',
        external: Number(external),
        client,
        internal: Number(internal),
        description,
        remoteHost,
        lease: Number(lease),
      } as const,
    ];
  });
}

/** upnpc on `host`, talking to `gateway` without a search, which would cost it two seconds. */
export function upnpc(host: LabHost, gateway: LabGateway) {
  const call = (...words: readonly string[]) => host.exec(['upnpc', '-u', gateway.descriptionUrl, ...words]);
  const add = async (flag: '-a' | '-n', asked: Asked & { client?: string; description?: string }): Promise<Outcome> => {
    const { transport, external, internal, lifetime, client = host.address, description = 'upnpc' } = asked;
    const numbers = [internal, external].map(String);
    const finished = await call('-e', description, flag, client, ...numbers, transport, String(lifetime));
    const [, port, granted] =
      /external [\d.]*:(\d+) (?:TCP|UDP) is redirected to .*\(duration=(\d+)\)/.exec(finished.stdout) ?? [];
    return port === undefined ? refusal(finished) : { ok: true, external: Number(port), lifetime: Number(granted) };
  };
  return {
    /** The table, entry by entry. */
    list: async () => listed((await call('-l')).stdout),
    /** The table by GetListOfPortMappings: kills miniupnpd 2.3.1 when it is large (E16). */
    listAtOnce: async () => listed((await call('-L')).stdout),
    /** AddPortMapping; for `host` itself unless another client is named. */
    add: (asked: Asked & { readonly client?: string; readonly description?: string }) => add('-a', asked),
    /** AddAnyPortMapping (IGD 2). */
    addAny: (asked: Asked & { readonly client?: string; readonly description?: string }) => add('-n', asked),
    /** 0, or the UPnP error code. */
    delete: async (transport: Transport, external: number): Promise<number> => {
      const finished = await call('-d', String(external), transport);
      // It prints libminiupnpc's result, which is the UPnP error code when positive.
      const [, result] =
        /UPNP_DeletePortMapping\(\) (?:returned : |failed with code : )(-?\d+)/.exec(
          finished.stdout + finished.stderr,
        ) ?? [];
      if (result === undefined) throw new Error(`upnpc -d: ${finished.stdout}${finished.stderr}`);
      return Number(result);
    },
    /** Empty when the gateway has none. */
    externalAddress: async (): Promise<string> =>
      /ExternalIPAddress = ([\d.]*)/.exec((await call('-s')).stdout)?.[1] ?? '',
    /** AddPinhole for this host, from anywhere. Answers the pinhole's id, or the UPnP error code. */
    addPinhole: async (transport: Transport, port: number, lifetime: number) => {
      const url = gateway.descriptionUrl.replace(/\/\/[^:]+:/, `//[${gateway.address6 ?? ''}]:`);
      const pinhole = ['', '0', host.address6 ?? '', String(port), transport, String(lifetime)];
      const finished = await host.exec(['upnpc', '-6', '-u', url, '-A', ...pinhole]);
      const [, id] = /Pinhole ID = (\d+)/.exec(finished.stdout) ?? [];
      return id === undefined ? refusal(finished) : { ok: true as const, id: Number(id) };
    },
  };
}

/** Locations that upnpc finds by multicast from this host, or that its minissdpd knows. Costs up to 8 s when there is none. */
export async function upnpcSearch(host: LabHost): Promise<readonly string[]> {
  const { stdout } = await host.exec(['upnpc', '-s']);
  return [...stdout.matchAll(/^ desc: (\S+)$/gm)].map(([, location = '']) => location);
}

/** libnatpmp's errors are -49 minus the result code, for the codes of RFC 6886 §3.5 that matter here (2, 3, 4). */
const RESULT_BASE = -49;
/** NATPMP_ERR_NOGATEWAYSUPPORT: ICMP says that nobody listens. */
const NOBODY_LISTENS = -7;

/** natpmpc on `host`. */
export function natpmpc(host: LabHost, gateway: LabGateway) {
  const call = (...words: readonly string[]) =>
    host.exec(['natpmpc', '-g', gateway.address, ...words], { timeoutMs: 90_000 });
  return {
    map: async (asked: Asked): Promise<Outcome | 'unsupported'> => {
      const numbers = [asked.external, asked.internal].map(String);
      const { stdout, stderr } = await call('-a', ...numbers, asked.transport, String(asked.lifetime));
      const [, port, lifetime] = /Mapped public port (\d+) .* liftime (\d+)/.exec(stdout) ?? [];
      if (port !== undefined) return { ok: true, external: Number(port), lifetime: Number(lifetime) };
      const [, error] = /returned (-\d+) \(FAILED\)/.exec(stdout) ?? [];
      if (error === undefined) throw new Error(`natpmpc: ${stdout}${stderr}`);
      return Number(error) === NOBODY_LISTENS ? 'unsupported' : { ok: false, code: RESULT_BASE - Number(error) };
    },
    externalAddress: async (): Promise<string | undefined> =>
      /Public IP address : ([\d.]+)/.exec((await call()).stdout)?.[1],
  };
}
