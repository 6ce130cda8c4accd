/** The first search for a router, as a newcomer sees it. */
import type { AppSnapshot } from '../../../main/contract/commands.ts';
import type { ControlKind } from '../../../main/contract/model.ts';
import type { GatewayView } from '../../../main/contract/snapshot.ts';
import type { Problem } from '../../../main/contract/problems.ts';

export type RouterFinding =
  | { readonly at: 'searching' }
  | {
      readonly at: 'found';
      readonly gateway: GatewayView;
      /** How it opens ports, each once. */
      readonly ways: readonly ControlKind[];
      /** Causes that keep ports that it opens from being reached. */
      readonly warnings: readonly Problem[];
      /** Others that answered, too. */
      readonly others: number;
    }
  | {
      readonly at: 'none';
      readonly problem: Problem;
    };

/** Before the first search has ended nothing is said to be missing. */
export function routerFinding({ engine }: Pick<AppSnapshot, 'engine'>): RouterFinding {
  const able = engine.gateways.filter(({ controls }) => controls.length > 0);
  const gateway =
    able.find(({ isDefault, reachable }) => isDefault && reachable) ??
    able.find(({ reachable }) => reachable) ??
    able[0];
  if (gateway !== undefined) {
    return {
      at: 'found',
      gateway,
      ways: gateway.controls.map(({ kind }) => kind),
      warnings: engine.problems.filter((problem) => problem.gateway === gateway.id),
      others: able.length - 1,
    };
  }
  const problem = engine.problems.find(({ forward }) => forward === undefined);
  return problem === undefined || engine.search.running ? { at: 'searching' } : { at: 'none', problem };
}
