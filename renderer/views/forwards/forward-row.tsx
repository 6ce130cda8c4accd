/** One forward: the address for friends, its target, how it is kept open; and its problems. */
import { createContext, type VNode } from 'preact';
import { useContext, useId, useState } from 'preact/hooks';
import type { ForwardState, ForwardStateName } from '../../../main/contract/forward-state.ts';
import type { Problem } from '../../../main/contract/problems.ts';
import type { LeaseView, MappingHop } from '../../../main/contract/snapshot.ts';
import { elapsed, type EpochMs } from '../../../main/contract/units.ts';
import { clockTime, durationText, rangeText } from '../../../main/contract/words/formats.ts';
import { CopyButton, IconButton, MoreButton } from '../../parts/button.tsx';
import { Icon, type IconName } from '../../parts/icon.tsx';
import { Chip, Fact, Status, type Tone } from '../../parts/layout.tsx';
import { Problems, RetryButtons } from '../../parts/notice.tsx';
import { useLanguage, useWords } from '../../state/language.tsx';
import { memo, useShared } from '../../state/memo.ts';
import { useSnapshot } from '../../state/portkeeper.tsx';
import { useMoment } from '../../state/time.tsx';
import { onDemand, usePart } from '../../state/on-demand.tsx';
import { isOpenHop, type ForwardShown } from './profile-state.ts';
import { useOutsideTest } from './outside-test.tsx';
import { forwardsWords } from './words.ts';
import { DialogOnDemand } from '../../parts/confirm.tsx';

interface ForwardRowProperties {
  readonly shown: ForwardShown;
  /** The profile's. */
  readonly name: string;
  /** `false` where the state is shown once, at the profile. */
  readonly saysState: boolean;
  readonly details: 'shown' | 'hidden' | 'folded';
}

type LeaseShown = Pick<ForwardShown, 'lease' | 'isRenewing'>;

/** Without what every renewal changes. */
interface SteadyForward extends Omit<ForwardShown, 'lease'> {
  readonly isRenewing: false;
  readonly lease?: Pick<LeaseView, 'gateway' | 'control' | 'external'> & { readonly isForGood: boolean };
}

function steady({ lease, ...rest }: ForwardShown): SteadyForward {
  const same = { ...rest, isRenewing: false } as const;
  if (lease === undefined) return same;
  const { gateway, control, external, expiresAt } = lease;
  return { ...same, lease: { gateway, control, external, isForGood: expiresAt === 'never' } };
}

const LeaseContext = createContext<LeaseShown>({ isRenewing: false });

/** Hundreds are renewed at once: of each, only the words about its lease are drawn again. */
export const ForwardRow = memo(({ shown, ...look }: ForwardRowProperties): VNode => {
  return (
    <LeaseContext.Provider value={shown}>
      <SteadyRow {...look} shown={useShared(steady(shown))} />
    </LeaseContext.Provider>
  );
});

interface SteadyRowProperties extends Omit<ForwardRowProperties, 'shown'> {
  readonly shown: SteadyForward;
}

const SteadyRow = memo(({ shown, name, saysState, details }: SteadyRowProperties): VNode => {
  const { forward, state, share, problems, lease, hops, isSymptom } = shown;
  const words = useWords(forwardsWords);
  const id = useId();
  const [isOpen, setIsOpen] = useState(false);
  /** Part of a profile whose head says the rest. */
  const isOneOfMany = details === 'folded' && !saysState;
  const shared = [share.ipv4, share.ipv6].filter((text) => text !== undefined);
  const label = usePart(presetLabels)?.(forward.label, useLanguage()) ?? forward.label;
  const heading = label === '' ? name : `${name}, ${label}`;
  const test = useOutsideTest(shown, heading);
  const isOpenToTest = state.open > 0 && state.is !== 'closing';
  return (
    <div class="forward" data-state={state.is}>
      <div class="forward-line">
        <span class="forward-about">
          <ForwardWhat shown={shown} label={label} hasShare={shared.length > 0} />
          {state.is === 'open' && lease?.isForGood === true && <span>{words.forward.permanent}</span>}
          {state.is === 'open' && lease?.isForGood === false && !isOneOfMany && <span>{words.forward.kept}</span>}
          {isSymptom && <span>{words.forward.seeRouter}</span>}
          {state.mayBeOpenUntil !== undefined && <Uncertain until={state.mayBeOpenUntil} />}
          {state.is === 'refused' && <NextTry at={state.until} />}
          {hops?.some(({ at }) => !isOpenHop(at)) === true && state.is !== 'off' && <Hops hops={hops} />}
        </span>
        {shared.length > 0 && (
          <span class="forward-shares">
            {shared.map((text) => (
              <ShareField key={text} text={text} name={heading} />
            ))}
          </span>
        )}
        <span class="forward-end">
          {saysState && <StateWords state={state} isTroubled={problems.length > 0} />}
          {/* What else is waited for has its problem, with buttons, at the top. */}
          {state.waitsFor === 'retry' && problems.length === 0 && !isSymptom && <RetryButtons />}
          {isOpenToTest && test.button}
          {details === 'folded' && lease !== undefined && (
            <MoreButton isOpen={isOpen} controls={id} onToggle={setIsOpen} />
          )}
        </span>
      </div>
      {isOpenToTest && test.outcome}
      {(details === 'shown' || isOpen) && <ForwardDetails shown={shown} id={id} />}
      <Problems list={isOpenToTest && test.saysShut ? problems.filter(isUntold) : problems} />
    </div>
  );
});

/** By a test from outside that found it shut. */
const isUntold = ({ code }: Problem): boolean => code !== 'listed-but-dead';

export const isRenewed = ({ lease }: ForwardShown): boolean => lease !== undefined && lease.expiresAt !== 'never';

/** Those of presets, in each language. */
export const presetLabels = onDemand(async () => (await import('../../state/presets.ts')).presetLabelIn);

interface ForwardWhatProperties {
  readonly shown: SteadyForward;
  readonly label: string;
  /** Its port can be seen beside it. */
  readonly hasShare: boolean;
}

function ForwardWhat({ shown: { forward, lease }, label, hasShare }: ForwardWhatProperties): VNode {
  const words = useWords(forwardsWords);
  const { external, internal, transports, families } = forward;
  const inside = insideOf(forward);
  const granted = external.first === external.last ? lease?.external.port : undefined;
  return (
    <span class="forward-what">
      {label !== '' && <bdi class="forward-label">{label}</bdi>}
      {!hasShare && <b>{rangeText(external)}</b>}
      <span>{words.transports(transports)}</span>
      {families.includes('ipv6') && <span>{families.includes('ipv4') ? 'IPv4 + IPv6' : 'IPv6'}</span>}
      <span class="forward-target">
        <Icon name="arrow-right" size={16} />
        <span class="unseen">{words.forward.leadsTo}</span>
        <span>
          {internal.client ?? words.forward.thisComputer}
          {inside !== rangeText(external) && `:${inside}`}
        </span>
      </span>
      {granted !== undefined && granted !== external.first && (
        <Chip tone="accent">{words.forward.gotOther(granted)}</Chip>
      )}
    </span>
  );
}

const insideOf = ({ external, internal }: ForwardShown['forward']): string =>
  rangeText({ first: internal.first, last: internal.first + external.last - external.first });

/** For anyone who wants to know. */
function ForwardDetails({ shown, id }: { readonly shown: SteadyForward; readonly id: string }): VNode {
  const words = useWords(forwardsWords);
  const { gateways } = useSnapshot().engine;
  const { forward, lease, client, hops } = shown;
  const gateway = gateways.find(({ id }) => id === lease?.gateway);
  const target = [forward.internal.client ?? words.forward.thisComputer];
  if (client !== undefined && client !== forward.internal.client) target.push(`(${client})`);
  return (
    <dl class="facts forward-facts" id={id}>
      <Fact name={words.details.forwardsTo}>{words.details.target(target.join(' '), insideOf(forward))}</Fact>
      {lease !== undefined && gateway !== undefined && (
        <Fact name={words.details.openedWith}>{words.details.way(words.controls[lease.control], gateway.name)}</Fact>
      )}
      {hops !== undefined && (
        <Fact name={words.details.routers}>
          <Hops hops={hops} />
        </Fact>
      )}
      {lease !== undefined && (
        <Fact name={words.details.lease}>
          <LeaseWords />
        </Fact>
      )}
    </dl>
  );
}

/** `192.168.1.1 → 10.0.0.1`, and which of the two is in trouble. */
function Hops({ hops }: { readonly hops: readonly MappingHop[] }): VNode {
  const words = useWords(forwardsWords);
  const texts = hops.map(({ router, at }) => {
    const name = router ?? words.details.router;
    return isOpenHop(at) ? name : `${name} (${words.details.hop[at]})`;
  });
  return <span class="forward-hops">{texts.join(' → ')}</span>;
}

function LeaseWords(): VNode | null {
  const { lease, isRenewing } = useContext(LeaseContext);
  const words = useWords(forwardsWords);
  const language = useLanguage();
  const renews = useMoment((now) =>
    lease === undefined || isRenewing || lease.renewAt <= now ? '' : clockTime(lease.renewAt, language),
  );
  if (lease === undefined) return null;
  const { expiresAt } = lease;
  if (expiresAt === 'never') return <>{words.forward.permanent}</>;
  const until = clockTime(expiresAt, language);
  return <>{renews === '' ? words.details.renewing(until) : words.details.renews(until, renews)}</>;
}

const LOOKS: Readonly<Record<ForwardStateName, { readonly icon: IconName; readonly tone: Tone }>> = {
  off: { icon: 'off', tone: 'plain' },
  paused: { icon: 'pause', tone: 'plain' },
  standby: { icon: 'clock', tone: 'plain' },
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

function useRetryText(at: EpochMs | undefined): string {
  const words = useWords(forwardsWords);
  const language = useLanguage();
  return useMoment((now) =>
    at === undefined || at <= now ? '' : words.state.retryIn(durationText(elapsed(now, at), language)),
  );
}

function useStateText(state: ForwardState): string {
  const words = useWords(forwardsWords);
  const retry = useRetryText(state.until);
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

/** A port that was taken may be free by then. */
function NextTry({ at }: { readonly at: EpochMs | undefined }): VNode | null {
  const text = useRetryText(at);
  return text === '' ? null : <span>{text}</span>;
}

/** The router cannot be asked: it may still let the internet in. */
function Uncertain({ until }: { readonly until: EpochMs | 'never' }): VNode {
  const words = useWords(forwardsWords);
  const language = useLanguage();
  return (
    <span>{until === 'never' ? words.state.mayStayOpen : words.state.mayBeOpenUntil(clockTime(until, language))}</span>
  );
}

interface ShareFieldProperties {
  readonly text: string;
  /** The forward that it reaches, for anyone who hears the buttons. */
  readonly name: string;
}

/** The address for friends: in large, with a button that copies it, and a code for their phones. */
const ShareField = memo(({ text, name }: ShareFieldProperties): VNode => {
  const words = useWords(forwardsWords).share;
  const [isShown, setIsShown] = useState(false);
  return (
    <span class="share">
      <b class="share-address" title={text}>
        {text}
      </b>
      <span class="share-buttons">
        <CopyButton text={text} label={words.copy(text)} isWorded />
        <IconButton icon="qr" size="small" label={words.showCode(text)} onClick={() => setIsShown(true)} />
      </span>
      {isShown && (
        <DialogOnDemand size="small" title={words.codeOf(name)} onClose={() => setIsShown(false)}>
          <div class="share-code">
            <QrCode text={text} label={words.code(text)} />
            <p class="share-address">{text}</p>
            <p class="muted">{words.hint}</p>
            <CopyButton text={text} label={words.copy(text)} isWorded />
          </div>
        </DialogOnDemand>
      )}
    </span>
  );
});

const encoder = onDemand(async () => (await import('uqr')).encode);

/** Dark on light in every theme, with the margin of four modules that scanners need (ISO/IEC 18004 §9.1). */
function QrCode({ text, label }: { readonly text: string; readonly label: string }): VNode | null {
  const encode = usePart(encoder);
  if (encode === undefined) return null;
  const { data, size } = encode(text, { ecc: 'M', border: 4 });
  const path = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
  return (
    <svg class="qr-code" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
