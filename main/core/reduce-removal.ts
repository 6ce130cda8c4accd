/** What people have taken away at a gateway, whoever made it. */
import { afterDelete } from './change.ts';
import type { Event } from './events.ts';
import { freed } from './reduce-answers.ts';
import type { State } from './state.ts';
import { outerPlaceOf } from './state.ts';

type Removal = Extract<Event, { readonly type: 'removing' | 'removed' }>;

export function reduceRemoval(state: State, event: Removal): State {
  const { gateway, entry } = event;
  const place = { ...entry, gateway, family: 'ipv4' } as const;
  const removing = new Set(state.removing);
  if (event.type === 'removing') return { ...state, removing: removing.add(outerPlaceOf(place)) };
  removing.delete(outerPlaceOf(place));
  const next = { ...state, removing };
  if (!event.gone) return next;
  // It may have silenced what leads to the same inside port over the other protocol.
  return freed(afterDelete(next, { ...place, control: 'igd' }), place);
}
