import type { ForwardId, GatewayId } from '../contract/model.ts';
import type { ProblemCode, ProblemOf, ProblemParameters } from '../contract/problems.ts';
import type { EpochMs } from '../contract/units.ts';

/** A problem as a value. Without a severity it is an error. */
export function problemOf<Code extends ProblemCode>(
  code: Code,
  parameters: ProblemParameters[Code],
  since: EpochMs,
  about: {
    readonly severity?: ProblemOf<Code>['severity'];
    readonly forward?: ForwardId;
    readonly gateway?: GatewayId;
  } = {},
): ProblemOf<Code> {
  return { code, parameters, since, severity: 'error', ...about };
}
