import { describe, expect, test } from 'vitest';
import { inSeconds } from '../../../main/contract/units.ts';
import { never, row, scene, TELEVISION, wish } from '../../support/igd-scene.ts';

const READ = 'GetSpecificPortMappingEntry';
const LIST = 'GetGenericPortMappingEntry';

describe('closing', () => {
  test('a fresh grant takes one request', async () => {
    const { igd, open, close, table } = scene();
    await open();
    igd.forget();
    await close();
    expect(igd.called).toEqual(['DeletePortMapping']);
    expect(igd.calls[0]?.args).toEqual({ NewRemoteHost: '', NewExternalPort: '8080', NewProtocol: 'TCP' });
    expect(table()).toEqual([]);
  });

  test('C28: a mapping from a journal is checked first', async () => {
    const { igd, close, table } = scene({ rows: [row()] });
    await close();
    expect(igd.called).toEqual([READ, 'DeletePortMapping']);
    expect(table()).toEqual([]);
  });

  test('C25: without a text to compare, target and journal are proof enough', async () => {
    const { igd, control, table } = scene({ rows: [row({ description: 'HTTP-Server' })] });
    const { description: _, ...key } = wish;
    await igd.run(control.close(key, never));
    expect(table()).toEqual([]);
  });

  test.for([
    ['another client', row({ client: TELEVISION })],
    ['another port', row({ internal: 81 })],
    ['another text', row({ description: 'Transmission at 8080' })],
  ] as const)('C28: an entry with %s is left alone, and ours counts as gone', async ([, entry]) => {
    const { igd, close, table } = scene({ rows: [entry] });
    await expect(close()).resolves.toBeUndefined();
    expect(igd.called).toEqual([READ]);
    expect(table()).toHaveLength(1);
  });

  test('a grant whose lease is over is checked like any other', async () => {
    const { igd, open, close, put, table } = scene();
    await open();
    await igd.pass(3_700_000);
    put(row({ client: TELEVISION, lease: 0 }));
    igd.forget();
    await close();
    expect(igd.called).toEqual([READ]);
    expect(table()).toHaveLength(1);
  });

  test('a machine that slept through the lease does not delete blindly', async () => {
    const { igd, open, close, put } = scene();
    await open();
    igd.jump(inSeconds(3700));
    put(row({ client: TELEVISION, lease: 0 }));
    await close();
    expect(igd.called).not.toContain('DeletePortMapping');
  });

  test('714 is as good as done, once the table agrees', async () => {
    const { igd, open, close, clear } = scene();
    await open();
    clear();
    igd.forget();
    await expect(close()).resolves.toBeUndefined();
    expect(igd.called).toEqual(['DeletePortMapping', READ]);
  });

  test('C12: where deleting wants "*" as remote host that is found out and remembered', async () => {
    const { igd, open, close, restarted, table } = scene({ router: ['delete-needs-star'] });
    await open();
    await close();
    expect(table()).toEqual([]);
    expect(igd.traits.get().deleteRemoteHost).toBe('*');
    const next = restarted();
    await igd.run(next.open(wish, never));
    igd.forget();
    await igd.run(next.close(wish, never));
    expect(igd.calls.map(({ args }) => args['NewRemoteHost'])).toEqual(['*']);
  });

  test('C12, E5: where nothing can be looked at, every form is tried', async () => {
    const { open, close, table } = scene({ router: ['delete-needs-star', 'lists-nothing'] });
    await open();
    await close();
    expect(table()).toEqual([]);
  });

  test('E5: a table that shows nothing may hide what a journal knows of: it is deleted all the same', async () => {
    const { igd, close, table } = scene({ rows: [row()], router: ['lists-nothing'] });
    await close();
    expect(table()).toEqual([]);
    expect(igd.called).toEqual([READ, LIST, LIST, 'DeletePortMapping']);
  });

  test('a gateway that forbids deleting says so', async () => {
    const { igd, open, close } = scene({ answers: { DeletePortMapping: { fault: 606 } } });
    await open();
    igd.forget();
    await expect(close()).rejects.toMatchObject({ reason: 'not-authorized', code: 'upnp 606' });
    expect(igd.called).toEqual(['DeletePortMapping']);
  });

  test('X27: a yes without a body counts once the entry is gone', async () => {
    const lying = scene({ answers: { DeletePortMapping: { status: 200 } } });
    await lying.open();
    await expect(lying.close()).rejects.toMatchObject({ reason: 'failed' });
    const honest = scene({ router: ['empty-body-200'] });
    await honest.open();
    await expect(honest.close()).resolves.toBeUndefined();
  });

  test('X35: deleting may take fourteen seconds', async () => {
    const { open, close } = scene({ answers: { DeletePortMapping: { values: {}, afterMs: 14_000 } } });
    await open();
    await expect(close()).resolves.toBeUndefined();
  });

  test('X34: a connection that breaks is tried again', async () => {
    const { igd, open, close } = scene({
      answers: { DeletePortMapping: ({ nth }) => (nth === 1 ? { breaks: 'reset' } : undefined) },
    });
    await open();
    igd.forget();
    await close();
    expect(igd.called).toEqual(['DeletePortMapping', 'DeletePortMapping']);
  });
});

describe('finding', () => {
  test('an entry, with its holder', async () => {
    const { igd, control } = scene({ rows: [row({ client: TELEVISION, description: 'games', lease: 600 })] });
    await expect(igd.run(control.find(wish, never))).resolves.toMatchObject({
      transport: 'tcp',
      external: { port: 8080 },
      internal: { client: TELEVISION, port: 80 },
      description: 'games',
      lease: 600,
      enabled: true,
      remoteHost: undefined,
    });
  });

  test('nothing', async () => {
    const { igd, control } = scene();
    await expect(igd.run(control.find(wish, never))).resolves.toBe('absent');
    expect(igd.called).toEqual([READ]);
  });

  test.for(['*', '0.0.0.0', ''])('C11: "%s" as remote host is anyone', async (host) => {
    const { igd, control } = scene({
      rows: [row({ remoteHost: host })],
      answers: { [READ]: { fault: 501 } },
    });
    await expect(igd.run(control.find(wish, never))).resolves.toMatchObject({ remoteHost: undefined });
  });

  test('E11: an answer about another entry is not believed', async () => {
    const { igd, control } = scene({
      rows: [row()],
      answers: { [READ]: { values: { NewExternalPort: '9', NewProtocol: 'UDP', NewInternalClient: TELEVISION } } },
    });
    await expect(igd.run(control.find(wish, never))).resolves.toMatchObject({ internal: { port: 80 } });
    expect(igd.called).toEqual([READ, LIST]);
  });

  test('E10, E1: 501 and a list that does not list say nothing', async () => {
    const { igd, control } = scene({ answers: { [READ]: { fault: 501 }, [LIST]: { fault: 501 } } });
    await expect(igd.run(control.find(wish, never))).resolves.toBe('cannot-tell');
  });

  test('501 and a list without it: absent', async () => {
    const { igd, control } = scene({
      rows: [row({ external: 1, client: TELEVISION })],
      answers: { [READ]: { fault: 501 } },
    });
    await expect(igd.run(control.find(wish, never))).resolves.toBe('absent');
  });

  test('an action that the gateway does not know is requested once', async () => {
    const { igd, control } = scene({ rows: [row()], answers: { [READ]: { fault: 401 } } });
    await igd.run(control.find(wish, never));
    await igd.run(control.find(wish, never));
    expect(igd.called.filter((action) => action === READ)).toHaveLength(1);
  });

  test('an answer that is not SOAP is ignored', async () => {
    const { igd, control } = scene({
      rows: [row()],
      answers: { [READ]: { status: 200, body: '<html>busy</html>' } },
    });
    await expect(igd.run(control.find(wish, never))).resolves.toMatchObject({ internal: { port: 80 } });
  });
});
