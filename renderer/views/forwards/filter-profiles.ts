/** Finds profiles by what people type: a name, a label, a port, an address. */
import type { Profile, ProfileForward } from '../../../main/contract/profiles/profile.ts';

/** Every word of `query` must occur in the profile; without one, all match. */
export function matches(profile: Pick<Profile, 'name' | 'forwards'>, query: string): boolean {
  const words = plain(query)
    .split(/\s+/u)
    .filter((word) => word !== '');
  return words.every(
    (word) => plain(profile.name).includes(word) || profile.forwards.some((forward) => forwardMatches(forward, word)),
  );
}

function forwardMatches({ label, external, internal, transports }: ProfileForward, word: string): boolean {
  if (plain(label).includes(word) || internal.client?.includes(word) === true) return true;
  if (transports.some((transport) => transport === word)) return true;
  const port = Number(word);
  if (!Number.isInteger(port)) return false;
  if (external.first <= port && port <= external.last) return true;
  return internal.first <= port && port <= internal.first + external.last - external.first;
}

const plain = (text: string): string => text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
