/** Forwards that one command keeps open, and the engine's news about them. */
import { randomBytes } from 'node:crypto';
import type { AppSnapshot, CommandInput } from '../contract/commands.ts';
import { asForwardId, type Forward } from '../contract/model.ts';
import type { Confirmed } from '../contract/profiles/opening-questions.ts';
import type { MappingView, Snapshot } from '../contract/snapshot.ts';
import type { Problem } from '../contract/problems.ts';
import { HoldKeeper } from '../connect/hold-keeper.ts';
import type { ProgramParts, EngineSession } from '../connect/program.ts';
import { valueOf } from './app-session.ts';
import type { Console } from './output/console.ts';
import { personAtTerminal, withQuestions } from './options/confirm.ts';
import { InputFault, Interrupted } from './output/fault.ts';
import { follow, followLeftovers } from './output/follow.ts';
import { orAborted } from './interruptions.ts';
import type { GlobalOptions } from './options/global-options.ts';
import { abandonedText, tellNotClosed } from './output/report.ts';
import { CLOSING, gatewayFor, meetingOf, whileClosing, withProgress } from './session.ts';

/** Characters of what people recognise a hold by. */
const LONGEST_LABEL = 100;

type ForwardsInput = Extract<CommandInput<'forwards.hold'>, { readonly what: 'forwards' }>;

export interface HoldingOptions extends Pick<ForwardsInput, 'afterwards' | 'from' | 'label'> {
  readonly program: ProgramParts;
  readonly options: GlobalOptions;
  readonly console: Console;
  readonly waits: boolean;
  readonly isBrief?: boolean;
  /** Not asked about: `all` with `--yes`. */
  readonly confirmed: Confirmed;
  /** The option for which an engine of one's own is needed; absent when any will do. */
  readonly needsOwn?: string | undefined;
}

export class Holding {
  readonly #options: HoldingOptions;
  readonly #keeper: HoldKeeper;
  readonly #name: string;
  #forwards: readonly Forward[] = [];
  #view: Snapshot | undefined;
  /** The snapshot that the view was made of. */
  #seen: AppSnapshot | undefined;
  #isPaused = false;
  #confirmed: Confirmed;
  /** Forwards that the engine has taken. */
  #accepted: readonly Forward[] | undefined;
  #unfollow: () => void = () => undefined;

  constructor(options: HoldingOptions) {
    const { program, console, from, waits, isBrief = false, needsOwn } = options;
    this.#options = options;
    this.#confirmed = options.confirmed;
    this.#name = `${from}-${randomBytes(8).toString('hex')}`;
    const meeting = { options: options.options, console, purpose: 'hold', waits, isBrief } as const;
    const meet = meetingOf(program, meeting);
    this.#keeper = new HoldKeeper({
      meet: async (isTakeover, signal) => {
        const session = await meet(isTakeover, signal);
        if (session.app !== undefined || needsOwn === undefined || isTakeover) return session;
        await session.end();
        throw new InputFault(
          `${needsOwn} isn’t available because Portkeeper is already running. Leave it out, or use another data folder with --data-dir.`,
          { at: { word: needsOwn } },
        );
      },
      input: (session) => this.#input(session),
      moved: ({ app }) => {
        const who = app === undefined ? 'Another process' : 'This command';
        console.note(`Portkeeper has quit. ${who} keeps the ports open now.`);
        this.#followLeftovers();
      },
    });
  }

  /** The engine's view of it, as of an engine that holds nothing else. */
  get view(): Snapshot {
    if (this.#view === undefined) throw new RangeError('nothing has been kept open yet');
    return this.#view;
  }

  /** A resident program is there, and has paused everything. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Resolves when a person has released it. @throws what keeps everybody from holding it, such as a StorageError */
  get ended(): Promise<void> {
    return this.#keeper.ended;
  }

  /** Once. @throws StorageError, InputFault, or the signal's reason */
  async begin(signal: AbortSignal): Promise<void> {
    await this.#keeper.begin(signal);
    const unwatch = this.#keeper.watch((snapshot) => this.#look(snapshot));
    const unfollow = follow((listener) => this.watch(listener), this.#options.console);
    this.#unfollow = () => {
      unwatch();
      unfollow();
    };
    this.#followLeftovers();
  }

  /** Resolves when they are open, or why not is known. The same again changes nothing. @throws RefusedFault when somebody else
   * holds one of them: then what was held before is held further */
  async hold(forwards: readonly Forward[], interrupted: AbortSignal): Promise<void> {
    const before = { forwards: this.#forwards, confirmed: this.#confirmed };
    this.#forwards = forwards;
    const never = new AbortController().signal;
    const work = (confirmed: Confirmed): ReturnType<HoldKeeper['hold']> => {
      this.#confirmed = confirmed;
      return withProgress(this.#means, 'Opening', () => orAborted(this.#keeper.hold(never), interrupted));
    };
    try {
      // A list changes while nobody looks.
      const ask = this.#options.from === 'terminal' ? personAtTerminal() : undefined;
      valueOf(await withQuestions(before.confirmed, work, ask));
      this.#accepted = forwards;
    } catch (error) {
      if (!(error instanceof Interrupted)) {
        this.#forwards = before.forwards;
        this.#confirmed = before.confirmed;
      }
      throw error;
    }
  }

  /** The first call comes as soon as something is held. Returns what ends it. */
  watch(listener: (view: Snapshot) => void): () => void {
    return this.#keeper.watch((snapshot) => {
      this.#look(snapshot);
      if (this.#view !== undefined) listener(this.#view);
    });
  }

  /** Closes them, or leaves them open without a word of each. @returns does nothing stay open that should not? */
  async release(keep: boolean): Promise<boolean> {
    if (this.#view === undefined) return true;
    if (keep) this.#unfollow();
    await this.#whileClosing((late) => this.#keeper.release(this.#name, keep, late));
    return keep || this.#tellLeft();
  }

  /** Ports that a person released elsewhere are closed; says so. */
  async released(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const unwatch = this.watch(() => {
      if (this.#closing.length === 0) resolve();
    });
    await this.#whileClosing(async (late) => {
      late.addEventListener('abort', () => resolve(), { once: true });
      await promise;
    });
    unwatch();
    this.#tellLeft();
    this.#options.console.note('These ports were released elsewhere and are no longer kept open.');
  }

  /** Reports ports that are open, and no longer kept so. */
  tellAbandoned(): void {
    for (const { status, external, transport } of this.#view?.mappings ?? []) {
      if (status.at !== 'open' && status.at !== 'renewing') continue;
      this.#options.console.note(abandonedText({ external, transport }, status.lease.expiresAt));
    }
  }

  /** Gives the engine free, if it is here. */
  async leave(): Promise<void> {
    this.#unfollow();
    await this.#keeper.leave(CLOSING);
  }

  async #input(session: EngineSession): Promise<ForwardsInput> {
    const { afterwards, from, label, options } = this.#options;
    const gateway = gatewayFor(session, options);
    const forwards = this.#forwards.map((forward) => ({
      ...forward,
      ...(gateway === undefined || forward.gateway !== undefined ? {} : { gateway }),
    }));
    return {
      what: 'forwards',
      forwards,
      from,
      label: label.replaceAll(/\p{Cc}+/gu, ' ').slice(0, LONGEST_LABEL),
      hold: this.#name,
      afterwards,
      // A successor asks nobody: open ports are on record.
      confirmed: this.#forwards === this.#accepted ? 'all' : this.#confirmed,
    };
  }

  #look(snapshot: AppSnapshot): void {
    if (snapshot === this.#seen) return;
    this.#seen = snapshot;
    this.#isPaused = snapshot.settings.paused && snapshot.obeysSwitches;
    const isHeld = snapshot.holds.some(({ name }) => name === this.#name);
    if (isHeld || this.#view !== undefined) this.#view = ownView(snapshot, `${this.#name}:`);
  }

  /** Only an engine of this process knows of an earlier run. */
  #followLeftovers(): void {
    const app = this.#keeper.session?.app;
    if (app === undefined) return;
    const unfollow = this.#unfollow;
    const source = {
      get leftovers() {
        return app.engine.leftovers;
      },
      watch: (listener: (snapshot: Snapshot) => void) => app.watch(({ engine }) => listener(engine)),
    };
    const unfollowLeftovers = followLeftovers(source, this.#options.console);
    this.#unfollow = () => {
      unfollow();
      unfollowLeftovers();
    };
  }

  get #means() {
    return { clock: this.#options.program.system.clock, console: this.#options.console };
  }

  get #closing(): readonly MappingView[] {
    return this.#view?.mappings.filter(({ status }) => status.at === 'closing') ?? [];
  }

  async #whileClosing(wait: (late: AbortSignal) => Promise<unknown>): Promise<void> {
    const left = (): number => this.#closing.length;
    const { clock } = this.#means;
    const watch = (changed: () => void): (() => void) => this.watch(changed);
    await withProgress(this.#means, 'Closing', () => whileClosing({ clock, watch, left }, CLOSING, wait), left);
  }

  /** @returns true when nothing is left */
  #tellLeft(): boolean {
    const { console } = this.#options;
    for (const mapping of this.#closing) {
      if (mapping.status.at !== 'closing') continue;
      tellNotClosed(mapping, mapping.status.lease.expiresAt, console);
    }
    return this.#closing.length === 0;
  }
}

/** By what the engine calls its mappings: what has not changed there has not here. */
const ownMappings = new WeakMap<MappingView, MappingView>();

/** Under the names that the command gave them. @param prefix of its forwards in the engine */
export function ownView({ engine }: Pick<AppSnapshot, 'engine'>, prefix: string): Snapshot {
  const isOwn = (id: string | undefined): id is string => id?.startsWith(prefix) === true;
  const named = <Named extends { readonly id: Forward['id'] }>(one: Named): Named => ({
    ...one,
    id: asForwardId(one.id.slice(prefix.length)),
  });
  const about = (problem: Problem): Problem =>
    isOwn(problem.forward) ? { ...problem, forward: asForwardId(problem.forward.slice(prefix.length)) } : problem;
  const mapping = (one: MappingView): MappingView => {
    const known = ownMappings.get(one);
    if (known !== undefined) return known;
    const own = renamed(one);
    ownMappings.set(one, own);
    return own;
  };
  const renamed = (one: MappingView): MappingView => {
    const forward = asForwardId(one.forward.slice(prefix.length));
    const { status } = one;
    if (status.at === 'refused') return { ...one, forward, status: { ...status, problem: about(status.problem) } };
    if (status.at !== 'waiting' || status.problem === undefined) return { ...one, forward };
    return { ...one, forward, status: { ...status, problem: about(status.problem) } };
  };
  return {
    ...engine,
    forwards: engine.forwards.filter(({ id }) => isOwn(id)).map(named),
    mappings: engine.mappings.filter(({ forward }) => isOwn(forward)).map(mapping),
    problems: engine.problems.filter(({ forward }) => forward === undefined || isOwn(forward)).map(about),
  };
}
