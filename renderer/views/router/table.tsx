/** Everything that a gateway maps, who owns it, and what can be closed. */
import type { VNode } from 'preact';
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import type { IpAddress } from '../../../main/contract/address.ts';
import type { TableEntryView, GatewayTable } from '../../../main/contract/gateway-table.ts';
import type { GatewayId } from '../../../main/contract/model.ts';
import { placeOfForward } from '../../../main/contract/profiles/forward-names.ts';
import type { Profile } from '../../../main/contract/profiles/profile.ts';
import type { GatewayView } from '../../../main/contract/snapshot.ts';
import { millis, isPort } from '../../../main/contract/units.ts';
import { durationText, listText } from '../../../main/contract/words/formats.ts';
import { Button, IconButton } from '../../parts/button.tsx';
import { useConfirm } from '../../parts/confirm.tsx';
import { RadioGroup, Select, choicesOf } from '../../parts/choice.tsx';
import { SearchBox } from '../../parts/search-box.tsx';
import { Icon, Spinner } from '../../parts/icon.tsx';
import { Chip, Section } from '../../parts/layout.tsx';
import { Banner, EmptyState } from '../../parts/notice.tsx';
import { windowWords } from '../../shell/words.ts';
import { useLanguage, useWords } from '../../state/language.tsx';
import { memo } from '../../state/memo.ts';
import { usePart } from '../../state/on-demand.tsx';
import { useAsk, useSnapshot, useTask, useToasts } from '../../state/portkeeper.tsx';
import { hrefOf } from '../../state/route.ts';
import { presetLabels } from '../forwards/forward-row.tsx';
import { routerViewWords } from './words.ts';

/** Fewer need no search. */
const MANY = 5;

const COLUMNS: readonly SortColumn[] = ['port', 'leadsTo', 'label', 'ends', 'owner'];

interface TableProperties {
  readonly gateway: GatewayView;
  /** Our router's address in its network, where it is in front of that. */
  readonly client: IpAddress | 'unknown' | undefined;
}

export function Table({ gateway, client }: TableProperties): VNode {
  const words = useWords(routerViewWords);
  const { canList } = gateway;
  const reading = useTable(gateway.id, canList);
  const closing = useClose(gateway.id, reading.read);
  const entries = reading.table?.entries;
  const hasSix = entries?.some(({ family }) => family === 'ipv6') === true;
  const language = useLanguage();
  const { thisComputer, yourRouter } = words.table;
  const here = useMemo<KnownHost>(
    () =>
      client === undefined
        ? { address: gateway.localAddress, name: thisComputer }
        : { address: client, name: yourRouter },
    [gateway.localAddress, client, thisComputer, yourRouter],
  );
  const ways = [...new Set(gateway.controls.map(({ kind }) => words.controls[kind]))];
  return (
    <Section
      title={words.table.title}
      hint={hasSix ? `${words.table.hint} ${words.table.hintSix}` : words.table.hint}
      actions={
        canList &&
        (reading.isReading ? (
          <Progress gateway={gateway} cancel={reading.cancel} />
        ) : (
          <Button icon="refresh" size="small" onClick={reading.read}>
            {words.table.read}
          </Button>
        ))
      }
    >
      {!canList && (
        <EmptyState icon="router" title={words.table.cannot} text={words.table.cannotHint(listText(ways, language))} />
      )}
      {reading.wasCancelled && !reading.isReading && (
        <Banner tone="plain" icon="info">
          {words.table.cancelled}
        </Banner>
      )}
      {reading.table?.whole === false && (
        <Banner tone="warn" icon="warning">
          {words.table.broken}
        </Banner>
      )}
      {entries !== undefined &&
        (entries.length === 0 ? (
          <EmptyState icon="lock" title={words.table.empty} />
        ) : (
          <Entries entries={entries} here={here} closing={closing} />
        ))}
    </Section>
  );
}

function Progress({ gateway, cancel }: { readonly gateway: GatewayView; readonly cancel: () => void }): VNode {
  const words = useWords(routerViewWords);
  const { cancel: cancelWord } = useWords(windowWords);
  const { listing } = useSnapshot();
  const count = listing?.gateway === gateway.id ? listing.entries : 0;
  return (
    <span class="router-progress" role="status">
      <Spinner />
      {count === 0 ? words.table.reading : words.table.count(count)}
      <Button size="small" kind="quiet" onClick={cancel}>
        {cancelWord}
      </Button>
    </span>
  );
}

/** The next one towards us, as the gateway sees it: this computer, or the router behind it. */
interface KnownHost {
  readonly address: IpAddress | 'unknown';
  readonly name: string;
}

interface EntriesProperties {
  readonly entries: readonly TableEntryView[];
  readonly here: KnownHost;
  readonly closing: ReturnType<typeof useClose>;
}

function Entries({ entries, here, closing }: EntriesProperties): VNode {
  const words = useWords(routerViewWords);
  const [search, setSearch] = useState('');
  const [owner, setOwner] = useState<OwnerFilter>('all');
  const [sorting, setSorting] = useState<Sorting>({ column: 'port', isDescending: false });
  const sortBy = (column: SortColumn): void =>
    setSorting({ column, isDescending: sorting.column === column && !sorting.isDescending });
  const { profiles } = useSnapshot();
  const language = useLanguage();
  const labelIn = usePart(presetLabels);
  const named = useMemo(
    () => entries.map((entry) => namedEntry(entry, profiles, (label) => labelIn?.(label, language) ?? label)),
    [entries, profiles, labelIn, language],
  );
  const rows = useMemo(() => rowsOf(named, search, owner, sorting), [named, search, owner, sorting]);
  return (
    <div class="router-list">
      {entries.length > MANY && (
        <div class="router-tools">
          <SearchBox label={words.table.search} value={search} onInput={setSearch} />
          <span class="router-order">
            <Select
              aria-label={words.table.sortBy}
              value={sorting.column}
              choices={COLUMNS.map((column) => ({ value: column, label: words.table[column] }))}
              onChange={(column) => setSorting({ column, isDescending: false })}
            />
          </span>
          <RadioGroup
            label={words.table.whose}
            value={owner}
            choices={choicesOf(words.table.filters)}
            onChange={setOwner}
          />
          <span class="faint" role="status">
            {words.table.shown(rows.length, entries.length)}
          </span>
        </div>
      )}
      {rows.length === 0 ? (
        <EmptyState icon="search" title={words.table.noneFound} />
      ) : (
        <div class="router-frame">
          <table class="router-table">
            <thead>
              <tr>
                {COLUMNS.map((column) => (
                  <th
                    key={column}
                    scope="col"
                    data-column={column}
                    aria-sort={sorting.column !== column ? 'none' : sorting.isDescending ? 'descending' : 'ascending'}
                  >
                    <button type="button" class="router-sort" onClick={() => sortBy(column)}>
                      {words.table[column]}
                      {sorting.column === column && (
                        <Icon name={sorting.isDescending ? 'arrow-down' : 'arrow-up'} size={16} />
                      )}
                    </button>
                  </th>
                ))}
                <th scope="col">
                  <span class="unseen">{words.table.actions}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ entry, profile, label }) => (
                <Entry
                  key={keyOf(entry)}
                  entry={entry}
                  profile={profile}
                  label={label}
                  here={here}
                  isBusy={closing.busy.has(keyOf(entry))}
                  close={closing.canClose(entry) ? closing.close : undefined}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}

interface EntryProperties extends NamedEntry {
  readonly here: KnownHost;
  readonly isBusy: boolean;
  readonly close: ((entry: TableEntryView) => void) | undefined;
}

const Entry = memo<EntryProperties>(function TableEntry(properties): VNode {
  const { entry, profile, label, here, isBusy, close } = properties;
  const words = useWords(routerViewWords);
  const language = useLanguage();
  const { family, transport, external, internal, description, enabled, lease, remoteHost, owner } = entry;
  const isSix = family === 'ipv6';
  const port = external.port === 0 ? words.table.allPorts : `${external.port}/${transport.toUpperCase()}`;
  const host = isHere(entry, here)
    ? here.name
    : isSix
      ? `[${internal.client ?? ''}]`
      : (internal.name ?? internal.client ?? words.table.someDevice);
  return (
    <tr data-owner={owner.is} data-enabled={enabled}>
      <th scope="row" data-column="port">
        {port}
        {isSix && <span class="faint"> IPv6</span>}
      </th>
      <td data-column="leadsTo">
        {/* An IPv6 address or a name may be longer than the column. */}
        <span class={host.includes(':') || internal.name !== undefined ? undefined : 'nowrap'} title={internal.client}>
          <bdi>{host}</bdi>
          {external.port === 0 ? '' : `:${internal.port}`}
        </span>
      </td>
      <td data-column="label">
        {profile === undefined ? (
          <bdi>{description}</bdi>
        ) : (
          // The router's name for it is of use to anyone who looks there.
          <a href={hrefOf('forwards', { profile: profile.id })} title={description}>
            <bdi>{profile.name}</bdi>
          </a>
        )}
        {label !== undefined && <span class="faint"> · {label}</span>}
        {!enabled && <Chip>{words.table.off}</Chip>}
        {remoteHost !== undefined && <span class="faint"> {words.table.onlyFor(remoteHost)}</span>}
      </td>
      <td data-column="ends">
        {lease === 0 ? <span class="faint">{words.table.notTold}</span> : durationText(millis(lease * 1000), language)}
      </td>
      <td data-column="owner">
        <Owner owner={owner} />
      </td>
      <td data-column="actions">
        {isBusy ? (
          <Spinner isImmediate />
        ) : (
          close !== undefined && (
            <IconButton icon="trash" size="small" label={words.table.close(port)} onClick={() => close(entry)} />
          )
        )}
      </td>
    </tr>
  );
});

function Owner({ owner }: Pick<TableEntryView, 'owner'>): VNode {
  const words = useWords(routerViewWords);
  if (owner.is === 'this-computer') return <span>{words.table.ownProgram}</span>;
  if (owner.is === 'other') return <span>{words.table.other}</span>;
  return (
    <Chip tone="accent" icon="shield">
      {owner.forward === undefined ? words.table.oursBefore : words.table.ours}
    </Chip>
  );
}

/** A profile can forward to another device, too. */
function isHere({ owner, internal }: TableEntryView, { address }: KnownHost): boolean {
  return owner.is === 'this-computer' || (internal.client ?? (owner.is === 'ours' ? address : undefined)) === address;
}

function useTable(gateway: GatewayId, canList: boolean) {
  const ask = useAsk();
  const { isBusy, run, cancel } = useTask();
  const [table, setTable] = useState<GatewayTable | undefined>(undefined);
  const [wasCancelled, setWasCancelled] = useState(false);
  const read = useCallback(() => {
    setWasCancelled(false);
    run(async (signal) => {
      signal.addEventListener('abort', () => setWasCancelled(true), { once: true });
      const answer = await ask('gateway.list', { gateway }, { signal });
      if (answer.ok) setTable(answer.value);
    });
  }, [ask, run, gateway]);
  useEffect(() => {
    if (canList) read();
  }, [canList, read]);
  return { table: table?.gateway === gateway ? table : undefined, isReading: isBusy, wasCancelled, read, cancel };
}

/** @param closed called when the table is another than before */
function useClose(gateway: GatewayId, closed: () => void) {
  const words = useWords(routerViewWords);
  const ask = useAsk();
  const confirm = useConfirm();
  const { show } = useToasts();
  const { profiles } = useSnapshot();
  const [busy, setBusy] = useState<ReadonlySet<string>>(new Set());

  const close = async (entry: TableEntryView): Promise<void> => {
    const { owner, transport, external, internal, remoteHost } = entry;
    const { client, name } = internal;
    const port = `${external.port}/${transport.toUpperCase()}`;
    const { title, ours, ownProgram, other, final, yes, done, switchTitle, switchText, switchYes, switched } =
      words.close;
    const profile = owner.is === 'ours' ? profiles.find(({ id, on }) => on && id === owner.profile) : undefined;
    const whose =
      owner.is === 'ours'
        ? ours
        : owner.is === 'this-computer'
          ? `${ownProgram} ${final}`
          : `${other(name ?? client ?? words.table.someDevice)} ${final}`;
    const isMeant = await confirm(
      profile === undefined
        ? { title: title(port), text: whose, yes, isDangerous: true }
        : { title: switchTitle(profile.name), text: switchText(port, profile.name), yes: switchYes },
    );
    if (!isMeant || !isPort(external.port)) return;
    const input = {
      gateway,
      transport,
      external: external.port,
      ...(client === undefined ? {} : { client }),
      ...(remoteHost === undefined ? {} : { remoteHost }),
    };
    const key = keyOf(entry);
    setBusy((before) => new Set([...before, key]));
    const answer =
      profile === undefined
        ? await ask('gateway.close', input)
        : await ask('profile.switch', { id: profile.id, on: false });
    if (answer.ok) show({ text: profile === undefined ? done(port) : switched(profile.name) });
    closed();
    setBusy((before) => new Set([...before].filter((each) => each !== key)));
  };
  return {
    busy,
    /** A rule over all ports only the router's own pages can take away. */
    canClose: ({ external }: TableEntryView) => external.port > 0,
    close: (entry: TableEntryView) => void close(entry),
  };
}

type OwnerFilter = 'all' | 'ours' | 'others';
type SortColumn = 'port' | 'leadsTo' | 'label' | 'ends' | 'owner';

interface Sorting {
  readonly column: SortColumn;
  readonly isDescending: boolean;
}

/** Over IPv6, several devices can have the same port open. */
const keyOf = ({ family, transport, external, internal, remoteHost }: TableEntryView): string =>
  `${external.port}/${transport}/${family === 'ipv6' ? internal.client : (remoteHost ?? '')}`;

/** An entry as people call it: by the profile that wants it, and what it is for there. */
interface NamedEntry {
  readonly entry: TableEntryView;
  readonly profile: Pick<Profile, 'id' | 'name'> | undefined;
  readonly label: string | undefined;
}

function namedEntry(entry: TableEntryView, profiles: readonly Profile[], shown: (label: string) => string): NamedEntry {
  const { owner } = entry;
  const profile = owner.is === 'ours' ? profiles.find(({ id }) => id === owner.profile) : undefined;
  const place = owner.is === 'ours' && owner.forward !== undefined ? placeOfForward(owner.forward) : undefined;
  const label = place === undefined ? '' : (profile?.forwards[place.at]?.label ?? '');
  return { entry, profile, label: label === '' || label === profile?.name ? undefined : shown(label) };
}

function rowsOf(
  entries: readonly NamedEntry[],
  search: string,
  owner: OwnerFilter,
  sorting: Sorting,
): readonly NamedEntry[] {
  const words = search.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const compare = COMPARE[sorting.column];
  const direction = sorting.isDescending ? -1 : 1;
  return entries
    .filter(({ entry }) => owner === 'all' || (entry.owner.is === 'ours') === (owner === 'ours'))
    .filter((named) => words.every((word) => textOf(named).includes(word)))
    .toSorted((a, b) => direction * compare(a, b) || byPort(a, b));
}

function textOf({ entry, profile, label = '' }: NamedEntry): string {
  const { transport, external, internal, description } = entry;
  const port = `${external.port}/${transport}`;
  return [port, internal.client ?? '', internal.name ?? '', internal.port, description, profile?.name ?? '', label]
    .join(' ')
    .toLowerCase();
}

type Compare = (a: NamedEntry, b: NamedEntry) => number;

const byPort: Compare = ({ entry: a }, { entry: b }) =>
  a.external.port - b.external.port || a.transport.localeCompare(b.transport);

const OWNERS = { ours: 0, 'this-computer': 1, other: 2 } as const;

const nameOf = ({ entry, profile }: NamedEntry): string => profile?.name ?? entry.description;

const COMPARE: Readonly<Record<SortColumn, Compare>> = {
  port: byPort,
  leadsTo: ({ entry: a }, { entry: b }) => addressKey(a.internal.client).localeCompare(addressKey(b.internal.client)),
  label: (a, b) => nameOf(a).localeCompare(nameOf(b)),
  ends: ({ entry: a }, { entry: b }) => a.lease - b.lease,
  owner: ({ entry: a }, { entry: b }) => OWNERS[a.owner.is] - OWNERS[b.owner.is],
};

/** 192.168.1.9 before 192.168.1.10. */
const addressKey = (address: IpAddress | undefined): string =>
  (address ?? '').replaceAll(/\d+/g, (digits) => digits.padStart(3, '0'));
