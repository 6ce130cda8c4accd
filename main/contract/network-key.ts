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
