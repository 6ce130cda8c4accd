/** Waits for a gateway that will do, no longer than it takes to know that there is none. */
import type { CheckedInput } from '../../contract/commands.ts';
import { withFronts, type GatewayView, type Snapshot } from '../../contract/snapshot.ts';
import { inSeconds, type Millis } from '../../contract/units.ts';
import { matchesGateway } from '../../core/choose.ts';
import { forAtMost } from '../../system/deadline.ts';
import type { App } from '../app.ts';
import { CommandError } from '../command-error.ts';

const WHOLE_SEARCH = inSeconds(20);
/** UPnP is found after PCP and NAT-PMP: within a second or two as a rule, and hardly ever later than this. */
const OTHER_PROTOCOLS = inSeconds(5);

type GatewayFilter = (gateway: GatewayView) => boolean;

export const doesFor: Readonly<Record<CheckedInput<'gateways.find'>['for'], GatewayFilter>> = {
  anything: () => true,
  listing: ({ canList }) => canList,
  address: ({ externalAddress }) => externalAddress !== 'unknown' && externalAddress !== 'none',
};

/**
 * A known one is taken at once, and nothing is searched for; otherwise a few seconds are enough once there is any.
 * @returns all that were asked for, the default router first, also when none of them will do
 * @throws CommandError when nothing runs, or the signal's reason
 */
export async function findGateways(
  { engine, system, isRunning }: App,
  {
    gateway: wanted,
    does,
    hasFronts = false,
  }: {
    readonly gateway: string | undefined;
    readonly does: GatewayFilter;
    /** Those in front of the home's count, too. */
    readonly hasFronts?: boolean;
  },
  signal: AbortSignal,
): Promise<readonly GatewayView[]> {
  if (!isRunning) throw new CommandError('not-here', '', { code: 'not-running', parameters: {} });
  const isNamed: GatewayFilter = (gateway) => wanted === undefined || matchesGateway(wanted, gateway);
  const named = ({ gateways }: Snapshot) => (hasFronts ? withFronts(gateways) : gateways).filter(isNamed);
  const hasOne = (now: Snapshot): boolean => answering(named(now)).some(does);
  const within = (limit: Millis, condition: (snapshot: Snapshot) => boolean) =>
    forAtMost(system.clock, limit, signal, (inTime) => engine.until(() => condition(engine.snapshot), inTime));
  const frontsAre = ({ gateways, problems }: Snapshot, will: GatewayFilter): boolean =>
    gateways.every(({ upstream }) => upstream === undefined || (upstream.gateway && will(upstream.gateway))) ||
    problems.some(({ code }) => code === 'upstream-closed');
  if (!hasOne(engine.snapshot)) {
    let hasSearched = false;
    const unwatch = engine.watch(({ search }) => {
      hasSearched ||= search.running;
    });
    const isOver = ({ search, problems }: Snapshot): boolean =>
      (hasSearched && !search.running) || problems.some(({ code }) => code === 'no-network');
    try {
      engine.searchNow();
      await within(WHOLE_SEARCH, (now) => named(now).length > 0 || isOver(now));
      await within(OTHER_PROTOCOLS, (now) => hasOne(now) || isOver(now));
    } finally {
      unwatch();
    }
  }
  const isOther = wanted !== undefined && engine.snapshot.gateways.some(isNamed);
  if (hasFronts && !isOther && !frontsAre(engine.snapshot, () => true)) {
    await within(WHOLE_SEARCH, (now) => frontsAre(now, () => true));
    await within(OTHER_PROTOCOLS, (now) => frontsAre(now, (front) => does(front) || engine.at(front.id).hasSearched));
  }
  return named(engine.snapshot).toSorted((a, b) => Number(b.isDefault) - Number(a.isDefault));
}

/** Those whose word counts: the default router's, and that of others only where it says nothing. */
export function answering(gateways: readonly GatewayView[]): readonly GatewayView[] {
  const defaults = gateways.filter(({ isDefault }) => isDefault);
  return defaults.length > 0 ? defaults : gateways;
}
