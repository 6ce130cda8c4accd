/** `portkeeper doctor`: what keeps connections out, the cause in the first line. */
import type { CommandInput, CommandName, CommandResults } from '../../contract/commands.ts';
import type { DiagnosisView, Finding } from '../../contract/diagnosis/findings.ts';
import { causesOf, findingsOf } from '../../contract/diagnosis/ranking.ts';
import { actionContextOf, actionsForFinding } from '../../contract/problem-actions.ts';
import { checkTitle, diagnosisLines, explainFinding } from '../../contract/words/findings.ts';
import { valueOf } from '../app-session.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import type { Console } from '../output/console.ts';
import { EXIT, type ExitCode } from '../output/fault.ts';
import { settingLines } from '../output/report.ts';
import { looking, notStopped, snapshotOf, withProgress, type LookSession } from '../session.ts';

interface DoctorOptions {
  /** Addresses and names are replaced by placeholders. */
  readonly mask?: boolean;
}

export async function doctor(
  options: GlobalOptions,
  console: Console,
  { mask = false }: DoctorOptions,
): Promise<ExitCode> {
  return await looking((session) => examine(session, mask))(options, console);
}

async function examine(session: LookSession, isMasked: boolean): Promise<ExitCode> {
  const { console, client, interrupted, system } = session;
  const ask = async <Name extends CommandName>(name: Name, input: CommandInput<Name>): Promise<CommandResults[Name]> =>
    valueOf(notStopped(await client.ask(name, input, interrupted)));
  let left = 0;
  const unwatch = client.watch(({ diagnosis }) => {
    left = diagnosis?.checks.filter(({ findings }) => findings === undefined).length ?? 0;
  });
  try {
    const means = { clock: system.clock, console };
    const view = await withProgress(
      means,
      'Checking',
      () => ask('diagnosis.run', {}),
      () => left,
    );
    const causes = causesOf(findingsOf(view));
    console.record(record(view));
    if (isMasked) {
      const { text } = await ask('diagnosis.report', { masked: true });
      for (const line of text.trimEnd().split('\n')) console.line(line);
    } else {
      for (const line of diagnosisLines(view, 'en')) console.line(line);
      const context = actionContextOf(await snapshotOf(client, interrupted));
      const commands = causes.flatMap(({ finding }) => settingLines(actionsForFinding(finding, context)));
      for (const line of commands.length === 0 ? [] : ['', 'To fix it:', ...commands]) console.line(line);
    }
    return causes.length === 0 ? EXIT.ok : EXIT.failed;
  } finally {
    unwatch();
  }
}

function record(view: DiagnosisView): Record<string, unknown> {
  const causes = causesOf(findingsOf(view));
  return {
    healthy: causes.length === 0,
    causes: causes.map(({ finding, symptoms }) => ({ ...plain(finding), symptoms: symptoms.map(plain) })),
    checks: view.checks.map(({ name, findings = [] }) => ({
      check: name,
      title: checkTitle(name, 'en'),
      findings: findings.map(plain),
    })),
    ms: view.endedAt === undefined ? null : view.endedAt - view.startedAt,
  };
}

/** A problem goes by its own code. */
function plain(finding: Finding): Record<string, unknown> {
  const { code, parameters } =
    finding.code === 'problem' ? finding.parameters.problem : { code: finding.code, parameters: finding.parameters };
  const { level, forward } = finding;
  return { code, level, ...(forward === undefined ? {} : { forward }), parameters, ...explainFinding(finding, 'en') };
}
