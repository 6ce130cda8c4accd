import type { GatewayView, Snapshot } from '../contract/model.ts';
import type { Problem } from '../contract/problems.ts';
import { inSeconds } from '../contract/units.ts';
import { matchesGateway } from '../core/choose.ts';
import type { Console } from './output/console.ts';
import type { GlobalOptions } from './options/global-options.ts';
import { blockingProblems } from './output/outcome.ts';
import type { Session } from './session.ts';
import { waitFor, withProgress } from './session.ts';

const WHOLE_SEARCH = inSeconds(20);
/** UPnP is found after PCP and NAT-PMP: within a second or two as a rule, and hardly ever later than this. */
const OTHER_PROTOCOLS = inSeconds(5);

/**
 * Searches until a gateway does, for a few seconds only once there is one; tells why when there is none.
 * @param does whether this gateway will do
 */
export async function findGateways(
  session: Session,
  options: GlobalOptions,
  console: Console,
  does: (gateway: GatewayView) => boolean,
): Promise<readonly GatewayView[]> {
  const { engine } = session;
  const named = (gateway: GatewayView): boolean =>
    options.gatewayName === undefined || matchesGateway(options.gatewayName, gateway);
  let searched = false;
  const unwatch = engine.watch(({ search }) => {
    searched ||= search.running;
  });
  engine.searchNow();
  let snapshot: Snapshot;
  try {
    const isOver = ({ search, problems }: Snapshot): boolean =>
      (searched && !search.running) || problems.some(({ code }) => code === 'no-network');
    const hasOne = ({ gateways }: Snapshot): boolean => answering(gateways.filter(named)).some(does);
    snapshot = await withProgress(session, console, 'Looking for your router', async () => {
      const first = await waitFor(session, (now) => now.gateways.some(named) || isOver(now), WHOLE_SEARCH);
      return hasOne(first) ? first : waitFor(session, (now) => hasOne(now) || isOver(now), OTHER_PROTOCOLS);
    });
  } finally {
    unwatch();
  }
  const found = snapshot.gateways.filter(named).toSorted((a, b) => Number(b.isDefault) - Number(a.isDefault));
  if (found.length > 0) return found;
  const problem = notOurGateway(options.gatewayName, snapshot);
  for (const each of problem === undefined ? blockingProblems(snapshot) : [problem]) console.problem(each);
  return [];
}

/** Those whose word counts: the default router's, and that of others only where it says nothing. */
export function answering(gateways: readonly GatewayView[]): readonly GatewayView[] {
  const defaults = gateways.filter(({ isDefault }) => isDefault);
  return defaults.length > 0 ? defaults : gateways;
}

/** When there are routers, but none of the wanted name. */
export function notOurGateway(wanted: string | undefined, snapshot: Snapshot): Problem | undefined {
  const { gateways, at: since } = snapshot;
  if (wanted === undefined || gateways.length === 0) return undefined;
  if (gateways.some((gateway) => matchesGateway(wanted, gateway))) return undefined;
  const known = gateways.map(({ name, address }) => (name === address ? address : `${name} (${address})`));
  return { code: 'not-our-gateway', parameters: { wanted, known }, severity: 'error', since };
}
