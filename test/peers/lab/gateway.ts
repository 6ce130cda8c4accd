/** A router of the lab, with everything that can happen to a router. */
import type { Wan } from './flavours.ts';
import { GatewayDaemon, HTTP_PORT, type ForwardingRule } from './gateway-daemon.ts';
import { LabHost } from './host.ts';
import type { Namespace } from './namespace.ts';
import { must } from './process.ts';

export class LabGateway extends LabHost {
  readonly daemon: GatewayDaemon;
  readonly #wan: Wan;

  constructor(
    name: string,
    namespace: Namespace,
    where: { readonly v4: string; readonly v6: string | undefined; readonly wan: Wan },
  ) {
    super(name, namespace, where);
    this.daemon = new GatewayDaemon(namespace);
    this.#wan = where.wan;
  }

  /** Where the device description is; the port does not change over restarts, unless the home has `anyHttpPort`. */
  get descriptionUrl(): string {
    return `http://${this.address}:${HTTP_PORT}/rootDesc.xml`;
  }

  /** The address of `wan0` now. */
  async wanAddress(): Promise<string> {
    const listed = await must(['ip', '-n', this.namespace.name, '-4', '-o', 'addr', 'show', 'dev', 'wan0']);
    const [, address] = /inet ([\d.]+)/.exec(listed) ?? [];
    if (address === undefined) throw new Error(`${this.namespace.name} has no WAN address`);
    return address;
  }

  /** Starts the daemon; resolves once it serves. */
  start(): Promise<void> {
    return this.daemon.start();
  }

  /** Ends the daemon as a router that shuts down does: it says byebye. */
  shutDown(): Promise<void> {
    return this.daemon.signal('SIGTERM');
  }

  /** Ends the daemon as a power cut does: no byebye, and the firewall rules stay until something flushes them. */
  kill(): Promise<void> {
    return this.daemon.signal('SIGKILL');
  }

  /** Down and up again. `emptyTable`: it rebooted and forgot everything. `abrupt`: a power cut, no byebye. */
  async restart(options: { readonly emptyTable?: boolean; readonly abrupt?: boolean } = {}): Promise<void> {
    await this.daemon.signal(options.abrupt === true ? 'SIGKILL' : 'SIGTERM');
    if (options.emptyTable === true) await this.daemon.forget();
    await this.daemon.start();
  }

  /** Is the daemon running? Its death is the gateway's silence. */
  async alive(): Promise<boolean> {
    return (await this.daemon.pid()) !== undefined;
  }

  /** The provider gives another address in the same network; the daemon notices on its own. */
  async changeWanAddress(address: string): Promise<void> {
    const { gateway, prefix } = this.#wan;
    await this.namespace.ip(`
      addr del ${await this.wanAddress()}/${prefix} dev wan0
      addr add ${address}/${prefix} dev wan0
      route replace default via ${gateway}
    `);
  }

  /** L20: takes the rules from under the daemon, which goes on listing its entries. */
  wipeFirewallRules(): Promise<void> {
    return this.daemon.wipeRules();
  }

  /** Rules that really forward over IPv4. */
  nftRules(): Promise<readonly ForwardingRule[]> {
    return this.daemon.rules();
  }

  /** From now on nobody in the home hears what this gateway announces: no ssdp:alive or byebye, no ANNOUNCE. Answers go on. */
  async silenceAnnouncements(): Promise<void> {
    await this.namespace.nft(`
      table inet silence {
        chain output {
          type filter hook output priority -400; policy accept
          oifname "lan0" ip daddr 224.0.0.0/4 drop
          oifname "lan0" ip6 daddr ff00::/8 icmpv6 type != { nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert } drop
          oifname "lan0" ip6 daddr ff00::/8 meta l4proto != icmpv6 drop
        }
      }
    `);
  }

  /** Once from now on, the first packet from the LAN to PCP and NAT-PMP, to SSDP, and the first one over TCP is lost. */
  async loseFirstPackets(): Promise<void> {
    const first = 'numgen inc mod 1000000000 == 0 drop';
    await this.namespace.nft(`
      table inet first
      delete table inet first
      table inet first {
        chain input {
          type filter hook input priority -400; policy accept
          iifname "lan0" udp dport 5351 ${first}
          iifname "lan0" udp dport 1900 ${first}
          iifname "lan0" meta l4proto tcp ${first}
        }
      }
    `);
  }

  /** From now on, of 100 packets between the LAN and this gateway, each way, so many are lost. */
  async losePackets(percent: number): Promise<void> {
    // nft refuses a comparison that is always true.
    const some = percent >= 100 ? '' : `numgen random mod 1000 < ${Math.round(percent * 10)}`;
    const drop = (hook: string, word: string) =>
      `chain ${hook} {
         type filter hook ${hook} priority -400; policy accept
         ${word} "lan0" ${some} drop
       }`;
    await this.namespace.nft(`
      table inet loss
      delete table inet loss
      table inet loss {
        ${drop('input', 'iifname')}
        ${drop('output', 'oifname')}
      }
    `);
  }
}
