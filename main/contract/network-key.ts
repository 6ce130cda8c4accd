/** Names of networks: `192.168.1.1/24 00:11:22:33:44:55`, the hardware address once it is known. */

/**
 * May the two keys name one network? The hardware address decides where both know it; at start it is often not known
 * yet, and then the place has to do. `-` alone stands for no network at all.
 */
export function isSameNetwork(one: string, other: string): boolean {
  if (one === other) return true;
  const [place, mac] = split(one);
  const [otherPlace, otherMac] = split(other);
  if (place === '-' || otherPlace === '-') return false;
  return mac !== undefined && otherMac !== undefined ? mac === otherMac : place === otherPlace;
}

/** Is the hardware address known? */
export const isNamed = (key: string): boolean => split(key)[0] !== '-' && split(key)[1] !== undefined;

function split(key: string): readonly [place: string, mac: string | undefined] {
  const [place = '', mac] = key.split(' ');
  return [place, mac];
}

/**
 * Is `key` surely the network that `approved` names? As long as the hardware address is not known it may be another one of
 * the same addresses, of which there are many.
 */
export function isSurelyNetwork(approved: string, key: string): boolean {
  return isSameNetwork(approved, key) && (isNamed(key) || !isNamed(approved));
}

/** The default router's address; without a router this machine's own. */
export function addressOfNetwork(key: string): string {
  const [place, rest] = split(key);
  return (place === '-' ? (rest ?? '') : place).replace(/\/.*$/, '');
}
