import { describe, expect, test } from 'vitest';
import type { AppSnapshot } from '../../main/contract/commands.ts';
import type { MappingStatus } from '../../main/contract/snapshot.ts';
import type { Profile } from '../../main/contract/profiles/profile.ts';
import type { ProblemCode } from '../../main/contract/problems.ts';
import { after, inMinutes, port, type Port } from '../../main/contract/units.ts';
import { asForwardId } from '../../main/contract/model.ts';
import { sharingOf } from '../../main/contract/profiles/sharing.ts';
import { profilesShown, routerProblems } from '../../renderer/views/forwards/profile-state.ts';
import { forward, lease, mappings, open, profile, refusal, snapshot } from '../support/example-snapshots.ts';
import { NOON, examples, problem } from '../support/problems.ts';

const game = profile('game', 'Game', true, [forward(25_565), forward(24_454, { transports: ['udp'] })]);
const range = profile('range', 'Range', true, [
  forward(2456, { transports: ['tcp', 'udp'], external: { first: 2456, last: 2458 } }),
]);
const off = (of: Profile): Profile => ({ ...of, on: false });

type Change = Parameters<typeof snapshot>[0];

function shown(of: Profile, status?: (port: number) => MappingStatus, change: Change = {}) {
  const held = status === undefined ? [] : mappings(of, ({ port }) => status(port));
  const whole: AppSnapshot = snapshot({ profiles: [of], engine: { mappings: held, ...change.engine }, ...change });
  const [first] = profilesShown({ ...whole, engine: { ...whole.engine, mappings: held } }, sharingOf);
  if (first === undefined) throw new Error('the profile is not shown');
  return first;
}

const isOpen = (port: number): MappingStatus => ({ at: 'open', lease: lease(60, port) });
const retry = (minutes: number): MappingStatus => ({
  at: 'waiting',
  for: 'retry',
  until: after(NOON, inMinutes(minutes)),
});

describe('a profile', () => {
  test('that is off is off, and so are its forwards', () => {
    const { state, forwards } = shown(off(game));
    expect(state).toEqual({ is: 'off', open: 0, wanted: 0 });
    expect(forwards.map((each) => each.state.is)).toEqual(['off', 'off']);
    expect(forwards.map((each) => each.lease)).toEqual([undefined, undefined]);
  });

  test('that was just turned on opens, before the engine has taken it up', () => {
    expect(shown(game).state.is).toBe('opening');
  });

  test('without ports is off, whatever its switch says', () => {
    expect(shown(profile('none', 'None', true, [])).state.is).toBe('off');
  });

  test('is paused with everything else, when it is wanted', () => {
    expect(shown(game, undefined, { settings: { paused: true } }).state.is).toBe('paused');
    expect(shown(off(game), undefined, { settings: { paused: true } }).state.is).toBe('off');
  });

  test('that a program holds is wanted, though its switch is off', () => {
    const { isHeld, state } = shown(off(game), isOpen, { held: [game.id] });
    expect(isHeld).toBe(true);
    expect(state).toEqual({ is: 'open', open: 2, wanted: 2 });
  });

  test('is open when all of it is, renewals included', () => {
    const { state, forwards } = shown(game, (port) =>
      port === 25_565 ? { at: 'renewing', lease: lease(30, port) } : isOpen(port),
    );
    expect(state).toEqual({ is: 'open', open: 2, wanted: 2 });
    expect(forwards.map((each) => each.isRenewing)).toEqual([true, false]);
  });

  test('opens as long as a part of it does', () => {
    const { state } = shown(range, (port) => (port === 2456 ? isOpen(port) : { at: 'opening', since: NOON }));
    expect(state).toEqual({ is: 'opening', open: 2, wanted: 6 });
  });

  test('is open in part when the rest is refused or waits', () => {
    const problem = refusal(game, 'conflict');
    const refused = shown(game, (port) => (port === 25_565 ? { at: 'refused', problem } : isOpen(port)));
    expect(refused.state).toEqual({ is: 'partly', open: 1, wanted: 2 });
    expect(refused.problems).toEqual([problem]);
    expect(shown(game, (port) => (port === 25_565 ? retry(1) : isOpen(port))).state.is).toBe('partly');
  });

  test('waits until the first of its forwards is tried again', () => {
    const { state } = shown(game, (port) => retry(port === 25_565 ? 5 : 2));
    expect(state).toEqual({ is: 'waiting', open: 0, wanted: 2, waitsFor: 'retry', until: after(NOON, inMinutes(2)) });
  });

  test('may be open as long as any gateway may hold a part of it', () => {
    const until = (minutes: number): MappingStatus => ({
      at: 'waiting',
      for: 'gateway',
      mayBeOpenUntil: after(NOON, inMinutes(minutes)),
    });
    expect(shown(game, (port) => until(port === 25_565 ? 10 : 60)).state.mayBeOpenUntil).toBe(
      after(NOON, inMinutes(60)),
    );
    const forEver: MappingStatus = { at: 'waiting', for: 'gateway', mayBeOpenUntil: 'never' };
    expect(shown(game, (port) => (port === 25_565 ? forEver : until(60))).state.mayBeOpenUntil).toBe('never');
  });

  test('closes until the gateway has confirmed it', () => {
    const closing = (port: number): MappingStatus => ({ at: 'closing', lease: lease(60, port) });
    expect(shown(off(game), closing).state).toEqual({ is: 'closing', open: 2, wanted: 0 });
    expect(shown(off(game), closing).forwards[0]?.lease).toBeUndefined();
  });

  test('is open though a port that it had before is still being closed', () => {
    const { state } = shown(game, (port) =>
      port === 25_565 ? { at: 'closing', lease: lease(60, port) } : isOpen(port),
    );
    expect(state).toEqual({ is: 'open', open: 1, wanted: 1 });
  });
});

describe('a forward', () => {
  test('shows the lease that ends first, and where it forwards to', () => {
    const { forwards } = shown(range, (port) => ({ at: 'open', lease: lease(port === 2457 ? 20 : 90, port) }));
    expect(forwards[0]?.lease?.expiresAt).toBe(after(NOON, inMinutes(20)));
    expect(forwards[0]?.client).toBe('192.168.178.20');
  });

  test('that ends is shown before one that never does', () => {
    const { forwards } = shown(range, (port) => ({
      at: 'open',
      lease: lease(20, port, port === 2456 ? { expiresAt: 'never' } : {}),
    }));
    expect(forwards[0]?.lease?.expiresAt).toBe(after(NOON, inMinutes(20)));
  });

  test('is reached over IPv4 where both are open', () => {
    const both = profile('both', 'Both', true, [forward(8080, { families: ['ipv6', 'ipv4'] })]);
    const [first] = shown(both, isOpen).forwards;
    expect(first?.share.ipv4).toBe('203.0.113.77:8080');
  });

  test('says once what is wrong with each port of its range, over TCP and UDP', () => {
    const problem = refusal(range, 'table-full');
    const { forwards, problems } = shown(range, () => ({ at: 'refused', problem }));
    expect(forwards[0]?.problems).toEqual([problem]);
    expect(problems).toEqual([problem]);
  });

  test('that is open has what else was noticed about it', () => {
    const dead = refusal(game, 'listed-but-dead', 1);
    const [, second] = shown(game, isOpen, { engine: { problems: [dead] } }).forwards;
    expect(second?.state.is).toBe('open');
    expect(second?.problems).toEqual([dead]);
  });

  test('that suffers from what the router reports itself has no panel of its own', () => {
    const problems = [problem('no-external-address')];
    const refused = { at: 'refused', problem: refusal(game, 'no-external-address') } as const;
    const { forwards, state } = shown(game, () => refused, { engine: { problems } });
    expect(state.is).toBe('refused');
    expect(forwards.map(({ problems, isSymptom }) => ({ problems, isSymptom }))).toEqual([
      { problems: [], isSymptom: true },
      { problems: [], isSymptom: true },
    ]);
  });

  test('of another profile does not count for this one', () => {
    const other = profile('game-2', 'Other', true, [forward(1000)]);
    const whole = snapshot({ profiles: [game, other], engine: { mappings: mappings(other, open()) } });
    expect(profilesShown(whole, sharingOf).map(({ state }) => state.is)).toEqual(['opening', 'open']);
  });
});

describe('router problems', () => {
  const causes = (of: (port: Port) => MappingStatus): readonly ProblemCode[] =>
    routerProblems(snapshot({ engine: { mappings: mappings(game, (mapping) => of(port(mapping.port))) } }).engine).map(
      ({ code }) => code,
    );
  const refused = (code: ProblemCode, at: Port): MappingStatus => ({
    at: 'refused',
    problem: refusal(game, code, at === 25_565 ? 0 : 1),
  });

  test.each(['no-external-address', 'table-full'] as const)('%s of two forwards is one cause', (code) => {
    expect(causes((at) => refused(code, at))).toEqual([code]);
  });

  test('a problem of only one forward stays with it', () => {
    expect(causes((at) => (at === 25_565 ? refused('table-full', at) : isOpen(at)))).toEqual([]);
  });

  test('two ports that others hold are two troubles', () => {
    const conflict = (at: Port): MappingStatus => ({
      at: 'refused',
      problem: { ...problem('conflict', { ...examples.conflict, port: at }), forward: asForwardId(`game/${at}`) },
    });
    expect(causes(conflict)).toEqual([]);
  });
});
