/** Looks after what depends on the public address: does what there is to do when it changes, and remembers that. */
import * as v from 'valibot';
import { AddressSchema, EpochMsSchema } from '../../contract/checked.ts';
import { DNS_DELAYS, DNS_REFUSALS } from '../../contract/dynamic-dns.ts';
import { problemOf, Text, type Problem } from '../../contract/problems.ts';
import { programOf, type Settings } from '../../contract/settings.ts';
import type { AddressView, GatewayView, OwnAddresses, Snapshot } from '../../contract/snapshot.ts';
import { after, elapsed, inMinutes, inSeconds, type EpochMs, type Millis } from '../../contract/units.ts';
import {
  StorageError,
  type DocumentStore,
  type ProgramEnd,
  type SecretPlace,
  type System,
} from '../../system/system.ts';
import { CommandError } from '../command-error.ts';
import { NameKeeper, type NameParts } from './name-keeper.ts';
import type { NameRecord } from './name-plan.ts';
import { isNew, LOOK_EVERY, ownIpv4, ownIpv6, ownRouter } from './own-addresses.ts';
import { forAtMost } from '../../system/deadline.ts';

export interface AddressParts extends Pick<NameParts, 'secrets' | 'agent'> {
  readonly system: System;
  readonly documents: DocumentStore;
  readonly settings: () => Settings;
  readonly engine: () => Snapshot;
  /** Does this process look after it? Not while it only looks, and not for a simulated router. */
  readonly isMeant: () => boolean;
  /** Called when view or problems are others than before. */
  readonly changed: () => void;
}

const DOCUMENT = 'address';

/** Between two addresses there is often none, or the old one again. */
const SETTLES = inSeconds(5);

const Addresses = v.object({ ipv4: v.exactOptional(AddressSchema), ipv6: v.exactOptional(AddressSchema) });

const CommandRecord = v.object({
  line: Text,
  /** Addresses that it was run for. */
  addresses: Addresses,
  at: EpochMsSchema,
  end: v.variant('is', [
    v.object({ is: v.literal('ended'), code: v.exactOptional(v.number()) }),
    v.object({ is: v.literal('not-started'), fault: Text }),
    v.object({ is: v.literal('too-long') }),
  ]),
});
type CommandRecord = Readonly<v.InferOutput<typeof CommandRecord>>;

const trouble = { detail: Text, since: EpochMsSchema };
const NameRecordSchema: v.GenericSchema<unknown, NameRecord> = v.object({
  setup: Text,
  pointsTo: Addresses,
  updatedAt: v.exactOptional(EpochMsSchema),
  askedAt: v.exactOptional(EpochMsSchema),
  failures: v.number(),
  notBefore: v.exactOptional(EpochMsSchema),
  refreshAt: v.exactOptional(EpochMsSchema),
  trouble: v.exactOptional(
    v.variant('is', [
      v.object({ is: v.literal('refused'), why: v.picklist(DNS_REFUSALS), ...trouble }),
      v.object({ is: v.literal('later'), why: v.picklist(DNS_DELAYS), ...trouble }),
    ]),
  ),
});

/** The work done: without it, it is done again. No secret is in it. */
const RecordSchema = v.object({
  command: v.exactOptional(CommandRecord),
  name: v.exactOptional(NameRecordSchema),
  /** How often one was set, and where each is, by what it is kept under. */
  secrets: v.exactOptional(v.object({ count: v.number(), places: v.record(Text, v.picklist(['system', 'file'])) })),
});
type AddressRecord = Readonly<v.InferOutput<typeof RecordSchema>>;

export class AddressKeeper {
  readonly #parts: AddressParts;
  #record: AddressRecord = {};
  #name: NameKeeper;
  #seen: { readonly addresses: OwnAddresses; readonly since: EpochMs } | undefined;
  #ipv6: { readonly at: EpochMs; readonly key: string; readonly address: OwnAddresses['ipv6'] } | undefined;
  #woken = Promise.withResolvers<void>();

  constructor(parts: AddressParts) {
    this.#parts = parts;
    this.#name = new NameKeeper(parts, {});
  }

  /** Once, before anything else. */
  async load(): Promise<void> {
    const { documents, system } = this.#parts;
    try {
      const read = v.safeParse(RecordSchema, await documents.read(DOCUMENT));
      if (!read.success) return;
      this.#record = read.output;
      const { name, secrets } = read.output;
      this.#name = new NameKeeper(this.#parts, { ...(name === undefined ? {} : { name }), ...secrets });
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      system.log.write('warn', 'could not read what was done about the address', { error: error.message });
    }
  }

  /** Is there anything that depends on the address? */
  get isNeeded(): boolean {
    const { addressCommand, dynamicDns } = this.#parts.settings();
    return this.#parts.isMeant() && (addressCommand !== null || dynamicDns !== 'none');
  }

  get view(): AddressView {
    const { command } = this.#record;
    return {
      addresses: this.#seen?.addresses ?? {},
      name: this.#name.view(this.#seen?.addresses ?? {}),
      command:
        command === undefined
          ? null
          : { at: command.at, program: programOf(command.line)?.file ?? '', isDone: isDone(command.end) },
    };
  }

  get problems(): readonly Problem[] {
    const { command } = this.#record;
    const isOfNow = command?.line === this.#parts.settings().addressCommand;
    const ofName = this.#name.problems(this.#seen?.addresses ?? {});
    return [...ofName, ...(command === undefined || !isOfNow ? [] : commandProblems(command))];
  }

  /** To be called whenever there may be something to do. Nothing waits. */
  observe(): void {
    this.#woken.resolve();
  }

  /** Until the signal aborts. @throws the signal's reason */
  async run(signal: AbortSignal): Promise<never> {
    const { clock } = this.#parts.system;
    for (;;) {
      this.#woken = Promise.withResolvers();
      const wait = await this.#step(signal);
      signal.throwIfAborted();
      const slept = new AbortController();
      const both = AbortSignal.any([signal, slept.signal]);
      const sleep = wait === undefined ? aborted(both) : clock.sleep(wait, both);
      // Nobody waits for whichever comes later.
      sleep.catch(() => undefined);
      try {
        await Promise.race([sleep, this.#woken.promise]);
      } finally {
        slept.abort();
      }
      signal.throwIfAborted();
    }
  }

  /** @returns how long nothing is to be done unless something happens; forever when absent */
  async #step(signal: AbortSignal): Promise<Millis | undefined> {
    const { system, settings, engine } = this.#parts;
    if (!this.isNeeded) return undefined;
    const router = ownRouter(engine());
    const addresses = await this.#addresses(router, signal);
    const now = system.clock.now();
    if (this.#seen === undefined || !isSame(this.#seen.addresses, addresses) || now < this.#seen.since) {
      this.#seen = { addresses, since: now };
      this.#parts.changed();
    }
    const settled = after(this.#seen.since, SETTLES);
    if (now < settled) return elapsed(now, settled);
    const nameWait = await this.#stepName(addresses, signal);
    // First, so that the command finds the name where it belongs.
    if (nameWait === 0) return nameWait;
    const { addressCommand } = settings();
    const { command } = this.#record;
    if (addressCommand !== null && (command?.line !== addressCommand || isNew(addresses, command.addresses))) {
      const isKnown = addresses.ipv4 !== undefined || addresses.ipv6 !== undefined;
      if (isKnown) await this.#runCommand(addressCommand, addresses, router?.name ?? '', signal);
    }
    return nameWait === undefined || nameWait > LOOK_EVERY ? LOOK_EVERY : nameWait;
  }

  async #stepName(addresses: OwnAddresses, signal: AbortSignal): Promise<Millis | undefined> {
    const before = this.#name.record;
    const wait = await this.#name.step(addresses, signal);
    const { record } = this.#name;
    if (record !== before) await this.#note({ name: record });
    return wait;
  }

  /** @returns where it is kept. @throws CommandError, StorageError, or the signal's reason */
  async setSecret(secret: string | null, signal: AbortSignal): Promise<SecretPlace> {
    const { secrets } = this.#parts;
    const key = this.#name.secretKey;
    if (key === undefined || secrets === undefined) {
      throw new CommandError('not-here', 'secret', { code: 'no-dns-provider', parameters: {} });
    }
    const place = await secrets.write(key, secret ?? undefined, signal);
    this.#name.secretChanged(secret === null ? 'none' : place);
    const { [key]: _former, ...others } = this.#record.secrets?.places ?? {};
    const places = secret === null ? others : { ...others, [key]: place };
    await this.#note({ secrets: { count: this.#name.secretCount, places } });
    return place;
  }

  /** Everything that was remembered, secrets too. @throws StorageError, or the signal's reason */
  async forget(signal: AbortSignal): Promise<void> {
    for (const key of Object.keys(this.#record.secrets?.places ?? {}))
      await this.#parts.secrets?.write(key, undefined, signal);
    this.#record = {};
    this.#name = new NameKeeper(this.#parts, {});
    await this.#note({});
  }

  /** A person wants the name updated now. */
  async updateName(): Promise<void> {
    this.#name.tryNow();
    await this.#note({ name: this.#name.record });
    this.observe();
  }

  async #addresses(router: GatewayView | undefined, signal: AbortSignal): Promise<OwnAddresses> {
    const { clock } = this.#parts.system;
    const ipv4 = ownIpv4(router);
    const now = clock.now();
    const key = `${router?.interfaceName ?? ''} ${this.#parts.engine().network?.key ?? ''}`;
    const { at = -Infinity, key: before } = this.#ipv6 ?? {};
    if (before !== key || now < at || now - at >= LOOK_EVERY) {
      this.#ipv6 = { at: now, key, address: await ownIpv6(this.#parts.system, router, signal) };
    }
    const ipv6 = this.#ipv6?.address;
    return { ...(ipv4 === undefined ? {} : { ipv4 }), ...(ipv6 === undefined ? {} : { ipv6 }) };
  }

  async #runCommand(line: string, addresses: OwnAddresses, router: string, signal: AbortSignal): Promise<void> {
    const before = this.#record.command?.addresses ?? {};
    const facts = { now: addresses, before, router, name: this.#parts.settings().dnsName ?? '' };
    const end = await runAddressCommand(this.#parts.system, line, facts, signal);
    const at = this.#parts.system.clock.now();
    await this.#note({ command: { line, addresses: { ...before, ...addresses }, at, end } });
  }

  async #note(change: AddressRecord): Promise<void> {
    this.#record = { ...this.#record, ...change };
    this.#parts.changed();
    try {
      await this.#parts.documents.write(DOCUMENT, this.#record);
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      this.#parts.system.log.write('warn', 'could not note what was done about the address', { error: error.message });
    }
  }
}

const isSame = (one: OwnAddresses, other: OwnAddresses): boolean => one.ipv4 === other.ipv4 && one.ipv6 === other.ipv6;

const isDone = (end: CommandEnd): boolean => end.is === 'ended' && end.code === 0;

function commandProblems({ line, at, end }: CommandRecord): readonly Problem[] {
  if (isDone(end)) return [];
  const how = end.is === 'ended' ? 'failed' : end.is;
  const detail = end.is === 'ended' ? `${end.code ?? ''}` : end.is === 'not-started' ? end.fault : '';
  const program = programOf(line)?.file ?? line;
  return [problemOf('address-command-failed', { program, how, detail }, at, { severity: 'warning' })];
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** How long a person's command may run; problems and help say so. */
const COMMAND_LIMIT = inMinutes(1);

type CommandEnd =
  | Exclude<ProgramEnd, { readonly is: 'ended' }>
  | { readonly is: 'ended'; readonly code?: number }
  | { readonly is: 'too-long' };

interface CommandFacts {
  readonly now: OwnAddresses;
  readonly before: OwnAddresses;
  readonly router: string;
  /** Name of the person's connection; empty without a name. */
  readonly name: string;
}

/** Environment of the program: see the help of `settings`. Unknown values are empty. */
function environmentOf({ now, before, router, name }: CommandFacts): Readonly<Record<string, string>> {
  return {
    PORTKEEPER_IPV4: now.ipv4 ?? '',
    PORTKEEPER_IPV6: now.ipv6 ?? '',
    PORTKEEPER_OLD_IPV4: before.ipv4 ?? '',
    PORTKEEPER_OLD_IPV6: before.ipv6 ?? '',
    PORTKEEPER_ROUTER: router,
    PORTKEEPER_NAME: name,
  };
}

/** Runs the person's program, and notes in the log what it printed. @throws the signal's reason */
async function runAddressCommand(
  { clock, log, runProgram }: Pick<System, 'clock' | 'log' | 'runProgram'>,
  line: string,
  facts: CommandFacts,
  signal: AbortSignal,
): Promise<CommandEnd> {
  const program = programOf(line);
  if (program === undefined || runProgram === undefined) return { is: 'not-started', fault: 'ENOSYS' };
  const environment = environmentOf(facts);
  const end = await forAtMost(clock, COMMAND_LIMIT, signal, (over) => runProgram({ ...program, environment }, over));
  const { file } = program;
  if (end === undefined) {
    log.write('warn', 'the command for a new address took too long, and was ended', { file });
    return { is: 'too-long' };
  }
  if (end.is === 'not-started') {
    log.write('warn', 'the command for a new address did not start', { file, fault: end.fault });
    return end;
  }
  const { code, output } = end;
  log.write(code === 0 ? 'info' : 'warn', 'the command for a new address has run', { file, code, output });
  return { is: 'ended', ...(code === undefined ? {} : { code }) };
}
