/** Keeps a person's name pointing to the public address: asks its provider when the plan says so. */
import {
  DNS_PROVIDERS,
  isPrivateUrl,
  type DnsProvider,
  type DnsProviderId,
  type MissingDetail,
  type NameView,
} from '../../contract/dynamic-dns.ts';
import { problemOf, type Problem } from '../../contract/problems.ts';
import type { Settings } from '../../contract/settings.ts';
import type { OwnAddresses } from '../../contract/snapshot.ts';
import { elapsed, inMinutes, inSeconds, type Millis } from '../../contract/units.ts';
import { forAtMost } from '../../system/deadline.ts';
import {
  NetworkError,
  SecretError,
  StorageError,
  type SecretPlace,
  type SecretStore,
  type System,
  type WebRequest,
} from '../../system/system.ts';
import { afterUpdate, byClock, newRecord, tryNow, updateAt, type NameOutcome, type NameRecord } from './name-plan.ts';
import { isNew } from './own-addresses.ts';
import type { NameAccount } from './provider-answers.ts';
import { PROVIDERS } from './providers.ts';

export interface NameParts {
  readonly system: Pick<System, 'clock' | 'random' | 'log' | 'web'>;
  readonly secrets: SecretStore | undefined;
  readonly settings: () => Settings;
  /** Identifies the client in a request. */
  readonly agent: string;
  /** Called when view or problems are others than before. */
  readonly changed: () => void;
}

/** From earlier starts. */
export interface RememberedName {
  readonly name?: NameRecord;
  /** How often a secret was set. */
  readonly count?: number;
  readonly places?: Readonly<Record<string, SecretPlace>>;
}

/** For a whole conversation; some providers take several requests. */
const LIMIT = inSeconds(60);
/** A secret that was not there may be by then: at login the keyring starts at the same time as we do. */
const SECRET_AGAIN = inMinutes(10);

type Secret = NonNullable<Awaited<ReturnType<SecretStore['read']>>>;
/** The usable part of the setup. */
type Setup = { readonly missing: MissingDetail } | { readonly account: Omit<NameAccount, 'secret'> };

export class NameKeeper {
  readonly #parts: NameParts;
  #record: NameRecord;
  /** Counts up when a person sets another secret. */
  #secretCount: number;
  #isUpdating = false;
  /** Where secrets are, by what they are kept under. */
  readonly #places: Map<string, SecretPlace>;

  constructor(parts: NameParts, { name, count = 0, places = {} }: RememberedName) {
    this.#parts = parts;
    this.#record = name ?? newRecord('');
    this.#secretCount = count;
    this.#places = new Map(Object.entries(places));
  }

  get record(): NameRecord {
    return this.#record;
  }

  get secretCount(): number {
    return this.#secretCount;
  }

  /** Key of a secret: bound to the server that it is for, so that no other is ever given it. */
  get secretKey(): string | undefined {
    return secretKeyOf(this.#parts.settings());
  }

  /** Another secret is there: what was refused with the former one is over. */
  secretChanged(place: NameView['secret']): void {
    this.#secretCount += 1;
    this.#placed(place);
  }

  tryNow(): void {
    this.#record = tryNow(this.#record);
  }

  view(addresses: OwnAddresses): NameView | null {
    const settings = this.#parts.settings();
    const { dynamicDns: provider, dnsName } = settings;
    if (provider === 'none') {
      const given = { provider, at: 'given', pointsTo: {}, secret: 'none' } as const;
      return dnsName === null ? null : { name: dnsName, ...given };
    }
    const { pointsTo, updatedAt, notBefore, trouble } = this.#isOf(settings) ? this.#record : newRecord('');
    const setup = setupOf(settings);
    const missing = 'missing' in setup ? setup.missing : this.#place === 'none' ? 'secret' : undefined;
    const wanted = wantedOf(addresses, settings);
    const at = (): NameView['at'] => {
      if (missing !== undefined) return 'incomplete';
      if (this.#isUpdating) return 'updating';
      if (trouble !== undefined) return trouble.is === 'refused' ? 'refused' : 'retrying';
      if (Object.keys(wanted).length === 0) return 'waiting';
      return isNew(wanted, pointsTo) ? 'updating' : 'current';
    };
    return {
      name: dnsName ?? '',
      provider,
      at: at(),
      pointsTo,
      secret: this.#place,
      ...(missing === undefined ? {} : { missing }),
      ...(updatedAt === undefined ? {} : { updatedAt }),
      ...(trouble?.is === 'later' && notBefore !== undefined ? { nextAt: notBefore } : {}),
    };
  }

  problems(addresses: OwnAddresses): readonly Problem[] {
    const settings = this.#parts.settings();
    const { dynamicDns: id, dnsName } = settings;
    const { trouble, failures, pointsTo, notBefore } = this.#record;
    if (id === 'none' || trouble === undefined || !this.#isOf(settings) || 'missing' in setupOf(settings)) return [];
    const about = { name: dnsName ?? '', provider: labelOf(id, settings), detail: trouble.detail };
    if (trouble.is === 'refused') return [problemOf('name-refused', { ...about, why: trouble.why }, trouble.since)];
    // The network was away for a moment, or the name is right and only to be confirmed.
    const isHiccup = failures < 2 && (trouble.why === 'unreachable' || trouble.why === 'silent');
    if (isHiccup || notBefore === undefined || !isNew(wantedOf(addresses, settings), pointsTo)) return [];
    const parameters = { ...about, why: trouble.why, until: notBefore };
    return [problemOf('name-not-updated', parameters, trouble.since, { severity: 'warning' })];
  }

  /** @returns how long to wait unless something changes; forever when absent. @throws the signal's reason */
  async step(addresses: OwnAddresses, signal: AbortSignal): Promise<Millis | undefined> {
    const settings = this.#parts.settings();
    const { clock } = this.#parts.system;
    const setup = setupOf(settings);
    if (settings.dynamicDns === 'none' || 'missing' in setup) return undefined;
    const text = this.#setupText(settings);
    if (this.#record.setup !== text) {
      const { askedAt } = this.#record;
      this.#record = { ...newRecord(text), ...(askedAt === undefined ? {} : { askedAt }) };
    }
    const pace = PROVIDERS[settings.dynamicDns];
    const wanted = wantedOf(addresses, settings);
    const now = clock.now();
    this.#record = byClock(this.#record, now);
    const at = updateAt(this.#record, wanted, pace, now);
    if (at === undefined) return undefined;
    if (at > now) return elapsed(now, at);
    const secret = await this.#secret(signal);
    if (secret === undefined) return SECRET_AGAIN;
    const outcome =
      'is' in secret
        ? secret
        : await this.#update(settings.dynamicDns, { ...setup.account, secret: secret.secret }, wanted, signal);
    this.#took(settings, text, wanted, outcome);
    return inSeconds(0);
  }

  /** `later` where it cannot be read now. @throws the signal's reason */
  async #secret(signal: AbortSignal): Promise<Secret | Extract<NameOutcome, { readonly is: 'later' }> | undefined> {
    const { secrets, changed } = this.#parts;
    const key = this.secretKey;
    try {
      const secret = key === undefined ? undefined : await secrets?.read(key, signal);
      const before = this.#place;
      this.#placed(secret?.place ?? 'none');
      if (this.#place !== before) changed();
      return secret;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof SecretError) && !(error instanceof StorageError)) throw error;
      const isLocked = error instanceof SecretError && error.fault === 'locked';
      return { is: 'later', why: isLocked ? 'locked' : 'elsewhere', detail: '' };
    }
  }

  async #update(
    provider: DnsProviderId,
    account: NameAccount,
    wanted: OwnAddresses,
    signal: AbortSignal,
  ): Promise<NameOutcome> {
    const { system, agent, changed } = this.#parts;
    const { clock, web } = system;
    if (web === undefined) return { is: 'later', why: 'unreachable', detail: '' };
    this.#isUpdating = true;
    changed();
    try {
      const outcome = await forAtMost(clock, LIMIT, signal, (over) =>
        PROVIDERS[provider].update(account, wanted, async (request) => {
          const answer = await web.ask({ ...request, headers: { ...request.headers, 'User-Agent': agent } }, over);
          // Before anything is cut out of it to be shown.
          return { ...answer, body: withoutSecret(answer.body, request, account) };
        }),
      );
      return outcome ?? { is: 'later', why: 'silent', detail: '' };
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      return { is: 'later', why: 'unreachable', detail: error.message };
    } finally {
      this.#isUpdating = false;
    }
  }

  #took(settings: Settings, setup: string, sent: OwnAddresses, outcome: NameOutcome): void {
    const { clock, random, log } = this.#parts.system;
    // A setup changed meanwhile begins again.
    if (this.#record.setup !== setup || this.#setupText(this.#parts.settings()) !== setup) return;
    const { dynamicDns: provider, dnsName: name } = settings;
    if (provider === 'none') return;
    const chance = { now: clock.now(), random: random.unit() };
    this.#record = afterUpdate(this.#record, sent, outcome, PROVIDERS[provider], chance);
    if (outcome.is === 'good') log.write('info', 'the name was updated', { name, provider, ...sent });
    else log.write('warn', 'the name was not updated', { name, provider, ...outcome });
  }

  get #place(): NameView['secret'] {
    return this.#places.get(this.secretKey ?? '') ?? 'none';
  }

  #placed(place: NameView['secret']): void {
    const key = this.secretKey;
    if (key === undefined) return;
    if (place === 'none') this.#places.delete(key);
    else this.#places.set(key, place);
  }

  #isOf(settings: Settings): boolean {
    return this.#record.setup === this.#setupText(settings);
  }

  #setupText(settings: Settings): string {
    const { dynamicDns, dnsName, dnsUser, dnsServer, dnsAddresses } = settings;
    return JSON.stringify([dynamicDns, dnsName, dnsUser, dnsServer, dnsAddresses, this.#secretCount]);
  }
}

/** `undefined` without a provider. */
export function secretKeyOf({ dynamicDns: id, dnsServer }: Settings): string | undefined {
  if (id === 'none') return undefined;
  const { secret, server = dnsServer ?? undefined }: DnsProvider = DNS_PROVIDERS[id];
  if (secret === 'url') return 'dynamic-dns url';
  if (server === undefined) return undefined;
  const { protocol, hostname, port } = new URL(server);
  return `dynamic-dns ${protocol}//${hostname}${port === '' ? '' : `:${port}`}`;
}

function setupOf({ dynamicDns: id, dnsName: name, dnsUser: user, dnsServer, dnsOverHttp }: Settings): Setup {
  if (name === null || id === 'none') return { missing: 'name' };
  const { needsUser, secret, server = dnsServer ?? undefined }: DnsProvider = DNS_PROVIDERS[id];
  if (needsUser && user === null) return { missing: 'user' };
  if (secret === 'url') return { account: { name, user: user ?? '', server: '' } };
  if (server === undefined) return { missing: 'server' };
  if (!dnsOverHttp && !isPrivateUrl(server)) return { missing: 'https' };
  return { account: { name, user: user ?? '', server } };
}

const labelOf = (id: DnsProviderId, { dnsServer }: Settings): string =>
  id === 'dyndns2' && dnsServer !== null ? new URL(dnsServer).hostname : DNS_PROVIDERS[id].label;

function wantedOf({ ipv4, ipv6 }: OwnAddresses, { dnsAddresses, dynamicDns }: Settings): OwnAddresses {
  const canDoIpv6 = dynamicDns !== 'none' && DNS_PROVIDERS[dynamicDns].ipv6;
  return {
    ...(ipv4 === undefined || dnsAddresses === 'ipv6' ? {} : { ipv4 }),
    ...(ipv6 === undefined || dnsAddresses === 'ipv4' || !canDoIpv6 ? {} : { ipv6 }),
  };
}

/** Shorter parts of an address of the web are words that everybody knows. */
const SHORTEST_PART = 6;

/** Servers repeat what they were sent. */
function withoutSecret(text: string, { headers }: WebRequest, { secret }: NameAccount): string {
  const parts = secret.includes('://')
    ? secret.split(/[^\w.~%-]+/).filter(({ length }) => length >= SHORTEST_PART)
    : [];
  const forms = [secret, encodeURIComponent(secret), headers['Authorization']?.replace(/^\S+ /, '') ?? '', ...parts];
  return forms.filter((form) => form !== '').reduce((rest, each) => rest.replaceAll(each, '•••'), text);
}
