import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { actionContextOf, actionsFor } from '../../../main/contract/problem-actions.ts';
import type { Problem } from '../../../main/contract/problems.ts';
import { inSeconds } from '../../../main/contract/units.ts';
import { explain } from '../../../main/contract/words/problems.ts';
import { fieldText } from '../../../main/contract/words/faults.ts';
import { listText } from '../../../main/contract/words/formats.ts';
import { Button, CommandButton, ExternalAddress } from '../../parts/button.tsx';
import { Field, Form, TextInput } from '../../parts/field.tsx';
import { Icon, Spinner } from '../../parts/icon.tsx';
import { Card, Fact, Section, isAnything } from '../../parts/layout.tsx';
import { Callout, ProblemButtons } from '../../parts/notice.tsx';
import { useLeavingDemo } from '../../shell/banners.tsx';
import { windowWords } from '../../shell/words.ts';
import { useLanguage, useWords } from '../../state/language.tsx';
import { useSnapshot } from '../../state/portkeeper.tsx';
import { useTime } from '../../state/time.tsx';
import { useTextSetting } from '../settings/setting-row.tsx';
import { routerFinding, type RouterFinding } from './newcomer.ts';
import { welcomeWords } from './words.ts';

/** The search for a router as it goes, and what came of it. */
export function FoundRouter(): VNode {
  const words = useWords(welcomeWords);
  const snapshot = useSnapshot();
  const finding = routerFinding(snapshot);
  const { isBusy, leave, question } = useLeavingDemo();
  return (
    <Section title={words.router}>
      <Card>
        {/* Changes are announced; what stays is not announced again. */}
        <div class="finding" aria-live="polite">
          {snapshot.demo && (
            <Callout
              icon="demo"
              title={words.simulated}
              actions={
                <Button size="small" isBusy={isBusy} onClick={leave}>
                  {words.leaveSimulated}
                </Button>
              }
            >
              {words.simulatedHint}
            </Callout>
          )}
          {finding.at === 'searching' && <Searching />}
          {finding.at === 'found' && <FoundRouterFacts finding={finding} />}
          {finding.at === 'none' && <None problem={finding.problem} />}
        </div>
      </Card>
      {question}
    </Section>
  );
}

interface HeadProperties {
  /** `plain`: nothing has come of it yet. */
  readonly tone: 'plain' | 'good' | 'warn';
  readonly title: string;
  readonly children?: ComponentChildren;
}

function Head({ tone, title, children }: HeadProperties): VNode {
  return (
    <div class="finding-head">
      <span class="finding-sign" data-tone={tone}>
        {tone === 'plain' ? <Spinner isImmediate /> : <Icon name={tone === 'good' ? 'open' : 'warning'} size={24} />}
      </span>
      <div>
        <p class="finding-title">{title}</p>
        {isAnything(children) && <p class="muted">{children}</p>}
      </div>
    </div>
  );
}

function Searching(): VNode {
  const words = useWords(welcomeWords);
  const time = useTime();
  const [isLong, setIsLong] = useState(false);
  useEffect(() => time.after(inSeconds(6), () => setIsLong(true)), [time]);
  return (
    <Head tone="plain" title={words.searching}>
      {isLong ? words.searchingLong : words.searchingHint}
    </Head>
  );
}

function FoundRouterFacts({ finding }: { readonly finding: Extract<RouterFinding, { readonly at: 'found' }> }): VNode {
  const words = useWords(welcomeWords);
  const language = useLanguage();
  const { gateway, ways, warnings, others } = finding;
  return (
    <>
      <Head tone={warnings.length === 0 ? 'good' : 'warn'} title={words.found(gateway.name)}>
        {/* Beside a reason why ports cannot be reached it would read as a contradiction. */}
        {warnings.length === 0 && words.foundHow}
      </Head>
      <dl class="facts finding-facts">
        <Fact name={words.opensBy}>
          {listText(
            ways.map((way) => words.ways[way]),
            language,
          )}
        </Fact>
        <Fact name={words.outsideAddress}>
          <ExternalAddress
            address={gateway.externalAddress}
            none={words.outsideNone}
            unknown={words.outsideUnknown}
            copy={words.copyAddress}
          />
        </Fact>
      </dl>
      {warnings.map((problem) => (
        <Callout
          key={problem.code}
          tone="warn"
          icon="warning"
          title={explain(problem, language).what}
          actions={<RouterPages problem={problem} />}
        >
          {explain(problem, language).why} {explain(problem, language).todo}
        </Callout>
      ))}
      {others > 0 && <p class="muted">{words.several(others)}</p>}
    </>
  );
}

function None({ problem }: { readonly problem: Problem }): VNode {
  const language = useLanguage();
  const { what, why, todo } = explain(problem, language);
  return (
    <>
      <Head tone="warn" title={what}>
        {why} {todo}
      </Head>
      <WaysOut problem={problem} />
    </>
  );
}

/** The way to where a router's own settings are changed; every other way out leads away from the first steps. */
function RouterPages({ problem }: { readonly problem: Problem }): VNode {
  const actions = actionsFor(problem, actionContextOf(useSnapshot()));
  return <ProblemButtons actions={actions.filter((action) => action.do === 'open-router-pages')} />;
}

/** Ways on when no router was found; nobody is stuck here. */
function WaysOut({ problem }: { readonly problem: Problem }): VNode {
  const words = useWords(welcomeWords);
  const { searchAgain } = useWords(windowWords);
  const { hasDemo } = useSnapshot().host;
  const [isNaming, setIsNaming] = useState(false);
  return (
    <div class="ways-out">
      <div class="ways-out-buttons">
        <CommandButton kind="primary" icon="refresh" command="gateways.search" input={{}}>
          {searchAgain}
        </CommandButton>
        <RouterPages problem={problem} />
        {hasDemo && (
          <CommandButton icon="demo" command="demo.switch" input={{ on: true }}>
            {words.trySimulated}
          </CommandButton>
        )}
        {!isNaming && (
          <Button kind="quiet" onClick={() => setIsNaming(true)}>
            {words.nameRouter}
          </Button>
        )}
      </div>
      {hasDemo && <p class="muted">{words.trySimulatedHint}</p>}
      {isNaming && <RouterAddress />}
    </div>
  );
}

function RouterAddress(): VNode {
  const words = useWords(welcomeWords);
  const language = useLanguage();
  const { state, text, setText, save } = useTextSetting('gateway');
  return (
    <Form onSubmit={() => save(text)}>
      <Field
        label={words.routerAddress}
        hint={words.routerAddressHint}
        error={state.at === 'refused' ? fieldText(state.fault, language) : undefined}
      >
        {(links) => (
          <span class="ways-out-buttons">
            <TextInput {...links} autofocus value={text} placeholder="192.168.1.1" onInput={setText} />
            <Button type="submit" isBusy={state.at === 'saving'}>
              {words.use}
            </Button>
          </span>
        )}
      </Field>
    </Form>
  );
}
