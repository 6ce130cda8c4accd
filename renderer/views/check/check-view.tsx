/** Why can nobody connect? The cause first, its symptoms beneath it, then every check. */
import type { VNode } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import {
  CHECKS,
  type CheckName,
  type CheckView as Checked,
  type DiagnosisView,
  type Finding,
} from '../../../main/contract/diagnosis/findings.ts';
import { actionContextOf, actionsForFinding } from '../../../main/contract/problem-actions.ts';
import {
  allClear,
  checkTitle,
  distinct,
  explainFinding,
  toldCauses,
  type ToldCause,
} from '../../../main/contract/words/findings.ts';
import { Button, useCopy } from '../../parts/button.tsx';
import { Checkbox } from '../../parts/choice.tsx';
import { Icon, Spinner, type IconName } from '../../parts/icon.tsx';
import { Card, Section, Status, ViewHead, type Tone } from '../../parts/layout.tsx';
import { Callout, EmptyState, ProblemButtons } from '../../parts/notice.tsx';
import { windowWords } from '../../shell/words.ts';
import { useSaveFile } from '../../state/browser.ts';
import { useLanguage, useWords } from '../../state/language.tsx';
import { useAsk, useSnapshot, useTask } from '../../state/portkeeper.tsx';
import { forgetParameters, useRoute } from '../../state/route.ts';
import './check.css';
import { checkViewWords } from './words.ts';

export function CheckView(): VNode {
  const { views, cancel } = useWords(windowWords);
  const words = useWords(checkViewWords);
  const { diagnosis } = useSnapshot();
  const ask = useAsk();
  const { isBusy, run, cancel: stop } = useTask();
  const check = useCallback(
    (checks: readonly CheckName[]) => run((signal) => ask('diagnosis.run', { checks: [...checks] }, { signal })),
    [ask, run],
  );
  useAskedChecks(check);
  // Another window, or a terminal, may have begun it.
  const isRunning = isBusy || (diagnosis !== null && diagnosis.endedAt === undefined);
  const start = (
    <Button kind="primary" icon="check-up" onClick={() => check(CHECKS)}>
      {diagnosis === null ? words.run : words.again}
    </Button>
  );
  return (
    <>
      <ViewHead
        title={views.check}
        actions={
          isRunning ? (
            <span class="check-progress" role="status">
              <Spinner isImmediate />
              <Progress diagnosis={diagnosis} />
              {isBusy && <Button onClick={stop}>{cancel}</Button>}
            </span>
          ) : (
            diagnosis !== null && start
          )
        }
      />
      {diagnosis === null ? (
        !isRunning && (
          <EmptyState icon="check-up" title={words.intro} text={words.introHint}>
            {start}
          </EmptyState>
        )
      ) : (
        <Result diagnosis={diagnosis} checkAll={() => check(CHECKS)} />
      )}
    </>
  );
}

/** A link to this view may name the checks to be made. */
function useAskedChecks(check: (checks: readonly CheckName[]) => void): void {
  const { checks: asked } = useRoute().parameters;
  useEffect(() => {
    if (asked === undefined) return;
    const named = asked.split(',');
    const known = CHECKS.filter((name) => named.includes(name));
    forgetParameters();
    check(known.length === 0 ? CHECKS : known);
  }, [asked, check]);
}

function Progress({ diagnosis }: { readonly diagnosis: DiagnosisView | null }): VNode {
  const words = useWords(checkViewWords);
  const { checks = [] } = diagnosis ?? {};
  const done = checks.filter(({ findings }) => findings !== undefined).length;
  return <span>{words.running(done, checks.length)}</span>;
}

interface ResultProperties {
  readonly diagnosis: DiagnosisView;
  readonly checkAll: () => void;
}

function Result({ diagnosis, checkAll }: ResultProperties): VNode {
  const words = useWords(checkViewWords);
  const hasEnded = diagnosis.endedAt !== undefined;
  const isPart = diagnosis.checks.length < CHECKS.length;
  return (
    <>
      {hasEnded && <Verdict diagnosis={diagnosis} />}
      <Section
        title={words.checked}
        hint={isPart ? words.some : undefined}
        actions={
          isPart &&
          hasEnded && (
            <Button size="small" onClick={checkAll}>
              {words.all}
            </Button>
          )
        }
      >
        <Card kind="rows">
          {diagnosis.checks.map((one) => (
            <CheckRow key={one.name} check={one} />
          ))}
        </Card>
      </Section>
      {hasEnded && <Report />}
    </>
  );
}

function Verdict({ diagnosis }: Pick<ResultProperties, 'diagnosis'>): VNode {
  const words = useWords(checkViewWords);
  const language = useLanguage();
  const causes = toldCauses(diagnosis, language);
  return (
    <div class="check-verdict" role="status">
      {causes.length === 0 ? (
        <Callout tone="good" icon="open" title={allClear(diagnosis, language)}>
          {words.healthyHint}
        </Callout>
      ) : (
        causes.map((cause, at) => (
          <CauseCard key={`${cause.finding.code} ${at}`} cause={cause} label={words.cause(at + 1, causes.length)} />
        ))
      )}
    </div>
  );
}

/** Ways out that are buttons; the others are quiet. */
const MAIN = 2;

function CauseCard({ cause, label }: { readonly cause: ToldCause; readonly label: string }): VNode {
  const words = useWords(checkViewWords);
  const context = actionContextOf(useSnapshot());
  const { finding, what, why, todo, effects } = cause;
  const actions = actionsForFinding(finding, context);
  return (
    <section class="check-cause" aria-label={label}>
      <Icon name="error" size={24} />
      <div class="check-cause-text">
        <p class="check-label">{label}</p>
        {what.map((text) => (
          <h2 key={text}>{text}</h2>
        ))}
        {why !== '' && <p class="muted">{why}</p>}
        {todo !== '' && <p class="check-todo">{todo}</p>}
        {actions.length > 0 && (
          <div class="notice-actions">
            <ProblemButtons actions={actions.slice(0, MAIN)} />
            <ProblemButtons actions={actions.slice(MAIN)} areQuiet />
          </div>
        )}
        {effects.length > 0 && (
          <div class="check-effects">
            <p>{words.because}</p>
            <ul>
              {effects.map((text) => (
                <li key={text}>{text}</li>
              ))}
            </ul>
          </div>
        )}
      </div>
    </section>
  );
}

type State = Finding['level'] | 'nothing' | 'running';

const LOOKS: Readonly<Record<Exclude<State, 'running'>, { readonly icon: IconName; readonly tone: Tone }>> = {
  trouble: { icon: 'error', tone: 'bad' },
  hint: { icon: 'warning', tone: 'warn' },
  unknown: { icon: 'partly', tone: 'plain' },
  fine: { icon: 'open', tone: 'good' },
  nothing: { icon: 'off', tone: 'plain' },
};

const WORST_FIRST = ['trouble', 'hint', 'unknown', 'fine'] as const;

function stateOf({ findings }: Checked): State {
  if (findings === undefined) return 'running';
  return WORST_FIRST.find((level) => findings.some((finding) => finding.level === level)) ?? 'nothing';
}

function CheckRow({ check }: { readonly check: Checked }): VNode {
  const words = useWords(checkViewWords);
  const language = useLanguage();
  const { name, findings } = check;
  const state = stateOf(check);
  return (
    <div class="check-row" data-state={state}>
      <span class="check-name">{checkTitle(name, language)}</span>
      <div class="check-found">
        {findings?.length === 0 && <p class="faint">{words.nothing}</p>}
        {distinct(findings ?? [], language).map((finding, at) => (
          <Found key={`${finding.code} ${at}`} finding={finding} />
        ))}
      </div>
      <span class="check-state">
        {state === 'running' ? (
          <>
            <Spinner />
            <span class="faint">{words.states.running}</span>
          </>
        ) : (
          <Status {...LOOKS[state]}>{words.states[state]}</Status>
        )}
      </span>
    </div>
  );
}

/** Causes that keep connections out are explained at the top. */
function Found({ finding }: { readonly finding: Finding }): VNode {
  const { what, why, todo } = explainFinding(finding, useLanguage());
  const isExplained = finding.level === 'hint' || finding.level === 'unknown';
  const rest = isExplained ? [why, todo].filter((text) => text !== '').join(' ') : '';
  return (
    <div>
      <p>{what}</p>
      {rest !== '' && <p class="row-hint">{rest}</p>}
    </div>
  );
}

function Report(): VNode {
  const words = useWords(checkViewWords);
  const ask = useAsk();
  const copy = useCopy();
  const saveFile = useSaveFile();
  const copying = useTask();
  const saving = useTask();
  const [isMasked, setIsMasked] = useState(true);
  const write = async (signal: AbortSignal, then: (report: { text: string; fileName: string }) => unknown) => {
    const answer = await ask('diagnosis.report', { masked: isMasked }, { signal });
    if (answer.ok) await then(answer.value);
  };
  return (
    <Section title={words.report} hint={words.reportHint}>
      <Card>
        <div class="check-report">
          <Checkbox label={words.mask} isChecked={isMasked} onChange={setIsMasked} />
          <div class="notice-actions">
            <Button
              icon="copy"
              isBusy={copying.isBusy}
              onClick={() => copying.run((signal) => write(signal, ({ text }) => copy(text, words.copied)))}
            >
              {words.copy}
            </Button>
            <Button
              icon="download"
              isBusy={saving.isBusy}
              onClick={() => saving.run((signal) => write(signal, ({ fileName, text }) => saveFile(fileName, text)))}
            >
              {words.save}
            </Button>
          </div>
        </div>
      </Card>
    </Section>
  );
}
