/** Runs the checks of "why can nobody connect?" on this Portkeeper, and keeps the latest result for every UI. */
import type { CommandResults } from '../../contract/commands.ts';
import { CHECKS, type CheckName, type DiagnosisView, type Finding } from '../../contract/diagnosis/findings.ts';
import { asForwardId } from '../../contract/model.ts';
import { inSeconds, isPort, port, seconds } from '../../contract/units.ts';
import { diagnosisLines } from '../../contract/words/findings.ts';
import type { Trial } from '../../diagnose/examination.ts';
import { forAtMost } from '../../system/deadline.ts';
import type { App } from '../app.ts';
import type { CommandsAbout } from '../command-error.ts';
import { maskOf, momentText } from './fault-report.ts';

export class Diagnosing {
  readonly #app: App;
  readonly #changed: () => void;
  #view: DiagnosisView | undefined;

  /** @param changed called when there is something new to show */
  constructor(app: App, changed: () => void) {
    this.#app = app;
    this.#changed = changed;
  }

  /** The latest run, also while it goes on. */
  get view(): DiagnosisView | null {
    return this.#view ?? null;
  }

  /** @returns the run once it has ended @throws the signal's reason; the run is then forgotten */
  async run(names: readonly CheckName[], signal: AbortSignal): Promise<DiagnosisView> {
    const app = this.#app;
    const { system, engine } = app;
    await engine.memory.load();
    const chosen = CHECKS.filter((name) => names.includes(name));
    let view: DiagnosisView = { startedAt: system.clock.now(), checks: chosen.map((name) => ({ name })) };
    const isLatest = (): boolean => this.#view?.startedAt === view.startedAt;
    const show = (next: DiagnosisView): void => {
      view = next;
      this.#view = next;
      this.#changed();
    };
    show(view);
    const told = (name: CheckName, findings: readonly Finding[]): void => {
      const checks = view.checks.map((check) => (check.name === name ? { name, findings } : check));
      if (isLatest()) show({ ...view, checks });
      else view = { ...view, checks };
    };
    const around = {
      system,
      search: engine.search,
      memory: engine.memory,
      app: () => app.snapshot,
      tryOpening: (inTime: AbortSignal) => this.#tryOpening(inTime),
    };
    try {
      const { runChecks } = await import('../../diagnose/run-checks.ts');
      await runChecks(chosen, around, told, signal);
    } catch (error) {
      if (isLatest()) {
        this.#view = undefined;
        this.#changed();
      }
      throw error;
    }
    const ended = { ...view, endedAt: system.clock.now() };
    if (isLatest()) show(ended);
    return ended;
  }

  /** For people to paste where others help them. */
  async report(isMasked: boolean, signal: AbortSignal): Promise<CommandResults['diagnosis.report']> {
    const latest = this.#view?.endedAt === undefined ? await this.run(CHECKS, signal) : this.#view;
    const { host, snapshot } = this.#app;
    const at = momentText(latest.startedAt);
    const title = `Portkeeper ${host?.version ?? ''} on ${host?.platform ?? ''}, checked ${at} UTC`;
    const text = [title, '', ...diagnosisLines(latest, 'en'), ''].join('\n');
    const fileName = `portkeeper-check-${at.slice(0, 10)}.txt`;
    return { text: isMasked ? maskOf(host, snapshot).text(text) : text, fileName };
  }

  /** A port that hardly anybody uses, for this computer, for a moment: held as a terminal's would be. */
  async #tryOpening(signal: AbortSignal): Promise<Trial | undefined> {
    const app = this.#app;
    const { clock, random } = app.system;
    if (!app.isRunning) return undefined;
    const chosen = FIRST_DYNAMIC_PORT + Math.floor(random.unit() * (65_536 - FIRST_DYNAMIC_PORT));
    const external = isPort(chosen) ? chosen : port(FIRST_DYNAMIC_PORT);
    const { isMeant, forwards, release } = app.holds.hold(
      {
        what: 'forwards',
        from: 'terminal',
        label: 'Check',
        hold: `check-${clock.now()}`,
        afterwards: 'close',
        confirmed: [],
        forwards: [
          {
            id: asForwardId('check'),
            label: 'Portkeeper check',
            transports: ['tcp'],
            families: ['ipv4'],
            external: { first: external, last: external },
            internal: { first: external },
            ifTaken: 'next-free',
            lease: seconds(120),
          },
        ],
      },
      () => undefined,
    );
    try {
      await forAtMost(clock, TRIAL, signal, (inTime) => app.settled(isMeant, inTime));
      const status = app.engine.snapshot.mappings.find(({ forward }) => forwards.includes(forward))?.status;
      if (status?.at === 'open' || status?.at === 'renewing') return { opened: status.lease.external.port };
      const problem = status?.at === 'refused' || status?.at === 'waiting' ? status.problem : undefined;
      return problem === undefined ? undefined : { problem };
    } finally {
      release();
      // Closed also when nobody waits for the answer any more.
      await forAtMost(clock, TRIAL, NEVER, (inTime) => app.settled(isMeant, inTime)).catch(() => undefined);
    }
  }
}

const TRIAL = inSeconds(3);
/** RFC 6335 §6. */
const FIRST_DYNAMIC_PORT = 49_152;
const NEVER = new AbortController().signal;

export function diagnosisCommands({ diagnosing }: Pick<App, 'diagnosing'>): CommandsAbout<'diagnosis'> {
  return {
    'diagnosis.run': ({ checks }, signal) => diagnosing.run(checks, signal),
    'diagnosis.report': ({ masked }, signal) => diagnosing.report(masked, signal),
  };
}
