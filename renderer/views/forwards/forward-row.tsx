/** One forward: its state, where it leads, how long; and what is wrong with it. */
import type { VNode } from 'preact';
import { endpointText, parseIp, type IpAddress } from '../../../main/contract/address.ts';
import type { ForwardState, ForwardStateName } from '../../../main/contract/forward-state.ts';
import type { ControlKind } from '../../../main/contract/model.ts';
import type { LeaseView, GatewayView } from '../../../main/contract/snapshot.ts';
import { labelIn } from '../../../main/contract/presets.ts';
import { WAITING_ACTIONS } from '../../../main/contract/problem-actions.ts';
import type { ProfileForward } from '../../../main/contract/profile.ts';
import { elapsed, type EpochMs } from '../../../main/contract/units.ts';
import { clockTime, durationText, rangeText } from '../../../main/contract/words/formats.ts';
import { CopyButton } from '../../parts/button.tsx';
import { Icon, Ring, type IconName } from '../../parts/icon.tsx';
import { Chip, Status, type Tone } from '../../parts/layout.tsx';
import { ProblemButtons, Problems } from '../../parts/notice.tsx';
import { useLanguage, useWords } from '../../state/language.tsx';
import { memo, useShared } from '../../state/memo.ts';
import { useSnapshot } from '../../state/portkeeper.tsx';
import { useMoment } from '../../state/time.tsx';
import { allPresets } from '../../state/presets.ts';
import type { ForwardShown } from './profile-state.ts';
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
      <Problems list={problems} />
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
  const { external, internal, transports, families } = forward;
  const label = labelIn(allPresets(), forward.label, useLanguage());
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

const LOOKS: Readonly<Record<ForwardStateName, { readonly icon: IconName; readonly tone: Tone }>> = {
  off: { icon: 'off', tone: 'plain' },
  paused: { icon: 'pause', tone: 'plain' },
  opening: { icon: 'opening', tone: 'accent' },
  open: { icon: 'open', tone: 'good' },
  partly: { icon: 'partly', tone: 'warn' },
  waiting: { icon: 'waiting', tone: 'warn' },
  refused: { icon: 'error', tone: 'bad' },
  closing: { icon: 'opening', tone: 'accent' },
};

interface StateWordsProperties {
  readonly state: ForwardState;
  /** It is open, and something is wrong with it all the same. */
  readonly isTroubled?: boolean;
}

export const StateWords = memo(({ state, isTroubled = false }: StateWordsProperties): VNode => {
  const text = useStateText(state);
  const look = isTroubled && state.is === 'open' ? ({ icon: 'warning', tone: 'warn' } as const) : LOOKS[state.is];
  return <Status {...look}>{text}</Status>;
});

function useStateText(state: ForwardState): string {
  const words = useWords(forwardsWords);
  const language = useLanguage();
  const { until } = state;
  const retry = useMoment((now) =>
    until === undefined || until <= now ? '' : words.state.retryIn(durationText(elapsed(now, until), language)),
  );
  switch (state.is) {
    case 'partly':
      return words.state.partly(state.open, state.wanted);
    case 'waiting':
      if (state.waitsFor === 'retry' && retry !== '') return retry;
      return words.state.waiting[state.waitsFor ?? 'retry'];
    default:
      return words.state[state.is];
  }
}

/** The router cannot be asked: it may still let the internet in. */
function Uncertain({ until }: { readonly until: EpochMs | 'never' }): VNode {
  const words = useWords(forwardsWords);
  const language = useLanguage();
  const text = until === 'never' ? words.state.mayStayOpen : words.state.mayBeOpenUntil(clockTime(until, language));
  return <span class="muted">{text}</span>;
}

export type GatewayBrief = Pick<GatewayView, 'id' | 'name' | 'externalAddress'>;

export function useGatewayBriefs(): readonly GatewayBrief[] {
  const { gateways } = useSnapshot().engine;
  return useShared(gateways.map(({ id, name, externalAddress }) => ({ id, name, externalAddress })));
}
