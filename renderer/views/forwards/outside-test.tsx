/** Can an open forward be reached from outside? A button that asks, and what the latest test found. */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { CommandFault } from '../../../main/contract/commands.ts';
import type { ProbeVerdict, ProbeView } from '../../../main/contract/probe.ts';
import { faultText } from '../../../main/contract/words/faults.ts';
import { momentText } from '../../../main/contract/words/formats.ts';
import { probeText } from '../../../main/contract/words/probe.ts';
import { Button, LinkButton } from '../../parts/button.tsx';
import type { IconName } from '../../parts/icon.tsx';
import { Status, type Tone } from '../../parts/layout.tsx';
import { Callout } from '../../parts/notice.tsx';
import { windowWords } from '../../shell/words.ts';
import { useLanguage, useWords } from '../../state/language.tsx';
import { useAsk, useTask } from '../../state/portkeeper.tsx';
import { hrefOf } from '../../state/route.ts';
import { useMoment } from '../../state/time.tsx';
import type { ForwardShown } from './profile-state.ts';
import { forwardsWords } from './words.ts';

interface OutsideTest {
  readonly button: VNode;
  readonly outcome: VNode | null;
  /** The outcome says what a problem of the engine would say again. */
  readonly saysShut: boolean;
}

/** The button stands in the line of the forward, what came of it beneath. @param heading what the forward is called */
export function useOutsideTest({ id, forward, test }: ForwardShown, heading: string): OutsideTest {
  const words = useWords(forwardsWords).outside;
  const { cancel } = useWords(windowWords);
  const ask = useAsk();
  const task = useTask();
  const [fault, setFault] = useState<CommandFault | undefined>(undefined);
  const run = async (signal: AbortSignal): Promise<void> => {
    setFault(undefined);
    const answer = await ask('forwards.probe', { forwards: [id] }, { signal, quiet: true });
    if (!answer.ok) setFault(answer.fault);
  };
  const { running, latest } = test;
  const isBusy = task.isBusy || running !== undefined;
  const progress = running !== undefined && running.of > 1 ? words.progress(running.done, running.of) : words.testing;
  const label = latest.length === 0 ? words.test : words.again;
  const button = (
    <span class="outside-button">
      <Button
        kind="quiet"
        size="small"
        icon="globe"
        isBusy={isBusy}
        title={label}
        aria-label={isBusy ? undefined : `${label}: ${heading}`}
        onClick={() => task.run(run)}
      >
        {isBusy ? progress : label}
      </Button>
      {task.isBusy && (
        <Button kind="quiet" size="small" onClick={task.cancel}>
          {cancel}
        </Button>
      )}
    </span>
  );
  const isTold = fault !== undefined || (latest.length > 0 && !isBusy);
  const outcome = (
    <div class="outside-outcome" role="status">
      {fault !== undefined && <Refusal fault={fault} />}
      {fault === undefined && isTold && <Found latest={latest} isOwn={forward.internal.client === undefined} />}
    </div>
  );
  const saysShut = isTold && fault === undefined && latest.some(({ verdict }) => verdict.is === 'shut');
  return { button, outcome: isTold || isBusy ? outcome : null, saysShut };
}

/** Nobody to ask, above all. */
function Refusal({ fault }: { readonly fault: CommandFault }): VNode {
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

/** What was found alike is said once, with the ports that it is true of where there is more than one finding. */
function Found({ latest, isOwn }: FoundProperties): VNode {
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
