/** Names and passwords for routers that open ports only for signed-in users (TR-064): secret, used only there. */
import * as v from 'valibot';
import type { IpAddress } from '../../contract/address.ts';
import { AddressSchema } from '../../contract/checked.ts';
import type { CheckedInput, CommandResults, SignInView } from '../../contract/commands.ts';
import { inSeconds } from '../../contract/units.ts';
import { RouterSignIns, type SignIn } from '../../gateways/upnp/sign-ins.ts';
import { forAtMost } from '../../system/deadline.ts';
import type { DocumentStore, SecretPlace, SecretStore, System } from '../../system/system.ts';
import type { App } from '../app.ts';
import { CommandError, orNotStored } from '../command-error.ts';

/** Key in the secret store. */
const KEY = 'router-sign-ins';
/** More routers than a person takes a laptop to. */
const MOST = 32;
/** A store that asks the person to unlock it must not keep ports closed. */
const READING = inSeconds(3);
const WHOLE_SEARCH = inSeconds(20);

const Kept = v.pipe(
  v.array(
    v.strictObject({
      address: AddressSchema,
      mac: v.exactOptional(v.string()),
      user: v.string(),
      password: v.string(),
    }),
  ),
  v.maxLength(MOST),
);

/** How many there are, and nothing else of them. */
const DOCUMENT = 'router-sign-ins';
const Known = v.object({ routers: v.number() });

interface SignInKeeperOptions {
  readonly system: Pick<System, 'clock' | 'log' | 'routes' | 'random' | 'hash'>;
  /** Absent: they are forgotten when Portkeeper ends. */
  readonly secrets: SecretStore | undefined;
  readonly documents: Pick<DocumentStore, 'read' | 'write'>;
  readonly changed: () => void;
}

export class SignInKeeper {
  readonly #options: SignInKeeperOptions;
  /** Absent where the system has no digests. */
  readonly signIns: RouterSignIns | undefined;

  constructor(options: SignInKeeperOptions) {
    const { hash, routes, random } = options.system;
    this.#options = options;
    this.signIns = hash && new RouterSignIns({ routes, random, hash, judged: () => options.changed() });
  }

  get view(): readonly SignInView[] {
    return (this.signIns?.all ?? []).map(({ address, state }) => ({ router: address, state }));
  }

  /** Before the first search. A store that cannot be read is logged: what is open needs no password. */
  async load(signal: AbortSignal): Promise<void> {
    const { secrets, documents, system } = this.#options;
    if (secrets === undefined) return;
    try {
      // Without any, the system's store is left alone: it may have to be started, or unlocked by the person.
      const known = v.safeParse(Known, await documents.read(DOCUMENT));
      if (!known.success || known.output.routers === 0) return;
      const found = await forAtMost(system.clock, READING, signal, (inTime) => secrets.read(KEY, inTime));
      const kept = v.safeParse(Kept, found === undefined ? [] : JSON.parse(found.secret));
      if (kept.success) this.signIns?.set(kept.output);
      else system.log.write('warn', 'the sign-ins of routers are unreadable');
    } catch (error) {
      if (!signal.aborted) system.log.write('warn', 'could not read the sign-ins of routers', { error: String(error) });
    }
  }

  /** @throws StorageError */
  async set(signIn: SignIn, signal: AbortSignal): Promise<SecretPlace | 'nowhere'> {
    return await this.#keep([...this.#others(signIn.address), signIn].slice(-MOST), signal);
  }

  /** @throws StorageError */
  async forget(address: IpAddress, signal: AbortSignal): Promise<void> {
    await this.#keep(this.#others(address), signal);
  }

  #others(address: IpAddress): readonly SignIn[] {
    return (this.signIns?.all ?? []).filter((each) => each.address !== address);
  }

  async #keep(all: readonly SignIn[], signal: AbortSignal): Promise<SecretPlace | 'nowhere'> {
    const { secrets, documents, changed } = this.#options;
    const kept = all.map(({ address, mac, user, password }) => ({
      address,
      ...(mac === undefined ? {} : { mac }),
      user,
      password,
    }));
    let place: SecretPlace | 'nowhere' = 'nowhere';
    if (secrets !== undefined) {
      place = await secrets.write(KEY, kept.length === 0 ? undefined : JSON.stringify(kept), signal);
      await documents.write(DOCUMENT, { routers: kept.length });
    }
    this.signIns?.set(kept);
    changed();
    return place;
  }
}

/**
 * Kept only once the router has not said no: a wrong password is sent once and forgotten.
 * @throws CommandError, or the signal's reason
 */
export async function signIn(
  app: App,
  { router, user, password }: CheckedInput<'gateway.sign-in'>,
  signal: AbortSignal,
): Promise<CommandResults['gateway.sign-in']> {
  const { signInKeeper: keeper, system } = app;
  if (!app.isRunning) throw new CommandError('not-here', '', { code: 'not-running', parameters: {} });
  if (keeper.signIns === undefined) throw new CommandError('not-here', '', { code: 'no-sign-in', parameters: {} });
  const mac = await system.routes.neighbour(router);
  const place = await orNotStored(
    keeper.set({ address: router, user, password, ...(mac === undefined ? {} : { mac }) }, signal),
  );
  const stateNow = (): SignInView['state'] => keeper.view.find((each) => each.router === router)?.state ?? 'untried';
  // A search that runs already may have passed the router by.
  for (let round = 0; round < 2 && stateNow() === 'untried'; round++) await searched(app, stateNow, signal);
  const state = stateNow();
  if (state !== 'wrong') return { state, place };
  await orNotStored(keeper.forget(router, signal));
  throw new CommandError('gateway-failed', 'password', { code: 'wrong-password', parameters: { router } });
}

async function searched(app: App, stateNow: () => SignInView['state'], signal: AbortSignal): Promise<void> {
  const { engine, system } = app;
  let hasSearched = false;
  const unwatch = engine.watch(({ search }) => {
    hasSearched ||= search.running;
  });
  try {
    engine.searchNow();
    const isOver = (): boolean => stateNow() !== 'untried' || (hasSearched && !engine.snapshot.search.running);
    await forAtMost(system.clock, WHOLE_SEARCH, signal, (inTime) => engine.until(isOver, inTime));
  } finally {
    unwatch();
  }
}
