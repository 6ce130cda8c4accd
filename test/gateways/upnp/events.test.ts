import { describe, expect, test } from 'vitest';
import { ip } from '../../../main/contract/address.ts';
import { subscribeEvents } from '../../../main/gateways/upnp/events.ts';
import { ScriptedIgd, type IgdScript, type Reply } from '../../support/scripted/scripted-igd.ts';

const ROUTER = '192.168.1.1';
const eventUrl = { address: ip(ROUTER), port: 5000, target: '/evt/IPConn' };
const granted = (sid: string, timeout = 'Second-1800'): Reply => ({
  status: 200,
  headers: { SID: sid, TIMEOUT: timeout },
});
const GONE: Reply = { status: 200 };

function subscribed(methods: IgdScript['methods']) {
  const igd = new ScriptedIgd({ methods: { UNSUBSCRIBE: GONE, ...methods } });
  const stop = new AbortController();
  const events = subscribeEvents(igd, { eventUrl, localAddress: igd.localAddress }, stop.signal);
  const next = async (): Promise<Readonly<Record<string, string>> | undefined> => {
    const step = await events.next();
    return step.done === true ? undefined : Object.fromEntries(step.value);
  };
  const asked = (method: string) => igd.requests.filter((request) => request.method === method);
  return { igd, stop, events, next, asked };
}

/** The subscription is in place once the first event is there. */
async function running(methods: IgdScript['methods']) {
  const state = subscribed(methods);
  const first = state.next();
  await state.igd.pass(100);
  await expect(
    state.igd.notify(ROUTER, { sid: 'uuid:1', properties: { ExternalIPAddress: '11.22.33.44' } }),
  ).resolves.toBe(200);
  await expect(state.igd.run(first)).resolves.toEqual({ ExternalIPAddress: '11.22.33.44' });
  return state;
}

describe('a subscription', () => {
  test('calls back to our own address, on a path that cannot be guessed', async () => {
    const { igd, asked, stop, events } = await running({ SUBSCRIBE: granted('uuid:1') });
    const [request] = asked('SUBSCRIBE');
    expect(request).toMatchObject({
      target: '/evt/IPConn',
      from: '192.168.1.7',
      headers: { nt: 'upnp:event', timeout: 'Second-1800', host: '192.168.1.1:5000' },
    });
    expect(request?.headers['callback']).toMatch(/^<http:\/\/192\.168\.1\.7:\d+\/[\da-f]{32}>$/);
    stop.abort();
    await igd.run(events.return(undefined));
  });

  test('X39: only the gateway itself, with the right path and id, is heard', async () => {
    const { igd, next, stop } = await running({ SUBSCRIBE: granted('uuid:1') });
    const properties = { ExternalIPAddress: '6.6.6.6' };
    await expect(igd.notify('192.168.1.66', { sid: 'uuid:1', properties })).resolves.toBe('hung up');
    await expect(igd.notify(ROUTER, { sid: 'uuid:1', properties, target: '/' })).resolves.toBe(404);
    await expect(igd.notify(ROUTER, { sid: 'uuid:2', properties })).resolves.toBe(412);
    await expect(igd.notify(ROUTER, { sid: 'uuid:1', properties: {} })).resolves.toBe(400);
    await igd.notify(ROUTER, { sid: 'uuid:1', properties: { SystemUpdateID: '7' } });
    await expect(igd.run(next())).resolves.toEqual({ SystemUpdateID: '7' });
    stop.abort();
  });

  test('an event that overtakes the answer to the subscription counts', async () => {
    const { igd, next, stop } = subscribed({ SUBSCRIBE: { ...granted('uuid:1'), afterMs: 500 } });
    const first = next();
    await igd.pass(100);
    await expect(igd.notify(ROUTER, { sid: 'uuid:1', properties: { Early: '1' } })).resolves.toBe(200);
    await expect(igd.run(first)).resolves.toEqual({ Early: '1' });
    stop.abort();
  });

  test('X39: is renewed halfway, by its id', async () => {
    const { igd, asked, stop } = await running({ SUBSCRIBE: granted('uuid:1') });
    await igd.pass(910_000);
    const [, renewal] = asked('SUBSCRIBE');
    expect(renewal?.headers).toMatchObject({ sid: 'uuid:1', timeout: 'Second-1800' });
    expect(renewal?.headers).not.toHaveProperty('callback');
    await igd.pass(1_800_000);
    expect(asked('SUBSCRIBE')).toHaveLength(4);
    stop.abort();
  });

  test.for(['Second-infinite', 'nonsense', ''])(
    'a timeout of "%s" is renewed as the one requested',
    async (timeout) => {
      const { igd, asked, stop } = await running({ SUBSCRIBE: granted('uuid:1', timeout) });
      await igd.pass(910_000);
      expect(asked('SUBSCRIBE')).toHaveLength(2);
      stop.abort();
    },
  );

  test('a timeout of a second does not make us a nuisance', async () => {
    const { igd, asked, stop } = await running({ SUBSCRIBE: granted('uuid:1', 'Second-1') });
    await igd.pass(60_000);
    expect(asked('SUBSCRIBE').length).toBeLessThan(6);
    stop.abort();
  });

  test('X39: 412 means a restart: a new subscription, and an empty set', async () => {
    let subscriptions = 0;
    const { igd, next, stop } = await running({
      SUBSCRIBE: ({ headers }) => {
        if (headers['sid'] !== undefined) return { status: 412 };
        subscriptions += 1;
        return granted(`uuid:${subscriptions}`);
      },
    });
    const waiting = next();
    await igd.pass(910_000);
    await expect(igd.run(waiting)).resolves.toEqual({});
    await expect(igd.notify(ROUTER, { sid: 'uuid:2', properties: { A: '1' } })).resolves.toBe(200);
    await expect(igd.notify(ROUTER, { sid: 'uuid:1', properties: { A: '1' } })).resolves.toBe(412);
    stop.abort();
  });

  test('a gateway that is away is asked again until it is back', async () => {
    const { igd, next, stop } = await running({ SUBSCRIBE: granted('uuid:1') });
    igd.connectFault = 'refused';
    const waiting = next();
    await igd.pass(1_000_000);
    igd.connectFault = undefined;
    await expect(igd.run(waiting)).resolves.toEqual({});
    stop.abort();
  });

  test('ends with the signal, politely', async () => {
    const { igd, next, asked, stop } = await running({ SUBSCRIBE: granted('uuid:1') });
    const waiting = next();
    stop.abort(new Error('enough'));
    await expect(igd.run(waiting)).rejects.toThrow('enough');
    expect(asked('UNSUBSCRIBE')).toMatchObject([{ target: '/evt/IPConn', headers: { sid: 'uuid:1' } }]);
    expect(igd.isListening).toBe(false);
  });

  test('a gateway that does not answer the farewell holds nobody up', async () => {
    const { igd, events } = await running({ SUBSCRIBE: granted('uuid:1'), UNSUBSCRIBE: { breaks: 'hang' } });
    const before = igd.now;
    await igd.run(events.return(undefined));
    expect(igd.now - before).toBeLessThanOrEqual(2000);
    expect(igd.isListening).toBe(false);
  });
});

describe('X40: a gateway without events', () => {
  test.for([404, 405, 500, 501, 503])('that answers %i is refused, and nothing stays open', async (status) => {
    const { igd, next } = subscribed({ SUBSCRIBE: { status } });
    await expect(igd.run(next())).rejects.toMatchObject({ name: 'Refused', reason: 'unsupported' });
    expect(igd.isListening).toBe(false);
  });

  test('that names no subscription is malformed', async () => {
    const { igd, next } = subscribed({ SUBSCRIBE: GONE });
    await expect(igd.run(next())).rejects.toMatchObject({ name: 'Malformed' });
  });

  test('that does not listen is unreachable', async () => {
    const { igd, next } = subscribed({});
    igd.connectFault = 'refused';
    await expect(igd.run(next())).rejects.toMatchObject({ name: 'Unreachable' });
  });
});
