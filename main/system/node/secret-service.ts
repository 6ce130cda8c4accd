/** Secret Service API 0.2 (freedesktop.org): the keyring of GNOME, KDE and others, over the session bus. */
import { SecretError } from '../system.ts';
import type { Vault } from './secrets.ts';
import { BUS, BusRefusal, type BusCall, type BusSignal, type OpenBus, type SessionBus } from './session-bus.ts';

const SECRETS = 'org.freedesktop.secrets';
const ROOT = '/org/freedesktop/secrets';
const SERVICE = 'org.freedesktop.Secret.Service';
const NOTHING = '/';

/** By these it is found again. What a person reads in the keyring is the label. */
const attributesOf = (key: string): readonly (readonly [string, string])[] => [
  ['application', 'portkeeper'],
  ['key', key],
];

/** @param openBus the session's; nothing is asked before the first secret */
export function secretServiceVault(openBus: OpenBus): Vault {
  const withSession = async <Value>(
    signal: AbortSignal,
    work: (conversation: Conversation) => Promise<Value>,
  ): Promise<Value> => {
    let conversation: Conversation | undefined;
    try {
      conversation = await Conversation.open(openBus, signal);
      return await work(conversation);
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof SecretError ? error : new SecretError('unavailable', { cause: error });
    } finally {
      conversation?.close();
    }
  };
  return {
    read: (key, signal) => withSession(signal, (conversation) => conversation.read(key)),
    write: (key, secret, signal) => withSession(signal, (conversation) => conversation.write(key, secret)),
  };
}

type Completed = (prompt: string) => Promise<BusSignal>;

/** One connection and one session; secrets travel as they are, over a socket of this person alone. */
class Conversation {
  readonly #bus: SessionBus;
  readonly #signal: AbortSignal;
  readonly #completed: Completed;
  #session = NOTHING;

  static async open(openBus: OpenBus, signal: AbortSignal): Promise<Conversation> {
    const signals: BusSignal[] = [];
    let heard = Promise.withResolvers<void>();
    const bus = await openBus((each) => {
      signals.push(each);
      heard.resolve();
      heard = Promise.withResolvers();
    }, signal);
    const conversation = new Conversation(bus, signal, async (prompt) => {
      for (;;) {
        const next = heard.promise;
        const found = signals.find(({ path, member }) => path === prompt && member === 'Completed');
        if (found !== undefined) return found;
        await orAborted(next, AbortSignal.any([signal, bus.lost]));
      }
    });
    try {
      const [, session] = await conversation.#ask(ROOT, SERVICE, 'OpenSession', 'sv', ['plain', ['s', '']]);
      conversation.#session = textOf(session);
      return conversation;
    } catch (error) {
      bus.close();
      throw error;
    }
  }

  private constructor(bus: SessionBus, signal: AbortSignal, completed: Completed) {
    this.#bus = bus;
    this.#signal = signal;
    this.#completed = completed;
  }

  close(): void {
    this.#bus.close();
  }

  async read(key: string): Promise<string | undefined> {
    const { unlocked, locked } = await this.#find(key);
    const [item] = unlocked;
    if (item === undefined) {
      if (locked.length > 0) throw new SecretError('locked');
      return undefined;
    }
    const [secret] = await this.#ask(item, 'org.freedesktop.Secret.Item', 'GetSecret', 'o', [this.#session]);
    const bytes = Array.isArray(secret) ? (secret[2] as unknown) : undefined;
    if (!(bytes instanceof Uint8Array)) throw new SecretError('unavailable');
    return new TextDecoder().decode(bytes);
  }

  async write(key: string, secret: string | undefined): Promise<void> {
    const { unlocked, locked } = await this.#find(key);
    if (secret === undefined) {
      for (const item of [...unlocked, ...locked]) {
        const [prompt] = await this.#ask(item, 'org.freedesktop.Secret.Item', 'Delete', '', []);
        await this.#prompted(prompt);
      }
      return;
    }
    const [alias] = await this.#ask(ROOT, SERVICE, 'ReadAlias', 's', ['default']);
    const collection = textOf(alias);
    if (collection === NOTHING) throw new SecretError('unavailable');
    const [, unlock] = await this.#ask(ROOT, SERVICE, 'Unlock', 'ao', [[collection]]);
    await this.#prompted(unlock);
    const properties = [
      ['org.freedesktop.Secret.Item.Label', ['s', 'Portkeeper']],
      ['org.freedesktop.Secret.Item.Attributes', ['a{ss}', attributesOf(key)]],
    ];
    const value = [this.#session, Buffer.alloc(0), Buffer.from(secret), 'text/plain'];
    const body = [properties, value, true];
    const place = 'org.freedesktop.Secret.Collection';
    const [, prompt] = await this.#ask(collection, place, 'CreateItem', 'a{sv}(oayays)b', body);
    await this.#prompted(prompt);
  }

  async #find(key: string): Promise<{ readonly unlocked: readonly string[]; readonly locked: readonly string[] }> {
    const [unlocked, locked] = await this.#ask(ROOT, SERVICE, 'SearchItems', 'a{ss}', [attributesOf(key)]);
    return { unlocked: textsOf(unlocked), locked: textsOf(locked) };
  }

  /** Waits for the person, where the keyring has a question. @throws SecretError `locked` when they say no */
  async #prompted(path: unknown): Promise<void> {
    const prompt = textOf(path);
    if (prompt === NOTHING) return;
    const rule = `type='signal',sender='${SECRETS}',path='${prompt}',member='Completed'`;
    await this.#bus.call({ ...BUS, member: 'AddMatch', signature: 's', body: [rule] }, this.#signal);
    await this.#ask(prompt, 'org.freedesktop.Secret.Prompt', 'Prompt', 's', ['']);
    const { body } = await this.#completed(prompt);
    if (body[0] !== false) throw new SecretError('locked');
  }

  async #ask(
    path: string,
    place: string,
    member: string,
    signature: string,
    body: readonly unknown[],
  ): Promise<readonly unknown[]> {
    const call: BusCall = { destination: SECRETS, path, interface: place, member, startsService: true };
    try {
      return await this.#bus.call(signature === '' ? call : { ...call, signature, body }, this.#signal);
    } catch (error) {
      if (error instanceof BusRefusal && error.fault.endsWith('.IsLocked'))
        throw new SecretError('locked', { cause: error });
      throw error;
    }
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : NOTHING);

const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];

function orAborted(wait: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = (): void => reject(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  wait.then(resolve, reject);
  return promise.finally(() => signal.removeEventListener('abort', stop));
}
