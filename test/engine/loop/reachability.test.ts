import { describe, expect, test } from 'vitest';
import { ip } from '../../../main/contract/address.ts';
import type { Snapshot } from '../../../main/contract/snapshot.ts';
import { asForwardId, asGatewayId, mappingIdOf } from '../../../main/contract/model.ts';
import { after, epochMs, inSeconds, millis, port } from '../../../main/contract/units.ts';
import { watchReachability, type Reachability } from '../../../main/engine/loop/reachability.ts';
import type { Clock } from '../../../main/system/system.ts';

const GRANTED = epochMs(1_000_000);
const MINECRAFT = mappingIdOf(asForwardId('minecraft'), 'ipv4', 'tcp', port(25_565));

/** As it was made when the grant came; nothing has happened since. */
const SNAPSHOT: Snapshot = {
  revision: 1,
  at: GRANTED,
  search: { running: false },
  gateways: [],
  forwards: [],
  mappings: [
    {
      id: MINECRAFT,
      forward: asForwardId('minecraft'),
      family: 'ipv4',
      transport: 'tcp',
      external: { port: port(25_565) },
      internal: { port: port(25_565) },
      status: {
        at: 'open',
        lease: {
          gateway: asGatewayId('eth0/192.168.1.1'),
          control: 'pcp',
          external: { address: ip('11.22.33.44'), port: port(25_565) },
          grantedAt: GRANTED,
          renewAt: after(GRANTED, inSeconds(1800)),
          expiresAt: after(GRANTED, inSeconds(3600)),
          evidence: 'answered',
        },
      },
    },
  ],
  problems: [],
};

/** Time passes while somebody sleeps. */
function scene(answers: readonly ('open' | 'closed' | undefined)[]) {
  let passed = 0;
  const asked: number[] = [];
  const clock: Clock = {
    now: () => after(GRANTED, millis(passed)),
    monotonic: () => millis(passed),
    sleep: (duration, signal) => {
      passed += duration;
      signal.throwIfAborted();
      return Promise.resolve();
    },
  };
  const reachability: Reachability = {
    every: inSeconds(600),
    ask: () => {
      asked.push(passed);
      return Promise.resolve(answers[asked.length - 1]);
    },
  };
  const log = { write: () => undefined };
  const words = watchReachability({ reachability, clock, log }, () => SNAPSHOT, new AbortController().signal);
  return { asked, next: async () => (await words.next()).value };
}

describe('asking somebody outside', () => {
  test('begins soon after a grant, though nothing else happens', async () => {
    const { asked, next } = scene(['open']);
    expect(await next()).toEqual({ mapping: MINECRAFT, passes: true });
    expect(asked).toEqual([2000]);
  });

  test('one "no" may be an accident: it is asked again at once, and two count', async () => {
    const { asked, next } = scene(['closed', 'open', 'closed', 'closed']);
    expect(await next()).toMatchObject({ passes: true });
    expect(await next()).toMatchObject({ passes: false });
    expect(asked.map((moment) => moment / 1000)).toEqual([2, 3, 603, 604]);
  });

  test('an answer that tells nothing is no news', async () => {
    const { asked, next } = scene([undefined, 'open']);
    expect(await next()).toMatchObject({ passes: true });
    expect(asked.map((moment) => moment / 1000)).toEqual([2, 602]);
  });
});
