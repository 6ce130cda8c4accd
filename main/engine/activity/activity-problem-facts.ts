/** Problems that concern more than one forward's opening, and their ends. */
import type { MappingView } from '../../contract/snapshot.ts';
import type { Problem, ProblemCode } from '../../contract/problems.ts';
import type { EpochMs } from '../../contract/units.ts';
import { inSeconds } from '../../contract/units.ts';
import type { NewFact, Patience, Seen } from './activity-seen.ts';

interface ToldProblem {
  readonly problem: Problem;
  readonly since: EpochMs;
  readonly isTold: boolean;
  readonly goneSince: EpochMs | undefined;
}

export type ToldProblems = ReadonlyMap<string, ToldProblem>;

export const NO_PROBLEMS: ToldProblems = new Map();

/** Come and go while a computer or a router starts. */
const PASSING: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'no-network',
  'no-gateway',
  'port-control-off',
  'no-external-address',
  'local-network-denied',
  'traffic-denied',
  'router-garbled',
  'open-unanswered',
  'not-our-gateway',
]);
const PASSES = inSeconds(30);
const AT_ONCE = inSeconds(0);

/** Does it concern one port, rather than the router or the network? */
export const isOfPort = ({ parameters }: Problem): boolean => 'port' in parameters;

export function statusProblem({ status }: MappingView): Problem | undefined {
  return status.at === 'refused' || status.at === 'waiting' ? status.problem : undefined;
}

export function problemFacts(
  before: ToldProblems,
  { engine, problems }: Pick<Seen, 'engine' | 'problems'>,
  patience: Patience,
): { readonly told: ToldProblems; readonly facts: readonly NewFact[] } {
  const now = problemsNow(engine, problems);
  // Without a network nobody knows whether the others are still there.
  const isBlind = engine.problems.some(({ code }) => code === 'no-network');
  const told = new Map<string, ToldProblem>();
  const facts: NewFact[] = [];
  for (const [key, problem] of now) {
    const known = before.get(key);
    const since = patience.since(known?.since);
    const isTold = known?.isTold === true || !patience.isTooNew(since, PASSING.has(problem.code) ? PASSES : AT_ONCE);
    if (isTold && known?.isTold !== true) facts.push({ at: since, fact: { is: 'problem', problem } });
    told.set(key, { problem, since, isTold, goneSince: undefined });
  }
  for (const [key, known] of before) {
    if (now.has(key)) continue;
    const goneSince = patience.since(known.goneSince);
    if (isBlind && known.problem.code !== 'no-network') told.set(key, known);
    else if (patience.isTooNew(goneSince)) told.set(key, { ...known, goneSince });
    else if (known.isTold) facts.push({ at: goneSince, fact: { is: 'solved', problem: known.problem } });
  }
  return { told, facts };
}

/** Once each, however many forwards meet it. */
function problemsNow(engine: Seen['engine'], others: readonly Problem[]): ReadonlyMap<string, Problem> {
  const now = new Map<string, Problem>();
  for (const problem of [...others, ...engine.problems]) {
    // Told of the gateway itself.
    if (problem.code !== 'gateway-away') add(now, problem);
  }
  for (const mapping of engine.mappings) {
    const problem = statusProblem(mapping);
    if (problem !== undefined && !isOfPort(problem)) add(now, problem);
  }
  return now;
}

function add(now: Map<string, Problem>, problem: Problem): void {
  const { code, gateway = '', forward = '' } = problem;
  const key = isOfPort(problem) ? `${code} ${gateway} ${forward}` : `${code} ${gateway}`;
  if (!now.has(key) && problem.severity !== 'info') now.set(key, problem);
}
