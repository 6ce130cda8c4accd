/** Throughput of the internet connection. */
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { trafficRate, type TrafficReading, type TrafficRate } from '../../../main/contract/gateway-table.ts';
import type { GatewayId } from '../../../main/contract/model.ts';
import { elapsed, inMinutes, type EpochMs, type Millis } from '../../../main/contract/units.ts';
import { byteRate } from '../../../main/contract/words/formats.ts';
import { Icon, Spinner } from '../../parts/icon.tsx';
import { Card, Section } from '../../parts/layout.tsx';
import { useLanguage, useWords } from '../../state/language.tsx';
import { useAsk } from '../../state/portkeeper.tsx';
import { useTime } from '../../state/time.tsx';
import { routerViewWords } from './words.ts';

/** Time span of the chart. */
const SHOWN: Millis = inMinutes(2);
const SIZE = { width: 600, height: 90 };
const MINUTES = SHOWN / 60_000;

export function Traffic({ gateway }: { readonly gateway: GatewayId }): VNode {
  const words = useWords(routerViewWords);
  const traffic = useTraffic(gateway);
  const isWaiting = traffic.samples.length === 0;
  return (
    <Section title={words.traffic.title} hint={words.traffic.hint}>
      <Card>
        {traffic.hasStopped ? (
          <p class="muted">{words.traffic.stopped}</p>
        ) : isWaiting ? (
          <p class="muted traffic-wait">
            <Spinner /> {words.traffic.waiting}
          </p>
        ) : (
          <Chart samples={traffic.samples} />
        )}
      </Card>
    </Section>
  );
}

function Chart({ samples }: { readonly samples: readonly Sample[] }): VNode {
  const words = useWords(routerViewWords);
  const language = useLanguage();
  const latest = samples.at(-1) ?? { received: 0, sent: 0 };
  const [down, up] = [byteRate(latest.received, language), byteRate(latest.sent, language)];
  const ceiling = ceilingOf(samples);
  return (
    <div class="traffic">
      <dl class="traffic-now">
        <div data-way="down">
          <dt>
            <Icon name="arrow-down" size={16} /> {words.traffic.down}
          </dt>
          <dd>{down}</dd>
        </div>
        <div data-way="up">
          <dt>
            <Icon name="arrow-up" size={16} /> {words.traffic.up}
          </dt>
          <dd>{up}</dd>
        </div>
      </dl>
      <div class="traffic-chart">
        <span class="traffic-ceiling">{byteRate(ceiling, language)}</span>
        <svg
          role="img"
          aria-label={words.traffic.chart(MINUTES, down, up)}
          viewBox={`0 0 ${SIZE.width} ${SIZE.height}`}
          preserveAspectRatio="none"
        >
          <path class="traffic-grid" d={`M0 .5H${SIZE.width}M0 ${SIZE.height / 2}H${SIZE.width}`} />
          <path class="traffic-down" d={areaOf(samples, 'received', SIZE, ceiling)} />
          <path class="traffic-up" d={lineOf(samples, 'sent', SIZE, ceiling)} />
        </svg>
        <div class="traffic-times" aria-hidden="true">
          <span>{words.traffic.ago(MINUTES)}</span>
          <span>{words.traffic.now}</span>
        </div>
      </div>
    </div>
  );
}

interface Sample extends TrafficRate {
  readonly at: EpochMs;
}

/** Without samples too old to be shown. */
function withSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  return [...samples.filter(({ at }) => elapsed(at, sample.at) <= SHOWN), sample];
}

/** Round top of a chart, not below 10 kB/s: a quiet line is shown as quiet. */
function ceilingOf(samples: readonly Sample[]): number {
  const most = Math.max(10_000, ...samples.flatMap(({ received, sent }) => [received, sent]));
  const power = 10 ** Math.floor(Math.log10(most));
  const step = [1, 2, 5, 10].find((each) => each * power >= most) ?? 10;
  return step * power;
}

/** As SVG path data; the latest sample stands at the right edge. */
function lineOf(
  samples: readonly Sample[],
  rate: 'received' | 'sent',
  { width, height }: typeof SIZE,
  ceiling: number,
): string {
  const last = samples.at(-1);
  if (last === undefined) return '';
  return samples
    .map((sample, place) => {
      const x = width * (1 - elapsed(sample.at, last.at) / SHOWN);
      const y = height * (1 - Math.min(1, sample[rate] / ceiling));
      return `${place === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`;
    })
    .join('');
}

/** The line, closed along the bottom. */
function areaOf(samples: readonly Sample[], rate: 'received' | 'sent', size: typeof SIZE, ceiling: number): string {
  const line = lineOf(samples, rate, size, ceiling);
  const [first] = samples;
  const last = samples.at(-1);
  if (first === undefined || last === undefined) return '';
  const start = size.width * (1 - elapsed(first.at, last.at) / SHOWN);
  return `${line}L${size.width} ${size.height}L${start.toFixed(1)} ${size.height}Z`;
}

/** Seconds from one reading to the next: the router has other things to do. */
const PAUSE = 2;

const NOTHING = { samples: [], hasStopped: false };

/** Begins again with another gateway; pauses while the window cannot be seen. */
function useTraffic(gateway: GatewayId) {
  const ask = useAsk();
  const time = useTime();
  const [traffic, setTraffic] = useState<{ readonly samples: readonly Sample[]; readonly hasStopped: boolean }>(
    NOTHING,
  );
  useEffect(() => {
    setTraffic(NOTHING);
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
