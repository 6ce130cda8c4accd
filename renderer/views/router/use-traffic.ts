/** Throughput, measured while somebody looks. */
import { useEffect, useState } from 'preact/hooks';
import type { TrafficReading } from '../../../main/contract/gateway-table.ts';
import type { GatewayId } from '../../../main/contract/model.ts';
import { trafficRate } from '../../../main/contract/traffic-rate.ts';
import { useAsk } from '../../state/ask.tsx';
import { useTime } from '../../state/time.ts';
import type { Sample } from './traffic-chart.ts';
import { withSample } from './traffic-chart.ts';

/** Seconds from one reading to the next: the router has other things to do. */
const PAUSE = 2;

export interface Traffic {
  readonly samples: readonly Sample[];
  readonly hasStopped: boolean;
}

/** Begins anew with another gateway; pauses while the window cannot be seen. */
export function useTraffic(gateway: GatewayId): Traffic {
  const ask = useAsk();
  const time = useTime();
  const [traffic, setTraffic] = useState<Traffic>({ samples: [], hasStopped: false });
  useEffect(() => {
    setTraffic({ samples: [], hasStopped: false });
    const stop = new AbortController();
    let before: TrafficReading | undefined;
    let isAsking = false;
    let ticks = 0;
    const measure = async (): Promise<void> => {
      const answer = await ask('gateway.traffic', { gateway }, { signal: stop.signal, quiet: true });
      if (stop.signal.aborted) return;
      if (!answer.ok) {
        before = undefined;
        setTraffic(({ samples }) => ({ samples, hasStopped: true }));
        return;
      }
      const reading = answer.value;
      const rate = before === undefined ? undefined : trafficRate(before, reading);
      before = reading;
      setTraffic(({ samples }) => ({
        samples: rate === undefined ? samples : withSample(samples, { ...rate, at: reading.at }),
        hasStopped: false,
      }));
    };
    const turn = async (): Promise<void> => {
      isAsking = true;
      try {
        await measure();
      } catch {
        // The view was left.
      } finally {
        isAsking = false;
      }
    };
    const forget = time.eachSecond(() => {
      if (!isAsking && ticks++ % PAUSE === 0) void turn();
    });
    return () => {
      forget();
      stop.abort();
    };
  }, [gateway, ask, time]);
  return traffic;
}
