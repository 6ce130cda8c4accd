/** What rows of forwards need to know of gateways: counters, which change all the time, are left out. */
import { useMemo, useRef } from 'preact/hooks';
import type { GatewayView } from '../../../main/contract/snapshot.ts';
import { share } from '../../state/share.ts';
import { useSnapshot } from '../../state/snapshot.ts';

export type GatewayBrief = Pick<GatewayView, 'id' | 'name' | 'externalAddress'>;

export function useGatewayBriefs(): readonly GatewayBrief[] {
  const { gateways } = useSnapshot().engine;
  const before = useRef<readonly GatewayBrief[]>([]);
  return useMemo(() => {
    const briefs = gateways.map(({ id, name, externalAddress }) => ({ id, name, externalAddress }));
    before.current = share(before.current, briefs);
    return before.current;
  }, [gateways]);
}
