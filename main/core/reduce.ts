/** The one place where the state changes. */
import { after } from '../contract/units.ts';
import { approvalOf } from './approval.ts';
import { withSpent, backOff, REFUSED_AGAIN } from './schedule.ts';
import { askedAgain, movedOff, withControl, withGateway, withLeftover, withMapping, afterDelete } from './change.ts';
import type { Event } from './events.ts';
import { reduceClosed, reduceFailed, reduceGranted, reduceLookedUp, reduceProbed, freed } from './reduce-answers.ts';
import {
  reduceAnnounced,
  reduceFound,
  reduceNetwork,
  reduceNetworkNamed,
  reduceSearchEnded,
  reduceSearchSilent,
  reduceSearchStarted,
  reduceVitals,
  reduceWoke,
  searchNow,
  sweep,
} from './reduce-gateways.ts';
import { reduceExhausted, wasJustHeld } from './reduce-refusal.ts';
import {
  reduceKept,
  reduceRecovered,
  reduceTime,
  reduceUnkept,
  reduceUnsure,
  reduceWanted,
  withdraw,
} from './reduce-wanted.ts';
import { outerPlaceOf, type Action, type MappingState, type Request, type RequestId, type State } from './state.ts';

export function reduce(before: State, event: Event): State {
  const state = before.now === event.at ? before : { ...before, now: event.at };
  const next = keptToApproved(apply(state, event));
  return next === before ? before : { ...next, revision: before.revision + 1 };
}

/** Nothing of ours is held, or being asked for, on a network that is not approved. */
function keptToApproved(state: State): State {
  const since = approvalOf(state) === 'refused' ? (state.refusedSince ?? state.now) : undefined;
  const next = state.refusedSince === since ? state : { ...state, refusedSince: since };
  return since === undefined ? next : withdraw(next);
}

function apply(state: State, event: Event): State {
  switch (event.type) {
    case 'time':
      return sweep(reduceTime(state));
    case 'wanted':
      return reduceWanted(
        { ...state, approvedNetworks: event.approvedNetworks, watchesAddress: event.watchesAddress ?? false },
        event.forwards,
      );
    case 'recovered':
      return reduceRecovered(state, event.leases);
    case 'kept':
      return reduceKept(state, event.forwards);
    case 'unkept':
      return reduceUnkept(state, event.keys);
    case 'search-asked':
      return searchNow(state);
    case 'search-started':
      return reduceSearchStarted(state);
    case 'found':
      return reduceFound(state, event.found, event.random);
    case 'search-silent':
      return reduceSearchSilent(state, event.summary);
    case 'search-ended':
      return reduceSearchEnded(state, event.summary, event.random);
    case 'started':
      return reduceStarted(state, event.actions);
    case 'granted':
      return reduceGranted(answered(state, event.request), event.request, event.grant, event.random);
    case 'closed':
      return reduceClosed(answered(state, event.request), event.request);
    case 'looked-up':
      return reduceLookedUp(answered(state, event.request), event.request, event.found, event.random);
    case 'vitals':
      return reduceVitals(answered(state, event.request), event.request, event.vitals, event.random);
    case 'failed': {
      const isSilence = event.failure.class === 'unreachable';
      const heard = isSilence ? state : answered(state, event.request);
      return reduceFailed(heard, event.request, event.failure, event.random);
    }
    case 'probed':
      return reduceProbed(state, event.mapping, event.passes);
    case 'capabilities':
      return withControl(state, event.gateway, event.control, { capabilities: event.capabilities });
    case 'asked':
      return withSpent(state, event.gateway, event.for, event.requests);
    case 'removing':
    case 'removed':
      return reduceRemoval(state, event);
    case 'announced':
      return reduceAnnounced(state, event.announcement);
    case 'network':
      return reduceNetwork(state, event.host);
    case 'network-named':
      return reduceNetworkNamed(state, event.network);
    case 'woke':
      return reduceWoke(reduceUnsure(state, event.unsure));
    case 'gave-up': {
      if (event.problem === undefined) return reduceExhausted(state, event.mapping, event.random);
      const mapping = state.mappings.get(event.mapping);
      if (mapping === undefined) return state;
      const { gateway } = event.problem;
      const refused = !wasJustHeld(mapping, gateway, state.now);
      const tries = mapping.tries + 1;
      return withMapping(refused ? movedOff(state, event.mapping, gateway) : state, event.mapping, {
        refused,
        problem: event.problem,
        tries: refused ? mapping.tries : tries,
        notBefore: after(state.now, refused ? REFUSED_AGAIN : backOff(tries, event.random)),
        refusals: [],
      });
    }
    case 'retry': {
      const again = (mapping: MappingState) =>
        mapping.request === undefined ? askedAgain(mapping, state.now) : mapping;
      return { ...state, mappings: state.mappings.mapped(again) };
    }
  }
}

function answered(state: State, id: RequestId): State {
  const request = state.requests.get(id);
  if (request === undefined) return state;
  const { gateway, control, since } = request;
  const before = state.gateways.get(gateway)?.controls.get(control)?.answeredFrom ?? since;
  const next = withControl(state, gateway, control, { answeredFrom: before > since ? before : since });
  return withGateway(next, gateway, { heardAt: state.now });
}

function reduceStarted(before: State, actions: readonly Action[]): State {
  const requests = new Map(before.requests);
  let { mappings } = before;
  let state = before;
  let { nextRequest } = before;
  for (const action of actions) {
    if (action.do === 'search') continue;
    const request: Request = {
      id: action.request,
      kind: action.do,
      gateway: action.gateway,
      control: action.control,
      mapping: 'mapping' in action ? action.mapping : undefined,
      leftover: 'leftover' in action ? action.leftover : undefined,
      asked: action.do === 'open' ? action.lease : undefined,
      afresh: action.do === 'find' && action.afresh,
      since: before.now,
    };
    requests.set(request.id, request);
    nextRequest = Math.max(nextRequest, request.id + 1);
    if (request.mapping !== undefined) {
      const mapping = mappings.get(request.mapping);
      const handle = action.do === 'open' ? action.wish.handle : mapping?.handle;
      if (mapping !== undefined && handle !== undefined)
        mappings = mappings.with(request.mapping, { ...mapping, handle, request: request.id });
    }
    if (request.leftover !== undefined) state = withLeftover(state, request.leftover, { request: request.id });
    state = withSpent(state, request.gateway, 'count', 1);
  }
  return { ...state, requests, mappings, nextRequest };
}

/** An entry that people have removed at a gateway, whoever made it. */
type Removal = Extract<Event, { readonly type: 'removing' | 'removed' }>;

function reduceRemoval(state: State, event: Removal): State {
  const { gateway, entry } = event;
  const place = { ...entry, gateway, family: 'ipv4' } as const;
  const removing = new Set(state.removing);
  if (event.type === 'removing') return { ...state, removing: removing.add(outerPlaceOf(place)) };
  removing.delete(outerPlaceOf(place));
  const next = { ...state, removing };
  if (!event.gone) return next;
  // It may have silenced what forwards to the same internal port over the other protocol.
  return freed(afterDelete(next, { ...place, control: 'igd' }), place);
}
