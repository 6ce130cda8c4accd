import { describe, expect, test } from 'vitest';
import * as fc from 'fast-check';
import { ip } from '../../main/contract/address.ts';
import { after, epochMs, inHours, inMinutes, inSeconds, millis } from '../../main/contract/units.ts';
import { World } from '../world/world.ts';

const never = new AbortController().signal;

describe('the queue', () => {
  test('runs entries by moment, and in the order of asking within one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 40 }), async (delays) => {
        const world = new World({ seed: 1 });
        const seen: { delay: number; asked: number }[] = [];
        for (const [asked, delay] of delays.entries())
          world.after(millis(delay), () => void seen.push({ delay, asked }));
        await world.run(millis(20));
        const wanted = delays
          .map((delay, asked) => ({ delay, asked }))
          .toSorted((one, other) => one.delay - other.delay || one.asked - other.asked);
        expect(seen).toEqual(wanted);
      }),
    );
  });

  test('lets every promise settle before the next entry, however many hang on each other', async () => {
    const world = new World({ seed: 1 });
    const { clock } = world.network.addHost('host').system;
    const seen: string[] = [];
    const chain = async (name: string): Promise<void> => {
      await clock.sleep(inSeconds(1), never);
      for (let link = 0; link < 200; link += 1) await Promise.resolve();
      seen.push(name);
    };
    world.spawn(() => chain('first'));
    world.spawn(() => chain('second'));
    world.after(inSeconds(1), () => void seen.push('third'));
    await world.run(inSeconds(2));
    expect(seen).toEqual(['first', 'second', 'third']);
  });

  test('forgets a sleep that was cancelled, in any order of cancelling', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.integer({ min: 1, max: 1000 }), fc.boolean())), async (plan) => {
        const world = new World({ seed: 1 });
        const { clock } = world.network.addHost('host').system;
        const woken: number[] = [];
        const cancels: AbortController[] = [];
        for (const [delay, cancelled] of plan) {
          const stop = new AbortController();
          clock.sleep(millis(delay), stop.signal).then(
            () => woken.push(delay),
            () => undefined,
          );
          if (cancelled) cancels.push(stop);
        }
        for (const stop of cancels.toReversed()) stop.abort();
        expect(world.timeline.size).toBe(plan.length - cancels.length);
        await world.run(inSeconds(1));
        const kept = plan.filter(([, cancelled]) => !cancelled).map(([delay]) => delay);
        expect(woken).toEqual(kept.toSorted((one, other) => one - other));
      }),
    );
  });

  test('a cancelled sleep rejects with its signal’s reason; one that is cancelled before never starts', async () => {
    const world = new World({ seed: 1 });
    const { clock } = world.network.addHost('host').system;
    const stop = new AbortController();
    const sleep = clock.sleep(inHours(1), stop.signal);
    const reason = new Error('enough');
    stop.abort(reason);
    await expect(sleep).rejects.toBe(reason);
    await expect(clock.sleep(inHours(1), stop.signal)).rejects.toBe(reason);
    expect(world.pending()).toEqual([]);
  });

  test('a sleep of no length still lets others go first', async () => {
    const world = new World({ seed: 1 });
    const { clock } = world.network.addHost('host').system;
    const seen: string[] = [];
    const sleep = clock.sleep(millis(-5), never).then(() => seen.push('slept'));
    seen.push('went on');
    await world.finish(sleep);
    expect(seen).toEqual(['went on', 'slept']);
  });
});

describe('time', () => {
  test('passes only by running, and exactly as far', async () => {
    const world = new World({ seed: 1 });
    const start = world.now;
    await world.settle();
    expect(world.now).toBe(start);
    await world.run(inMinutes(5));
    expect(world.now).toBe(after(start, inMinutes(5)));
    await world.run(millis(0));
    expect(world.now).toBe(after(start, inMinutes(5)));
  });

  test('`until` stops at the moment in which the condition comes true', async () => {
    const world = new World({ seed: 1 });
    let open = false;
    world.after(inMinutes(3), () => {
      open = true;
    });
    const start = world.now;
    await world.until(() => open, inHours(1));
    expect(world.now).toBe(after(start, inMinutes(3)));
  });

  test('`until` names what was awaited when it did not come', async () => {
    const world = new World({ seed: 4711 });
    const { clock } = world.network.addHost('laptop').system;
    const wait = async function waitForTheRouter(): Promise<void> {
      await clock.sleep(inHours(2), never);
    };
    world.spawn(wait);
    const failure = world.until(() => false, inMinutes(1), 'the port to open');
    await expect(failure).rejects.toThrow(/the port to open did not come true within 60000 ms/);
    await expect(failure).rejects.toThrow(/laptop sleeps at waitForTheRouter .*world\.test\.ts/);
    await expect(failure).rejects.toThrow(/world seed 4711/);
  });
});

describe('failures', () => {
  test('a loop is stopped within its virtual hour and named', async () => {
    const world = new World({ seed: 99, entriesPerHour: 1000 });
    const { clock } = world.network.addHost('laptop').system;
    world.spawn(async function pollWithoutEnd() {
      for (;;) await clock.sleep(millis(1), never);
    });
    const failure = world.run(inHours(1));
    await expect(failure).rejects.toThrow(/more than 1000 entries in virtual hour 0/);
    await expect(failure).rejects.toThrow(/101 × laptop sleeps at pollWithoutEnd/);
    await expect(failure).rejects.toThrow(/world seed 99/);
  });

  test('the same number of entries over more hours is none', async () => {
    const world = new World({ seed: 1, entriesPerHour: 1000 });
    const { clock } = world.network.addHost('laptop').system;
    let turns = 0;
    world.spawn(async () => {
      for (;;) {
        await clock.sleep(inSeconds(4), never);
        turns += 1;
      }
    });
    await world.run(inHours(10));
    expect(turns).toBe(9000);
  });

  test('an error thrown by a planned act fails the run and carries the seed', async () => {
    const world = new World({ seed: 31 });
    world.after(inSeconds(1), () => {
      throw new Error('the router is not there');
    });
    await expect(world.run(inMinutes(1))).rejects.toThrow(
      /the router is not there\n\(world seed 31, at 0d 00:00:01.000\)/,
    );
  });

  test('two runs at once are refused', async () => {
    const world = new World({ seed: 1 });
    const first = world.run(inSeconds(1));
    await expect(world.run(inSeconds(1))).rejects.toThrow(/runs already/);
    await first;
  });
});

describe('the clocks of a host', () => {
  test('the wall clock jumps; monotonic time and timers do not notice (H9)', async () => {
    const world = new World({ seed: 1 });
    const host = world.network.addHost('laptop');
    const { clock } = host.system;
    const wall = clock.now();
    const monotonic = clock.monotonic();
    let woken = false;
    void clock.sleep(inMinutes(10), never).finally(() => {
      woken = true;
    });
    host.clock.jump(inHours(-3));
    await world.run(inMinutes(9));
    expect(woken).toBe(false);
    expect(clock.now() - wall).toBe(inMinutes(9) - inHours(3));
    expect(clock.monotonic() - monotonic).toBe(inMinutes(9));
    await world.run(inMinutes(1));
    expect(woken).toBe(true);
  });

  test('asleep with a monotonic clock that stands still, timers are late by the whole sleep (H9)', async () => {
    const world = new World({ seed: 1 });
    const host = world.network.addHost('laptop');
    const { clock } = host.system;
    const before = clock.monotonic();
    const wall = clock.now();
    let wokenAt = epochMs(0);
    void clock.sleep(inMinutes(10), never).finally(() => {
      wokenAt = world.now;
    });
    await world.run(inMinutes(4));
    host.clock.suspend(inHours(8));
    await world.run(inHours(1));
    expect(clock.monotonic() - before).toBe(inMinutes(4));
    await world.run(inHours(7));
    expect(clock.monotonic() - before).toBe(inMinutes(4));
    expect(clock.now() - wall).toBe(inHours(8) + inMinutes(4));
    await world.run(inMinutes(7));
    expect(wokenAt - wall).toBe(inHours(8) + inMinutes(10));
    expect(clock.monotonic() - before).toBe(inMinutes(11));
  });

  test('asleep with a monotonic clock that goes on, due timers fire on waking', async () => {
    const world = new World({ seed: 1 });
    const host = world.network.addHost('laptop');
    const { clock } = host.system;
    const start = world.now;
    const woken: (readonly [string, number])[] = [];
    for (const [name, due] of [
      ['second', inMinutes(20)],
      ['first', inMinutes(10)],
      ['later', inHours(9)],
    ] as const)
      void clock.sleep(due, never).then(() => woken.push([name, world.now - start]));
    host.clock.suspend(inHours(8), { monotonic: 'goes-on' });
    await world.run(inHours(10));
    expect(woken).toEqual([
      ['first', inHours(8)],
      ['second', inHours(8)],
      ['later', inHours(9)],
    ]);
  });

  test('nothing of a machine happens while it sleeps: no write ends, no packet leaves or arrives', async () => {
    const world = new World({ seed: 1 });
    const segment = world.network.segment('lan');
    const [laptop, router] = (['192.168.1.2', '192.168.1.1'] as const).map((address) => {
      const host = world.network.addHost(address);
      host.addInterface({
        name: 'eth0',
        segment,
        addresses: [{ address: ip(address), prefix: 24, temporary: false }],
      });
      return host;
    });
    if (laptop === undefined || router === undefined) throw new Error('two hosts were made');
    const socket = await router.system.udp.open({ family: 'ipv4', localPort: 5351 });
    const ours = await laptop.system.udp.open({ family: 'ipv4', localPort: 5350 });
    let heard = 0;
    for (const each of [socket, ours])
      void each.receive(never).finally(() => {
        heard += 1;
      });
    let writtenAt = 0;
    void laptop.storage
      .documents()
      .write('profiles', {})
      .finally(() => {
        writtenAt = world.now;
      });
    const start = world.now;
    laptop.clock.suspend(inHours(1));
    await ours.send(new Uint8Array(1), { address: ip('192.168.1.1'), port: 5351 });
    await socket.send(new Uint8Array(1), { address: ip('192.168.1.2'), port: 5350 });
    await world.run(inHours(2));
    expect(heard).toBe(0);
    expect(writtenAt - start).toBeGreaterThan(inHours(1));
  });
});
