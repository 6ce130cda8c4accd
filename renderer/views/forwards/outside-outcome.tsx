/** The outcome of a test from outside. */
import type { VNode } from 'preact';
import type { CommandFault } from '../../../main/contract/commands.ts';
import type { ProbeVerdict, ProbeView } from '../../../main/contract/probe.ts';
import { faultText } from '../../../main/contract/words/faults.ts';
import { momentText } from '../../../main/contract/words/formats.ts';
import { probeText } from '../../../main/contract/words/probe.ts';
import { LinkButton } from '../../parts/button.tsx';
import type { IconName } from '../../parts/icon.tsx';
import { Status, type Tone } from '../../parts/layout.tsx';
import { Callout } from '../../parts/notice.tsx';
import { useLanguage, useWords } from '../../state/language.tsx';
import { hrefOf } from '../../state/route.ts';
import { useMoment } from '../../state/time.tsx';
import { forwardsWords } from './words.ts';

/** Nobody to ask, above all. */
export function Refusal({ fault }: { readonly fault: CommandFault }): VNode {
  const words = useWords(forwardsWords).outside;
  const isSetting = ['no-probe-server', 'no-secret-file', 'secret-unreadable', 'secret-length'];
  const settings = isSetting.includes(fault.reason.code) && (
    <LinkButton href={hrefOf('settings', { section: 'probe' })}>{words.settings}</LinkButton>
  );
  return (
    <Callout icon="info" actions={settings}>
      {faultText(fault, useLanguage())}
    </Callout>
  );
}

const LOOKS: Readonly<Record<ProbeVerdict['is'], { readonly icon: IconName; readonly tone: Tone }>> = {
  shut: { icon: 'error', tone: 'bad' },
  elsewhere: { icon: 'warning', tone: 'warn' },
  'no-program': { icon: 'warning', tone: 'warn' },
  untested: { icon: 'info', tone: 'accent' },
  unanswered: { icon: 'info', tone: 'accent' },
  reachable: { icon: 'globe', tone: 'good' },
};
/** Worst first. */
const ORDER = Object.keys(LOOKS);

interface FoundProperties {
  readonly latest: readonly ProbeView[];
  readonly isOwn: boolean;
}

/** Equal findings appear once, with their ports where there is more than one finding. */
export function Found({ latest, isOwn }: FoundProperties): VNode {
  const language = useLanguage();
  const told = latest
    .toSorted((a, b) => ORDER.indexOf(a.verdict.is) - ORDER.indexOf(b.verdict.is))
    .map((probe) => ({ probe, text: probeText(probe, isOwn, language) }));
  const alike = [...Map.groupBy(told, ({ text }) => `${text.short} ${text.todo}`).values()];
  return (
    <>
      {alike.map((each) => {
        const [first] = each;
        if (first === undefined) return null;
        const { probe, text } = first;
        const ports = alike.length === 1 ? '' : each.map((one) => portOf(one.probe)).join(', ');
        const title = (
          <>
            {ports !== '' && `${ports}: `}
            {text.short} <Tested at={probe.at} />
          </>
        );
        const look = LOOKS[probe.verdict.is];
        return text.what === '' ? (
          <Status key={text.short} {...look}>
            {title}
          </Status>
        ) : (
          <Callout key={text.short} {...look} title={title}>
            {text.what} {text.todo}
          </Callout>
        );
      })}
    </>
  );
}

const portOf = ({ external, transport, family }: ProbeView): string =>
  `${external}/${transport.toUpperCase()}${family === 'ipv6' ? ' (IPv6)' : ''}`;

function Tested({ at }: Pick<ProbeView, 'at'>): VNode {
  const language = useLanguage();
  const words = useWords(forwardsWords).outside;
  const moment = useMoment((now) => momentText(at, now, language));
  return <span class="outside-moment">{words.at(moment)}</span>;
}
