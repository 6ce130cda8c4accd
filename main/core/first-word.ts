/**
 * The default router has the first word. Any host of the LAN can answer a search, and sooner: what it opens would lead
 * traffic, and people, to an address of its choice.
 */
import { familyOf } from '../contract/address.ts';
import { after, millis, inSeconds, type EpochMs, type Millis } from '../contract/units.ts';
import type { DefaultRouter, GatewayState, MappingSpec, State } from './state.ts';
import type { ControlKind } from '../contract/model.ts';

/** Answers to our first M-SEARCH may take a second (MX), and the description has to be fetched as well. */
const TIME_TO_ANSWER: Millis = millis(1200);

type Wish = Pick<MappingSpec, 'family' | 'interfaceName' | 'gateway'>;

/** 2: the wish's traffic leaves through it; 1: the default router of another interface; 0: any other host. */
export function standingOf(state: State, wish: Wish, gateway: GatewayState): 0 | 1 | 2 {
  if (state.host?.defaultRouters === undefined) return gateway.isDefault ? 2 : 0;
  if (!isInterfaceRouter(state, gateway)) return 0;
  return firstFor(state, wish)?.interfaceName === gateway.interfaceName ? 2 : 1;
}

/** Until when no other gateway serves the wish; absent once its default router has answered, or has had its time. */
export function firstWordUntil(state: State, wish: Wish): EpochMs | 'not-asked' | undefined {
  if (state.manual || firstFor(state, wish) === undefined) return undefined;
  const isHeard = [...state.gateways.values()].some(
    (gateway) => standingOf(state, wish, gateway) === 2 && canDo(gateway, wish),
  );
  if (isHeard) return undefined;
  const { routersAskedAt } = state.search;
  if (routersAskedAt === undefined) return 'not-asked';
  const until = after(routersAskedAt, TIME_TO_ANSWER);
  return state.now < until ? until : undefined;
}

/** Does another than the default router serve the wish, though nobody chose it? */
export function isStandIn(state: State, wish: Wish, gateway: GatewayState): boolean {
  if (state.manual || wish.gateway !== undefined) return false;
  return firstFor(state, wish) !== undefined && standingOf(state, wish, gateway) < 2;
}

/** For all traffic that this machine sends; without routing tables, as discovery took it. */
export function isDefaultRouter(state: State, gateway: GatewayState): boolean {
  return standingOf(state, { family: familyOf(gateway.address), ...ANYWHERE }, gateway) === 2;
}

/** Until when no other gateway is shown in the default router's place; absent where there is none to be shown. */
export function awaitedUntil(state: State): ReturnType<typeof firstWordUntil> {
  const family = state.host?.defaultRouters?.[0]?.family;
  return family === undefined || state.gateways.size === 0 ? undefined : firstWordUntil(state, { family, ...ANYWHERE });
}

const ANYWHERE = { interfaceName: undefined, gateway: undefined };

/** The gateway with the first word for the wish; none where no default route is known. */
export function firstFor({ host }: Pick<State, 'host'>, { family, interfaceName }: Wish): DefaultRouter | undefined {
  return host?.defaultRouters?.find(
    (router) => router.family === family && (interfaceName === undefined || router.interfaceName === interfaceName),
  );
}

/** IPv6 default routers go by the IPv4 address of the same interface's. A tunnel need not name its router. */
function isInterfaceRouter({ host }: State, { address, interfaceName }: GatewayState): boolean {
  const family = familyOf(address);
  const router = host?.defaultRouters?.find((one) => one.interfaceName === interfaceName && one.family === family);
  return router !== undefined && (router.address ?? address) === address;
}

const canDo = ({ controls }: GatewayState, { family }: Wish): boolean =>
  [...controls.values()].some(({ capabilities }) => capabilities.families.includes(family));

/** Our first M-SEARCHes let routers take up to a second; the description has to be fetched as well. */
const FOUND_WITHIN: Millis = inSeconds(2);

const DATAGRAM_KINDS: ReadonlySet<ControlKind> = new Set(['pcp', 'nat-pmp']);

/**
 * PCP and NAT-PMP are found a moment before UPnP. Where they will not do, no final word is spoken until then: UPnP may do,
 * or say why not. Absent when it is not to be expected.
 */
export function upnpExpectedUntil(state: State, gateway: GatewayState): EpochMs | undefined {
  const { running, since } = state.search;
  if (!running || since === undefined) return undefined;
  if (![...gateway.controls.keys()].every((kind) => DATAGRAM_KINDS.has(kind))) return undefined;
  const until = after(since, FOUND_WITHIN);
  return state.now < until ? until : undefined;
}
