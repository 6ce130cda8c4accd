/** Networks on which ports may be opened, and the one that this computer is on. */
import type { AppSnapshot } from '../../../main/contract/commands.ts';
import { isSurelyNetwork } from '../../../main/contract/network-key.ts';
import type { Settings } from '../../../main/contract/settings.ts';

export type ApprovedNetwork = Settings['approvedNetworks'][number];

export interface NetworkRow extends ApprovedNetwork {
  readonly here: boolean;
}

export interface NetworkRows {
  readonly approved: readonly NetworkRow[];
  /** What the present one is called when it is not among them; absent without a network. */
  readonly unapproved: string | undefined;
}

export function networkRows({
  settings: { approvedNetworks },
  engine: { network, gateways },
}: Pick<AppSnapshot, 'settings' | 'engine'>): NetworkRows {
  const approved = approvedNetworks.map((each) => ({
    ...each,
    here: network !== undefined && isSurelyNetwork(each.key, network.key),
  }));
  if (network === undefined || approved.some(({ here }) => here)) return { approved, unapproved: undefined };
  const router = gateways.find(({ isDefault }) => isDefault) ?? gateways[0];
  return { approved, unapproved: router?.name ?? placeOf(network.key) };
}

/** `192.168.1.1/24` of a key: all that is known of a network without a router that answers. */
const placeOf = (key: string): string => key.split(' ')[0] ?? key;
