/** A provider of dynamic DNS that answers what the test says, a person's secrets, and days that pass in no time. */
import { DEFAULT_SETTINGS, type Settings } from '../../main/contract/settings.ts';
import type { OwnAddresses } from '../../main/contract/snapshot.ts';
import { ip } from '../../main/contract/address.ts';
import { after, inHours, inMinutes, millis, type EpochMs, type Millis } from '../../main/contract/units.ts';
import { NameKeeper } from '../../main/engine/address/name-keeper.ts';
import {
  NetworkError,
  SecretError,
  type Clock,
  type SecretFault,
  type SecretStore,
  type Web,
  type WebAnswer,
  type WebRequest,
} from '../../main/system/system.ts';
import { NOON } from './problems.ts';

export type Reply = string | Partial<WebAnswer> | NetworkError;
/** No answer at all. */
export const SILENCE = { status: 0 };

export interface Asked extends WebRequest {
  readonly at: EpochMs;
}

/** A host name as a person might have one. */
export const SECRET = 'correct horse battery';
export const DAY = inHours(24);

export class MemorySecrets implements SecretStore {
  readonly kept = new Map<string, string>();
  fault: SecretFault | undefined;

  async read(key: string) {
    if (this.fault !== undefined) throw new SecretError(this.fault);
    const secret = this.kept.get(key);
    return secret === undefined ? undefined : ({ secret, place: 'system' } as const);
  }

  async write(key: string, secret: string | undefined) {
    if (secret === undefined) this.kept.delete(key);
    else this.kept.set(key, secret);
    return 'system' as const;
  }
}

/** A server on the web, and what it was asked. */
export function scriptedWeb(now: () => EpochMs, reply: (request: WebRequest) => Reply) {
  const asked: Asked[] = [];
  const web: Web = {
    ask: async (request, signal) => {
      asked.push({ ...request, at: now() });
      const answer = reply(request);
      if (answer instanceof NetworkError) throw answer;
      if (answer !== SILENCE)
        return { status: 200, body: '', ...(typeof answer === 'string' ? { body: answer } : answer) };
      signal.throwIfAborted();
      return await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    },
  };
  return { web, asked };
}

/** No.-IP's customer; what is not said is as delivered. */
export const SETTINGS: Partial<Settings> = { dynamicDns: 'no-ip', dnsName: 'home.example.org', dnsUser: 'alice' };

/** The keeper of a name, on its own clock, which moves only for what is waited for. */
export class NameDays {
  readonly secrets = new MemorySecrets();
  readonly asked: readonly Asked[];
  now: EpochMs = NOON;
  addresses: OwnAddresses = { ipv4: ip('11.22.33.44') };
  settings: Settings;
  reply: Reply | ((request: WebRequest) => Reply);
  keeper: NameKeeper;
  readonly #parts: ConstructorParameters<typeof NameKeeper>[0];

  constructor(reply: NameDays['reply'], settings: Partial<Settings> = {}) {
    this.reply = reply;
    this.settings = { ...DEFAULT_SETTINGS, ...SETTINGS, ...settings };
    const { web, asked } = scriptedWeb(
      () => this.now,
      (request) => (typeof this.reply === 'function' ? this.reply(request) : this.reply),
    );
    this.asked = asked;
    const clock: Clock = {
      now: () => this.now,
      monotonic: () => millis(this.now),
      // Whoever waits for an answer that never comes has waited; whoever gives up the wait has not.
      sleep: async (duration, signal) => {
        await new Promise((resolve) => setImmediate(resolve));
        signal.throwIfAborted();
        this.now = after(this.now, duration);
      },
    };
    const random = { bytes: (count: number) => new Uint8Array(count), unit: () => 0.5 };
    this.#parts = {
      system: { clock, random, web, log: { write: () => undefined } },
      secrets: this.secrets,
      settings: () => this.settings,
      agent: 'Portkeeper/test',
      changed: () => undefined,
    };
    this.keeper = new NameKeeper(this.#parts, {});
    this.give(SECRET);
  }

  /** Another secret, as a person sets it. */
  give(secret: string): void {
    this.secrets.kept.set(this.keeper.secretKey ?? '', secret);
    this.keeper.secretChanged('system');
  }

  /** It remembers what it wrote down. */
  restart(): void {
    const name = structuredClone(this.keeper.record);
    const places = Object.fromEntries([...this.secrets.kept.keys()].map((key) => [key, 'system' as const]));
    this.keeper = new NameKeeper(this.#parts, { name, count: this.keeper.secretCount, places });
  }

  /** Lets time pass. @returns how often the provider was asked meanwhile */
  async during(time: Millis): Promise<number> {
    const before = this.asked.length;
    const end = after(this.now, time);
    const never = new AbortController().signal;
    while (this.now < end) {
      const wait = (await this.keeper.step(this.addresses, never)) ?? inMinutes(10);
      this.now = after(this.now, millis(Math.min(Math.max(wait, 1), Math.max(end - this.now, 0))));
    }
    return this.asked.length - before;
  }

  get name() {
    return this.keeper.view(this.addresses);
  }

  get problems(): readonly string[] {
    return this.keeper
      .problems(this.addresses)
      .map(({ code, parameters }) => ('why' in parameters ? `${code}: ${parameters.why}` : code));
  }
}
