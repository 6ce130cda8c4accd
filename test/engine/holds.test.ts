/** Ports that programs keep open beside the profiles: `portkeeper open`, `run` and `with`, and a resident program's switches. */
import { describe, expect, test } from 'vitest';
import type { CommandInput, HoldEnd } from '../../main/contract/commands.ts';
import { inSeconds, port } from '../../main/contract/units.ts';
import { personality } from '../../main/simulator/personalities/personalities.ts';
import { AppHome, tcp } from '../support/app-home.ts';

type HoldInput = CommandInput<'forwards.hold'>;
type Change = Partial<Extract<HoldInput, { readonly what: 'forwards' }>>;

const opened = (hold: string, ports: readonly number[], change: Change = {}): HoldInput => ({
  what: 'forwards',
  forwards: ports.map((each) => ({ id: `${each}/tcp`, ...tcp(each) })),
  from: 'terminal',
  label: 'Web',
  hold,
  afterwards: 'close',
  ...change,
});

const never = new AbortController().signal;
const entry = (number: number): string => `tcp ${number} -> 192.168.1.10:${number}`;

/** Deletions that the router was asked for so far. */
function deletes(at: AppHome): number {
  const kinds = ['DeletePortMapping', 'pcp MAP delete', 'nat-pmp delete'];
  return kinds.reduce((sum, kind) => sum + at.home.router.counters.of(kind), 0);
}

describe('a program that holds forwards', () => {
  test('keeps its ports from a profile, and a profile keeps its ports from it; both say who has them', async () => {
    const at = await AppHome.start();
    const id = await at.add('Minecraft', [tcp(8080)]);
    const holder = new AbortController();
    await at.finish(at.client.hold(opened('open-1', [8080]), holder.signal));
    const refused = await at.refused('profile.switch', { id, on: true });
    expect(refused).toMatchObject({ code: 'conflict', reason: { code: 'ports-held' } });
    expect(refused.message).toBe(
      'Port 8080/tcp is already open from a terminal (Web). Stop it there, or choose another external port.',
    );
    holder.abort();
    await at.do('profile.switch', { id, on: true });
    const answer = await at.finish(at.client.hold(opened('open-2', [8080]), never));
    expect(answer).toMatchObject({ ok: false, fault: { code: 'conflict', place: 'forwards' } });
    expect(answer.ok || answer.fault.message).toBe(
      'Port 8080/tcp is kept open by the profile “Minecraft”. Turn it off first (portkeeper profile off minecraft).',
    );
    expect(at.snapshot.holds).toEqual([]);
    await at.stop();
  });

  test('keeps its ports from another program', async () => {
    const at = await AppHome.start();
    await at.finish(at.client.hold(opened('open-1', [8080]), never));
    const answer = await at.finish(at.client.hold(opened('open-2', [9090, 8080]), never));
    expect(answer).toMatchObject({ ok: false, fault: { reason: { code: 'ports-held' } } });
    expect(at.table).toEqual([entry(8080)]);
    await at.stop();
  });

  test('may leave its ports open, and only its own', async () => {
    const at = await AppHome.start();
    const holder = new AbortController();
    await at.finish(at.client.hold(opened('run-1', [8080], { afterwards: 'keep' }), holder.signal));
    await at.finish(at.client.hold(opened('open-1', [9090]), never));
    holder.abort();
    await at.world.run(inSeconds(30));
    expect(at.table).toEqual([entry(8080), entry(9090)]);
    expect(at.snapshot.engine.mappings.map(({ external }) => external.port)).toEqual([9090]);
    const { closed } = await at.do('forwards.close', { targets: 'all', others: false });
    expect(closed).toBe(1);
    expect(at.table).toEqual([entry(9090)]);
    await at.stop();
  });

  test('opens nothing while everything is paused', async () => {
    const at = await AppHome.start();
    await at.do('settings.change', { settings: { paused: true } });
    await at.finish(at.client.hold(opened('open-1', [8080]), never));
    expect(at.table).toEqual([]);
    await at.do('settings.change', { settings: { paused: false } });
    await at.world.run(inSeconds(10));
    expect(at.table).toEqual([entry(8080)]);
    await at.stop();
  });

  test('is not to be asked like another command', async () => {
    const at = await AppHome.start();
    expect(await at.refused('forwards.hold', opened('open-1', [8080]))).toMatchObject({ code: 'unknown-command' });
    await at.stop();
  });
});

describe('a resident program', () => {
  test('has the switches obeyed as long as it is attached, and nothing that is open blinks', async () => {
    const at = await AppHome.start({ switches: 'ignored' });
    await at.add('Web', [tcp(8080), tcp(9090)], true);
    const terminal = new AbortController();
    await at.finish(at.client.hold(opened('open-1', [8080]), terminal.signal));
    expect(at.snapshot.obeysSwitches).toBe(false);
    const closed = deletes(at);
    const resident = new AbortController();
    await at.finish(at.client.hold({ what: 'switches' }, resident.signal));
    await at.world.run(inSeconds(10));
    expect(at.snapshot.obeysSwitches).toBe(true);
    expect(at.table).toEqual([entry(8080), entry(9090)]);
    // The profile takes over what the terminal lets go of.
    terminal.abort();
    await at.world.run(inSeconds(10));
    expect(at.table).toEqual([entry(8080), entry(9090)]);
    expect(deletes(at)).toBe(closed);
    resident.abort();
    await at.world.run(inSeconds(10));
    expect(at.table).toEqual([]);
    await at.stop();
  });
});

describe('the engine’s process leaves', () => {
  test('forwards of others stay open for them to take over; all others are closed', async () => {
    const at = await AppHome.start();
    await at.add('Web', [tcp(7070)], true);
    await at.finish(at.client.hold(opened('open-1', [8080]), never));
    expect(at.table).toEqual([entry(7070), entry(8080)]);
    await at.finish(at.app.leave(inSeconds(15)));
    expect(at.table).toEqual([entry(8080)]);
    await at.stop();
    const closed = deletes(at);
    const next = await at.again();
    await at.finish(next.client.hold(opened('open-1', [8080]), never));
    await at.world.run(inSeconds(30));
    expect(next.table).toContain(entry(8080));
    expect(deletes(at)).toBe(closed);
    await next.stop();
  });

  test('switched-on profiles stay open while another resident program is attached', async () => {
    const at = await AppHome.start();
    await at.add('Web', [tcp(7070)], true);
    await at.finish(at.client.hold({ what: 'switches' }, never));
    await at.world.run(inSeconds(10));
    await at.finish(at.app.leave(inSeconds(15)));
    expect(at.table).toEqual([entry(7070)]);
    await at.stop();
  });

  test('by a crash: the next one gives holders that live a moment, and then closes what nobody wants', async () => {
    const at = await AppHome.start();
    await at.finish(at.client.hold(opened('open-1', [8080]), never));
    await at.finish(at.client.hold(opened('open-2', [9090]), never));
    at.kill();
    const closed = deletes(at);
    const next = await at.again({ patience: inSeconds(3) });
    await next.world.run(inSeconds(2));
    expect(next.table).toEqual([entry(8080), entry(9090)]);
    await at.finish(next.client.hold(opened('open-1', [8080]), never));
    expect(deletes(at)).toBe(closed);
    await next.world.run(inSeconds(10));
    expect(next.table).toEqual([entry(8080)]);
    await next.stop();
  });

  test('by a crash, twice: what was waited for is still closed by the one after', async () => {
    const at = await AppHome.start();
    await at.finish(at.client.hold(opened('open-1', [8080]), never));
    at.kill();
    const next = await at.again({ patience: inSeconds(3) });
    await next.world.run(inSeconds(2));
    next.kill();
    const last = await next.again({ patience: inSeconds(0) });
    await last.world.run(inSeconds(30));
    expect(last.table).toEqual([]);
    await last.stop();
  });
});

describe('forwards.close', () => {
  test('leaves to a profile what it wants, and says so; releases what a terminal holds', async () => {
    const at = await AppHome.start();
    await at.add('Minecraft', [tcp(7070)], true);
    const ends: HoldEnd[] = [];
    await at.finish(at.client.hold(opened('open-1', [8080, 8081]), never, (why) => ends.push(why)));
    const targets = [7070, 8080].map((each) => ({ transport: 'tcp', external: port(each) }) as const);
    const result = await at.do('forwards.close', { targets, others: false });
    expect(result).toMatchObject({
      found: true,
      closed: 1,
      left: [],
      others: [],
      heldBy: [{ code: 'ports-of-profile', parameters: { ports: '7070/tcp', id: 'minecraft' } }],
      absent: [],
    });
    expect(at.table).toEqual([entry(7070), entry(8081)]);
    expect(ends).toEqual([]);
    await at.do('forwards.close', { targets: [{ transport: 'tcp', external: port(8081) }], others: false });
    expect(ends).toEqual(['released']);
    expect(at.snapshot.holds).toEqual([]);
    await at.stop();
  });

  test('a range of which only a part is named stays as it is', async () => {
    const at = await AppHome.start();
    const forwards = [{ id: 'range', ...tcp(27_015, 27_017) }];
    await at.finish(at.client.hold(opened('open-1', [], { forwards }), never));
    const targets = [{ transport: 'tcp', external: port(27_016) }] as const;
    const result = await at.do('forwards.close', { targets, others: false });
    expect(result).toMatchObject({ closed: 0, heldBy: [{ code: 'ports-held', parameters: { ports: '27016/tcp' } }] });
    expect(at.table).toHaveLength(3);
    await at.stop();
  });

  test('of all closes what was left open, and leaves to programs what they hold', async () => {
    const at = await AppHome.start();
    await at.finish(at.client.hold(opened('open-1', [8080]), never));
    const result = await at.do('forwards.close', { targets: 'all', others: false });
    expect(result).toMatchObject({ closed: 0, heldBy: [{ code: 'ports-held', parameters: { ports: '8080/tcp' } }] });
    expect(at.table).toEqual([entry(8080)]);
    await at.stop();
  });
});

describe('gateways.find', () => {
  test('answers at once when the gateway is known, without a search', async () => {
    const at = await AppHome.start();
    const first = await at.do('gateways.find', {});
    expect(first.gateways).toHaveLength(1);
    await at.world.run(inSeconds(30));
    const { total } = at.home.router.counters;
    expect(await at.do('gateways.find', { gateway: '192.168.1.1' })).toEqual(first);
    expect(at.home.router.counters.total).toBe(total);
    await at.stop();
  });

  test('ends with the search when there is none', async () => {
    const at = await AppHome.start({ router: personality({ protocols: { igd: false, natPmp: false, pcp: false } }) });
    expect(await at.do('gateways.find', {})).toEqual({ gateways: [] });
    expect(at.snapshot.engine.problems).toMatchObject([{ code: 'port-control-off' }]);
    await at.stop();
  });

  test('is refused where nothing runs', async () => {
    const at = await AppHome.start({ runs: false });
    expect(await at.refused('gateways.find', {})).toMatchObject({ code: 'not-here' });
    await at.stop();
  });
});
