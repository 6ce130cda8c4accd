/** The router's answers to opening ports: refusals, who holds a port, and whether writing is allowed (C20, C21). */
import type { AppSnapshot } from '../../contract/commands.ts';
import type { Problem, ProblemCode, ProblemOf } from '../../contract/problems.ts';
import { wishOf } from '../../contract/forward-state.ts';
import { finding, problemFinding, type Check, type CheckFinding, type Examination } from '../examination.ts';
import { routerKeyAt } from '../router-key.ts';

/** About the engine as a whole; the others are some check's own. */
const GENERAL: ReadonlySet<string> = new Set<ProblemCode>(['network-not-approved', 'listed-but-dead', 'gateway-away']);

export const rules: Check = async (examination, signal) => {
  const app = await examination.settled();
  const found = [...wishes(app), ...app.engine.problems.filter(({ code }) => GENERAL.has(code)).map(asTrouble)];
  const refusals = refusalsOf(app);
  if (refusals.length > 0) return [...found, ...(await judged(examination, refusals, signal))];
  const open = app.engine.mappings.filter(({ status }) => status.at === 'open' || status.at === 'renewing').length;
  if (open > 0) return [...found, finding('fine', 'open', { count: open })];
  if (found.length > 0) return found;
  const count = app.engine.mappings.length;
  if (count > 0) return [finding('unknown', 'under-way', { count })];
  const trial = await examination.trial();
  if (trial === undefined) return [finding('fine', 'nothing-wanted', {})];
  if ('problem' in trial) return await judged(examination, [trial.problem], signal);
  const gateway = (await examination.defaultGateway())?.name ?? '';
  return [finding('fine', 'trial-opened', { gateway, port: trial.opened })];
};

const asTrouble = (problem: Problem): CheckFinding => problemFinding('trouble', problem);

/** Is anything to be open that nobody opens? */
function wishes(app: AppSnapshot): readonly CheckFinding[] {
  const on = app.profiles.filter(
    (profile) => ['wanted', 'paused'].includes(wishOf(profile, app)) && profile.forwards.length > 0,
  );
  if (on.length === 0) return [];
  if (app.settings.paused) return [finding('trouble', 'paused', {})];
  const idle = on.filter(({ id }) => !app.held.includes(id)).length;
  return app.obeysSwitches || idle === 0 ? [] : [finding('trouble', 'not-running', { count: idle })];
}

/** Each once: of several ports that are refused alike, the first speaks for all. */
function refusalsOf({ engine }: AppSnapshot): readonly Problem[] {
  const problems = engine.mappings.flatMap(({ status }) =>
    status.at === 'refused' || status.at === 'waiting' ? (status.problem ?? []) : [],
  );
  const seen = new Set<string>();
  return problems.filter((problem) => {
    const { code, parameters } = problem;
    const key = 'port' in parameters ? `${code} ${problem.forward ?? ''}` : code;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** Ports that routers keep for themselves are below (C13). */
const FIRST_FREE_PORT = 1024;

async function judged(
  examination: Examination,
  problems: readonly Problem[],
  signal: AbortSignal,
): Promise<readonly CheckFinding[]> {
  const gateway = await examination.defaultGateway();
  const forbidden = problems.filter(isForbidden);
  const [first] = forbidden;
  if (first === undefined || gateway === undefined || forbidden.length < problems.length)
    return problems.map(asTrouble);
  const menu = await routerKeyAt(examination, gateway.address, signal);
  const parameters = { gateway: gateway.name, code: first.parameters.code, menu };
  return [finding('trouble', 'writing-off', parameters, { gateway: gateway.id })];
}

/** Not because of the port. */
const isForbidden = (problem: Problem): problem is ProblemOf<'port-not-allowed'> =>
  problem.code === 'port-not-allowed' && problem.parameters.port >= FIRST_FREE_PORT;
