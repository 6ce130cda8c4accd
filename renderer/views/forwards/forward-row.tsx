/** One forward: its state, where it leads, how long; and what is wrong with it. */
import type { VNode } from 'preact';
import { endpointText, parseIp } from '../../../main/contract/address.ts';
import { WAITING_ACTIONS } from '../../../main/contract/problem-actions.ts';
import { rangeText } from '../../../main/contract/words/formats.ts';
import { forwardsWords } from '../../../main/contract/words/forwards.ts';
import { Chip } from '../../parts/chip.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Icon } from '../../parts/icon.tsx';
import { ProblemButtons } from '../../parts/problem-buttons.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { useWords } from '../../state/language.tsx';
import { memo } from '../../state/memo.ts';
import { LeaseLeft } from './lease-left.tsx';
import type { GatewayBrief } from './gateway-brief.ts';
import type { ForwardShown } from './profile-state.ts';
import { StateWords, Uncertain } from './state-words.tsx';

interface ForwardRowProperties {
  readonly shown: ForwardShown;
  readonly gateways: readonly GatewayBrief[];
}

export const ForwardRow = memo(({ shown, gateways }: ForwardRowProperties): VNode => {
  const words = useWords(forwardsWords);
  const { forward, state, lease, problems } = shown;
  const gateway = gateways.find(({ id }) => id === lease?.gateway);
  return (
    <li class="forward" data-state={state.is}>
      <div class="forward-line">
        <span class="forward-state">
          <StateWords state={state} isTroubled={problems.length > 0} />
        </span>
        <span class="forward-what">
          <span class="forward-ports">
            <Route shown={shown} />
          </span>
          <span class="forward-about">
            <Chip>{words.transports(forward.transports)}</Chip>
            {forward.families.includes('ipv6') && (
              <Chip>{forward.families.includes('ipv4') ? 'IPv4 + IPv6' : 'IPv6'}</Chip>
            )}
            {forward.label !== '' && <span class="forward-label">{forward.label}</span>}
            {lease !== undefined && (
              <span class="faint">
                {gateways.length > 1 && gateway !== undefined
                  ? words.forward.viaGateway(words.controls[lease.control], gateway.name)
                  : words.forward.via(words.controls[lease.control])}
              </span>
            )}
          </span>
        </span>
        <span class="forward-end">
          {lease !== undefined && (
            <>
              <LeaseLeft lease={lease} isRenewing={shown.isRenewing} />
              <CopyAddress shown={shown} gateway={gateway} />
            </>
          )}
          {state.mayBeOpenUntil !== undefined && <Uncertain until={state.mayBeOpenUntil} />}
          {/* What else is waited for has its problem, with buttons, at the top. */}
          {state.waitsFor === 'retry' && problems.length === 0 && <ProblemButtons actions={WAITING_ACTIONS.retry} />}
        </span>
      </div>
      {problems.length > 0 && (
        <div class="forward-problems">
          {problems.map((problem) => (
            <ProblemCard key={problem.code} problem={problem} />
          ))}
        </div>
      )}
    </li>
  );
});

function Route({ shown }: { readonly shown: ForwardShown }): VNode {
  const words = useWords(forwardsWords);
  const { forward, lease, client } = shown;
  const { external, internal } = forward;
  const isOne = external.first === external.last;
  const granted = isOne && lease !== undefined ? lease.external.port : external.first;
  const outside = rangeText({ first: granted, last: isOne ? granted : external.last });
  const inside = rangeText({ first: internal.first, last: internal.first + external.last - external.first });
  const host = forward.internal.client ?? words.forward.thisComputer;
  return (
    <>
      <b title={words.forward.outside(outside)}>{outside}</b>
      <span class="faint">
        <Icon name="arrow-right" size={16} />
        <span class="unseen">{words.forward.leadsTo}</span>
      </span>
      <span title={client === undefined ? undefined : `${client}:${inside}`}>
        {host}
        {inside !== outside && <span class="forward-inside">:{inside}</span>}
      </span>
      {granted !== external.first && <Chip tone="accent">{words.forward.gotOther(granted)}</Chip>}
    </>
  );
}

interface CopyAddressProperties {
  readonly shown: ForwardShown;
  readonly gateway: GatewayBrief | undefined;
}

/** What friends type to reach it. */
function CopyAddress({ shown, gateway }: CopyAddressProperties): VNode | null {
  const words = useWords(forwardsWords);
  const { forward, reach } = shown;
  const address = reach?.address ?? parseIp(gateway?.externalAddress ?? '');
  if (reach === undefined || address === undefined || forward.external.first !== forward.external.last) return null;
  const text = endpointText({ address, port: reach.port });
  return <CopyButton text={text} label={words.forward.copy(text)} />;
}
