import { describe, expect, test } from 'vitest';
import { ip } from '../../../main/contract/address.ts';
import { subscribeEvents } from '../../../main/gateways/upnp/events.ts';
import { NetworkError } from '../../../main/system/system.ts';
import { LAPTOP, never, ROUTER, WatchedRouter, type Answers, type Reply } from '../../support/igd-scene.ts';

const target = '/evt/WANIPCn';
const eventUrl = { address: ROUTER, port: 5000, target };

function subscribed(answers: Answers = {}) {
  const igd = new WatchedRouter({ answers });
  const stop = new AbortController();
  const events = subscribeEvents(igd, { eventUrl, localAddress: LAPTOP }, stop.signal);
  const next = async (): Promise<Readonly<Record<string, string>> | undefined> => {
    const step = await events.next();
    return step.done === true ? undefined : Object.fromEntries(step.value);
  };
  const asked = (method: string) => igd.requests.filter((request) => request.method === method);
  const isListening = (): boolean => igd.client.tcp.listeners.all().length > 0;
  return { igd, stop, events, next, asked, isListening };
}
type Subscribed = ReturnType<typeof subscribed>;

/** The subscription is in place once the first event is there. */
async function running(answers: Answers = {}): Promise<Subscribed> {
  const state = subscribed(answers);
  await expect(state.igd.run(state.next())).resolves.toMatchObject({ ExternalIPAddress: '11.22.33.44' });
  return state;
}

/** Granted by hand as `uuid:1`, so that events can be made up. */
async function granted(timeout = 'Second-1800', afterMs = 2): Promise<Subscribed> {
  const reply: Reply = { status: 200, headers: { SID: 'uuid:1', TIMEOUT: timeout }, afterMs };
  const state = subscribed({ [`SUBSCRIBE ${target}`]: reply, [`UNSUBSCRIBE ${target}`]: { status: 200 } });
  const first = state.next();
  await state.igd.pass(100);
  await expect(notify(state, { properties: { Early: '1' } })).resolves.toBe(200);
  await expect(state.igd.run(first)).resolves.toEqual({ Early: '1' });
  return state;
}

/** Somebody calls the event callback. Resolves to the answer's status. */
async function notify(
  { igd, asked }: Subscribed,
  event: {
    readonly from?: string;
    readonly path?: string;
    readonly sid?: string;
    readonly properties?: Readonly<Record<string, string>>;
  },
): Promise<number | 'hung up'> {
  const { from, sid = 'uuid:1', properties = {} } = event;
  const callback = asked('SUBSCRIBE').findLast(({ headers }) => headers['callback'] !== undefined)?.headers['callback'];
  const { hostname, port, pathname } = new URL((callback ?? '').replaceAll(/[<>]/g, ''));
  const inner = Object.entries(properties).map(
    ([name, value]) => `<e:property><${name}>${value}</${name}></e:property>`,
  );
  const body = `<e:propertyset xmlns:e="urn:schemas-upnp-org:event-1-0">${inner.join('')}</e:propertyset>`;
  const text =
    `NOTIFY ${event.path ?? pathname} HTTP/1.1\r\nHost: x\r\nNT: upnp:event\r\nNTS: upnp:propchange\r\n` +
    `SID: ${sid}\r\nSEQ: 0\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const host = from === undefined ? igd.router : igd.addHost(from, [from]);
  const call = async (): Promise<number | 'hung up'> => {
    const connection = await host.system.tcp.connect({ address: ip(hostname), port: Number(port) }, {}, never);
    await connection.write(new TextEncoder().encode(text));
    const answer = await connection.read(never);
    connection.close();
    return answer === undefined ? 'hung up' : Number(/^HTTP\/1\.1 (\d+)/.exec(new TextDecoder().decode(answer))?.[1]);
  };
  return await igd.run(
    call().catch((error: unknown) => {
      if (error instanceof NetworkError) return 'hung up';
      throw error;
    }),
  );
}

describe('a subscription', () => {
  test('calls back to our own address, on a path that cannot be guessed', async () => {
    const { igd, asked, stop, events } = await running();
    const [request] = asked('SUBSCRIBE');
    expect(request).toMatchObject({
      target,
      from: LAPTOP,
      headers: { nt: 'upnp:event', timeout: 'Second-1800', host: '192.168.1.1:5000' },
    });
    expect(request?.headers['callback']).toMatch(/^<http:\/\/192\.168\.1\.7:\d+\/[\da-f]{32}>$/);
    stop.abort();
    await igd.run(events.return(undefined));
  });

  test('X39: only the gateway itself, with the right path and id, is heard', async () => {
    const state = await granted();
    const properties = { ExternalIPAddress: '6.6.6.6' };
    await expect(notify(state, { from: '192.168.1.66', properties })).resolves.toBe('hung up');
    await expect(notify(state, { path: '/', properties })).resolves.toBe(404);
    await expect(notify(state, { sid: 'uuid:2', properties })).resolves.toBe(412);
    await expect(notify(state, {})).resolves.toBe(400);
    await notify(state, { properties: { SystemUpdateID: '7' } });
    await expect(state.igd.run(state.next())).resolves.toEqual({ SystemUpdateID: '7' });
    state.stop.abort();
  });

  test('an event that overtakes the answer to the subscription counts', async () => {
    const { stop } = await granted('Second-1800', 500);
    stop.abort();
  });

  test('X39: is renewed halfway, by its id', async () => {
    const { igd, asked, next, stop } = await running();
    await igd.pass(910_000);
    const [, renewal] = asked('SUBSCRIBE');
    expect(renewal?.headers).toMatchObject({ sid: expect.stringMatching(/^uuid:/) as unknown, timeout: 'Second-1800' });
    expect(renewal?.headers).not.toHaveProperty('callback');
    await igd.pass(1_800_000);
    expect(asked('SUBSCRIBE')).toHaveLength(4);
    igd.device.changeExternalAddress(ip('11.22.33.55'));
    await expect(igd.run(next())).resolves.toMatchObject({ ExternalIPAddress: '11.22.33.55' });
    stop.abort();
  });

  test.for(['Second-infinite', 'nonsense', ''])(
    'a timeout of "%s" is renewed as the one requested',
    async (timeout) => {
      const { igd, asked, stop } = await granted(timeout);
      await igd.pass(910_000);
      expect(asked('SUBSCRIBE')).toHaveLength(2);
      stop.abort();
    },
  );

  test('a timeout of a second does not make us a nuisance', async () => {
    const { igd, asked, stop } = await granted('Second-1');
    await igd.pass(60_000);
    expect(asked('SUBSCRIBE').length).toBeLessThan(6);
    stop.abort();
  });

  test('X39: 412 means a restart: a new subscription, and an empty set', async () => {
    const state = await running();
    const { igd, asked, next, stop } = state;
    igd.device.reboot();
    const waiting = next();
    await igd.pass(910_000);
    await expect(igd.run(waiting)).resolves.toEqual({});
    await expect(igd.run(next())).resolves.toMatchObject({ ExternalIPAddress: '11.22.33.44' });
    const former = asked('SUBSCRIBE')[1]?.headers['sid'] ?? '';
    await expect(notify(state, { sid: former, properties: { A: '1' } })).resolves.toBe(412);
    stop.abort();
  });

  test('a gateway that is away is asked again until it is back', async () => {
    const { igd, next, stop } = await running();
    igd.connectFault = 'refused';
    const waiting = next();
    await igd.pass(1_000_000);
    igd.connectFault = undefined;
    await expect(igd.run(waiting)).resolves.toEqual({});
    stop.abort();
  });

  test('ends with the signal, politely', async () => {
    const { igd, next, asked, stop, isListening } = await running();
    const waiting = next();
    stop.abort(new Error('enough'));
    await expect(igd.run(waiting)).rejects.toThrow('enough');
    expect(asked('UNSUBSCRIBE')).toMatchObject([
      { target, headers: { sid: expect.stringMatching(/^uuid:/) as unknown } },
    ]);
    expect(isListening()).toBe(false);
  });

  test('a gateway that does not answer the farewell holds nobody up', async () => {
    const { igd, events, isListening } = await running({ [`UNSUBSCRIBE ${target}`]: { breaks: 'hang' } });
    const before = igd.now;
    await igd.run(events.return(undefined));
    expect(igd.now - before).toBeLessThanOrEqual(2000);
    expect(isListening()).toBe(false);
  });
});

describe('X40: a gateway without events', () => {
  test.for([404, 405, 500, 501, 503])('that answers %i is refused, and nothing stays open', async (status) => {
    const { igd, next, isListening } = subscribed({ [`SUBSCRIBE ${target}`]: { status } });
    await expect(igd.run(next())).rejects.toMatchObject({ name: 'Refused', reason: 'unsupported' });
    expect(isListening()).toBe(false);
  });

  test('that names no subscription is malformed', async () => {
    const { igd, next } = subscribed({ [`SUBSCRIBE ${target}`]: { status: 200 } });
    await expect(igd.run(next())).rejects.toMatchObject({ name: 'Malformed' });
  });

  test('that does not listen is unreachable', async () => {
    const { igd, next } = subscribed();
    igd.connectFault = 'refused';
    await expect(igd.run(next())).rejects.toMatchObject({ name: 'Unreachable' });
  });
});
