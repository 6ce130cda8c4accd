import { expect, test } from 'vitest';
import { asForwardId, asGatewayId, mappingIdOf } from '../../../main/contract/model.ts';
import { after, epochMs, inSeconds, millis, port } from '../../../main/contract/units.ts';
import { dueTests } from '../../../main/engine/reach/due-tests.ts';
import { World } from '../../world/world.ts';

const GRANTED = epochMs(1_000_000);

test('a port is tested soon after its grant, though nothing else happens, and then from time to time', async () => {
  const { clock } = new World({ seed: 1 }).network.addHost('client').system;
  let passed = 0;
  const sleepless = {
    ...clock,
    monotonic: () => millis(passed),
    sleep: (duration: number) => {
      passed += duration;
      return Promise.resolve();
    },
  };
  const lease = {
    gateway: asGatewayId('eth0/192.168.1.1'),
    control: 'pcp',
    external: { port: port(25_565) },
    grantedAt: GRANTED,
    renewAt: after(GRANTED, inSeconds(1800)),
    expiresAt: after(GRANTED, inSeconds(3600)),
    evidence: 'answered',
  } as const;
  const mapping = {
    id: mappingIdOf(asForwardId('minecraft'), 'ipv4', 'tcp', port(25_565)),
    forward: asForwardId('minecraft'),
    family: 'ipv4',
    transport: 'tcp',
    external: { port: port(25_565) },
    internal: { port: port(25_565) },
    status: { at: 'open', lease },
  } as const;
  const due = dueTests(
    { every: inSeconds(600), clock: sleepless },
    () => ({ mappings: [mapping] }),
    new AbortController().signal,
  );
  const moments: number[] = [];
  for (let count = 0; count < 3; count += 1) {
    expect((await due.next()).value).toMatchObject({ id: mapping.id });
    moments.push(passed / 1000);
  }
  expect(moments).toEqual([2, 602, 1202]);
});
