/** The routers that were found: their kind, their open ports, their traffic, and Portkeeper's memory of them. */
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { routerPageOf } from '../../../main/contract/problem-actions.ts';
import type { GatewayId } from '../../../main/contract/model.ts';
import { withFronts, type GatewayView, type ControlView } from '../../../main/contract/snapshot.ts';
import { routerViewWords } from './words.ts';
import { secondsToMillis } from '../../../main/contract/units.ts';
import { durationText, momentText } from '../../../main/contract/words/formats.ts';
import { nameText } from '../../../main/contract/words/name.ts';
import { CommandButton, ExternalAddress, LinkButton } from '../../parts/button.tsx';
import { RadioGroup, Select } from '../../parts/choice.tsx';
import { Card, Chip, Details, Fact, Section, Status, ViewHead } from '../../parts/layout.tsx';
import { EmptyState, Problems } from '../../parts/notice.tsx';
import { windowWords } from '../../shell/words.ts';
import { useLanguage, useWords } from '../../state/language.tsx';
import { useSnapshot } from '../../state/portkeeper.tsx';
import { forgetParameters, useRoute } from '../../state/route.ts';
import { useMoment } from '../../state/time.tsx';
import { Memory } from './memory.tsx';
import { Table } from './table.tsx';
import { Traffic } from './traffic.tsx';
import './router.css';

/** More stand in a list. */
const FEW = 3;

export function RouterView(): VNode {
  const { views } = useWords(windowWords);
  const words = useWords(routerViewWords);
  const { engine } = useSnapshot();
  const asked = useRoute().parameters['gateway'];
  const [chosen, setChosen] = useState<string | undefined>(asked);
  useEffect(() => {
    if (asked === undefined) return;
    setChosen(asked);
    forgetParameters();
  }, [asked]);
  const gateways = withFronts(engine.gateways).toSorted((a, b) => Number(b.isDefault) - Number(a.isDefault));
  const gateway = gateways.find(({ id }) => id === chosen) ?? gateways[0];
  const behind = (id: GatewayId): GatewayView | undefined =>
    engine.gateways.find(({ upstream }) => upstream?.gateway?.id === id);
  // Two in a row often have the same name.
  const choices = gateways.map(({ id, name }) => ({
    value: id,
    label: behind(id) === undefined ? name : words.inFront,
  }));
  return (
    <>
      <ViewHead
        title={views.router}
        actions={
          gateway !== undefined &&
          gateways.length > 1 &&
          (gateways.length > FEW ? (
            <Select aria-label={words.choose} value={gateway.id} choices={choices} onChange={setChosen} />
          ) : (
            <RadioGroup label={words.choose} value={gateway.id} choices={choices} onChange={setChosen} />
          ))
        }
      />
      {gateway === undefined ? (
        <NoRouter />
      ) : (
        <div key={gateway.id}>
          <Facts gateway={gateway} behind={behind(gateway.id)} />
          {gateway.countsTraffic && gateway.reachable && <Traffic gateway={gateway.id} />}
          <Table gateway={gateway} client={behind(gateway.id)?.upstream?.client} />
          <Memory gateway={gateway} />
        </div>
      )}
    </>
  );
}

function NoRouter(): VNode {
  const words = useWords(routerViewWords);
  const { engine } = useSnapshot();
  const { searchAgain } = useWords(windowWords);
  const isSearching = engine.search.running;
  const problems = engine.problems.filter(({ forward }) => forward === undefined);
  return (
    <>
      <Problems list={problems} />
      <EmptyState icon="router" title={words.none} text={words.noneHint}>
        {/* A problem has a button of its own for that. */}
        {problems.length === 0 && (
          <CommandButton icon="refresh" command="gateways.search" input={{}} isBusy={isSearching}>
            {isSearching ? words.searching : searchAgain}
          </CommandButton>
        )}
      </EmptyState>
    </>
  );
}

interface FactsProperties {
  readonly gateway: GatewayView;
  /** The home's own, where this one is in front of it. */
  readonly behind: GatewayView | undefined;
}

function Facts({ gateway, behind }: FactsProperties): VNode {
  const words = useWords(routerViewWords);
  const { engine, demo, address: ours } = useSnapshot();
  const { name, model, address, reachable, controls, uptime, restartedAt, budget } = gateway;
  const { publicAddress } = useWords(windowWords);
  const language = useLanguage();
  const restarted = useMoment((now) => (restartedAt === undefined ? '' : momentText(restartedAt, now, language)));
  const nameHere = useMoment((now) =>
    ours.name === null || ours.name.name === '' || !gateway.isDefault
      ? ''
      : `${ours.name.name}. ${nameText(ours.name, now, language)}`,
  );
  const problems = engine.problems.filter((problem) => problem.gateway === gateway.id && problem.forward === undefined);
  return (
    <Section
      title={name}
      hint={behind === undefined ? undefined : words.inFrontHint(behind.name)}
      actions={
        !demo && (
          <LinkButton href={routerPageOf(address)} isOutside>
            {words.facts.pages}
          </LinkButton>
        )
      }
    >
      <Problems list={problems} />
      <Card>
        {!reachable && (
          <p class="router-away">
            <Status icon="warning" tone="warn">
              {words.facts.away}
            </Status>
          </p>
        )}
        <dl class="facts">
          <Fact name={publicAddress}>
            <span class="router-copy">
              <ExternalAddress
                address={gateway.externalAddress}
                none={words.facts.outsideNone}
                unknown={words.facts.outsideUnknown}
              />
            </span>
          </Fact>
          {nameHere !== '' && <Fact name={words.facts.name}>{nameHere}</Fact>}
          <Fact name={words.facts.address}>{address}</Fact>
          {model !== '' && model !== name && <Fact name={words.facts.model}>{model}</Fact>}
          {uptime !== undefined && (
            <Fact name={words.facts.uptime}>{durationText(secondsToMillis(uptime), language)}</Fact>
          )}
        </dl>
        <Details title={words.facts.details}>
          <dl class="facts">
            <Fact name={words.facts.ways}>
              <span class="router-ways">
                {[...new Set(controls.map(({ kind }) => words.controls[kind]))].map((way) => (
                  <Chip key={way}>{way}</Chip>
                ))}
              </span>
            </Fact>
            <HowItWasFound controls={controls} />
            {restarted !== '' && <Fact name={words.facts.restarted}>{restarted}</Fact>}
            <Fact name={words.budget.title}>
              <Budget {...budget} />
            </Fact>
          </dl>
        </Details>
      </Card>
    </Section>
  );
}

/** How the first of its ways to open ports was found. */
function HowItWasFound({ controls }: { readonly controls: readonly ControlView[] }): VNode | null {
  const words = useWords(routerViewWords);
  const language = useLanguage();
  const first = controls.toSorted((a, b) => a.foundIn - b.foundIn)[0];
  if (first === undefined) return null;
  const how = words.foundBy[first.foundBy];
  const time =
    first.foundIn < 1000 ? `${Math.max(1, Math.round(first.foundIn))} ms` : durationText(first.foundIn, language);
  return <Fact name={words.facts.found}>{words.foundIn(how, time)}</Fact>;
}

function Budget({ used: counted, perMinute, until }: GatewayView['budget']): VNode {
  const words = useWords(routerViewWords);
  // The end of a quiet minute is no event.
  const used = useMoment((now) => (now < until ? counted : 0));
  const share = perMinute === 0 ? 0 : Math.min(1, used / perMinute);
  return (
    <span class="router-budget" title={words.budget.hint}>
      <span
        class="router-meter"
        role="meter"
        aria-label={words.budget.title}
        aria-valuemin={0}
        aria-valuemax={perMinute}
        aria-valuenow={used}
        aria-valuetext={words.budget.used(used, perMinute)}
      >
        <span style={{ width: `${share * 100}%` }} />
      </span>
      <span>{words.budget.used(used, perMinute)}</span>
    </span>
  );
}
