/** A gateway's table as it is shown: searched, filtered, sorted. */
import type { IpAddress } from '../../../main/contract/address.ts';
import type { TableEntryView } from '../../../main/contract/gateway-table.ts';

export type OwnerFilter = 'all' | 'ours' | 'others';
export type SortColumn = 'port' | 'leadsTo' | 'label' | 'ends' | 'owner';

export interface Sorting {
  readonly column: SortColumn;
  readonly isDescending: boolean;
}

export const keyOf = ({ transport, external, remoteHost }: TableEntryView): string =>
  `${external.port}/${transport}/${remoteHost ?? ''}`;

/** What a click on a column makes of the order. */
export function sortedBy(before: Sorting, column: SortColumn): Sorting {
  return { column, isDescending: before.column === column && !before.isDescending };
}

interface Wanted {
  readonly search: string;
  readonly owner: OwnerFilter;
  readonly sorting: Sorting;
}

export function rowsOf(entries: readonly TableEntryView[], wanted: Wanted): readonly TableEntryView[] {
  const { search, owner, sorting } = wanted;
  const words = search.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const compare = COMPARE[sorting.column];
  const direction = sorting.isDescending ? -1 : 1;
  return entries
    .filter((entry) => owner === 'all' || (entry.owner.is === 'ours') === (owner === 'ours'))
    .filter((entry) => words.every((word) => textOf(entry).includes(word)))
    .toSorted((a, b) => direction * compare(a, b) || byPort(a, b));
}

function textOf({ transport, external, internal, description }: TableEntryView): string {
  return [external.port, `${external.port}/${transport}`, internal.client ?? '', internal.port, description]
    .join(' ')
    .toLowerCase();
}

type Compare = (a: TableEntryView, b: TableEntryView) => number;

const byPort: Compare = (a, b) => a.external.port - b.external.port || a.transport.localeCompare(b.transport);

const OWNERS = { ours: 0, 'this-computer': 1, other: 2 } as const;

const COMPARE: Readonly<Record<SortColumn, Compare>> = {
  port: byPort,
  leadsTo: (a, b) => addressKey(a.internal.client).localeCompare(addressKey(b.internal.client)),
  label: (a, b) => a.description.localeCompare(b.description),
  ends: (a, b) => a.lease - b.lease,
  owner: (a, b) => OWNERS[a.owner.is] - OWNERS[b.owner.is],
};

/** 192.168.1.9 before 192.168.1.10. */
const addressKey = (address: IpAddress | undefined): string =>
  (address ?? '').replaceAll(/\d+/g, (digits) => digits.padStart(3, '0'));
