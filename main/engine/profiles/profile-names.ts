import { LONGEST_ID, LONGEST_LINE, type ProfileId } from '../../contract/profiles/profile.ts';

/** Made of the name, as a person would write it on a command line; others may have it already. */
export function plainId(name: string): ProfileId {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9]+/g, '-');
  // Room for a number. Letters, digits and hyphens by construction.
  return (plain.slice(0, LONGEST_ID - 5).replaceAll(/^-+|-+$/g, '') || 'profile') as ProfileId;
}

/** @param isTaken is there a profile of this id, or was there one that can be restored? */
export function freeId(name: string, isTaken: (id: ProfileId) => boolean): ProfileId {
  const base = plainId(name);
  for (let count = 1; ; count++) {
    const id = count === 1 ? base : (`${base}-${count}` as ProfileId);
    if (!isTaken(id)) return id;
  }
}

/** Any text as a name or a label: one line, and not too long. No character is cut in two. */
export function oneLine(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
  if (line.length <= LONGEST_LINE) return line;
  return line
    .slice(0, LONGEST_LINE)
    .replace(/[\uD800-\uDBFF]$/u, '')
    .trim();
}
