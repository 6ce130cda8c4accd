/** The chart of an internet connection's throughput: what is drawn, from what was measured. */
import type { TrafficRate } from '../../../main/contract/traffic-rate.ts';
import type { EpochMs, Millis } from '../../../main/contract/units.ts';
import { elapsed, inMinutes } from '../../../main/contract/units.ts';

export interface Sample extends TrafficRate {
  readonly at: EpochMs;
}

/** What the chart shows. */
export const SHOWN: Millis = inMinutes(2);

/** Without what is too old to be shown. */
export function withSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  return [...samples.filter(({ at }) => elapsed(at, sample.at) <= SHOWN), sample];
}

/** Round figures that a line is told in, not below 10 kB/s: a quiet line is shown as quiet. */
export function ceilingOf(samples: readonly Sample[]): number {
  const most = Math.max(10_000, ...samples.flatMap(({ received, sent }) => [received, sent]));
  const power = 10 ** Math.floor(Math.log10(most));
  const step = [1, 2, 5, 10].find((each) => each * power >= most) ?? 10;
  return step * power;
}

export interface ChartSize {
  readonly width: number;
  readonly height: number;
}

/** As SVG path data; the latest sample stands at the right edge. */
export function lineOf(
  samples: readonly Sample[],
  rate: 'received' | 'sent',
  { width, height }: ChartSize,
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
export function areaOf(
  samples: readonly Sample[],
  rate: 'received' | 'sent',
  size: ChartSize,
  ceiling: number,
): string {
  const line = lineOf(samples, rate, size, ceiling);
  const [first] = samples;
  const last = samples.at(-1);
  if (first === undefined || last === undefined) return '';
  const start = size.width * (1 - elapsed(first.at, last.at) / SHOWN);
  return `${line}L${size.width} ${size.height}L${start.toFixed(1)} ${size.height}Z`;
}
