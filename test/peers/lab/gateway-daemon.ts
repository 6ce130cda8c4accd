/** miniupnpd in a gateway's namespace, run as a router runs it: in the background, with the firewall chains it expects. */
import { readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DaemonSettings } from './flavours.ts';
import type { Namespace } from './namespace.ts';
import { must } from './process.ts';

/** OpenWrt's port; fixed, so that a control URL that was remembered is found again after a restart. */
export const HTTP_PORT = 5000;
const PXP_PORT = 5351;
const SSDP_PORT = 1900;

/** Settings that a test may change. */
export interface DaemonOptions {
  /** Seconds, for PCP only; miniupnpd's own 120 would keep a test from seeing a renewal. 1 when absent. */
  readonly minLifetime?: number;
  /** Seconds, for PCP only: the longest lease granted. UPnP and NAT-PMP grant what is asked. */
  readonly maxLifetime?: number;
  /** Seconds between ssdp:alive messages. 30 when absent. */
  readonly notifyInterval?: number;
  /** UPnP on another port at each start, as some routers do (`port=0`), instead of always on {@link HTTP_PORT}. */
  readonly anyHttpPort?: boolean;
  /** Keep the daemon's debugging log, for finding out what it did. It grows with the square of the table. */
  readonly debugLog?: boolean;
}

export interface ForwardingRule {
  readonly transport: 'tcp' | 'udp';
  readonly external: number;
  readonly client: string;
  readonly internal: number;
}

const CHAINS = ['miniupnpd', 'prerouting_miniupnpd', 'postrouting_miniupnpd'] as const;

/** Refused rather than dropped, so that a probe of a closed port ends at once. */
const FIREWALL = `
table inet filter {
  chain miniupnpd {
  }
  chain prerouting_miniupnpd {
  }
  chain postrouting_miniupnpd {
  }
  chain forward {
    type filter hook forward priority 0; policy drop
    ct state established,related accept
    iifname "lan0" accept
    jump miniupnpd
    reject
  }
  chain prerouting {
    type nat hook prerouting priority -100; policy accept
    jump prerouting_miniupnpd
  }
  chain postrouting {
    type nat hook postrouting priority 100; policy accept
    jump postrouting_miniupnpd
    oifname "wan0" meta nfproto ipv4 masquerade
  }
}
`;

export class GatewayDaemon {
  readonly #namespace: Namespace;

  /** All state is in files of the namespace's folder, so that another process can take over. */
  constructor(namespace: Namespace) {
    this.#namespace = namespace;
  }

  async configure(
    settings: DaemonSettings,
    options: DaemonOptions & { readonly ipv6: boolean; readonly uuid: string },
  ) {
    const yes = (on: boolean) => (on ? 'yes' : 'no');
    const lines = [
      'ext_ifname=wan0',
      // Whoever asks is of this network.
      `listening_ip=${settings.listensAt === undefined ? 'lan0' : `${settings.listensAt}/0`}`,
      ...(options.ipv6 ? ['ext_ifname6=wan0'] : ['ipv6_disable=yes']),
      ...(settings.externalAddress === undefined ? [] : [`ext_ip=${settings.externalAddress}`]),
      `port=${options.anyHttpPort === true ? 0 : HTTP_PORT}`,
      `enable_upnp=${yes(settings.upnp)}`,
      `enable_natpmp=${yes(settings.pxp)}`,
      `secure_mode=${yes(settings.secure)}`,
      `force_igd_desc_v1=${yes(settings.igd1)}`,
      `pcp_allow_thirdparty=${yes(settings.thirdParty)}`,
      `min_lifetime=${options.minLifetime ?? 1}`,
      `max_lifetime=${options.maxLifetime ?? 86_400}`,
      `notify_interval=${options.notifyInterval ?? 30}`,
      // Time since the daemon's start: a restart then shows in the uptime, as a reboot does on a real router.
      'system_uptime=no',
      'friendly_name=Portkeeper lab',
      'model_number=1',
      'serial=1',
      `uuid=${options.uuid}`,
      `lease_file=${this.#path('leases')}`,
      `lease_file6=${this.#path('leases6')}`,
      ...settings.rules,
    ];
    await writeFile(this.#path('miniupnpd.conf'), `${lines.join('\n')}\n`);
    const { debugLog = false, anyHttpPort = false } = options;
    await writeFile(this.#path('settings.json'), JSON.stringify({ ...settings, debugLog, anyHttpPort }));
    if (settings.listensAt !== undefined) await this.#namespace.ip(`addr add ${settings.listensAt}/24 dev lan0`);
    await this.#namespace.nft(FIREWALL);
  }

  /** Resolves once it serves. @throws Error when it does not come up within a minute */
  async start(): Promise<void> {
    const settings: unknown = JSON.parse(await readFile(this.#path('settings.json'), 'utf8'));
    const has = (name: string) => Object(settings)[name] === true;
    const daemon = ['miniupnpd', '-f', this.#path('miniupnpd.conf'), '-P', this.#path('pid')];
    if (has('debugLog')) {
      // With -d it stays in the foreground and says everything.
      const log = `"$@" -d >>'${this.#path('log')}' 2>&1 &`;
      await must(this.#namespace.command(['setsid', 'sh', '-c', log, 'sh', ...daemon]));
    } else {
      await must(this.#namespace.command(daemon));
    }
    for (let attempt = 0; attempt < 1200; attempt++) {
      const pid = await this.pid();
      if (pid !== undefined && (await this.#serves(pid, has))) return;
      await sleep(50);
    }
    throw new Error(`miniupnpd did not come up in ${this.#namespace.name}: ${await this.log()}`);
  }

  /** The daemon's process id, if it lives and is in its namespace. */
  async pid(): Promise<number | undefined> {
    const text = await readFile(this.#path('pid'), 'utf8').catch(() => '');
    const pid = Number.parseInt(text, 10);
    if (!Number.isInteger(pid)) return undefined;
    const [its, ours] = await Promise.all([
      readlink(`/proc/${pid}/ns/net`).catch(() => undefined),
      stat(`/run/netns/${this.#namespace.name}`).catch(() => undefined),
    ]);
    return its !== undefined && its === `net:[${ours?.ino}]` ? pid : undefined;
  }

  async signal(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const pid = await this.pid();
    if (pid === undefined) return;
    process.kill(pid, signal);
    for (let attempt = 0; attempt < 1200; attempt++) {
      if ((await this.pid()) === undefined) {
        await rm(this.#path('pid'), { force: true });
        return;
      }
      await sleep(25);
    }
    throw new Error(`miniupnpd ${pid} did not end on ${signal}`);
  }

  /** Forgets every entry, as a router without storage does when it reboots. Only while it is down. */
  async forget(): Promise<void> {
    await this.wipeRules();
    await rm(this.#path('leases'), { force: true });
    await rm(this.#path('leases6'), { force: true });
  }

  /** Takes the firewall's rules from under the daemon (L20). */
  async wipeRules(): Promise<void> {
    await this.#namespace.nft(CHAINS.map((chain) => `flush chain inet filter ${chain}`).join('\n'));
  }

  /** The firewall restarts without the chains that the daemon puts its rules into, as after a faulty configuration. */
  async removeChains(): Promise<void> {
    await this.#namespace.nft('delete table inet filter');
  }

  async restoreChains(): Promise<void> {
    await this.#namespace.nft(FIREWALL);
  }

  /** The firewall's own rules for IPv4, as against the daemon's list. */
  async rules(): Promise<readonly ForwardingRule[]> {
    const listed = await must(
      this.#namespace.command(['nft', 'list', 'chain', 'inet', 'filter', 'prerouting_miniupnpd']),
    );
    // iif "wan0" @nh,72,8 0x11 th dport 9000 dnat ip to 192.168.71.10:9000
    const rule = /@nh,72,8 0x(6|11)\b.* dport (\d+) .*dnat ip to ([\d.]+):(\d+)/;
    return listed.split('\n').flatMap((line) => {
      const [, protocol, external, client = '', internal] = rule.exec(line) ?? [];
      if (protocol === undefined) return [];
      const transport = protocol === '6' ? 'tcp' : 'udp';
      return [{ transport, external: Number(external), client, internal: Number(internal) } as const];
    });
  }

  /** Only with `debugLog`. */
  async log(): Promise<string> {
    return readFile(this.#path('log'), 'utf8').catch(() => '(no log)');
  }

  #path(name: string): string {
    return join(this.#namespace.folder, name);
  }

  async #serves(pid: number, has: (name: string) => boolean): Promise<boolean> {
    // /proc/PID/net shows the sockets of that process's namespace.
    const tables = await Promise.all(
      ['udp', 'udp6', 'tcp', 'tcp6'].map((table) => readFile(`/proc/${pid}/net/${table}`, 'utf8').catch(() => '')),
    );
    const bound = (port: number) =>
      tables.some((table) => table.includes(`:${port.toString(16).toUpperCase().padStart(4, '0')} `));
    // A socket that listens, on whatever port: local address, remote address, state 0A.
    const listens = () => tables.some((table) => / 0{8,32}:0000 0A /.test(table));
    const http = () => (has('anyHttpPort') ? listens() : bound(HTTP_PORT));
    return (!has('upnp') || (http() && bound(SSDP_PORT))) && (!has('pxp') || bound(PXP_PORT));
  }
}
