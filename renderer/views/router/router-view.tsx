/** The routers that were found: what they are, what is open on them, how much they carry, what is remembered. */
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { GatewayView } from '../../../main/contract/snapshot.ts';
import { routerViewWords } from './words.ts';
import { windowWords } from '../../shell/words.ts';
import { Button } from '../../parts/input/button.tsx';
import { EmptyState } from '../../parts/notice/empty-state.tsx';
import { Segmented, Select } from '../../parts/input/inputs.tsx';
import { ProblemCard } from '../../parts/notice/problem-card.tsx';
import { ViewHead } from '../../parts/section.tsx';
import { useAsk } from '../../state/ask.tsx';
import { useWords } from '../../state/language.tsx';
import { forgetParameters, useRoute } from '../../state/route.ts';
import { useSnapshot } from '../../state/snapshot.ts';
import { Facts } from './facts.tsx';
import { Memory } from './memory.tsx';
import './router.css';
import { Table } from './table.tsx';
import { Traffic } from './traffic.tsx';

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
  const gateways = engine.gateways.toSorted((a, b) => Number(b.isDefault) - Number(a.isDefault));
  const gateway = gateways.find(({ id }) => id === chosen) ?? gateways[0];
  const choices = gateways.map(({ id, name }) => ({ value: id, label: name }));
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
            <Segmented label={words.choose} value={gateway.id} choices={choices} onChange={setChosen} />
          ))
        }
      />
      {gateway === undefined ? <NoRouter /> : <Router key={gateway.id} gateway={gateway} />}
    </>
  );
}

function Router({ gateway }: { readonly gateway: GatewayView }): VNode {
  return (
    <>
      <Facts gateway={gateway} />
      {gateway.countsTraffic && gateway.reachable && <Traffic gateway={gateway.id} />}
      <Table gateway={gateway} />
      <Memory gateway={gateway} />
    </>
  );
}

function NoRouter(): VNode {
  const words = useWords(routerViewWords);
  const { engine } = useSnapshot();
  const ask = useAsk();
  const isSearching = engine.search.running;
  return (
    <>
      {engine.problems
        .filter(({ forward }) => forward === undefined)
        .map((problem) => (
          <ProblemCard key={problem.code} problem={problem} />
        ))}
      <EmptyState icon="router" title={words.none} text={words.noneHint}>
        <Button icon="refresh" isBusy={isSearching} onClick={() => void ask('gateways.search', {})}>
          {isSearching ? words.searching : words.search}
        </Button>
      </EmptyState>
    </>
  );
}
