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
  type Row,
} from '../../support/scripted/igd-scene.ts';
import type { Reply, ScriptedIgd } from '../../support/scripted/scripted-igd.ts';

const LIST = 'GetGenericPortMappingEntry';
const PAGES = 'GetListOfPortMappings';

async function listed(igd: ScriptedIgd, control: IgdControl): Promise<readonly number[]> {
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
const indexOf = (call: { readonly args: Readonly<Record<string, string>> }): number =>
  Number(call.args['NewPortMappingIndex']);
const rowReply = (external: number): Reply => ({
  values: {
    NewRemoteHost: '',
    NewExternalPort: String(external),
    NewProtocol: 'TCP',
    NewInternalPort: '80',
    NewInternalClient: TELEVISION,
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

  test.for([713, 714, 402, 501, 718, 899])('E1: %i ends the list', async (fault) => {
    const { igd, control } = scene({
      script: { actions: { [LIST]: (call) => (indexOf(call) < 2 ? rowReply(1000 + indexOf(call)) : { fault }) } },
    });
    await expect(listed(igd, control)).resolves.toEqual([1000, 1001]);
  });

  test('E1: so does a bare 500', async () => {
    const { igd, control } = scene({
      script: { actions: { [LIST]: (call) => (indexOf(call) < 2 ? rowReply(1000 + indexOf(call)) : { status: 500 }) } },
    });
    await expect(listed(igd, control)).resolves.toEqual([1000, 1001]);
  });

  test('E1: a fault at once is an empty list', async () => {
    const { igd, control } = scene({ script: { actions: { [LIST]: { fault: 401 } } } });
    await expect(listed(igd, control)).resolves.toEqual([]);
    expect(igd.calls.map(indexOf)).toEqual([0, 1]);
  });

  test('E2: a router that repeats its last entry forever', async () => {
    const { igd, control } = scene({
      script: { actions: { [LIST]: (call) => rowReply(1000 + Math.min(indexOf(call), 3)) } },
    });
    await expect(listed(igd, control)).resolves.toEqual([1000, 1001, 1002, 1003]);
    expect(igd.calls.length).toBeLessThan(10);
  });

  test('E2: a router that makes entries up forever is stopped at the cap', async () => {
    const { igd, control } = scene({
      options: { listCap: 50 },
      script: { actions: { [LIST]: (call) => rowReply(1 + indexOf(call)) } },
    });
    await expect(listed(igd, control)).resolves.toHaveLength(50);
    expect(igd.calls.length).toBeLessThan(60);
  });

  test('E3: a router that counts from 1', async () => {
    const { igd, control } = scene({
      script: {
        actions: {
          [LIST]: (call) =>
            indexOf(call) === 0 || indexOf(call) > 2 ? { fault: 713 } : rowReply(1000 + indexOf(call)),
        },
      },
    });
    await expect(listed(igd, control)).resolves.toEqual([1001, 1002]);
  });

  test('E12: a connection that breaks in the middle', async () => {
    const { igd, control } = scene({
      script: {
        actions: {
          [LIST]: (call) => {
            if (call.nth === 2 || call.nth === 3) return { breaks: 'reset' };
            return indexOf(call) < 3 ? rowReply(1000 + indexOf(call)) : { fault: 713 };
          },
        },
      },
    });
    await expect(listed(igd, control)).resolves.toEqual([1000, 1001, 1002]);
    expect(igd.calls.map(indexOf)).toEqual([0, 1, 1, 1, 2, 3]);
  });

  test('E12: a router that has died is reported', async () => {
    const { igd, control } = scene({
      script: {
        actions: { [LIST]: (call) => (indexOf(call) < 2 ? rowReply(1000 + indexOf(call)) : { breaks: 'reset' }) },
      },
    });
    await expect(listed(igd, control)).rejects.toMatchObject({ name: 'Unreachable', why: 'reset' });
  });

  test('E13: entries that move while the list is read come once', async () => {
    const order = [1000, 1001, 1001, 1002];
    const { igd, control } = scene({
      script: {
        actions: {
          [LIST]: (call) => {
            const external = order[indexOf(call)];
            return external === undefined ? { fault: 713 } : rowReply(external);
          },
        },
      },
    });
    await expect(listed(igd, control)).resolves.toEqual([1000, 1001, 1002]);
  });

  test('a garbled entry is passed over', async () => {
    const { igd, control } = scene({
      script: {
        actions: {
          [LIST]: (call) => {
            if (indexOf(call) === 1) return { values: { NewExternalPort: 'many', NewProtocol: 'ICMP' } };
            if (indexOf(call) === 2) return { status: 200, body: 'not XML at all' };
            return indexOf(call) < 4 ? rowReply(1000 + indexOf(call)) : { fault: 713 };
          },
        },
      },
    });
    await expect(listed(igd, control)).resolves.toEqual([1000, 1003]);
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
  const pageReply = (some: readonly Row[]): Reply => {
    if (some.length === 0) return { fault: 730 };
    const entries = some.map(
      (entry) =>
        '&lt;p:PortMappingEntry&gt;&lt;p:NewRemoteHost/&gt;' +
        `&lt;p:NewExternalPort&gt;${entry.external}&lt;/p:NewExternalPort&gt;` +
        `&lt;p:NewProtocol&gt;${entry.protocol}&lt;/p:NewProtocol&gt;` +
        `&lt;p:NewInternalPort&gt;${entry.internal}&lt;/p:NewInternalPort&gt;` +
        `&lt;p:NewInternalClient&gt;${entry.client}&lt;/p:NewInternalClient&gt;&lt;p:NewEnabled&gt;1&lt;/p:NewEnabled&gt;` +
        '&lt;p:NewDescription&gt;x&lt;/p:NewDescription&gt;&lt;p:NewLeaseTime&gt;60&lt;/p:NewLeaseTime&gt;' +
        '&lt;/p:PortMappingEntry&gt;',
    );
    return {
      values: {
        NewPortListing: `&lt;p:PortMappingList xmlns:p="urn:schemas-upnp-org:gw:WANIPConnection"&gt;${entries.join('')}&lt;/p:PortMappingList&gt;`,
      },
    };
  };
  const pagesOf =
    (all: () => Iterable<Row>) =>
    ({ args }: { readonly args: Readonly<Record<string, string>> }): Reply => {
      // E6, E7.
      if (args['NewStartPort'] === '0' || Number(args['NewNumberOfPorts']) > 100) return { fault: 402 };
      const rest = [...all()].filter(
        ({ external, protocol }) => external >= Number(args['NewStartPort']) && protocol === args['NewProtocol'],
      );
      return pageReply(rest.slice(0, Number(args['NewNumberOfPorts'])));
    };

  test('E16: only once the table is known to be small', async () => {
    const state = scene({
      rows: rows(20),
      options: { service: paging },
      script: { actions: { [PAGES]: (call) => pagesOf(() => state.table.values())(call) } },
    });
    await expect(listed(state.igd, state.control)).resolves.toEqual(portsOf(20));
    expect(state.igd.called).not.toContain(PAGES);
    state.igd.calls.length = 0;
    await expect(listed(state.igd, state.control)).resolves.toEqual(portsOf(20));
    expect(state.igd.called).toEqual([PAGES, PAGES]);
  });

  test('E16: never on a large table', async () => {
    const { igd, control } = scene({ rows: rows(65), options: { service: paging } });
    await listed(igd, control);
    await expect(listed(igd, control)).resolves.toEqual(portsOf(65));
    expect(igd.called).not.toContain(PAGES);
  });

  test('E7: a table that has grown meanwhile is read page after page', async () => {
    const state = scene({
      rows: rows(10),
      options: { service: paging },
      script: { actions: { [PAGES]: (call) => pagesOf(() => state.table.values())(call) } },
    });
    await listed(state.igd, state.control);
    for (const entry of rows(230)) state.table.set(`TCP/${entry.external}`, entry);
    state.igd.calls.length = 0;
    await expect(listed(state.igd, state.control)).resolves.toEqual(portsOf(230));
    expect(state.igd.called).toEqual([PAGES, PAGES, PAGES, PAGES]);
  });

  test('E16: a router that dies of it is not asked again', async () => {
    const { igd, control, restarted } = scene({
      rows: rows(20),
      options: { service: paging },
      script: { actions: { [PAGES]: { breaks: 'reset' } } },
    });
    await listed(igd, control);
    await expect(listed(igd, control)).resolves.toEqual(portsOf(20));
    expect(igd.traits.get().listing).toBe('index-only');
    igd.calls.length = 0;
    const next = restarted();
    await listed(igd, next);
    await listed(igd, next);
    expect(igd.called).not.toContain(PAGES);
  });

  test('E8: what only the index shows is listed too', async () => {
    const { igd, control } = scene({
      rows: rows(20),
      options: { service: paging },
      script: {
        actions: { [PAGES]: (call) => pagesOf(() => rows(20).filter(({ external }) => external % 2 === 0))(call) },
      },
    });
    await listed(igd, control);
    const both = await listed(igd, control);
    expect(both.toSorted((one, other) => one - other)).toEqual(portsOf(20));
    igd.calls.length = 0;
    await listed(igd, control);
    expect(igd.called).not.toContain(PAGES);
  });

  test.for([402, 606])('a refusal with %i leads back to the index', async (fault) => {
    const { igd, control } = scene({
      rows: rows(3),
      options: { service: paging },
      script: { actions: { [PAGES]: { fault } } },
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
  const named = (client: string): Row => row({ client, description: 'theirs' });

  async function heldBy(client: string, addressesOf?: System['addressesOf']) {
    const { igd, control } = scene({ rows: [named(client)], ...(addressesOf === undefined ? {} : { addressesOf }) });
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
      rows: clients.map((client, n) => row({ client, external: 1000 + n })),
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
