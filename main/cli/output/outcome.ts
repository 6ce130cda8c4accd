/** How a command ends, judged by what the engine shows. */
import { mappingTally } from '../../contract/forward-state.ts';
import type { Problem } from '../../contract/problems.ts';
import type { Snapshot } from '../../contract/snapshot.ts';
import { matchesGateway } from '../../core/choose.ts';
import { EXIT, type ExitCode } from './fault.ts';

const NO_GATEWAY: ReadonlySet<Problem['code']> = new Set([
  'no-network',
  'no-gateway',
  'port-control-off',
  'router-url',
  'router-password',
  'local-network-denied',
  'traffic-denied',
  'gateway-away',
]);

/** Problems that keep everything from working. */
export function blockingProblems(snapshot: Pick<Snapshot, 'problems'>): readonly Problem[] {
  return snapshot.problems.filter(({ code, severity }) => NO_GATEWAY.has(code) && severity === 'error');
}

export interface Counts {
  readonly open: number;
  readonly refused: number;
  readonly waiting: number;
}

/** Ports being closed do not count; ports being opened are still waited for. */
export function countsOf({ mappings }: Pick<Snapshot, 'mappings'>): Counts {
  const { open, refused, waiting, opening } = mappingTally(mappings);
  return { open, refused, waiting: waiting + opening };
}

export function outcomeOf(snapshot: Pick<Snapshot, 'mappings' | 'problems' | 'gateways'>): ExitCode {
  const { open, refused, waiting } = countsOf(snapshot);
  if (refused + waiting === 0) return EXIT.ok;
  if (open > 0) return EXIT.partly;
  return snapshot.gateways.length === 0 || blockingProblems(snapshot).length > 0 ? EXIT.noGateway : EXIT.failed;
}

/** When there are routers, but none of the wanted name. */
export function notOurGateway(wanted: string | undefined, snapshot: Snapshot): Problem | undefined {
  const { gateways, at: since } = snapshot;
  if (wanted === undefined || gateways.length === 0) return undefined;
  if (gateways.some((gateway) => matchesGateway(wanted, gateway))) return undefined;
  const known = gateways.map(({ name, address }) => (name === address ? address : `${name} (${address})`));
  return { code: 'not-our-gateway', parameters: { wanted, known }, severity: 'error', since };
}
