/** The probe from outside, both ends of it, in a virtual home. */
import { afterEach, describe, expect, test } from 'vitest';
import { ip } from '../../main/contract/address.ts';
import { inSeconds, port } from '../../main/contract/units.ts';
import { askProbe } from '../../main/probe/ask.ts';
import { ProbeScene } from '../support/probe-scene.ts';
import { createHome, type HomeOptions } from '../world/home.ts';
import { World } from '../world/world.ts';

const scenes: ProbeScene[] = [];
afterEach(async () => {
  for (const each of scenes.splice(0)) await each.stop();
});

async function scene(options: HomeOptions & { readonly secret?: string } = {}): Promise<ProbeScene> {
  const made = await ProbeScene.start(await createHome(new World({ seed: 1 }), options), options.secret);
  scenes.push(made);
  return made;
}

/** As a router forwards it. */
function open(at: ProbeScene, transport: 'tcp' | 'udp', external: number): void {
  at.home.router.addMapping({
    transport,
    externalPort: external,
    internalClient: ip('192.168.1.10'),
    internalPort: external,
    description: 'by hand',
    expiresAt: 'never',
    owner: 'manual',
  });
}

describe.each(['tcp', 'udp'] as const)('%s', (transport) => {
  test('a program that answers', async () => {
    const at = await scene();
    open(at, transport, 25_565);
    await at.home.serve(at.home.client, transport, 25_565);
    const outcome = transport === 'tcp' ? 'connected' : 'answered';
    expect(await at.ask(transport, 25_565)).toMatchObject({ outcome, seen: '11.22.33.44' });
  });

  test('Portkeeper in its place: what was sent to the port came', async () => {
    const at = await scene();
    open(at, transport, 25_565);
    const standIn = await at.standIn(transport, 25_565);
    expect(await at.ask(transport, 25_565, { standIn })).toMatchObject({ outcome: 'echoed' });
    expect(standIn.hasArrived).toBe(true);
    standIn.close();
    expect(at.served).toEqual([{ address: '11.22.33.44', transport, port: 25_565, outcome: 'echoed' }]);
  });

  test('a closed port, and one that forwards to nobody', async () => {
    const at = await scene();
    const standIn = await at.standIn(transport, 25_565);
    const { outcome } = await at.ask(transport, 25_565, { standIn });
    expect(['silent', 'refused']).toContain(outcome);
    expect(standIn.hasArrived).toBe(false);
    standIn.close();
    open(at, transport, 25_565);
    expect(await at.ask(transport, 25_565)).toMatchObject({ outcome: 'refused' });
  });
});

describe('a secret', () => {
  const secret = 'the friends of the house';

  test('lets friends in', async () => {
    const at = await scene({ secret });
    open(at, 'tcp', 80);
    await at.home.serve(at.home.client, 'tcp', 80);
    expect(await at.ask('tcp', 80, { secret })).toMatchObject({ outcome: 'connected' });
  });

  test('keeps others out, and nothing is sent to their ports', async () => {
    const at = await scene({ secret });
    expect(await at.ask('tcp', 80, { secret: 'the foes of the house' })).toMatchObject({ outcome: 'wrong-secret' });
    expect(await at.ask('tcp', 80)).toMatchObject({ outcome: 'needs-secret' });
    expect(at.served).toEqual([]);
  });
});

test('a server that is not there, or is another kind of server, is not an answer', async () => {
  const at = await scene();
  const { world, client, internet } = at.home;
  const never = new AbortController().signal;
  const server = (to: number) => ({ server: { address: ip('9.9.9.9'), port: to }, transport: 'tcp' as const });
  const asked = (to: number) => world.finish(askProbe(client.system, { ...server(to), port: port(80) }, never));
  expect(await asked(4)).toMatchObject({ outcome: 'no-answer' });
  await at.home.serve(internet, 'tcp', 5);
  expect(await asked(5)).toMatchObject({ outcome: 'no-answer' });
});

test('anyone who asks too often learns when to come back', async () => {
  const at = await scene();
  // Nobody listens, so that each answer is quick.
  open(at, 'tcp', 81);
  let answer = await at.ask('tcp', 81);
  for (let n = 0; n < 60 && answer.outcome !== 'busy'; n += 1) answer = await at.ask('tcp', 81);
  expect(answer.outcome).toBe('busy');
  expect(answer.retryAfter).toBeGreaterThan(0);
  await at.home.world.run(inSeconds(answer.retryAfter));
  expect(await at.ask('tcp', 81)).not.toMatchObject({ outcome: 'busy' });
});
