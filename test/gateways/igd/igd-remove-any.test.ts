import { describe, expect, test } from 'vitest';
import { ip } from '../../../main/contract/address.ts';
import type { FoundMapping } from '../../../main/contract/mapping.ts';
import { seconds } from '../../../main/contract/units.ts';
import { LAPTOP, never, row, scene, TELEVISION, type Row } from '../../support/igd-scene.ts';

const READ = 'GetSpecificPortMappingEntry';

const theirs = (change: Partial<Row> = {}): Row =>
  row({ client: TELEVISION, internal: 32_400, description: 'Plex', lease: 0, ...change });

/** As the table showed it. */
const shown = (change: Partial<FoundMapping> = {}): FoundMapping => ({
  transport: 'tcp',
  external: { port: 8080 },
  internal: { client: TELEVISION, port: 32_400 },
  description: 'Plex',
  enabled: true,
  lease: seconds(0),
  remoteHost: undefined,
  ...change,
});

/** A client that has no address. */
const NAMED = {
  values: {
    NewInternalClient: 'tv.local',
    NewInternalPort: '32400',
    NewPortMappingDescription: 'Plex',
    NewEnabled: '1',
    NewLeaseDuration: '0',
  },
} as const;
const KEY = { NewExternalPort: '8080', NewProtocol: 'TCP' } as const;

function removing(options: Parameters<typeof scene>[0] = {}) {
  const { igd, control, table, put } = scene({ rows: [theirs()], ...options });
  return { igd, table, put, remove: (entry = shown()) => igd.run(control.remove(entry, never)) };
}

describe('an entry that a person pointed at', () => {
  test('is checked, deleted, and gone when checked again', async () => {
    const { igd, table, remove } = removing({ rows: [theirs(), row({ transport: 'udp' })] });
    await expect(remove()).resolves.toBe('gone');
    expect(igd.called).toEqual([READ, 'DeletePortMapping', READ]);
    expect(table()).toEqual(['udp/8080 → 192.168.1.7:80']);
  });

  test.for([
    ['another client', { rows: [theirs({ client: LAPTOP })] }, { client: LAPTOP, port: 32_400 }],
    [
      'another that has no address either',
      { answers: { [READ]: NAMED } },
      { client: undefined, name: 'tv.local', port: 32_400 },
    ],
    ['another port', { rows: [theirs({ internal: 22 })] }, { client: TELEVISION, port: 22 }],
  ] as const)('is left alone when %s has the place by now', async ([, now, internal]) => {
    const { igd, table, remove } = removing(now);
    await expect(remove()).resolves.toMatchObject({ internal, external: { port: 8080 } });
    expect(igd.called).not.toContain('DeletePortMapping');
    expect(table()).toHaveLength(1);
  });

  test('that has already gone needs no delete', async () => {
    const { igd, remove } = removing({ rows: [] });
    await expect(remove()).resolves.toBe('gone');
    expect(igd.called).toEqual([READ]);
  });

  test('whose client makes no sense can be deleted all the same', async () => {
    const { table, remove } = removing({
      answers: { [READ]: () => (table().length === 0 ? undefined : NAMED) },
    });
    await expect(remove(shown({ internal: { client: undefined, name: 'tv.local', port: 32_400 } }))).resolves.toBe(
      'gone',
    );
    expect(table()).toEqual([]);
  });

  test('606 is reported', async () => {
    const { table, remove } = removing({ answers: { DeletePortMapping: { fault: 606 } } });
    await expect(remove()).rejects.toMatchObject({ reason: 'not-authorized', code: 'upnp 606' });
    expect(table()).toHaveLength(1);
  });

  test('a yes is believed once the table agrees', async () => {
    const { remove } = removing({ answers: { DeletePortMapping: { values: {} } } });
    await expect(remove()).rejects.toMatchObject({ reason: 'failed', code: 'upnp delete' });
  });

  test('C12: where deleting wants "*" as remote host that is found out', async () => {
    const { table, remove } = removing({ router: ['delete-needs-star'] });
    await expect(remove()).resolves.toBe('gone');
    expect(table()).toEqual([]);
  });

  test('for one remote host is deleted for that host, and the one for everybody stays', async () => {
    const remoteHost = '203.0.113.7';
    // The simulator keeps one entry for each port.
    const hosts = new Set(['', remoteHost]);
    const { remove } = removing({
      answers: {
        DeletePortMapping: ({ args }) => (hosts.delete(args['NewRemoteHost'] ?? '') ? { values: {} } : { fault: 714 }),
        GetGenericPortMappingEntry: ({ args }) => {
          const host = [...hosts][Number(args['NewPortMappingIndex'])];
          if (host === undefined) return { fault: 713 };
          return { values: { ...NAMED.values, NewInternalClient: TELEVISION, ...KEY, NewRemoteHost: host } };
        },
      },
    });
    await expect(remove(shown({ remoteHost }))).resolves.toBe('gone');
    expect([...hosts]).toEqual(['']);
  });

  test('on a router that does not say what stands there is not deleted', async () => {
    const { igd, remove } = removing({ known: { listing: 'unreliable' }, rows: [] });
    await expect(remove()).rejects.toMatchObject({ reason: 'failed', code: 'upnp look-up' });
    expect(igd.called).not.toContain('DeletePortMapping');
  });

  test('a rule over all ports is none of ours to delete', async () => {
    const { igd, remove } = removing({ rows: [theirs({ external: 0 })] });
    await expect(remove(shown({ external: { port: 0 }, internal: { client: ip('192.168.1.30'), port: 0 } })))
      .rejects //
      .toMatchObject({ code: 'upnp look-up' });
    expect(igd.called).toEqual([]);
  });
});
