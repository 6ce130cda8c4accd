/** The networks that a person trusts, as the settings keep them. */
import { addressOfNetwork, isSameNetwork, isSurelyNetwork, isNamed, type Snapshot } from '../../contract/snapshot.ts';
import { MOST_APPROVED, type Settings } from '../../contract/settings.ts';
import type { Log } from '../../system/system.ts';
import { CommandError } from '../command-error.ts';
import { oneLine } from './profile-names.ts';
import type { Profiles } from './profiles.ts';

type Approved = Settings['approvedNetworks'];

export class NetworkApproval {
  readonly #current: () => Profiles;
  readonly #log: Log;
  #isNaming = false;
  /** Approved in this run without its router's hardware address, and not left since. */
  #unnamed: string | undefined;

  constructor(profiles: () => Profiles, log: Log) {
    this.#current = profiles;
    this.#log = log;
  }

  get #profiles(): Profiles {
    return this.#current();
  }

  /** Keys of the networks on which ports may be opened; on all when absent. */
  get keys(): readonly string[] | undefined {
    const { onlyApprovedNetworks, approvedNetworks } = this.#profiles.settings;
    return onlyApprovedNetworks ? approvedNetworks.map(({ key }) => key) : undefined;
  }

  /** The network that the machine is on now. @throws CommandError when there is none, or no room */
  async approve(snapshot: Snapshot): Promise<void> {
    const key = snapshot.network?.key;
    this.#unnamed = key === undefined || isNamed(key) ? undefined : key;
    // Ports wait for it: that must not wait for the disk.
    await this.#profiles.editSettings(
      ({ approvedNetworks }) => ({ approvedNetworks: [...withNetworkOf(snapshot, approvedNetworks)] }),
      'applied',
    );
  }

  /**
   * A network that was approved before its router's hardware address was known, and is met again, is known by that address
   * from now on: others of the same addresses are not taken for it. While all networks are approved, being on one says
   * nothing about it, unless the person has approved it just now.
   */
  met(snapshot: Snapshot): void {
    const { settings } = this.#profiles;
    const { network } = snapshot;
    if (network === undefined || !isSameNetwork(this.#unnamed ?? '-', network.key)) this.#unnamed = undefined;
    if (this.#isNaming || (!settings.onlyApprovedNetworks && this.#unnamed === undefined)) return;
    if (withNameOf(snapshot, settings.approvedNetworks) === undefined) return;
    this.#unnamed = undefined;
    this.#isNaming = true;
    void this.#name(snapshot);
  }

  async #name(snapshot: Snapshot): Promise<void> {
    try {
      await this.#profiles.editSettings(({ approvedNetworks }) => ({
        approvedNetworks: [...(withNameOf(snapshot, approvedNetworks) ?? approvedNetworks)],
      }));
      this.#isNaming = false;
    } catch (error) {
      // Not tried again for each snapshot: it stays approved as it is, until the next start.
      this.#log.write('warn', 'could not save an approved network', { error: String(error) });
    }
  }
}

function withNetworkOf({ network, gateways }: Snapshot, approved: Approved): Approved {
  if (network === undefined) throw new CommandError('not-here', '', { code: 'no-network', parameters: {} });
  const { key } = network;
  const others = approved.filter((other) => !isSurelyNetwork(other.key, key));
  if (others.length >= MOST_APPROVED) {
    const parameters = { most: MOST_APPROVED };
    throw new CommandError('bad-input', '', { code: 'too-many-networks', parameters });
  }
  // A router says what it likes; settings take one line.
  const told = gateways.find(({ isDefault }) => isDefault)?.name ?? '';
  const name = oneLine(told);
  return [...others, { key, name: name === '' ? addressOfNetwork(key) : name }];
}

/** Nothing when there is nothing to change. */
function withNameOf({ network }: Snapshot, approved: Approved): Approved | undefined {
  if (network?.approved !== true || !isNamed(network.key)) return undefined;
  const { key } = network;
  if (approved.some((other) => other.key === key)) return undefined;
  const at = approved.findIndex((other) => !isNamed(other.key) && isSameNetwork(other.key, key));
  const unnamed = approved[at];
  return unnamed === undefined ? undefined : approved.with(at, { ...unnamed, key });
}
