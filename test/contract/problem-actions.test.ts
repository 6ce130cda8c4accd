import { describe, expect, test } from 'vitest';
import { ip } from '../../main/contract/address.ts';
import { checked } from '../../main/contract/checked.ts';
import { COMMANDS } from '../../main/contract/commands.ts';
import { LANGUAGES } from '../../main/contract/words/catalogues.ts';
import { asForwardId, asGatewayId } from '../../main/contract/model.ts';
import {
  actionContextOf,
  actionsFor,
  commandLineOf,
  routerToSignIn,
  WAITING_ACTIONS,
  type ActionContext,
  type ProblemAction,
} from '../../main/contract/problem-actions.ts';
import type { Problem } from '../../main/contract/problems.ts';
import { port } from '../../main/contract/units.ts';
import { actionLabel } from '../../main/contract/words/actions.ts';
import { codes, examples, mapping, problem, router, snapshot } from '../support/problems.ts';
import { blemishesIn } from '../support/languages.ts';

const forward = asForwardId('minecraft/2');
const ours = (each: Problem): Problem => ({ ...each, forward, gateway: router.id });
const context: ActionContext = {
  gateways: [router],
  forwards: [{ id: forward, external: { first: port(80), last: port(80) }, internal: { first: port(80) } }],
  isDesktop: true,
};
const labels = (actions: readonly ProblemAction[]): readonly string[] => actions.map((action) => actionLabel(action));

describe.each(codes)('%s', (code) => {
  const actions = actionsFor(ours(problem(code)), context);

  test('has a way out', () => {
    expect(actions).not.toEqual([]);
    expect(new Set(labels(actions)).size).toBe(actions.length);
  });

  test('asks for commands as the table has them', () => {
    for (const action of actions) {
      if (action.do !== 'command') continue;
      expect(checked(COMMANDS[action.command], action.input)).toMatchObject({ ok: true });
    }
  });

  test('is labelled in each language', () => {
    for (const action of actions) {
      for (const language of LANGUAGES) {
        expect(actionLabel(action, language)).not.toBe('');
        expect(blemishesIn(actionLabel(action, language), language)).toEqual([]);
      }
    }
  });
});

describe('a port that is taken', () => {
  test('can be exchanged for the one that is free', () => {
    const [first, ...others] = actionsFor(ours(problem('conflict')), context);
    expect(first).toEqual({ do: 'command', command: 'forward.use-port', input: { forward, external: 25_566 } });
    expect(labels(others)).toEqual([
      'Close theirs',
      'Choose another port',
      'Try again',
      'Show open ports on the router',
    ]);
  });

  test('can be taken from its holder where the router can be asked whether it still is', () => {
    const [, theirs] = actionsFor(ours(problem('conflict')), context);
    const entry = { gateway: router.id, transport: 'tcp', external: 25_565, client: '192.168.1.9' };
    expect(theirs).toEqual({ do: 'close-theirs', entries: [entry], name: 'xbox' });
    expect(checked(COMMANDS['gateway.close'], entry)).toMatchObject({ ok: true });
    const udp = ours(problem('conflict', { ...examples.conflict, transport: 'udp' }));
    const elses = ours(problem('conflict', { ...examples.conflict, transport: 'udp', holder: ip('192.168.1.10') }));
    const both = (other: Problem): ActionContext => ({
      ...context,
      mappings: [ours(problem('conflict')), other].map((each) => ({
        forward,
        status: { at: 'refused', problem: each },
      })),
    });
    expect(actionsFor(ours(problem('conflict')), both(udp))[1]).toEqual({
      do: 'close-theirs',
      entries: [entry, { ...entry, transport: 'udp' }],
      name: 'xbox',
    });
    expect(actionsFor(ours(problem('conflict')), both(elses))[1]).toMatchObject({ entries: [entry] });
    const blind = { ...context, gateways: [{ ...router, canList: false }] };
    expect(labels(actionsFor(ours(problem('conflict')), blind))).not.toContain('Close theirs');
    const nobody = problem('conflict', { ...examples.conflict, holder: undefined });
    expect(labels(actionsFor(ours(nobody), context))).not.toContain('Close theirs');
  });

  test('without a suggestion can be edited only', () => {
    const taken = problem('conflict', { ...examples.conflict, suggestion: undefined });
    expect(labels(actionsFor(ours(taken), context))[0]).toBe('Choose another port');
  });

  test('that a command line requested is left to the command line', () => {
    const taken = { ...problem('conflict'), forward: asForwardId('25565/tcp') };
    expect(labels(actionsFor(taken, context))).toEqual(['Try again', 'Show open ports on the router']);
  });

  test('of a range that must be the same inside and outside moves to where its inside begins', () => {
    const [first] = actionsFor(
      ours(problem('same-port-only', { ...examples['same-port-only'], internal: port(83) })),
      context,
    );
    expect(first).toMatchObject({ command: 'forward.use-port', input: { external: 80 } });
  });
});

test('of ports that the router in front wants the same, only a single one can be exchanged', () => {
  const inFront = { ...ours(problem('same-port-only')), front: ip('10.0.0.1') };
  expect(actionsFor(inFront, context)[0]).toMatchObject({ command: 'forward.use-port', input: { external: 80 } });
  const range = { ...context.forwards[0], external: { first: port(80), last: port(83) } };
  const forwards = [{ id: forward, internal: { first: port(80) }, ...range }];
  expect(labels(actionsFor(inFront, { ...context, forwards }))).toEqual(['Choose another port', 'Try again']);
});

test('a person signs in to the router that asks for a password, also in front of theirs', () => {
  const own = ours(problem('router-password'));
  const inFront = { ...own, front: ip('192.168.0.1') };
  const lineFor = (each: Problem): string | undefined => actionsFor(each, context).map(commandLineOf)[0];
  expect([lineFor(own), lineFor(inFront)]).toEqual(['portkeeper sign-in', 'portkeeper sign-in 192.168.0.1']);
  const refused = mapping({ at: 'refused', problem: inFront });
  expect(routerToSignIn(snapshot({ gateways: [router], mappings: [refused] }))).toBe('192.168.0.1');
  expect(routerToSignIn(snapshot({ problems: [own] }))).toBe('192.168.1.1');
  expect(routerToSignIn({ mappings: [], problems: [], gateways: [router] })).toBe(router.address);
});

describe('the router’s pages', () => {
  const urls = (each: Problem, gateways: ActionContext['gateways']): readonly string[] =>
    actionsFor(each, { ...context, gateways }).flatMap((action) =>
      action.do === 'open-router-pages' ? [action.url] : [],
    );
  const other = { ...router, id: asGatewayId('wg0/10.0.0.1'), address: ip('10.0.0.1'), isDefault: false };
  const refused = problem('router-refused');

  test('are those of the router that the problem is about', () => {
    expect(urls({ ...refused, gateway: other.id }, [router, other])).toEqual(['http://10.0.0.1/']);
    expect(urls(problem('port-control-off'), [])).toEqual(['http://192.168.1.1/']);
  });

  test('are those of the default router where the problem names none', () => {
    expect(urls(refused, [other, router])).toEqual(['http://192.168.1.1/']);
    expect(urls(refused, [other])).toEqual(['http://10.0.0.1/']);
    expect(urls(refused, [other, { ...other, id: asGatewayId('wg1/10.0.1.1') }])).toEqual([]);
    expect(urls({ ...refused, gateway: router.id }, [other])).toEqual([]);
  });

  test('over IPv6 have brackets, and are not offered where a browser cannot go', () => {
    expect(urls(refused, [{ ...router, address: ip('fd00::1') }])).toEqual(['http://[fd00::1]/']);
    expect(urls(refused, [{ ...router, address: ip('fe80::1') }])).toEqual([]);
  });
});

test('a problem that only another version knows is shown without a way out', () => {
  // As it comes over a socket.
  expect(actionsFor({ ...problem('no-network'), code: 'later' } as unknown as Problem)).toEqual([]);
});

test('a folder is shown on a desktop only', () => {
  expect(labels(actionsFor(problem('storage-failed'), context))).toEqual(['Show folder']);
  expect(actionsFor(problem('storage-failed'))).toEqual([]);
  const update = { at: 'unsupported' } as const;
  const at = (kind: 'desktop' | 'service'): ActionContext =>
    actionContextOf({ engine: snapshot(), host: { kind, hasDemo: false, update } });
  expect(actionsFor(problem('set-aside'), at('desktop'))).toHaveLength(1);
  expect(actionsFor(problem('set-aside'), at('service'))).toEqual([]);
});

test('a forward waiting without a problem can be hurried', () => {
  expect(labels(WAITING_ACTIONS.approval)).toEqual(['Approve this network', 'Show approved networks']);
  for (const actions of Object.values(WAITING_ACTIONS)) expect(actions).not.toEqual([]);
});

test('an action with a command is shown in the terminal as a line to type', () => {
  const lines = actionsFor(problem('no-gateway')).map(commandLineOf);
  expect(lines).toEqual(['portkeeper discover', 'portkeeper doctor', undefined]);
  expect(actionsFor(problem('table-full')).map(commandLineOf)).toEqual(['portkeeper list', 'portkeeper retry']);
  expect(actionsFor(ours(problem('conflict')), context).map(commandLineOf)[0]).toBe(
    'portkeeper profile use-port minecraft/2 25566',
  );
});
