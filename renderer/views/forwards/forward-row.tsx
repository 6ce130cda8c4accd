/** One forward: its state, where it leads, how long; and what is wrong with it. */
import type { VNode } from 'preact';
import type { IpAddress } from '../../../main/contract/address.ts';
import { endpointText, parseIp } from '../../../main/contract/address.ts';
import type { ControlKind } from '../../../main/contract/model.ts';
import type { LeaseView } from '../../../main/contract/snapshot.ts';
import { WAITING_ACTIONS } from '../../../main/contract/problem-actions.ts';
import type { ProfileForward } from '../../../main/contract/profile.ts';
import { elapsed } from '../../../main/contract/units.ts';
import { rangeText, durationText } from '../../../main/contract/words/formats.ts';
import { Chip } from '../../parts/chip.tsx';
import { Icon } from '../../parts/icon.tsx';
import { CopyButton } from '../../parts/input/copy-button.tsx';
import { ProblemButtons } from '../../parts/notice/problem-buttons.tsx';
import { ProblemCard } from '../../parts/notice/problem-card.tsx';
import { Ring } from '../../parts/notice/ring.tsx';
import { useWords, useLanguage } from '../../state/language.tsx';
import { memo } from '../../state/memo.ts';
import { useMoment } from '../../state/now.tsx';
import type { GatewayBrief } from './gateway-brief.ts';
import type { ForwardShown } from './profile-state.ts';
import { StateWords, Uncertain } from './state-words.tsx';
import { forwardsWords } from './words.ts';

interface ForwardRowProperties {
  readonly shown: ForwardShown;
  readonly gateways: readonly GatewayBrief[];
}

// Most often the lease alone is another: what stands before it is drawn by itself.
export const ForwardRow = memo(({ shown, gateways }: ForwardRowProperties): VNode => {
  const { forward, state, lease, problems, isRenewing, client } = shown;
  const gateway = gateways.find(({ id }) => id === lease?.gateway);
  return (
    <li class="forward" data-state={state.is}>
      <div class="forward-line">
        <span class="forward-state">
          <StateWords state={state} isTroubled={problems.length > 0} />
        </span>
        <ForwardWhat
          forward={forward}
          client={client}
          granted={lease?.external.port}
          control={lease?.control}
          gateway={gateways.length > 1 ? gateway?.name : undefined}
        />
        <span class="forward-end">
          {lease !== undefined && <LeaseLeft lease={lease} isRenewing={isRenewing} />}
          <CopyAddress address={addressOf(shown, gateway)} />
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

interface ForwardWhatProperties {
  readonly forward: ProfileForward;
  /** Where it leads, once that is known. */
  readonly client: string | undefined;
  /** Outside; of a range, the first. */
  readonly granted: number | undefined;
  readonly control: ControlKind | undefined;
  /** Where there are several. */
  readonly gateway: string | undefined;
}

const ForwardWhat = memo(({ forward, client, granted, control, gateway }: ForwardWhatProperties): VNode => {
  const words = useWords(forwardsWords);
  const { external, internal, transports, families, label } = forward;
  const length = external.last - external.first;
  const first = length === 0 && granted !== undefined ? granted : external.first;
  const outside = rangeText({ first, last: first + length });
  const inside = rangeText({ first: internal.first, last: internal.first + length });
  const via = control === undefined ? '' : words.controls[control];
  return (
    <span class="forward-what">
      <span class="forward-ports">
        <b title={words.forward.outside(outside)}>{outside}</b>
        <span class="faint">
          <Icon name="arrow-right" size={16} />
          <span class="unseen">{words.forward.leadsTo}</span>
        </span>
        <span title={client === undefined ? undefined : `${client}:${inside}`}>
          {internal.client ?? words.forward.thisComputer}
          {inside !== outside && <span class="forward-inside">:{inside}</span>}
        </span>
        {first !== external.first && <Chip tone="accent">{words.forward.gotOther(first)}</Chip>}
      </span>
      <span class="forward-about">
        <Chip>{words.transports(transports)}</Chip>
        {families.includes('ipv6') && <Chip>{families.includes('ipv4') ? 'IPv4 + IPv6' : 'IPv6'}</Chip>}
        {label !== '' && <span class="forward-label">{label}</span>}
        {via !== '' && (
          <span class="faint">
            {gateway === undefined ? words.forward.via(via) : words.forward.viaGateway(via, gateway)}
          </span>
        )}
      </span>
    </span>
  );
});

/** What friends type to reach it; a range has no one address. */
function addressOf({ forward, reach }: ForwardShown, gateway: GatewayBrief | undefined): string | undefined {
  const { first, last } = forward.external;
  const address: IpAddress | undefined = reach?.address ?? parseIp(gateway?.externalAddress ?? '');
  if (reach === undefined || address === undefined || first !== last) return undefined;
  return endpointText({ address, port: reach.port });
}

const CopyAddress = memo(({ address }: { readonly address: string | undefined }): VNode | null => {
  const words = useWords(forwardsWords);
  return address === undefined ? null : <CopyButton text={address} label={words.forward.copy(address)} />;
});

/** How long the router keeps it open by itself, and when that is renewed. */
function LeaseLeft({ lease, isRenewing }: { readonly lease: LeaseView; readonly isRenewing: boolean }): VNode {
  const words = useWords(forwardsWords);
  const language = useLanguage();
  const { grantedAt, renewAt, expiresAt } = lease;
  const left = useMoment((now) =>
    expiresAt === 'never' ? '' : words.forward.left(durationText(elapsed(now, expiresAt), language)),
  );
  // A hundredth is as fine as the ring is drawn.
  const hundredths = useMoment((now) =>
    expiresAt === 'never' ? 100 : Math.round(((expiresAt - now) / Math.max(1, expiresAt - grantedAt)) * 100),
  );
  const renews = useMoment((now) =>
    isRenewing || renewAt <= now
      ? words.forward.renewing
      : words.forward.renews(durationText(elapsed(now, renewAt), language)),
  );
  if (expiresAt === 'never') return <span class="lease muted">{words.forward.permanent}</span>;
  return (
    <span class="lease" title={renews}>
      <Ring share={hundredths / 100} tone={hundredths < 20 ? 'warn' : 'good'} />
      <span class="lease-text">
        <span>{left}</span>
        <span class="lease-renews">{renews}</span>
      </span>
    </span>
  );
}
