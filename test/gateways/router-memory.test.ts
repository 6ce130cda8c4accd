import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { ip } from '../../main/contract/address.ts';
import { epochMs } from '../../main/contract/units.ts';
import type { RememberedControl } from '../../main/gateways/gateway.ts';
import { createRouterMemory, type RouterMemory } from '../../main/gateways/router-memory.ts';
import { StorageError, type Clock, type DocumentStore } from '../../main/system/system.ts';

const DAY = 86_400_000;
const ROUTER = '00:11:22:33:44:55 FRITZ!Box 7590';
const HOME = '192.168.178.1/24 00:11:22:33:44:55';

const CONTROL: RememberedControl = {
  kind: 'igd',
  interfaceName: 'eth0',
  address: ip('192.168.178.1'),
  location: 'http://192.168.178.1:49000/igddesc.xml',
  service: {
    type: 'urn:schemas-upnp-org:service:WANIPConnection:1',
    controlUrl: 'http://192.168.178.1:49000/igdupnp/control/WANIPConn1',
    actions: ['AddPortMapping'],
    name: 'FRITZ!Box',
    model: 'FRITZ!Box 7590',
  },
};

class KeptDocument implements DocumentStore {
  document: unknown;
  writes = 0;
  fails = false;

  read(): Promise<unknown> {
    return this.fails ? Promise.reject(new StorageError('unreadable', '/data', 'no')) : Promise.resolve(this.document);
  }

  async write(_name: string, document: unknown): Promise<void> {
    this.writes += 1;
    await Promise.resolve();
    if (this.fails) throw new StorageError('no-space', '/data', 'full');
    this.document = JSON.parse(JSON.stringify(document));
  }
}

function setUp(store = new KeptDocument()) {
  let now = 1_700_000_000_000;
  const warnings: string[] = [];
  const clock: Pick<Clock, 'now' | 'sleep'> = { now: () => epochMs(now), sleep: () => Promise.resolve() };
  const log = {
    write: (level: string, message: string) => {
      if (level === 'warn') warnings.push(message);
    },
  };
  const start = async (): Promise<RouterMemory> => {
    const memory = createRouterMemory(store, log, clock);
    await memory.load();
    return memory;
  };
  return { store, warnings, start, passDays: (days: number) => (now += days * DAY) };
}

describe('a workaround learned for a router', () => {
  test('is there again after a restart, with the reason and the day', async () => {
    const { start } = setUp();
    const memory = await start();
    memory.traitsFor(ROUTER).learn({ leases: 'permanent-only' }, 'refused a lease with 725');
    memory.traitsFor(ROUTER).learn({ soap: { httpVersion: '1.0' } }, 'reset HTTP/1.1');
    memory.traitsFor(ROUTER).learn({ soap: { method: 'M-POST' } }, '405 to POST');
    await memory.flush();

    const later = await start();
    expect(later.traitsFor(ROUTER).get()).toEqual({
      leases: 'permanent-only',
      soap: { httpVersion: '1.0', method: 'M-POST' },
    });
    expect(later.all()).toMatchObject([
      {
        fingerprint: ROUTER,
        traits: [
          {
            name: 'leases',
            value: '"permanent-only"',
            why: 'refused a lease with 725',
            learntAt: 1_700_000_000_000,
          },
          { name: 'soap', why: '405 to POST' },
        ],
      },
    ]);
    expect(later.traitsFor('another router').get()).toEqual({});
  });

  test('is tested again after 90 days', async () => {
    const { start, passDays } = setUp();
    const memory = await start();
    memory.traitsFor(ROUTER).learn({ leases: 'permanent-only' }, 'L1');
    passDays(60);
    memory.traitsFor(ROUTER).learn({ samePortOnly: true }, 'C9');
    passDays(31);
    expect(memory.traitsFor(ROUTER).get()).toEqual({ samePortOnly: true });
    await memory.flush();
    expect((await start()).traitsFor(ROUTER).get()).toEqual({ samePortOnly: true });
  });

  test('can be forgotten', async () => {
    const { start } = setUp();
    const memory = await start();
    memory.traitsFor(ROUTER).learn({ parallel: 4 }, 'X32');
    await memory.forget(ROUTER);
    expect(memory.traitsFor(ROUTER).get()).toEqual({});
    expect((await start()).all()).toEqual([]);
  });

  test('can be forgotten one by one, and set by a person', async () => {
    const { start } = setUp();
    const memory = await start();
    memory.traitsFor(ROUTER).learn({ parallel: 4, samePortOnly: true, soap: { httpVersion: '1.0' } }, 'X32');
    await memory.forget(ROUTER, 'parallel');
    await memory.set(ROUTER, { soap: { method: 'M-POST' } }, 'by hand');
    const expected = { samePortOnly: true, soap: { method: 'M-POST' } };
    expect(memory.traitsFor(ROUTER).get()).toEqual(expected);
    expect((await start()).traitsFor(ROUTER).get()).toEqual(expected);
  });

  test('that is set and cannot be stored is as before, and what was learnt meanwhile stays', async () => {
    const { store, start } = setUp();
    const memory = await start();
    memory.traitsFor(ROUTER).learn({ parallel: 4 }, 'X32');
    await memory.flush();
    store.fails = true;
    await expect(memory.set(ROUTER, { parallel: 1 }, 'by hand')).rejects.toMatchObject({ fault: 'no-space' });
    await expect(memory.forget(ROUTER)).rejects.toMatchObject({ fault: 'no-space' });
    expect(memory.traitsFor(ROUTER).get()).toEqual({ parallel: 4 });
    const setting = memory.set(ROUTER, { parallel: 1 }, 'by hand');
    await Promise.resolve();
    memory.traitsFor(ROUTER).learn({ samePortOnly: true }, 'C9');
    await expect(setting).rejects.toMatchObject({ fault: 'no-space' });
    expect(memory.traitsFor(ROUTER).get()).toMatchObject({ samePortOnly: true });
  });

  test('that was learnt before the file was read is merged with it', async () => {
    const { store, start } = setUp();
    const first = await start();
    first.traitsFor(ROUTER).learn({ samePortOnly: true, parallel: 2 }, 'C9');
    await first.flush();

    const memory = createRouterMemory(
      store,
      { write: () => undefined },
      { now: () => epochMs(1_700_000_000_001), sleep: () => Promise.resolve() },
    );
    memory.traitsFor(ROUTER).learn({ parallel: 1 }, 'X32');
    await memory.load();
    await memory.flush();
    expect((await start()).traitsFor(ROUTER).get()).toEqual({ samePortOnly: true, parallel: 1 });
  });
});

describe('writing', () => {
  test('happens once for what is learnt together, and not for what is known', async () => {
    const { store, start } = setUp();
    const memory = await start();
    for (let lease = 1; lease <= 100; lease += 1) memory.traitsFor(ROUTER).learn({ longestLease: lease }, 'V10');
    await memory.flush();
    expect(store.writes).toBe(1);
    memory.traitsFor(ROUTER).learn({ longestLease: 100 }, 'V10');
    memory.remember(HOME, [CONTROL]);
    await memory.flush();
    memory.remember(HOME, [CONTROL]);
    await memory.flush();
    expect(store.writes).toBe(2);
  });

  test('that fails leaves the memory working, says so, and is made good by the next', async () => {
    const { store, start, warnings } = setUp();
    store.fails = true;
    const memory = await start();
    memory.traitsFor(ROUTER).learn({ parallel: 1 }, 'X32');
    await memory.flush();
    expect(memory.traitsFor(ROUTER).get()).toEqual({ parallel: 1 });
    expect(warnings).toHaveLength(2);
    store.fails = false;
    memory.traitsFor(ROUTER).learn({ samePortOnly: true }, 'C9');
    await memory.flush();
    expect((await start()).traitsFor(ROUTER).get()).toEqual({ parallel: 1, samePortOnly: true });
  });
});

describe('where gateways were', () => {
  test('is recognized in the same network, even before the router has reported its hardware address', async () => {
    const { start } = setUp();
    const memory = await start();
    memory.remember(HOME, [CONTROL]);
    await memory.flush();
    const later = await start();
    expect(later.remembered(HOME)).toEqual([CONTROL]);
    expect(later.remembered('192.168.178.1/24')).toEqual([CONTROL]);
    expect(later.remembered('192.168.178.1/24 66:77:88:99:aa:bb')).toEqual([]);
    expect(later.remembered('10.0.0.1/8')).toEqual([]);
  });

  test('the network that was seen last is meant when several have the same addresses', async () => {
    const { start, passDays } = setUp();
    const memory = await start();
    const cafe = { ...CONTROL, location: 'http://192.168.178.1:5000/cafe.xml' };
    memory.remember(HOME, [CONTROL]);
    passDays(1);
    memory.remember('192.168.178.1/24 66:77:88:99:aa:bb', [cafe]);
    expect(memory.remembered('192.168.178.1/24')).toEqual([cafe]);
    expect(memory.remembered(HOME)).toEqual([CONTROL]);
  });

  test('is replaced, and forgotten when nothing is left', async () => {
    const { start } = setUp();
    const memory = await start();
    memory.remember('192.168.178.1/24', [CONTROL]);
    memory.remember(HOME, [{ ...CONTROL, interfaceName: 'wlan0' }]);
    expect(memory.remembered('192.168.178.1/24')).toMatchObject([{ interfaceName: 'wlan0' }]);
    memory.remember(HOME, []);
    expect(memory.remembered(HOME)).toEqual([]);
  });
});

describe('a file that somebody has edited', () => {
  test('loses its bad entries and keeps the good ones', async () => {
    const { store, start, warnings } = setUp();
    const learntAt = 1_700_000_000_000 - DAY;
    const note = { why: 'L1', learntAt };
    store.document = {
      version: 1,
      routers: [
        null,
        { fingerprint: 7, traits: {} },
        {
          fingerprint: ROUTER,
          traits: {
            leases: { ...note, value: 'permanent-only' },
            listing: { ...note, value: 'sideways' },
            parallel: { ...note, value: 1e9 },
            soap: { ...note, value: { httpVersion: '9.9', base: 'urlbase', extra: 1 } },
            samePortOnly: { value: true, why: 'C9' },
            invented: { ...note, value: 1 },
          },
        },
      ],
      networks: [
        'x',
        {
          key: HOME,
          seenAt: learntAt,
          controls: [
            { ...CONTROL, address: 'fritz.box' },
            { ...CONTROL, location: 'file:///etc/passwd' },
            { ...CONTROL, service: { ...CONTROL.service, controlUrl: 'javascript:1' } },
            { ...CONTROL, kind: 'telnet' },
            CONTROL,
          ],
        },
      ],
    };
    const memory = await start();
    expect(memory.traitsFor(ROUTER).get()).toEqual({ leases: 'permanent-only', soap: { base: 'urlbase' } });
    expect(memory.remembered(HOME)).toEqual([CONTROL]);
    expect(warnings).toHaveLength(1);
  });

  test('never keeps the program from starting', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.jsonValue(),
          fc.record({
            version: fc.constant(1),
            routers: fc.array(fc.oneof(fc.jsonValue(), fc.record({ fingerprint: fc.string(), traits: fc.object() }))),
            networks: fc.array(
              fc.oneof(
                fc.jsonValue(),
                fc.record({ key: fc.string(), seenAt: fc.double(), controls: fc.array(fc.object()) }),
              ),
            ),
          }),
        ),
        async (document) => {
          const { store, start } = setUp();
          store.document = document;
          const memory = await start();
          memory.all();
          memory.traitsFor(ROUTER).learn({ parallel: 2 }, 'X32');
          await memory.flush();
          expect((await start()).traitsFor(ROUTER).get()).toEqual({ parallel: 2 });
        },
      ),
      { numRuns: 100 },
    );
  });
});
