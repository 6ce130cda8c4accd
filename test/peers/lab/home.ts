/**
 * A home in network namespaces, with the real miniupnpd as its router:
 *
 *   client ─┐
 *           ├─ lan0 gateway wan0 ── (lan0 upstream wan0 ──) net0 internet
 *   other  ─┘
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { LAN, LAN6, PLANS, PUBLIC_WAN, WAN6, type Flavour } from './flavours.ts';
import type { DaemonOptions } from './gateway-daemon.ts';
import { LabGateway } from './gateway.ts';
import { LabHost } from './host.ts';
import { folderOf, Namespace, newFolder, newPrefix, removeHome, startReaper, type Reaper } from './namespace.ts';
import { wire } from './topology.ts';

export interface HomeOptions extends DaemonOptions {
  /** Run minissdpd on the client. */
  readonly minissdpd?: boolean;
  /** Of 100 packets between LAN and gateway, each way, so many are lost. */
  readonly lossPercent?: number;
  /** Double NAT: `false` for an inner gateway that does not know its public address and so refuses to map. */
  readonly knowsPublicAddress?: boolean;
}

/** All that another process needs to work in the same home. Plain JSON. */
export interface HomeLayout {
  readonly prefix: string;
  readonly folder: string;
  readonly flavour: Flavour;
}

export interface Home extends HomeLayout {
  /** Where our program runs. */
  readonly client: LabHost;
  /** Another computer of the same LAN. */
  readonly other: LabHost;
  readonly gateway: LabGateway;
  /** Double NAT only: the gateway between ours and the internet. */
  readonly upstream: LabGateway | undefined;
  /** A computer somewhere outside. */
  readonly internet: LabHost;
  /** Ends every process in the home and removes it. Idempotent. */
  stop(): Promise<void>;
}

/** Builds a home and starts its router; it goes away with `stop()`, or with this process however that ends.
 * @throws Error when this is not root, or a tool is missing */
export async function startHome(flavour: Flavour = 'igd2', options: HomeOptions = {}): Promise<Home> {
  return (await watchedHome(flavour, options)).home;
}

/** Builds a home that outlives this process, for a person at a terminal; only `stop()` removes it. */
export async function leaveHome(flavour: Flavour, options: HomeOptions = {}): Promise<Home> {
  const { home, reaper } = await watchedHome(flavour, options);
  reaper.dismiss();
  return openHome(home);
}

/** A home that {@link leaveHome} left. */
export function openHome({ prefix, folder, flavour }: HomeLayout): Home {
  return homeOf({ prefix, folder, flavour }, () => removeHome(prefix, folder));
}

async function watchedHome(flavour: Flavour, options: HomeOptions): Promise<{ home: Home; reaper: Reaper }> {
  const prefix = newPrefix();
  const folder = folderOf(prefix);
  // Before there is anything to remove, so that there is never anything without somebody to remove it.
  const reaper = startReaper(prefix, folder);
  let stopping: Promise<void> | undefined;
  const home = homeOf({ prefix, folder, flavour }, () => (stopping ??= reaper.release()));
  await newFolder(prefix);
  await build(home, options);
  return { home, reaper };
}

function homeOf(layout: HomeLayout, stop: () => Promise<void>): Home {
  const plan = PLANS[layout.flavour];
  const at = (name: string) => new Namespace(`${layout.prefix}-${name}`, join(layout.folder, name));
  const v6 = (address: string) => (plan.ipv6 ? address : undefined);
  return {
    ...layout,
    client: new LabHost('client', at('client'), { v4: LAN.client, v6: v6(LAN6.client) }),
    other: new LabHost('other', at('other'), { v4: LAN.other, v6: v6(LAN6.other) }),
    gateway: new LabGateway('gateway', at('gateway'), { v4: LAN.gateway, v6: v6(LAN6.gateway), wan: plan.wan }),
    upstream:
      plan.upstream !== undefined
        ? new LabGateway('upstream', at('upstream'), { v4: plan.wan.gateway, v6: undefined, wan: PUBLIC_WAN })
        : undefined,
    internet: new LabHost('internet', at('internet'), {
      v4: plan.upstream !== undefined ? PUBLIC_WAN.gateway : plan.wan.gateway,
      v6: v6(WAN6.gateway),
    }),
    stop,
  };
}

async function build(home: Home, options: HomeOptions): Promise<void> {
  try {
    const plan = PLANS[home.flavour];
    await wire(home, { inner: plan.wan, outer: PUBLIC_WAN });
    const { externalAddress, ...settings } = plan.daemon;
    const knows = externalAddress !== undefined && options.knowsPublicAddress !== false;
    const common = { ...options, ipv6: plan.ipv6 };
    await home.gateway.daemon.configure(knows ? { ...settings, externalAddress } : settings, {
      ...common,
      uuid: randomUUID(),
    });
    if (plan.upstream !== undefined)
      await home.upstream?.daemon.configure(plan.upstream, { ...common, uuid: randomUUID() });
    await home.upstream?.start();
    // minissdpd first: it learns of the router from its greeting.
    if (options.minissdpd === true) await startMinissdpd(home.client);
    await home.gateway.start();
    if (options.lossPercent !== undefined) await home.gateway.losePackets(options.lossPercent);
  } catch (error) {
    await home.stop();
    throw error;
  }
}

/** Goes to the background on its own once its socket is there. */
async function startMinissdpd(client: LabHost): Promise<void> {
  const { code, stderr } = await client.exec(['minissdpd', '-i', 'eth0']);
  if (code !== 0) throw new Error(`minissdpd did not start: ${stderr}`);
}
