/** The router and the address that the internet sees; their problems. */
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { GatewayView } from '../../../main/contract/snapshot.ts';
import { elapsed, type EpochMs } from '../../../main/contract/units.ts';
import { durationText } from '../../../main/contract/words/formats.ts';
import { CommandButton, ExternalAddress, IconButton } from '../../parts/button.tsx';
import { Icon, Spinner } from '../../parts/icon.tsx';
import { Status } from '../../parts/layout.tsx';
import { ProblemCard } from '../../parts/notice.tsx';
import { windowWords } from '../../shell/words.ts';
import { useLanguage, useWords } from '../../state/language.tsx';
import { useAsk, useSnapshot } from '../../state/portkeeper.tsx';
import { useMoment } from '../../state/time.tsx';
import { routerProblems } from './profile-state.ts';
import { forwardsWords } from './words.ts';

export function GatewayPanel(): VNode {
  const words = useWords(forwardsWords);
  const { engine, problems, host, demo } = useSnapshot();
  const [first, ...others] = engine.gateways.toSorted((a, b) => rank(b) - rank(a));
  const told = [...routerProblems(engine), ...problems];
  return (
    <section class="gateway-panel" aria-label={words.gateway.title}>
      <MainGateway gateway={first} isAnswered={told.length > 0} />
      {others.length > 0 && (
        <ul class="gateway-others" aria-label={words.gateway.others}>
          {others.map((gateway) => (
            <li key={gateway.id} class="gateway-other">
              <Icon name="router" />
              <div class="gateway-who">
                <h3>
                  <bdi>{gateway.name}</bdi>
                </h3>
                <GatewayLine gateway={gateway} />
              </div>
              <Outside gateway={gateway} />
            </li>
          ))}
        </ul>
      )}
      {told.length > 0 && (
        <div class="problems" role="group" aria-label={words.problems}>
          {told.map((problem) => (
            <ProblemCard key={`${problem.code} ${problem.gateway ?? ''}`} problem={problem}>
              {first === undefined && host.hasDemo && !demo && problem.code !== 'no-network' && (
                <CommandButton size="small" icon="demo" command="demo.switch" input={{ on: true }}>
                  {words.gateway.tryDemo}
                </CommandButton>
              )}
            </ProblemCard>
          ))}
        </div>
      )}
    </section>
  );
}

/** The default router first, then what can be reached. */
const rank = ({ isDefault, reachable }: GatewayView): number => (isDefault ? 2 : 0) + (reachable ? 1 : 0);

interface MainGatewayProperties {
  /** Absent: none has been found yet. */
  readonly gateway: GatewayView | undefined;
  /** Why there is none stands beneath: it is looked for again, and that is not the news. */
  readonly isAnswered: boolean;
}

function MainGateway({ gateway, isAnswered }: MainGatewayProperties): VNode {
  const words = useWords(forwardsWords).gateway;
  const { publicAddress, searchAgain } = useWords(windowWords);
  const { running, nextAt } = useSnapshot().engine.search;
  const ask = useAsk();
  // Once there is a router, a search for others that nobody asked for is no reason to wait.
  const [isAsked, setIsAsked] = useState(false);
  useEffect(() => {
    if (!running) setIsAsked(false);
  }, [running]);
  const isWaiting = running && (gateway === undefined || isAsked);
  const search = (): void => {
    setIsAsked(true);
    void ask('gateways.search', {});
  };
  return (
    <div class="gateway" data-none={gateway === undefined}>
      <span class="gateway-sign">
        <Icon name="router" size={24} />
      </span>
      <div class="gateway-who">
        <h2>
          <bdi>{gateway?.name ?? (running && !isAnswered ? words.searching : words.none)}</bdi>
        </h2>
        {gateway !== undefined && <GatewayLine gateway={gateway} />}
        {gateway === undefined && !running && nextAt !== undefined && <NextSearch at={nextAt} />}
      </div>
      {gateway !== undefined && (
        <div class="gateway-outside">
          <div class="gateway-label">{publicAddress}</div>
          <Outside gateway={gateway} />
        </div>
      )}
      <div class="gateway-search">
        {isWaiting ? (
          <Spinner isImmediate label={words.searchingAgain} />
        ) : (
          <IconButton icon="refresh" label={searchAgain} onClick={search} />
        )}
      </div>
    </div>
  );
}

function GatewayLine({ gateway }: { readonly gateway: GatewayView }): VNode {
  const words = useWords(forwardsWords);
  const { model, name, address, localAddress, reachable, upstream } = gateway;
  // Most models are called what the router calls itself.
  const parts = [
    model.includes(name) ? '' : model,
    address === name ? '' : address,
    upstream === undefined ? '' : words.gateway.behind(upstream.address),
  ];
  return (
    <p class="gateway-line" title={words.gateway.inside(localAddress)}>
      {!reachable && (
        <Status icon="warning" tone="warn">
          {words.gateway.away}
        </Status>
      )}
      {!reachable && ' · '}
      {parts.filter((part) => part !== '').join(' · ')}
    </p>
  );
}

function Outside({ gateway: { externalAddress: address } }: { readonly gateway: GatewayView }): VNode {
  const { noOutside, unknownOutside } = useWords(forwardsWords).gateway;
  return (
    <p class="gateway-address" data-known={address !== 'none' && address !== 'unknown'}>
      <ExternalAddress address={address} none={noOutside} unknown={unknownOutside} />
    </p>
  );
}

function NextSearch({ at }: { readonly at: EpochMs }): VNode | null {
  const words = useWords(forwardsWords);
  const language = useLanguage();
  const text = useMoment((now) =>
    at <= now ? '' : words.gateway.nextSearch(durationText(elapsed(now, at), language)),
  );
  return text === '' ? null : <p class="gateway-line">{text}</p>;
}
