/** A control at a scripted router with a working port mapping table, and what tests need around it. */
import { ip } from '../../../main/contract/address.ts';
import type { MappingWish, RouterTraits } from '../../../main/contract/mapping.ts';
import { port, seconds } from '../../../main/contract/units.ts';
import type { System } from '../../../main/system/system.ts';
import { createIgdControl, type IgdControl, type IgdOptions } from '../../../main/gateways/igd/igd.ts';
import type { RememberedService } from '../../../main/gateways/gateway.ts';
import { ScriptedIgd, type IgdScript, type Reply, type ScriptedCall } from './scripted-igd.ts';

export const LAPTOP = ip('192.168.1.7');
export const TELEVISION = ip('192.168.1.30');
export const never: AbortSignal = new AbortController().signal;

export const WANIP1 = 'urn:schemas-upnp-org:service:WANIPConnection:1';
export const WANIP2 = 'urn:schemas-upnp-org:service:WANIPConnection:2';

export function service(change: Partial<RememberedService> = {}): RememberedService {
  return {
    type: WANIP1,
    controlUrl: 'http://192.168.1.1:5000/ctl/IPConn',
    actions: [],
    name: 'Router',
    model: 'Acme R1',
    ...change,
  };
}

export const wish: MappingWish = {
  family: 'ipv4',
  transport: 'tcp',
  external: { port: port(8080) },
  internal: { client: LAPTOP, port: port(80) },
  lease: seconds(3600),
  description: 'Portkeeper web TCP 8080',
  acceptOtherPort: false,
  handle: {},
  recreate: false,
};

export interface Row {
  readonly external: number;
  readonly protocol: string;
  readonly client: string;
  readonly internal: number;
  readonly description: string;
  /** Seconds at `since`; 0 for permanent. */
  readonly lease: number;
  readonly since: number;
  readonly remoteHost: string;
  readonly enabled: string;
}

export function row(change: Partial<Row> = {}): Row {
  return {
    external: 8080,
    protocol: 'TCP',
    client: LAPTOP,
    internal: 80,
    description: wish.description,
    lease: 3600,
    since: 0,
    remoteHost: '',
    enabled: '1',
    ...change,
  };
}

export interface Scene {
  readonly igd: ScriptedIgd;
  /** By `TCP/8080`. */
  readonly table: Map<string, Row>;
  readonly control: IgdControl;
  /** Another control at the same router with the same memory, as after a restart of the program. */
  readonly restarted: () => IgdControl;
  readonly open: (change?: Partial<MappingWish>) => ReturnType<IgdControl['open']>;
  readonly close: () => Promise<void>;
}

export interface SceneOptions {
  readonly script?: IgdScript;
  readonly rows?: readonly Row[];
  readonly traits?: RouterTraits;
  readonly options?: Partial<IgdOptions>;
  /** What this machine's resolver knows. */
  readonly addressesOf?: System['addressesOf'];
  /** How the router treats an add of what is there already. */
  readonly onExisting?: 'renew' | 'keep clock' | 'refuse' | 'refuse others';
}

const keyOf = (call: ScriptedCall): string => `${call.args['NewProtocol']}/${call.args['NewExternalPort']}`;

export function scene({
  script = {},
  rows = [],
  traits = {},
  options = {},
  addressesOf,
  onExisting = 'renew',
}: SceneOptions = {}): Scene {
  const table = new Map(rows.map((entry) => [`${entry.protocol}/${entry.external}`, entry]));
  const igd: ScriptedIgd = new ScriptedIgd({}, traits);
  const remaining = (entry: Row): number =>
    entry.lease === 0 ? 0 : Math.max(0, entry.lease - Math.floor((igd.now - entry.since) / 1000));
  const alive = (): Row[] => {
    for (const [key, entry] of table) if (entry.lease > 0 && remaining(entry) === 0) table.delete(key);
    return [...table.values()];
  };
  const valuesOf = (entry: Row): Record<string, string> => ({
    NewInternalPort: String(entry.internal),
    NewInternalClient: entry.client,
    NewEnabled: entry.enabled,
    NewPortMappingDescription: entry.description,
    NewLeaseDuration: String(remaining(entry)),
  });
  const add = (call: ScriptedCall): Reply => {
    alive();
    const before = table.get(keyOf(call));
    const isOther = before !== undefined && before.client !== call.args['NewInternalClient'];
    if (before !== undefined && (onExisting === 'refuse' || (onExisting === 'refuse others' && isOther)))
      return { fault: 718 };
    if (before !== undefined && onExisting === 'keep clock') return { values: {} };
    table.set(keyOf(call), rowFrom(call, igd.now));
    return { values: {} };
  };
  igd.actions = {
    AddPortMapping: add,
    DeletePortMapping: (call) => (table.delete(keyOf(call)) ? { values: {} } : { fault: 714 }),
    GetSpecificPortMappingEntry: (call) => {
      alive();
      const entry = table.get(keyOf(call));
      return entry === undefined ? { fault: 714 } : { values: valuesOf(entry) };
    },
    GetGenericPortMappingEntry: (call) => {
      const entry = alive()[Number(call.args['NewPortMappingIndex'])];
      return entry === undefined
        ? { fault: 713 }
        : {
            values: {
              NewRemoteHost: entry.remoteHost,
              NewExternalPort: String(entry.external),
              NewProtocol: entry.protocol,
              ...valuesOf(entry),
            },
          };
    },
    GetExternalIPAddress: { values: { NewExternalIPAddress: '11.22.33.44' } },
    ...script.actions,
  };
  igd.documents = { ...script.documents };
  igd.methods = { ...script.methods };
  const make = (): IgdControl =>
    createIgdControl({
      network: addressesOf === undefined ? igd : { clock: igd.clock, tcp: igd.tcp, addressesOf },
      service: service(),
      localAddress: LAPTOP,
      traits: igd.traits,
      ...options,
    });
  const control = make();
  return {
    igd,
    table,
    control,
    restarted: make,
    open: (change = {}) => igd.run(control.open({ ...wish, ...change }, never)),
    close: () => igd.run(control.close(wish, never)),
  };
}

export function rowFrom(call: ScriptedCall, now: number): Row {
  return {
    external: Number(call.args['NewExternalPort']),
    protocol: call.args['NewProtocol'] ?? '',
    client: call.args['NewInternalClient'] ?? '',
    internal: Number(call.args['NewInternalPort']),
    description: call.args['NewPortMappingDescription'] ?? '',
    lease: Number(call.args['NewLeaseDuration']),
    since: now,
    remoteHost: call.args['NewRemoteHost'] ?? '',
    enabled: call.args['NewEnabled'] ?? '',
  };
}
