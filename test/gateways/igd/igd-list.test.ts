import { describe, expect, test } from 'vitest';
import { ip } from '../../../main/contract/address.ts';
import type { FoundMapping } from '../../../main/contract/mapping.ts';
import type { System } from '../../../main/system/system.ts';
import type { IgdControl } from '../../../main/gateways/igd/igd.ts';
import {
  LAPTOP,
  never,
  row,
  scene,
  service,
  TELEVISION,
  wish,
  WANIP2,
  type Asked,
  type Reply,
  type Row,
  type WatchedRouter,
} from '../../support/igd-scene.ts';

const LIST = 'GetGenericPortMappingEntry';
const PAGES = 'GetListOfPortMappings';

async function listed(igd: WatchedRouter, control: IgdControl): Promise<readonly number[]> {
  const all: FoundMapping[] = [];
  const read = async (): Promise<void> => {
    for await (const entry of control.list(never)) all.push(entry);
  };
  await igd.run(read());
  return all.map((entry) => entry.external.port);
}

const rows = (count: number): Row[] =>
  Array.from({ length: count }, (_, index) => row({ external: 1000 + index, client: TELEVISION }));
const portsOf = (count: number): number[] => rows(count).map(({ external }) => external);
const indexOf = ({ args }: Asked): number => Number(args['NewPortMappingIndex']);
const rowReply = (external: number, client: string = TELEVISION): Reply => ({
  values: {
    NewRemoteHost: '',
    NewExternalPort: String(external),
    NewProtocol: 'TCP',
    NewInternalPort: '80',
    NewInternalClient: client,
    NewEnabled: '1',
    NewPortMappingDescription: 'x',
    NewLeaseDuration: '0',
  },
});

describe('entry by entry', () => {
  test('until the router says that there are no more', async () => {
    const { igd, control } = scene({ rows: rows(5) });
    await expect(listed(igd, control)).resolves.toEqual(portsOf(5));
    expect(igd.calls.map(indexOf)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test.for([713, 714, 402, 501, 718, 899, 0])('E1: %i ends the list, 0 for a bare 500', async (endCode) => {
    const { igd, control } = scene({ rows: rows(2), router: [{ list: { endCode } }] });
    await expect(listed(igd, control)).resolves.toEqual([1000, 1001]);
  });

  test('E1: a fault at once is an empty list', async () => {
    const { igd, control } = scene({ answers: { [LIST]: { fault: 401 } } });
    await expect(listed(igd, control)).resolves.toEqual([]);
    expect(igd.calls.map(indexOf)).toEqual([0, 1]);
  });

  test('E2: a router that repeats its last entry forever', async () => {
    const { igd, control } = scene({ rows: rows(4), router: ['list-repeats-last'] });
    await expect(listed(igd, control)).resolves.toEqual([1000, 1001, 1002, 1003]);
    expect(igd.calls.length).toBeLessThan(10);
  });

  test('E2: a router that makes entries up forever is stopped at the cap', async () => {
    const { igd, control } = scene({
      options: { listCap: 50 },
      answers: { [LIST]: (call) => rowReply(1 + indexOf(call)) },
    });
    await expect(listed(igd, control)).resolves.toHaveLength(50);
    expect(igd.calls.length).toBeLessThan(60);
  });

  test('E3: a router that counts from 1', async () => {
    const { igd, control } = scene({ rows: rows(2), router: ['list-counts-from-1'] });
    await expect(listed(igd, control)).resolves.toEqual([1000, 1001]);
  });

  test('E12: a connection that breaks in the middle', async () => {
    const { igd, control } = scene({
      rows: rows(3),
      answers: { [LIST]: ({ nth }) => (nth === 2 || nth === 3 ? { breaks: 'reset' } : undefined) },
    });
    await expect(listed(igd, control)).resolves.toEqual([1000, 1001, 1002]);
    expect(igd.calls.map(indexOf)).toEqual([0, 1, 1, 1, 2, 3]);
  });

  test('E12: a router that has died is reported', async () => {
    const { igd, control } = scene({
      rows: rows(2),
      answers: { [LIST]: (call) => (indexOf(call) < 2 ? undefined : { breaks: 'reset' }) },
    });
    await expect(listed(igd, control)).rejects.toMatchObject({ name: 'Unreachable', why: 'reset' });
  });

  test('E13: entries that move while the list is read come once', async () => {
    const { igd, control, put } = scene({
      rows: rows(3),
      answers: {
        [LIST]: ({ nth }) => {
          // The newest comes first, so that all others move on by one.
          if (nth === 3) put(row({ external: 900, client: TELEVISION }));
          return undefined;
        },
      },
    });
    await expect(listed(igd, control)).resolves.toEqual([1000, 1001, 1002]);
  });

  test('a garbled entry is passed over', async () => {
    const { igd, control } = scene({
      rows: rows(4),
      answers: {
        [LIST]: (call) => {
          if (indexOf(call) === 1) return { values: { NewExternalPort: 'many', NewProtocol: 'ICMP' } };
          return indexOf(call) === 2 ? { status: 200, body: 'not XML at all' } : undefined;
        },
      },
    });
    await expect(listed(igd, control)).resolves.toEqual([1000, 1003]);
  });

  test.each<[string, Reply, string]>([
    ['a question that is cut off on its way is asked again', { status: 400, body: '' }, 'mapped'],
    ['what a garbled entry hides is not taken for absent', { status: 200, body: '<?xml' }, 'cannot-tell'],
  ])('%s', async (_name, broken, seen) => {
    const { igd, control } = scene({
      rows: [row({ external: 1000, client: TELEVISION }), row({ external: wish.external.port })],
      answers: {
        GetSpecificPortMappingEntry: { status: 400, body: '' },
        [LIST]: (call) => (indexOf(call) === 1 && (seen !== 'mapped' || call.nth === 2) ? broken : undefined),
      },
    });
    const found = await igd.run(control.find(wish, never));
    expect(typeof found === 'object' ? 'mapped' : found).toBe(seen);
  });

  test('E14: nonces of other hosts are not shown', async () => {
    const { igd, control } = scene({
      rows: [row({ client: TELEVISION, description: 'PCP MAP 0123456789abcdef01234567' })],
    });
    const read = async (): Promise<string[]> => {
      const texts: string[] = [];
      for await (const entry of control.list(never)) texts.push(entry.description);
      return texts;
    };
    await expect(igd.run(read())).resolves.toEqual(['PCP MAP (nonce)']);
  });
});

describe('in pages', () => {
  const paging = service({ type: WANIP2, actions: [PAGES, LIST, 'AddPortMapping'] });
  /** E6, E7. */
  const pages = [{ device: { igdVersion: 2 }, list: { ranges: true, rangeFromZero: false, rangeRows: 100 } }] as const;
  const listingOf = (some: readonly Row[]): string => {
    const entries = some.map(
      ({ external, internal, client }) =>
        `<PortMappingEntry><NewExternalPort>${external}</NewExternalPort><NewProtocol>TCP</NewProtocol>` +
        `<NewInternalPort>${internal}</NewInternalPort><NewInternalClient>${client}</NewInternalClient></PortMappingEntry>`,
    );
    return `<![CDATA[<PortMappingList>${entries.join('')}</PortMappingList>]]>`;
  };
  const inOrder = (some: readonly number[]): readonly number[] => some.toSorted((one, other) => one - other);

  test('E16: only once the table is known to be small', async () => {
    const { igd, control } = scene({ rows: rows(20), router: pages, options: { service: paging } });
    await expect(listed(igd, control)).resolves.toEqual(portsOf(20));
    expect(igd.called).not.toContain(PAGES);
    igd.forget();
    await expect(listed(igd, control)).resolves.toEqual(portsOf(20));
    expect(igd.called).toEqual([PAGES, PAGES]);
  });

  test('E16: never on a large table', async () => {
    const { igd, control } = scene({ rows: rows(65), router: pages, options: { service: paging } });
    await listed(igd, control);
    await expect(listed(igd, control)).resolves.toEqual(portsOf(65));
    expect(igd.called).not.toContain(PAGES);
  });

  test('E7: a table that has outgrown its page meanwhile is read to the end by index', async () => {
    const { igd, control, put } = scene({ rows: rows(10), router: pages, options: { service: paging } });
    await listed(igd, control);
    for (const entry of rows(230)) put(entry);
    igd.forget();
    expect(inOrder(await listed(igd, control))).toEqual(portsOf(230));
    expect(igd.called.filter((action) => action === PAGES)).toHaveLength(1);
  });

  test('E16: a router that dies of it is not asked again', async () => {
    const { igd, control, restarted } = scene({
      rows: rows(20),
      options: { service: paging },
      answers: { [PAGES]: { breaks: 'reset' } },
    });
    await listed(igd, control);
    await expect(listed(igd, control)).resolves.toEqual(portsOf(20));
    expect(igd.traits.get().listing).toBe('index-only');
    igd.forget();
    const next = restarted();
    await listed(igd, next);
    await listed(igd, next);
    expect(igd.called).not.toContain(PAGES);
  });

  test('E8: what only the index shows is listed too', async () => {
    const { igd, control } = scene({
      rows: rows(20),
      options: { service: paging },
      answers: {
        [PAGES]: { values: { NewPortListing: listingOf(rows(20).filter(({ external }) => external % 2 === 0)) } },
      },
    });
    await listed(igd, control);
    expect(inOrder(await listed(igd, control))).toEqual(portsOf(20));
    igd.forget();
    await listed(igd, control);
    expect(igd.called).not.toContain(PAGES);
  });

  test.for([402, 606])('a refusal with %i leads back to the index', async (fault) => {
    const { igd, control } = scene({
      rows: rows(3),
      options: { service: paging },
      answers: { [PAGES]: { fault } },
    });
    await listed(igd, control);
    await expect(listed(igd, control)).resolves.toEqual(portsOf(3));
  });

  test('the label of our wishes survives', async () => {
    const { igd, open, control } = scene();
    await open();
    const read = async (): Promise<string[]> => {
      const texts: string[] = [];
      for await (const entry of control.list(never)) texts.push(entry.description);
      return texts;
    };
    await expect(igd.run(read())).resolves.toEqual([wish.description]);
  });
});

describe('E17: names in the place of addresses', () => {
  /** No row of the simulator has a client without an address. */
  const named = (client: string): Reply => ({
    values: { NewInternalClient: client, NewInternalPort: '80', NewPortMappingDescription: 'theirs', NewEnabled: '1' },
  });

  async function heldBy(client: string, addressesOf?: System['addressesOf']) {
    const { igd, control } = scene({
      answers: { GetSpecificPortMappingEntry: named(client) },
      ...(addressesOf === undefined ? {} : { addressesOf }),
    });
    const found = await igd.run(control.find(wish, never));
    return typeof found === 'object' ? found.internal : found;
  }

  test('are shown, and compared by the address that this machine knows', async () => {
    await expect(heldBy('Television', async () => [TELEVISION])).resolves.toEqual({
      client: TELEVISION,
      name: 'Television',
      port: 80,
    });
  });

  test.each([
    ['that cannot be looked up', undefined],
    ['that nobody knows', async () => []],
    ['of a place that is not at home', async () => [ip('8.8.8.8')]],
    [
      'that the resolver has no answer for',
      (_name: string, signal: AbortSignal) =>
        new Promise<never>((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        }),
    ],
  ])('%s have no address', async (_what, addressesOf) => {
    await expect(heldBy('nas', addressesOf)).resolves.toEqual({ client: undefined, name: 'nas', port: 80 });
  });

  test('of this machine are often known to it by its loopback address', async () => {
    await expect(heldBy('laptop', async () => [ip('::1'), ip('127.0.1.1')])).resolves.toMatchObject({ client: LAPTOP });
  });

  test('a table of lies has few looked up, each once, and nothing that is not a name', async () => {
    const asked: string[] = [];
    const clients = [...Array.from({ length: 200 }, (_, n) => `host${n}`), 'a b', '-x', 'http://x/', 'x'.repeat(300)];
    const { igd, control } = scene({
      rows: rows(clients.length),
      answers: {
        [LIST]: (call) => {
          const client = clients[indexOf(call)];
          return client === undefined ? undefined : rowReply(1000 + indexOf(call), client);
        },
      },
      addressesOf: async (name) => {
        asked.push(name);
        return [];
      },
    });
    await listed(igd, control);
    await listed(igd, control);
    expect(asked).toHaveLength(64);
    expect(new Set(asked).size).toBe(64);
  });
});
