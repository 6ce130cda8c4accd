import { describe, expect, test } from 'vitest';
import { ip } from '../../../main/contract/address.ts';
import { inSeconds } from '../../../main/contract/units.ts';
import { Exchange, type Question } from '../../../main/gateways/pxp/exchange.ts';
import { Malformed, Unreachable } from '../../../main/gateways/failure.ts';
import { NAT_PMP_SCHEDULE } from '../../../main/gateways/pxp/retransmission.ts';
import { WireError } from '../../../main/wire/wire-error.ts';
import { PxpHome, type Script } from '../../support/pxp-scene.ts';

/** A toy protocol: one byte names the question, its answer is the same byte and a value; 0xff is nonsense. */
type Answer = { readonly name: number; readonly value: number };

function toy(script: Script, most = 100) {
  const lan = new PxpHome(script);
  const exchange = new Exchange<Answer>({
    network: lan,
    server: lan.server,
    localAddress: lan.localAddress,
    schedule: NAT_PMP_SCHEDULE,
    decode: (bytes) =>
      bytes[0] === 0xff ? new WireError('nonsense', bytes) : { name: bytes[0] ?? 0, value: bytes[1] ?? 0 },
    most,
  });
  const ask = (name: number, signal = new AbortController().signal) => exchange.ask(question(name), signal);
  return { lan, exchange, ask };
}

function question(name: number): Question<Answer, number> {
  return {
    bytes: new Uint8Array([name]),
    read: (answer) => (answer.name === name ? answer.value : undefined),
  };
}

const answerTo = (bytes: Uint8Array, value = 1): Uint8Array => new Uint8Array([bytes[0] ?? 0, value]);
const never = new AbortController().signal;

describe('retransmission', () => {
  test('an answer ends it', async () => {
    const { lan, ask } = toy((bytes) => ({ bytes: answerTo(bytes, 42) }));
    await expect(lan.run(ask(7))).resolves.toBe(42);
    expect(lan.sent).toHaveLength(1);
    expect(lan.pending).toBe(0);
  });

  test('lost datagrams are sent again, the same bytes, further and further apart', async () => {
    const { lan, ask } = toy((bytes, nth) => (nth === 4 ? { bytes: answerTo(bytes) } : undefined));
    await lan.run(ask(7));
    expect(lan.sent.map(({ at }) => at)).toEqual([0, 250, 750, 1750]);
    expect(new Set(lan.sent.map(({ bytes }) => bytes.join())).size).toBe(1);
  });

  test('silence is Unreachable, within the patience', async () => {
    const { lan, ask } = toy(() => undefined);
    await expect(lan.run(ask(7))).rejects.toMatchObject({ name: 'Unreachable', why: 'timeout' });
    expect(lan.now).toBe(10_000);
  });

  test('an answer that took longer than the first wait is welcome', async () => {
    const { lan, ask } = toy((bytes) => ({ bytes: answerTo(bytes), after: 600 }));
    await expect(lan.run(ask(7))).resolves.toBe(1);
    expect(lan.now).toBe(600);
  });

  test('only nonsense in answer is Malformed, with its start', async () => {
    const { lan, ask } = toy(() => ({ bytes: new Uint8Array([0xff, 0x41]) }));
    const failure = await lan.run(ask(7)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Malformed);
    expect(failure).toMatchObject({ message: 'nonsense', capture: expect.stringContaining('A') as unknown });
  });

  test('nonsense before the answer does no harm', async () => {
    const { lan, ask } = toy((bytes) => [{ bytes: new Uint8Array([0xff]) }, { bytes: answerTo(bytes, 5), after: 2 }]);
    await expect(lan.run(ask(7))).resolves.toBe(5);
  });
});

describe('P11: whose answer is it', () => {
  test('questions outstanding get each their own, in whatever order', async () => {
    const { lan, ask } = toy((bytes) => ({
      bytes: answerTo(bytes, (bytes[0] ?? 0) * 2),
      after: 200 - (bytes[0] ?? 0),
    }));
    const names = Array.from({ length: 50 }, (_, index) => index + 1);
    await expect(lan.run(Promise.all(names.map((name) => ask(name))))).resolves.toEqual(names.map((name) => name * 2));
  });

  test('a socket talks to the server alone, from the address given, and is gone once it has been answered', async () => {
    const { lan, ask } = toy((bytes) => ({ bytes: answerTo(bytes) }));
    await lan.run(ask(7));
    expect(lan.opened).toEqual([{ family: 'ipv4', connectTo: lan.server, localAddress: lan.localAddress }]);
    expect(lan.openSockets).toBe(0);
  });

  test('a late answer to the question before does not reach the next, which waited in line', async () => {
    const { lan, ask } = toy((bytes, nth) =>
      nth === 1
        ? [{ bytes: answerTo(bytes, 1) }, { bytes: answerTo(bytes, 1), after: 400 }]
        : { bytes: answerTo(bytes, 99), after: 600 },
    );
    await expect(lan.run(Promise.all([ask(7), ask(7)]))).resolves.toEqual([1, 99]);
  });

  test.each([
    ['another host', { address: ip('192.168.1.66'), port: 5351 }],
    ['another port', { address: ip('192.168.1.1'), port: 666 }],
  ])('%s is not heard', async (_, from) => {
    const { lan, ask } = toy((bytes) => [
      { bytes: answerTo(bytes, 66), from },
      { bytes: answerTo(bytes, 1), after: 5 },
    ]);
    await expect(lan.run(ask(7))).resolves.toBe(1);
  });

  test('one that contradicts the question is not an answer, however often it comes', async () => {
    const { lan, exchange } = toy((bytes) => ({ bytes: answerTo(bytes) }));
    const contradicted: Question<Answer, number> = {
      bytes: new Uint8Array([7]),
      read: () => new WireError('the opposite of what was asked'),
    };
    await expect(lan.run(exchange.ask(contradicted, never))).rejects.toMatchObject({
      name: 'Malformed',
      message: 'the opposite of what was asked',
    });
    expect(lan.sent.length).toBeGreaterThan(4);
  });

  test('and gives way to a better one', async () => {
    const { lan, exchange } = toy((bytes, nth) => ({ bytes: answerTo(bytes, nth) }));
    const choosy: Question<Answer, number> = {
      bytes: new Uint8Array([7]),
      read: ({ value }) => (value < 3 ? new WireError('the opposite of what was asked') : value),
    };
    await expect(lan.run(exchange.ask(choosy, never))).resolves.toBe(3);
  });
});

describe('a server that is not there', () => {
  test('P3: refused at first contact is known at once', async () => {
    const { lan, ask } = toy(() => ({ fault: 'refused' }));
    await expect(lan.run(ask(7))).rejects.toMatchObject({ name: 'Unreachable', why: 'refused' });
    expect(lan.now).toBe(1);
    expect(lan.openSockets).toBe(0);
  });

  test('everybody who waits learns it', async () => {
    const { lan, ask } = toy(() => ({ fault: 'refused' }));
    const all = await lan.run(Promise.allSettled([ask(1), ask(2), ask(3)]));
    expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(lan.now).toBeLessThan(10);
  });

  test('P4: refused once in a session that has answered is a hiccup', async () => {
    const { lan, ask } = toy((bytes, nth) => (nth === 2 ? { fault: 'refused' } : { bytes: answerTo(bytes, nth) }));
    await lan.run(ask(7));
    await expect(lan.run(ask(7))).resolves.toBe(3);
  });

  test('refused again and again it has gone, and that is known before the patience ends', async () => {
    const { lan, ask } = toy((bytes, nth) => (nth === 1 ? { bytes: answerTo(bytes) } : { fault: 'refused' }));
    await lan.run(ask(7));
    const asked = lan.now;
    await expect(lan.run(ask(7))).rejects.toMatchObject({ name: 'Unreachable', why: 'refused' });
    expect(lan.sent).toHaveLength(5);
    expect(lan.now - asked).toBeLessThan(2500);
  });

  test('refused once and then silent is silent', async () => {
    const { lan, ask } = toy((bytes, nth) =>
      nth === 1 ? { bytes: answerTo(bytes) } : nth === 2 ? { fault: 'refused' } : undefined,
    );
    await lan.run(ask(7));
    await expect(lan.run(ask(7))).rejects.toMatchObject({ why: 'timeout' });
  });

  test.each([
    ['unreachable', 'no-route'],
    ['denied', 'denied'],
    ['local-network', 'local-network'],
    ['other', 'no-route'],
  ] as const)('sending fails as %s: Unreachable, %s', async (fault, why) => {
    const { lan, ask } = toy(() => undefined);
    lan.sendFault = fault;
    const failure = await lan.run(ask(7)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Unreachable);
    expect(failure).toMatchObject({ why, cause: { fault } });
    expect(lan.now).toBe(0);
  });

  test('no socket can be had', async () => {
    const { lan, ask } = toy(() => undefined);
    lan.openFault = 'unreachable';
    await expect(lan.run(ask(7))).rejects.toMatchObject({ why: 'no-route' });
  });

  test('a socket that broke is replaced in a session that has answered', async () => {
    const { lan, ask } = toy((bytes, nth) => (nth === 2 ? { fault: 'other' } : { bytes: answerTo(bytes, nth) }));
    await lan.run(ask(7));
    await expect(lan.run(ask(7))).resolves.toBe(3);
    expect(lan.sent.map(({ socket }) => socket)).toEqual([1, 2, 3]);
    expect(lan.openSockets).toBe(0);
  });
});

describe('giving up', () => {
  test('before the first send', async () => {
    const { lan, ask } = toy(() => undefined);
    await expect(lan.run(ask(7, AbortSignal.abort('not wanted')))).rejects.toBe('not wanted');
    expect(lan.sent).toHaveLength(0);
  });

  test('while waiting: at once, and nothing is left behind', async () => {
    const { lan, ask } = toy(() => undefined);
    const controller = new AbortController();
    lan.at(300, () => controller.abort('enough'));
    await expect(lan.run(ask(7, controller.signal))).rejects.toBe('enough');
    expect(lan.now).toBe(300);
    await lan.pass(inSeconds(30));
    expect(lan.openSockets).toBe(0);
    expect(lan.pending).toBe(0);
  });

  test('one who gives up does not disturb another', async () => {
    const { lan, ask } = toy((bytes) => (bytes[0] === 8 ? { bytes: answerTo(bytes), after: 500 } : undefined));
    const controller = new AbortController();
    lan.at(300, () => controller.abort('enough'));
    const [first, second] = await lan.run(Promise.allSettled([ask(7, controller.signal), ask(8)]));
    expect(first.status).toBe('rejected');
    expect(second).toEqual({ status: 'fulfilled', value: 1 });
  });
});

describe('pace', () => {
  test('first come, first served, and never more outstanding than allowed', async () => {
    const { lan, ask } = toy((bytes) => ({ bytes: answerTo(bytes), after: 10 }), 4);
    await lan.run(Promise.all(Array.from({ length: 100 }, (_, index) => ask(index))));
    expect(lan.sent.map(({ bytes }) => bytes[0])).toEqual(Array.from({ length: 100 }, (_, index) => index));
    const together = lan.sent.map(({ at }) => lan.sent.filter((other) => other.at === at).length);
    expect(Math.max(...together)).toBe(4);
    expect(lan.openSockets).toBe(0);
  });

  test('a server that answers is soon asked as much at once as it may be', async () => {
    const { lan, exchange, ask } = toy((bytes) => ({ bytes: answerTo(bytes), after: 10 }), 4);
    expect(exchange.parallel).toBe(1);
    await lan.run(Promise.all(Array.from({ length: 100 }, (_, index) => ask(index))));
    expect(exchange.parallel).toBe(4);
    expect(lan.now).toBeLessThan(300);
  });

  test.each([100, 300, 700])('a server that takes %i ms for each is not drowned in repetitions', async (each) => {
    let busyUntil = 0;
    const { lan, ask } = toy((bytes) => {
      busyUntil = Math.max(busyUntil, lan.now) + each;
      return { bytes: answerTo(bytes), after: busyUntil - lan.now };
    }, 8);
    await lan.run(Promise.all(Array.from({ length: 100 }, (_, index) => ask(index))));
    expect(lan.sent.length).toBeLessThan(150);
    expect(lan.now).toBeLessThan(150 * each);
  });

  test('with a tenth of all datagrams lost either way, a hundred questions are answered in less than half a minute', async () => {
    const { lan, ask } = toy(
      (bytes) => (lan.random.unit() < 0.19 ? undefined : { bytes: answerTo(bytes), after: 5 }),
      8,
    );
    await expect(lan.run(Promise.all(Array.from({ length: 100 }, (_, index) => ask(index))))).resolves.toHaveLength(
      100,
    );
    expect(lan.now).toBeLessThan(30_000);
  });

  test('waiting in line costs no patience', async () => {
    const { lan, ask } = toy((bytes) => (bytes[0] === 3 ? { bytes: answerTo(bytes) } : undefined), 1);
    const all = await lan.run(Promise.allSettled([ask(1), ask(2), ask(3)]));
    expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
  });

  test('one who leaves the line lets the others move up', async () => {
    const { lan, ask } = toy((bytes) => ({ bytes: answerTo(bytes), after: 100 }), 1);
    const controller = new AbortController();
    lan.at(50, () => controller.abort('enough'));
    const all = await lan.run(Promise.allSettled([ask(1), ask(2, controller.signal), ask(3)]));
    expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(lan.sent.map(({ bytes }) => bytes[0])).toEqual([1, 3]);
    expect(lan.now).toBe(200);
  });
});
