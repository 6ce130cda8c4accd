import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inSeconds, millis, port } from '../../../main/contract/units.ts';
import { isFailure, Malformed } from '../../../main/gateways/failure.ts';
import { RequestQueue } from '../../../main/gateways/upnp/request-queue.ts';
import { ServiceClient, type UpnpService } from '../../../main/gateways/upnp/soap-call.ts';
import {
  LAPTOP,
  never,
  scene,
  service,
  WANIP1,
  WatchedRouter,
  wish,
  type Reply,
  type WatchedOptions,
} from '../../support/igd-scene.ts';

const NAMES = ['NewReservedPort', 'NewInternalClient', 'NewInternalPort', 'NewLeaseDuration', 'NewExternalPort'];
const ASK = 'GetExternalIPAddress';

function client(watched: WatchedOptions = {}, change: Partial<UpnpService> = {}) {
  const igd = new WatchedRouter(watched);
  const queue = new RequestQueue({ clock: igd.clock, traits: igd.traits });
  const make = (): ServiceClient =>
    new ServiceClient({
      network: igd,
      queue,
      service: service(change),
      traits: igd.traits,
      localAddress: LAPTOP,
    });
  const one = make();
  return {
    igd,
    make,
    ask: (who = one) => igd.run(who.call(ASK, [], never, { idempotent: true })),
    act: () => igd.run(one.call('AddPortMapping', [], never)),
  };
}

describe('the request', () => {
  test('X16, X17, X18, X20, X21, X33: is what old routers want', async () => {
    const { igd, ask } = client();
    await ask();
    const [request] = igd.requests;
    expect(request?.head.split('\r\n')[0]).toBe('POST /ctl/WANIPCn HTTP/1.1');
    expect(request?.head).toContain('\r\nHost: 192.168.1.1:5000\r\n');
    expect(request?.head).toContain(`\r\nSOAPAction: "${WANIP1}#${ASK}"`);
    expect(request?.headers).toMatchObject({
      'content-type': 'text/xml; charset="utf-8"',
      'content-length': String(request?.body.length),
      connection: 'close',
    });
    expect(request?.headers).not.toHaveProperty('expect');
    expect(request?.body.startsWith('<?xml')).toBe(true);
    expect(request?.from).toBe('192.168.1.7');
  });

  test('an action that the service does not declare is never sent', async () => {
    const { igd, ask } = client({}, { actions: ['AddPortMapping'] });
    await expect(ask()).rejects.toMatchObject({ reason: 'unsupported' });
    expect(igd.requests).toEqual([]);
  });

  test('X44: one that it declares in other letters is', async () => {
    const { igd, ask } = client({}, { actions: [ASK.toLowerCase()] });
    await ask();
    expect(igd.called).toEqual([ASK]);
  });

  test('a control URL that is none is malformed', () => {
    expect(() => client({}, { controlUrl: 'https://192.168.1.1/' })).toThrow(Malformed);
  });
});

describe('the ladder of request shapes', () => {
  test('X22: HTTP/1.0 where 1.1 breaks the connection, at once the next time', async () => {
    const { igd, ask, make } = client({ router: ['http10-only'] });
    await ask();
    expect(igd.requests.map(({ version }) => version)).toEqual(['HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0']);
    expect(igd.traits.get().soap).toEqual({ httpVersion: '1.0' });
    igd.forget();
    await ask(make());
    expect(igd.requests.map(({ version }) => version)).toEqual(['HTTP/1.0']);
  });

  test('X34: a router that has answered before is not suspected of hating 1.1', async () => {
    const { igd, ask } = client({ answers: { [ASK]: ({ nth }) => (nth === 2 ? { breaks: 'closed' } : undefined) } });
    await ask();
    await ask();
    expect(igd.requests.map(({ version }) => version)).toEqual(['HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1']);
    expect(igd.traits.learnt).toEqual([]);
    const [, broken, again] = igd.requests;
    expect((again?.at ?? 0) - (broken?.at ?? 0)).toBeGreaterThanOrEqual(300);
  });

  test('X34: what must not be done twice is not repeated here', async () => {
    const { igd, act } = client({ answers: { AddPortMapping: { breaks: 'reset' } } });
    await expect(act()).rejects.toMatchObject({ name: 'Unreachable', why: 'reset' });
    expect(igd.requests).toHaveLength(1);
  });

  test('X28: M-POST where POST is not allowed', async () => {
    const { igd, ask, make } = client({ router: ['m-post-only'] });
    await ask();
    expect(igd.requests.map(({ method }) => method)).toEqual(['POST', 'M-POST']);
    expect(igd.requests[1]?.headers).toMatchObject({
      man: '"http://schemas.xmlsoap.org/soap/envelope/"; ns=01',
      '01-soapaction': `"${WANIP1}#${ASK}"`,
    });
    await ask(make());
    expect(igd.requests.at(-1)?.method).toBe('M-POST');
  });

  test.for([
    ['a page that is not there', 'http://192.168.1.1:5000/elsewhere'],
    ['a closed port', 'http://192.168.1.1:81/ctl/WANIPCn'],
  ] as const)('X13: URLBase where LOCATION ends in %s', async ([, controlUrl]) => {
    const alternativeUrl = 'http://192.168.1.1:5000/ctl/WANIPCn';
    const { igd, ask, make } = client({}, { controlUrl, alternativeUrl });
    await ask();
    expect(igd.traits.get().soap).toEqual({ base: 'urlbase' });
    igd.forget();
    await ask(make());
    expect(igd.requests.map(({ target }) => target)).toEqual(['/ctl/WANIPCn']);
  });

  test('D15: a path that is gone is as good as a closed port', async () => {
    const { ask } = client({}, { controlUrl: 'http://192.168.1.1:5000/elsewhere' });
    await expect(ask()).rejects.toMatchObject({ name: 'Unreachable', why: 'refused' });
  });
});

describe('the answer', () => {
  test.for([
    [401, 'not-authorized'],
    [403, 'not-authorized'],
    [500, 'failed'],
    [503, 'failed'],
  ] as const)('a bare HTTP %i is %s', async ([status, reason]) => {
    const { ask } = client({ answers: { [ASK]: { status } } });
    await expect(ask()).rejects.toMatchObject({ name: 'Refused', reason, code: `http ${status}` });
  });

  test('X26: a fault counts under any status, and says which action failed', async () => {
    const { act } = client({ router: ['fault-in-200', { mapping: { readOnlyCode: 718 } }] });
    await expect(act()).rejects.toMatchObject({
      reason: 'conflict',
      code: 'upnp 718',
      message: expect.stringContaining('AddPortMapping') as unknown,
    });
  });

  test('X23: ends where the connection ends', async () => {
    const { ask } = client({ router: ['until-close', 'bare-lf'] });
    const answer = await ask();
    expect(answer.values.get('NewExternalIPAddress')).toBe('11.22.33.44');
  });

  test.for(['<html>hello</html', 'HTTP/1.1 200 OK\r\n\r\nbusy', ''])('"%s" is malformed or no answer', async (raw) => {
    const { ask } = client({ answers: { [ASK]: { raw } } });
    await expect(ask()).rejects.toSatisfy(
      (error) => error instanceof Error && /^(?:Malformed|Unreachable)$/.test(error.name),
    );
  });

  test('whatever bytes come, a mapping is granted or a failure is reported', async () => {
    const answer = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.string({ maxLength: 200 }).map((text) => `HTTP/1.1 200 OK\r\n\r\n${text}`),
      fc
        .record({ name: fc.constantFrom(...NAMES), value: fc.string({ maxLength: 20 }) })
        .map(
          ({ name, value }) =>
            `HTTP/1.1 200 OK\r\n\r\n<r><AddPortMappingResponse><${name}>${value}</${name}></AddPortMappingResponse></r>`,
        ),
      fc.integer({ min: -1000, max: 1000 }).map((code) => `HTTP/1.1 500 x\r\n\r\n<errorCode>${code}</errorCode>`),
    );
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(answer), async (answers) => {
        const raw = (): Reply => ({ raw: answers.next().value ?? '' });
        const { open, close } = scene({
          answers: {
            AddPortMapping: raw,
            DeletePortMapping: raw,
            GetSpecificPortMappingEntry: raw,
            GetGenericPortMappingEntry: raw,
            GetExternalIPAddress: raw,
          },
          options: { listCap: 20 },
        });
        for (const step of [open, close, () => open({ lease: 'permanent' })]) {
          const outcome = await step().then(
            () => undefined,
            (error: unknown) => error,
          );
          expect(outcome === undefined || isFailure(outcome)).toBe(true);
        }
      }),
      { numRuns: 25 },
    );
  });

  test('waiting ends with the signal', async () => {
    const { igd, make } = client({ answers: { [ASK]: { breaks: 'hang' } } });
    const stop = new AbortController();
    const asking = make().call(ASK, [], stop.signal);
    void igd.clock.sleep(inSeconds(3), never).then(() => stop.abort(new Error('enough')));
    await expect(igd.run(asking)).rejects.toThrow('enough');
  });
});

describe('X32: pace', () => {
  test('one request at a time, also over several services', async () => {
    const { igd, make } = client({ router: [{ http: { latency: millis(50) } }] });
    const clients = [make(), make(), make()];
    await igd.run(Promise.all([...clients, ...clients].map((one) => one.call(ASK, [], never))));
    expect(igd.device.counters.maxInFlight).toBe(1);
  });

  test('more at a time once the router has shown that it keeps up', async () => {
    const { igd, open, control } = scene();
    expect(control.capabilities.parallel).toBe(1);
    for (let index = 0; index < 60; index += 1) await open({ external: { port: port(2000 + index) } });
    expect(control.capabilities.parallel).toBe(4);
    await igd.run(
      Promise.all(
        Array.from({ length: 12 }, (_, index) =>
          control.open({ ...wish, external: { port: port(3000 + index) } }, never),
        ),
      ),
    );
    expect(igd.device.counters.maxInFlight).toBe(4);
  });

  test('a router that breaks under parallel requests gets one at a time for good', async () => {
    const { igd, make } = client({ router: ['hangs-up-on-parallel'], known: { parallel: 2 } });
    const asking = Array.from({ length: 4 }, () => make().call(ASK, [], never, { idempotent: true }));
    await igd.run(Promise.all(asking));
    expect(igd.traits.get().parallel).toBe(1);
    for (let index = 0; index < 60; index += 1) await igd.run(make().call(ASK, [], never));
    expect(igd.traits.get().parallel).toBe(1);
  });

  test('a caller who gives up in the queue does not hold up the next', async () => {
    const { igd, make } = client({ router: [{ http: { latency: millis(50) } }] });
    const stop = new AbortController();
    const first = make().call(ASK, [], never);
    const second = make().call(ASK, [], stop.signal);
    const third = make().call(ASK, [], never);
    stop.abort(new Error('no longer'));
    const outcomes = await igd.run(Promise.allSettled([first, second, third]));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(igd.requests).toHaveLength(2);
  });
});
