/** Which of several WAN connection services is the live one (X10). Ranks lower, never refuses (N1, N3). */
import { isPublic } from '../../contract/address.ts';
import type { IpAddress } from '../../contract/address.ts';
import { isFailure, Refused } from '../failure.ts';
import type { HttpNetwork } from '../upnp/http-exchange.ts';
import type { IgdService } from './igd-services.ts';
import { readExternalAddress, readStatusInfo } from './igd-status.ts';
import type { TraitMemory } from '../port-control.ts';
import type { RequestQueue } from '../upnp/request-queue.ts';
import { ServiceClient } from '../upnp/soap-call.ts';

interface RankOptions {
  readonly traits: TraitMemory;
  readonly queue: RequestQueue;
  readonly localAddress?: IpAddress;
}

/** @throws the signal's reason */
export async function rankServices(
  network: HttpNetwork,
  services: readonly IgdService[],
  options: RankOptions,
  signal: AbortSignal,
): Promise<readonly IgdService[]> {
  if (services.length < 2) return services;
  const preferred = options.traits.get().soap?.service;
  const ranked: { readonly service: IgdService; readonly rank: number }[] = [];
  for (const service of services) {
    const { localAddress } = options;
    const client = new ServiceClient({
      network,
      service,
      traits: options.traits,
      queue: options.queue,
      ...(localAddress === undefined ? {} : { localAddress }),
    });
    ranked.push({ service, rank: await liveliness(client, signal) });
  }
  return ranked
    .toSorted(
      (one, other) =>
        other.rank - one.rank ||
        Number(other.service.type === preferred) - Number(one.service.type === preferred) ||
        versionOf(other.service) - versionOf(one.service),
    )
    .map(({ service }) => service);
}

/** X12: version 2 has clearer errors, ranges and AddAny. */
const versionOf = ({ type }: IgdService): number => Number(/:(\d+)$/.exec(type)?.[1] ?? 0);

/** Connected and public 3, connected 2, answers 1, otherwise 0. */
async function liveliness(client: ServiceClient, signal: AbortSignal): Promise<number> {
  const status = await answerOrWhy(() => readStatusInfo(client, signal));
  if (status === 'silent') return 0;
  const address = await answerOrWhy(() => readExternalAddress(client, signal));
  if (address === 'silent') return 0;
  const hasAddress = address !== 'refused' && address !== 'none' && address !== undefined;
  // N6: whoever does not tell its status is judged by its address.
  const connected = status === 'refused' || status.connected === undefined ? hasAddress : status.connected;
  if (connected) return hasAddress && isPublic(address) ? 3 : 2;
  return status === 'refused' && address === 'refused' ? 0 : 1;
}

async function answerOrWhy<Value>(question: () => Promise<Value>): Promise<Value | 'refused' | 'silent'> {
  try {
    return await question();
  } catch (error) {
    if (error instanceof Refused) return 'refused';
    if (isFailure(error)) return 'silent';
    throw error;
  }
}
