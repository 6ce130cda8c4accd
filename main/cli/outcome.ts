/** How a command ends, judged by what the engine shows. */
import type { Problem } from '../contract/problems.ts';
import type { Snapshot } from '../contract/model.ts';
import { EXIT } from './fault.ts';
import type { ExitCode } from './fault.ts';

const NO_GATEWAY: ReadonlySet<Problem['code']> = new Set([
  'no-network',
  'no-gateway',
  'port-control-off',
  'local-network-denied',
  'traffic-denied',
  'gateway-away',
]);

/** Problems that keep everything from working. */
export function blockingProblems(snapshot: Snapshot): readonly Problem[] {
  return snapshot.problems.filter(({ code }) => NO_GATEWAY.has(code));
}

export function outcomeOf(snapshot: Snapshot): ExitCode {
  const { mappings } = snapshot;
  const open = mappings.filter(({ status }) => status.at === 'open' || status.at === 'renewing').length;
  if (open === mappings.length) return EXIT.ok;
  if (open > 0) return EXIT.partly;
  return snapshot.gateways.length === 0 || blockingProblems(snapshot).length > 0 ? EXIT.noGateway : EXIT.failed;
}
