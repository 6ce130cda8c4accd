/** Throughput of the internet connection. */
import type { VNode } from 'preact';
import type { GatewayId } from '../../../main/contract/model.ts';
import { byteRate } from '../../../main/contract/words/formats.ts';
import { routerViewWords } from './words.ts';
import { Icon } from '../../parts/icon.tsx';
import { Card, Section } from '../../parts/section.tsx';
import { Spinner } from '../../parts/notice/spinner.tsx';
import { useLanguage, useWords } from '../../state/language.tsx';
import './router.css';
import { areaOf, ceilingOf, lineOf, SHOWN } from './traffic-chart.ts';
import type { Traffic as Measured } from './use-traffic.ts';
import { useTraffic } from './use-traffic.ts';

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
          <Chart {...traffic} />
        )}
      </Card>
    </Section>
  );
}

function Chart({ samples }: Measured): VNode {
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
