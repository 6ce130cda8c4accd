/**
 * Actions for a problem, most helpful first: a button in the window, a line to type in a terminal.
 * Their labels are in `words/actions`.
 */
import { familyOf, likelyUpstream, parseIp, scopeOf, type IpAddress } from './address.ts';
import type { CheckName, Finding } from './diagnosis/findings.ts';
import type { AppSnapshot, CommandInput, CommandName } from './commands.ts';
import { asForwardId, type Forward, type ForwardId, type GatewayId } from './model.ts';
import { withFronts, type GatewayView, type MappingView, type Snapshot } from './snapshot.ts';
import type { Problem, ProblemOf } from './problems.ts';
import { placeOfForward } from './profiles/forward-names.ts';
import type { Port } from './units.ts';

type CommandAction<Name extends CommandName> = {
  readonly do: 'command';
  readonly command: Name;
  readonly input: CommandInput<Name>;
};

export type ProblemAction =
  | CommandAction<'forward.use-port'>
  | CommandAction<'forwards.retry'>
  | CommandAction<'gateways.search'>
  | CommandAction<'network.approve'>
  | CommandAction<'settings.change'>
  | CommandAction<'app.show-data-folder'>
  | CommandAction<'name.update'>
  /** In a browser. */
  | { readonly do: 'open-router-pages'; readonly url: string }
  /** Shows the router's table, to see who holds a port or what may go. */
  | { readonly do: 'show-router'; readonly gateway?: GatewayId | undefined }
  | {
      readonly do: 'edit-forward';
      readonly forward: ForwardId;
      readonly field: 'external' | 'internal' | 'families' | 'lease';
    }
  /** `router`: in front of the home's, which the setting is about otherwise. */
  | { readonly do: 'show-settings'; readonly section: SettingsSection; readonly router?: IpAddress }
  /** Runs the checks that bear on it. */
  | { readonly do: 'check'; readonly checks: readonly CheckName[] }
  | CloseTheirs;

/** The entries of another device are closed, TCP and UDP in one: the UI asks the person first. */
export interface CloseTheirs {
  readonly do: 'close-theirs';
  readonly entries: readonly [CommandInput<'gateway.close'>, ...CommandInput<'gateway.close'>[]];
  /** Its maker's name for it. */
  readonly name: string;
}

export type SettingsSection = 'router' | 'sign-in' | 'networks' | 'start' | 'import' | 'address-command' | 'name';

/** Facts that a problem does not carry itself. */
export interface ActionContext {
  readonly gateways: readonly (Pick<GatewayView, 'id' | 'address' | 'isDefault' | 'canList'> &
    Partial<Pick<GatewayView, 'externalAddress' | 'upstream'>>)[];
  readonly forwards: readonly Pick<Forward, 'id' | 'internal' | 'external'>[];
  /** Other mappings in conflict. */
  readonly mappings?: readonly Pick<MappingView, 'forward' | 'status'>[];
  /** Only a desktop can show a folder. */
  readonly isDesktop: boolean;
}

const NOTHING: ActionContext = { gateways: [], forwards: [], isDesktop: false };

export function actionContextOf({ engine, host }: Pick<AppSnapshot, 'engine' | 'host'>): ActionContext {
  return {
    gateways: engine.gateways,
    forwards: engine.forwards,
    mappings: engine.mappings,
    isDesktop: host.kind === 'desktop',
  };
}

const RETRY: ProblemAction = { do: 'command', command: 'forwards.retry', input: {} };
const SEARCH: ProblemAction = { do: 'command', command: 'gateways.search', input: {} };
const APPROVE: ProblemAction = { do: 'command', command: 'network.approve', input: {} };
const CHECK_WAY: ProblemAction = {
  do: 'check',
  checks: ['network', 'adapters', 'blocking', 'protocols', 'gateways', 'line'],
};
const CHECK_LINE: ProblemAction = { do: 'check', checks: ['network', 'protocols', 'gateways', 'line', 'rules'] };
const CHECK_TARGET: ProblemAction = { do: 'check', checks: ['line', 'rules', 'programs', 'firewall', 'hairpin'] };
const UPDATE_NAME: ProblemAction = { do: 'command', command: 'name.update', input: {} };
const START_AT_LOGIN: ProblemAction = {
  do: 'command',
  command: 'settings.change',
  input: { settings: { startAtLogin: true } },
};

/** Actions for a status line that waits without a problem of its own. */
export const WAITING_ACTIONS: Readonly<Record<'gateway' | 'network' | 'retry' | 'approval', readonly ProblemAction[]>> =
  {
    gateway: [SEARCH],
    network: [SEARCH],
    retry: [RETRY],
    approval: [APPROVE, settings('networks')],
  };

export function actionsFor(problem: Problem, context: ActionContext = NOTHING): readonly ProblemAction[] {
  const pages = routerPages(problem, context);
  switch (problem.code) {
    case 'no-network':
    case 'local-network-denied':
      return [SEARCH];
    case 'gateway-away':
    case 'traffic-denied':
      return [SEARCH, CHECK_WAY];
    case 'not-default-router':
      return [...pagesOf(problem.parameters.router), SEARCH, CHECK_WAY, settings('router')];
    case 'no-gateway':
      return [SEARCH, CHECK_WAY, settings('router')];
    case 'not-our-gateway':
      return [SEARCH, settings('router')];
    case 'router-url':
      return [settings('router'), SEARCH];
    case 'router-password':
      return [
        { ...settings('sign-in'), ...(problem.front === undefined ? {} : { router: problem.front }) },
        ...(pages.length > 0 ? pages : pagesOf(parseIp(problem.parameters.router))),
        problem.forward === undefined ? SEARCH : RETRY,
      ];
    case 'router-confirmation':
      return [...pages, RETRY];
    case 'port-control-off':
      return [...pagesOf(problem.parameters.router), CHECK_WAY, SEARCH];
    case 'network-not-approved':
      return [APPROVE, settings('networks')];
    case 'login-item-failed':
      return [START_AT_LOGIN, settings('start')];
    case 'conflict': {
      const { suggestion } = problem.parameters;
      const ownWays = [...usePort(problem, suggestion), ...edit(problem, 'external')];
      return [...ownWays.toSpliced(1, 0, ...closeTheirs(problem, context)), RETRY, router(problem)];
    }
    case 'conflict-in-router':
    case 'port-not-allowed': {
      const { suggestion } = problem.parameters;
      return [...usePort(problem, suggestion), ...edit(problem, 'external'), ...pages, RETRY];
    }
    case 'only-for-itself':
      return [...pages, ...(problem.front === undefined ? edit(problem, 'internal') : []), RETRY];
    case 'one-transport':
      return [...edit(problem, 'external'), RETRY];
    case 'no-permanent-lease':
      return [...edit(problem, 'lease'), RETRY];
    case 'same-port-only': {
      const ours = context.forwards.find(({ id }) => id === problem.forward);
      // Each port of a range has another one there.
      const { first, last } = ours?.external ?? {};
      const beyond = first === last ? problem.parameters.internal : undefined;
      const inside = problem.front === undefined ? ours?.internal.first : beyond;
      return [...usePort(problem, inside), ...edit(problem, 'external'), RETRY];
    }
    case 'one-per-internal-port':
      return [...edit(problem, problem.front === undefined ? 'internal' : 'external'), ...pages, RETRY];
    case 'lease-too-short':
    case 'table-full':
      return [router(problem), ...pages, RETRY];
    case 'wrong-family':
      return [...edit(problem, 'families'), RETRY];
    case 'router-refused':
    case 'router-failed':
      return [...usePort(problem, problem.parameters.suggestion), RETRY, CHECK_LINE, ...pages];
    case 'no-external-address':
      return [CHECK_LINE, RETRY, ...pages];
    case 'pinholes-off':
    case 'firewall-failed':
      return [RETRY, ...pages];
    case 'external-address-unknown':
      return pages;
    case 'behind-another-nat': {
      const { external } = problem.parameters;
      const { beyond = scopeOf(external) === 'private' ? likelyUpstream(external) : undefined } = problem.parameters;
      const isOurs = problem.front === undefined && gatewayOf(problem, context) !== undefined;
      return [...(isOurs && beyond !== undefined ? [openInFront(beyond)] : []), CHECK_LINE, ...pages];
    }
    case 'upstream-closed':
      return [...pagesOf(problem.parameters.router), SEARCH, openInFront(null)];
    case 'open-unanswered':
    case 'router-garbled':
      return [RETRY];
    case 'listed-but-dead':
      return [CHECK_TARGET, RETRY];
    case 'storage-failed':
    case 'journal-unreadable':
    case 'commands-unreachable':
    case 'set-aside':
    case 'profiles-unreadable':
    case 'profiles-not-stored':
      return folder(context);
    case 'profiles-switched-off':
      return [{ do: 'edit-forward', forward: asForwardId(`${problem.parameters.id}/1`), field: 'external' }];
    case 'name-refused':
      return [settings('name'), UPDATE_NAME];
    case 'name-not-updated':
      return [UPDATE_NAME, settings('name')];
    case 'address-command-failed':
      return [settings('address-command')];
    case 'profiles-misunderstood':
      return [...folder(context), settings('import')];
  }
  // One that only another version of Portkeeper knows.
  return [];
}

/** Actions for a cause that a check found. */
export function actionsForFinding(finding: Finding, context: ActionContext): readonly ProblemAction[] {
  const { forward } = finding;
  switch (finding.code) {
    case 'problem':
      return actionsFor(finding.parameters.problem, context).filter((action) => action.do !== 'check');
    case 'port-control-off':
      return [...pagesOf(finding.parameters.router), SEARCH];
    case 'double-nat': {
      const { upstream } = finding.parameters;
      const gateway = context.gateways.find(({ id }) => id === finding.gateway);
      // A port that ours refuses is of no use in front of it.
      const mayOpen = upstream !== undefined && upstream.protocols.length > 0 && gateway?.externalAddress !== 'none';
      return [...(mayOpen ? [openInFront(upstream.address)] : []), ...pagesOf(upstream?.address)];
    }
    case 'writing-off':
      return [...pagesOf(context.gateways.find(({ id }) => id === finding.gateway)?.address), RETRY];
    case 'paused':
      return [{ do: 'command', command: 'settings.change', input: { settings: { paused: false } } }];
    case 'nothing-listens':
    case 'other-transport':
    case 'device-refuses':
      return forward === undefined || placeOfForward(forward) === undefined
        ? []
        : [{ do: 'edit-forward', forward, field: 'internal' }];
    default:
      return [];
  }
}

const openInFront = (upstreamRouter: IpAddress | null): ProblemAction => ({
  do: 'command',
  command: 'settings.change',
  input: { settings: { upstreamRouter } },
});

/** The command line for the same; `undefined` where there is no such command. */
export function commandLineOf(action: ProblemAction): string | undefined {
  if (action.do === 'show-router') return 'portkeeper list';
  if (action.do === 'check') return 'portkeeper doctor';
  if (action.do === 'show-settings' && action.section === 'sign-in')
    return ['portkeeper sign-in', ...(action.router === undefined ? [] : [action.router])].join(' ');
  if (action.do !== 'command') return undefined;
  switch (action.command) {
    case 'forward.use-port':
      return `portkeeper profile use-port ${action.input.forward} ${action.input.external}`;
    case 'forwards.retry':
      return 'portkeeper retry';
    case 'gateways.search':
      return 'portkeeper discover';
    case 'network.approve':
      return 'portkeeper approve';
    case 'name.update':
      return 'portkeeper name update';
    case 'settings.change': {
      const { upstreamRouter } = action.input.settings;
      if (upstreamRouter === undefined) return undefined;
      return `portkeeper settings set upstreamRouter ${upstreamRouter ?? 'default'}`;
    }
    case 'app.show-data-folder':
      return undefined;
  }
}

/** Only a forward of a profile can be given another port; what a command line opened is its own affair. */
function usePort({ forward }: Problem, external: Port | undefined): readonly ProblemAction[] {
  if (external === undefined || forward === undefined || placeOfForward(forward) === undefined) return [];
  return [{ do: 'command', command: 'forward.use-port', input: { forward, external } }];
}

/** Only for a router that can be asked first whether the entry is still the one that was shown. */
function closeTheirs(problem: ProblemOf<'conflict'>, context: ActionContext): readonly CloseTheirs[] {
  const { forward, parameters } = problem;
  const { transport, port, holder, holderName } = parameters;
  const gateway = gatewayOf(problem, context);
  if (gateway?.canList !== true || holder === undefined) return [];
  if (forward === undefined || placeOfForward(forward) === undefined) return [];
  const entry = { gateway: gateway.id, transport, external: port, client: holder };
  const others = (context.mappings ?? []).flatMap(({ forward: of, status }) => {
    const other = 'problem' in status ? status.problem : undefined;
    if (of !== forward || other?.code !== 'conflict') return [];
    const { parameters: its } = other;
    if (its.port !== port || its.holder !== holder || its.transport === transport) return [];
    return [{ ...entry, transport: its.transport }];
  });
  return [{ do: 'close-theirs', entries: [entry, ...others], name: holderName ?? '' }];
}

function edit(
  { forward }: Problem,
  field: Extract<ProblemAction, { readonly do: 'edit-forward' }>['field'],
): readonly ProblemAction[] {
  return forward === undefined || placeOfForward(forward) === undefined ? [] : [{ do: 'edit-forward', forward, field }];
}

function router({ gateway }: Problem): ProblemAction {
  return { do: 'show-router', gateway };
}

function settings(section: SettingsSection): Extract<ProblemAction, { readonly do: 'show-settings' }> {
  return { do: 'show-settings', section };
}

function folder({ isDesktop }: ActionContext): readonly ProblemAction[] {
  return isDesktop ? [{ do: 'command', command: 'app.show-data-folder', input: {} }] : [];
}

/** The problem's router, or else the only one that can be meant. */
function gatewayOf({ gateway }: Problem, { gateways }: ActionContext): ActionContext['gateways'][number] | undefined {
  if (gateway !== undefined) return withFronts(gateways).find(({ id }) => id === gateway);
  const [only, ...others] = gateways;
  return others.length === 0 ? only : gateways.find(({ isDefault }) => isDefault);
}

function routerPages(problem: Problem, context: ActionContext): readonly ProblemAction[] {
  return pagesOf(problem.front ?? gatewayOf(problem, context)?.address);
}

function pagesOf(address: IpAddress | undefined): readonly ProblemAction[] {
  if (address === undefined) return [];
  // A browser cannot be given the interface that a link-local address needs.
  if (familyOf(address) === 'ipv6' && scopeOf(address) === 'link-local') return [];
  return [{ do: 'open-router-pages', url: routerPageOf(address) }];
}

/** The router to sign in to: the one that asks for a password, or else the default one. */
export function routerToSignIn({
  problems,
  mappings,
  gateways,
}: Pick<Snapshot, 'problems' | 'mappings' | 'gateways'>): IpAddress | undefined {
  const ofMappings = mappings.flatMap(({ status }) => ('problem' in status ? (status.problem ?? []) : []));
  const [asking] = [...problems, ...ofMappings].flatMap((problem) =>
    problem.code === 'router-password' ? (problem.front ?? parseIp(problem.parameters.router) ?? []) : [],
  );
  return asking ?? gateways.find(({ isDefault }) => isDefault)?.address;
}

export const routerPageOf = (address: IpAddress): string =>
  `http://${familyOf(address) === 'ipv6' ? `[${address}]` : address}/`;
