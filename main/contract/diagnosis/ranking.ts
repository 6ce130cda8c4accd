/** The cause first, its symptoms beneath it: pure judgement over what the checks found. */
import type { ProblemCode } from '../problems.ts';
import { CHECKS, type DiagnosisView, type Finding, type FindingCode } from './findings.ts';

/**
 * How deep a trouble lies. What is deeper explains what comes after it, for it would be there in any case; programs on
 * this computer are a matter of their own.
 */
const STAGES = ['computer', 'permission', 'router', 'line', 'rule', 'program', 'traffic'] as const;
type Stage = (typeof STAGES)[number];

const OWN: Readonly<Partial<Record<FindingCode, Stage>>> = {
  'no-router': 'computer',
  'no-dhcp': 'computer',
  'virtual-router': 'computer',
  'vpn-is-default': 'computer',
  'answers-blocked': 'permission',
  paused: 'permission',
  'not-running': 'permission',
  'port-control-off': 'router',
  'double-nat': 'line',
  'carrier-nat': 'line',
  'unusable-address': 'line',
  'other-address': 'line',
  'writing-off': 'rule',
  'nothing-listens': 'program',
  'loopback-only': 'program',
  'other-transport': 'program',
  'other-interface': 'program',
  'device-refuses': 'program',
  'device-silent': 'program',
  'firewall-blocks': 'program',
};

const PROBLEMS: Readonly<Partial<Record<ProblemCode, Stage>>> = {
  'no-network': 'computer',
  'local-network-denied': 'permission',
  'traffic-denied': 'permission',
  'network-not-approved': 'permission',
  'no-gateway': 'router',
  'not-our-gateway': 'router',
  'port-control-off': 'router',
  'router-password': 'router',
  'router-confirmation': 'rule',
  'gateway-away': 'router',
  'not-default-router': 'router',
  'no-external-address': 'line',
  'behind-another-nat': 'line',
  'listed-but-dead': 'traffic',
};

/** Refusals that say why, whatever the line is like. */
const ITS_OWN_REASON: ReadonlySet<string> = new Set<ProblemCode>([
  'conflict',
  'conflict-in-router',
  'port-not-allowed',
  'only-for-itself',
  'table-full',
]);

const codeOf = (finding: Finding): string =>
  finding.code === 'problem' ? finding.parameters.problem.code : finding.code;

const parametersOf = ({ code, parameters }: Finding): unknown =>
  code === 'problem' ? parameters.problem.parameters : parameters;

function stageOf(finding: Finding): Stage {
  if (finding.code === 'problem') return PROBLEMS[finding.parameters.problem.code] ?? 'rule';
  return OWN[finding.code] ?? 'traffic';
}

const depth = (finding: Finding): number => STAGES.indexOf(stageOf(finding));

/** Would the symptom be there because of the cause alone? */
function explains(cause: Finding, symptom: Finding): boolean {
  const [one, other] = [stageOf(cause), stageOf(symptom)];
  if (other === 'program') return false;
  if (isAboutOther(cause, symptom)) return false;
  if (one === 'line' && other === 'line') return cause.code !== 'problem' && symptom.code === 'problem';
  if (one === 'line' && other === 'rule') return !ITS_OWN_REASON.has(codeOf(symptom));
  if (one === 'rule' && other === 'rule') return cause.code !== 'problem' && symptom.code === 'problem';
  return depth(cause) < depth(symptom);
}

/** Two forwards have troubles of their own, whatever is deeper. */
const isAboutOther = ({ forward }: Finding, symptom: Finding): boolean =>
  forward !== undefined && symptom.forward !== undefined && forward !== symptom.forward;

export interface Cause {
  readonly finding: Finding;
  readonly symptoms: readonly Finding[];
}

/** Causes that keep connections out, deepest first; the other findings beneath what explains them. */
export function causesOf(findings: readonly Finding[]): readonly Cause[] {
  const order = (finding: Finding): number => depth(finding) * CHECKS.length + CHECKS.indexOf(finding.check);
  const troubles = findings.filter(({ level }) => level === 'trouble').toSorted((a, b) => order(a) - order(b));
  const told = new Set<string>();
  const causes: { readonly finding: Finding; readonly symptoms: Finding[] }[] = [];
  for (const finding of troubles) {
    // The engine and a check may have met the same.
    const key = `${codeOf(finding)} ${JSON.stringify(parametersOf(finding))}`;
    if (told.has(key)) continue;
    told.add(key);
    const cause = causes.find((known) => explains(known.finding, finding));
    if (cause === undefined) causes.push({ finding, symptoms: [] });
    else cause.symptoms.push(finding);
  }
  return causes;
}

export const findingsOf = ({ checks }: Pick<DiagnosisView, 'checks'>): readonly Finding[] =>
  checks.flatMap(({ findings = [] }) => findings);
