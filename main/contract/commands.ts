/** Everything that a UI can ask: name → input schema and result. One table; transports and clients are made from it. */
import * as v from 'valibot';
import { TIME_RANGES, type ActivityEntry, type OpenTimes } from './activity.ts';
import type { IpAddress } from './address.ts';
import { AddressSchema, PortNumber, TransportSchema } from './checked.ts';
import type { ExportLoss, ImportLoss } from './profiles/profile-document.ts';
import { says, type CommandReason } from './fault-reasons.ts';
import { CHECKS, type DiagnosisView } from './diagnosis/findings.ts';
import type { GatewayTable, RouterMemoryView, TrafficReading } from './gateway-table.ts';
import { asForwardId, asGatewayId, type Forward, type ForwardId, type GatewayId, type Transport } from './model.ts';
import type { ProbesView, ProbeView } from './probe.ts';
import type { AddressView, Snapshot } from './snapshot.ts';
import type { Problem } from './problems.ts';
import {
  HeldForwardSchema,
  listOf,
  ProfileIdSchema,
  ProfileSchema,
  QuestionKeySchema,
  type HeldForwardInput,
  type Profile,
  type ProfileId,
} from './profiles/profile.ts';
import { SettingsChangeSchema, type Settings } from './settings.ts';
import { MOST_IN_ALL } from './profiles/claims.ts';
import { seconds, type EpochMs, type Port } from './units.ts';

const Nothing = v.strictObject({});
const { id: _id, confirmed: _confirmed, onUntil: _onUntil, ...newProfile } = ProfileSchema.entries;
const NewProfile = v.strictObject(newProfile);
/** The questions of a `confirm-first` that a person has answered with yes, by their keys; or all that there may be. */
const ConfirmedSchema = v.optional(v.union([v.literal('all'), listOf(QuestionKeySchema, MOST_IN_ALL)]), () => []);
const confirmed = { confirmed: ConfirmedSchema };
/** Seconds: 30 days. */
const LONGEST_ON = 2_592_000;
/** Characters of a router's user name, or password. */
const LONGEST_SIGN_IN = 200;
/** Where in the list; past its end is at its end. */
const PositionSchema = v.pipe(v.number(), v.integer(), v.minValue(0));

const Key = v.pipe(v.string(), v.nonEmpty(), v.maxLength(400));
const ForwardIdSchema = v.pipe(Key, v.transform(asForwardId));
const GatewayIdSchema = v.pipe(Key, v.transform(asGatewayId));
/** A file as a person has it: see `MOST_INPUT` of remote/protocol. */
const Text = v.pipe(v.string(), v.maxLength(4 * 1024 * 1024, says('file-too-large', { mebibytes: 4 })));

const SecretText = v.pipe(v.string(), v.nonEmpty(), v.maxLength(2000), v.regex(/^[^\p{Cc}]*$/u, says('one-line')));

const FORMATS = ['portkeeper', 'upnp-daemon-csv', 'upnp-daemon-json'] as const;
const FileFormat = v.picklist(FORMATS);
const PortsFile = {
  text: Text,
  /** Name of the file: profiles of a list without names are called after it. */
  name: v.pipe(v.string(), v.maxLength(200)),
  format: v.optional(v.picklist(['auto', ...FORMATS]), 'auto'),
};

/** Drawn by whoever holds; what it holds keeps this name when another engine takes over. */
const HoldName = v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,64}$/, says('id')));
const HeldForwards: v.GenericSchema<readonly HeldForwardInput[], readonly Forward[]> = v.pipe(
  listOf(HeldForwardSchema, MOST_IN_ALL),
  v.check((forwards) => new Set(forwards.map(({ id }) => id)).size === forwards.length, says('each-once')),
);

/** Ports held for as long as a connection lasts. */
const Hold = v.variant('what', [
  /** Open whatever its switch says; nothing is stored. */
  v.strictObject({ what: v.literal('profile'), profile: ProfileIdSchema, ...confirmed }),
  v.strictObject({
    what: v.literal('forwards'),
    forwards: HeldForwards,
    from: v.picklist(['terminal', 'file']),
    /** A label for people to recognise it by. */
    label: v.pipe(v.string(), v.maxLength(200), v.regex(/^[^\p{Cc}\u2028\u2029]*$/u, says('one-line'))),
    /** Sent again on another connection, it replaces the list: ports in both stay open. */
    hold: HoldName,
    /** What happens to open ports when the connection ends. */
    afterwards: v.picklist(['close', 'keep']),
    ...confirmed,
  }),
  /** A resident program is there: switches of profiles are obeyed as long as it is. */
  v.strictObject({ what: v.literal('switches') }),
]);

const CloseTargetSchema = v.strictObject({
  transport: TransportSchema,
  external: PortNumber,
  /** Only if it leads there. */
  client: v.exactOptional(AddressSchema),
  /** Proves that a list of the person's own made it. */
  description: v.exactOptional(v.pipe(v.string(), v.maxLength(400))),
});

/** An external port to close. */
export interface CloseTarget extends Readonly<v.InferInput<typeof CloseTargetSchema>> {}

const CloseTargets: v.GenericSchema<readonly CloseTarget[], readonly CloseTarget[]> = v.pipe(
  listOf(CloseTargetSchema, 2 * 65_535),
  v.minLength(1),
);

/** Input schemas, checked once, in `dispatch`. */
export const COMMANDS = {
  'profile.add': v.strictObject({ profile: NewProfile, at: v.exactOptional(PositionSchema), ...confirmed }),
  'profile.change': v.strictObject({
    id: ProfileIdSchema,
    profile: v.partial(NewProfile),
    /** Only if it is still so: two may change one profile at once. */
    from: v.exactOptional(v.pick(NewProfile, ['name', 'forwards', 'opensWhile'])),
    ...confirmed,
  }),
  'profile.remove': v.strictObject({ id: ProfileIdSchema }),
  /** Undoes the latest removal of this profile, at its place. */
  'profile.restore': v.strictObject({ id: ProfileIdSchema }),
  'profile.move': v.strictObject({ id: ProfileIdSchema, to: PositionSchema }),
  /** Resolves when what it opens or closes has settled. */
  'profile.switch': v.strictObject({
    id: ProfileIdSchema,
    on: v.boolean(),
    /** Seconds until it goes off automatically; it stays on when absent. */
    for: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(60), v.maxValue(LONGEST_ON), v.transform(seconds))),
    ...confirmed,
  }),
  /**
   * The own JSON; refused whole. `add`: its profiles come after the others, switched off, under ids of their own.
   * `replace`: profiles, switches and settings become as in the document.
   */
  'profiles.import': v.strictObject({ document: v.unknown(), mode: v.picklist(['add', 'replace']), ...confirmed }),
  'profiles.export': Nothing,
  /** The own JSON, or upnp-daemon's JSON or CSV, as a person has it in a file; refused whole, with line and column. */
  'profiles.import-text': v.strictObject({ ...PortsFile, mode: v.picklist(['add', 'replace']), ...confirmed }),
  /** Preview of importing the same; nothing is changed. Refused for the same reasons. */
  'profiles.read-text': v.strictObject(PortsFile),
  'profiles.export-text': v.strictObject({ format: FileFormat }),
  'settings.change': v.strictObject({ settings: SettingsChangeSchema }),
  'gateways.search': Nothing,
  /**
   * Resolves when a gateway that will do is known, or when the search is over; the snapshot then says all.
   * `gateway`: its address, or a part of its name. `for`: what it must be able to do, or have reported.
   */
  'gateways.find': v.strictObject({
    gateway: v.exactOptional(v.pipe(v.string(), v.nonEmpty(), v.maxLength(200))),
    for: v.optional(v.picklist(['anything', 'listing', 'address']), 'anything'),
  }),
  /** Lasts as long as its connection: see {@link AppClient.hold}. */
  'forwards.hold': Hold,
  /**
   * Ends a hold of forwards; its holder learns it. Resolves when what it opened has closed, or has been reported as still
   * open. `keep`: the ports stay open, and are no longer renewed.
   */
  'forwards.release': v.strictObject({ hold: HoldName, keep: v.optional(v.boolean(), false) }),
  /**
   * Closes what is provably ours; with `others` what other programs and devices opened as well. What a profile wants open
   * stays open; what was opened from a terminal or a file is released when all of a forward's ports are named.
   */
  'forwards.close': v.strictObject({
    targets: v.union([v.literal('all'), CloseTargets]),
    gateway: v.exactOptional(v.pipe(v.string(), v.nonEmpty(), v.maxLength(200))),
    others: v.boolean(),
  }),
  /** Asks again for all that was refused or waits. */
  'forwards.retry': Nothing,
  /**
   * Tries open ports from outside, with the probe server of the settings; of a range the first and the last. Ends with
   * whoever waits for it; how far it is stands in the snapshot's `probes`.
   */
  'forwards.probe': v.strictObject({ forwards: v.union([v.literal('all'), listOf(ForwardIdSchema, MOST_IN_ALL)]) }),
  /** Another external port for a forward of a profile; a range keeps its length, the inside stays. */
  'forward.use-port': v.strictObject({ forward: ForwardIdSchema, external: PortNumber, ...confirmed }),
  /** The network that this machine is on may have ports opened from now on. */
  'network.approve': Nothing,

  /** Everything that the gateway maps; how far it is stands in the snapshot's `listing`. */
  'gateway.list': v.strictObject({ gateway: GatewayIdSchema }),
  /** Resolves when the router has accepted it, or nothing there has asked. Refused when it was wrong. */
  'gateway.sign-in': v.strictObject({
    router: AddressSchema,
    user: v.pipe(v.string(), v.maxLength(LONGEST_SIGN_IN)),
    password: v.pipe(v.string(), v.nonEmpty(), v.maxLength(LONGEST_SIGN_IN)),
  }),
  'gateway.sign-out': v.strictObject({ router: AddressSchema }),
  /** Also another device's entry: the UI has asked the person. Resolves when the gateway has confirmed. */
  'gateway.close': v.strictObject({
    gateway: GatewayIdSchema,
    transport: TransportSchema,
    external: PortNumber,
    /** As it was shown: nothing is closed when somebody else holds it by now. */
    client: v.exactOptional(v.pipe(v.string(), v.maxLength(100))),
    /** As it was shown; absent for an entry that anybody may use. */
    remoteHost: v.exactOptional(v.pipe(v.string(), v.maxLength(400))),
  }),
  /** The home's devices, as known without asking a router. */
  'devices.list': Nothing,
  /** Asked again within a second and a half, the latest reading is given again. */
  'gateway.traffic': v.strictObject({ gateway: GatewayIdSchema }),
  /** Looks for what keeps connections out; how far it is stands in the snapshot's `diagnosis`. An abort ends it. */
  'diagnosis.run': v.strictObject({ checks: v.optional(v.array(v.picklist(CHECKS)), () => [...CHECKS]) }),
  /** The latest run as a text in English, or a new one. `masked`: without addresses and names. */
  'diagnosis.report': v.strictObject({ masked: v.boolean() }),
  'memory.read': Nothing,
  /** `value` is JSON; refused when the trait cannot have it. */
  'memory.change': v.strictObject({ fingerprint: Key, trait: Key, value: v.pipe(v.string(), v.maxLength(1000)) }),
  /** One trait, or all of this router. */
  'memory.forget': v.strictObject({ fingerprint: Key, trait: v.exactOptional(Key) }),

  /** Entries later than `after`, in order; the latest few thousand are kept. */
  'activity.read': v.strictObject({ after: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0) }),
  /** Each forward that was open in that time, or is wanted: one per forward and external ports. */
  'activity.times': v.strictObject({ range: v.optional(v.picklist(TIME_RANGES), 'day') }),
  'activity.clear': Nothing,

  /**
   * Kept where the system keeps such things, see `SecretStore`; never shown again. `null` removes it. `dynamic-dns`: what
   * the provider in the settings is to be given, and no other.
   */
  'secret.set': v.strictObject({ of: v.literal('dynamic-dns'), secret: v.nullable(SecretText) }),
  /** Also what was refused is tried again now, as far as the provider's rules allow. */
  'name.update': Nothing,

  'app.describe': Nothing,
  /** Does a program on this computer listen on the port, over one of the transports? `null`: that cannot be known here. */
  'app.listens': v.strictObject({ transports: listOf(TransportSchema, 2), internal: PortNumber }),
  /** All that helps with a report of a fault, addresses masked. */
  'app.report': Nothing,
  /** `settings`: as they were delivered. `everything`: profiles, what is remembered and what has happened, too; what
   * is open is closed. Removed profiles can be restored one by one until Portkeeper ends. */
  'app.reset': v.strictObject({ what: v.picklist(['settings', 'everything']) }),
  /** Refused where there is no desktop. */
  'app.show-data-folder': Nothing,
  'app.check-for-updates': Nothing,
  /** Ends, installs and starts again; refused when nothing has been fetched. */
  'app.install-update': Nothing,
  /** A simulated router in the place of the real ones, or not; until Portkeeper ends. Profiles, and settings about
   * routers and ports, are then a copy: the real ones come back as they were. */
  'demo.switch': v.strictObject({ on: v.boolean() }),
  /** Adds profiles of the snapshot's `tried` to the others, switched off, or discards them; the rest stay
   * undecided. Discarded ones can be restored until Portkeeper ends. */
  'demo.keep': v.strictObject({ keep: v.array(ProfileIdSchema), discard: v.array(ProfileIdSchema) }),
} as const;

/** Commands that are asked and answered; `forwards.hold` lasts: see {@link AppClient.hold}. */
export type CommandName = Exclude<keyof typeof COMMANDS, 'forwards.hold'>;
export type CommandInput<Name extends keyof typeof COMMANDS> = v.InferInput<(typeof COMMANDS)[Name]>;
/** As checked: defaults filled in, texts trimmed. */
export type CheckedInput<Name extends keyof typeof COMMANDS> = v.InferOutput<(typeof COMMANDS)[Name]>;

export interface CommandResults {
  'profile.add': { readonly id: ProfileId };
  'profile.change': { readonly id: ProfileId };
  'profile.remove': { readonly id: ProfileId };
  'profile.restore': { readonly id: ProfileId };
  'profile.move': { readonly id: ProfileId };
  'profile.switch': { readonly id: ProfileId };
  'profiles.import': { readonly added: readonly ProfileId[] };
  'profiles.export': { readonly document: unknown };
  'profiles.import-text': {
    readonly added: readonly ProfileId[];
    /** Losses: profiles cannot express these. */
    readonly left: readonly ImportLoss[];
  };
  'profiles.read-text': {
    readonly format: v.InferOutput<typeof FileFormat>;
    readonly profiles: readonly Profile[];
    /** Losses: profiles cannot express these. */
    readonly left: readonly ImportLoss[];
    /** `replace` takes these, too; absent where the file has none. */
    readonly settings?: Settings;
  };
  'profiles.export-text': {
    readonly text: string;
    readonly fileName: string;
    /** Losses: the format cannot express these. */
    readonly left: readonly ExportLoss[];
  };
  'settings.change': { readonly settings: Settings };
  'gateways.search': Empty;
  /** Those that were asked for, or all: also those that will not do, when the search ended without one that does. */
  'gateways.find': { readonly gateways: readonly GatewayId[] };
  /** `forwards`: as the engine knows them, in the order of the input. `revision`: the snapshot that shows what was done. */
  'forwards.hold': { readonly forwards: readonly ForwardId[]; readonly revision: number };
  'forwards.release': { readonly revision: number };
  'forwards.close': ClosingResult;
  'forwards.retry': Empty;
  'forwards.probe': { readonly probes: readonly ProbeView[] };
  'forward.use-port': { readonly id: ProfileId };
  'network.approve': Empty;
  'gateway.list': GatewayTable;
  /** `nowhere`: the password is forgotten when Portkeeper ends. */
  'gateway.sign-in': { readonly state: SignInView['state']; readonly place: 'system' | 'file' | 'nowhere' };
  'gateway.sign-out': Empty;
  'gateway.close': Empty;
  /** Each address once, in order; this computer and the gateways are not among them. */
  'devices.list': { readonly devices: readonly DeviceView[] };
  'gateway.traffic': TrafficReading;
  'diagnosis.run': DiagnosisView;
  'diagnosis.report': { readonly text: string; readonly fileName: string };
  'memory.read': { readonly routers: readonly RouterMemoryView[] };
  'memory.change': Empty;
  'memory.forget': Empty;
  /** `oldest`: what comes before it is kept no more, or was cleared. */
  'activity.read': { readonly entries: readonly ActivityEntry[]; readonly oldest: number };
  /** `from`: where the record begins, if that is later than what was asked for. */
  'activity.times': { readonly from: EpochMs; readonly to: EpochMs; readonly forwards: readonly OpenTimes[] };
  'activity.clear': Empty;
  /** Where it is now. */
  'secret.set': { readonly place: 'system' | 'file' };
  'name.update': Empty;
  'app.describe': AppDescription;
  'app.listens': { readonly listens: boolean | null };
  'app.report': { readonly text: string; readonly fileName: string };
  'app.reset': Empty;
  'app.show-data-folder': Empty;
  'app.check-for-updates': Empty;
  'app.install-update': Empty;
  'demo.switch': Empty;
  /** `discarded`: under the ids by which they can be restored. */
  'demo.keep': { readonly added: readonly ProfileId[]; readonly discarded: readonly ProfileId[] };
}

type Empty = Readonly<Record<string, never>>;

/** A device of the home that a forward can point to. */
export interface DeviceView {
  readonly address: IpAddress;
  /** Empty when it is not known. */
  readonly name: string;
}

interface ExternalPort {
  readonly transport: Transport;
  readonly external: Port;
}

/** The outcome for the ports that were to be closed. */
export interface ClosingResult {
  /** `false`: no gateway was found; all else is as the journal knows it. */
  readonly found: boolean;
  /** How many were closed. */
  readonly closed: number;
  /** The gateway did not confirm it; tried again until the lease expires. */
  readonly left: readonly (ExternalPort & { readonly expiresAt: EpochMs | 'never' })[];
  /** Opened by other programs or devices, and still open. */
  readonly others: readonly (ExternalPort & {
    readonly client: string | null;
    readonly description: string;
    /** Why closing it all the same failed; absent when that was not asked for. */
    readonly reason?: CommandReason;
  })[];
  /** Still open, because somebody wants it so: who, and what to do. */
  readonly heldBy: readonly CommandReason[];
  /** Named, and not open as far as a gateway lists it, or Portkeeper has a record of it. */
  readonly absent: readonly ExternalPort[];
  /** Was there a gateway that lists open ports? */
  readonly listed: boolean;
  /** The list broke off. */
  readonly fault?: CommandReason | undefined;
}

/** Facts that do not change while Portkeeper runs, but for the interfaces. */
export interface AppDescription {
  readonly version: string;
  /** `win32`, `darwin`, `linux` …, with its version. */
  readonly platform: string;
  readonly dataFolder: string;
  readonly interfaces: readonly {
    readonly name: string;
    readonly addresses: readonly IpAddress[];
    /** A tunnel or a virtual adapter, judging by name and type. */
    readonly virtual: boolean;
  }[];
}

/** The answer to a command that cannot be done: the place of the fault, what is wrong, what to do. People are shown
 * it by `faultText` (words/faults). */
export interface CommandFault {
  readonly code:
    | 'unknown-command'
    | 'bad-input'
    | 'no-such-profile'
    | 'nothing-to-restore'
    | 'no-such-forward'
    | 'no-such-gateway'
    /** The gateway did not do it, or did not answer. */
    | 'gateway-failed'
    /** Not where Portkeeper runs: there is no desktop, or no simulated router. */
    | 'not-here'
    /** Two profiles claim one external port while both are on; or a port is somebody else's than was said. */
    | 'conflict'
    /** A person has to be asked first: see the reason `confirm-first`. */
    | 'unconfirmed'
    /** It could not be stored, and is not done. */
    | 'storage'
    /** Portkeeper ends. */
    | 'stopped'
    /** An error of our own; it is in the log. */
    | 'failed';
  /** As in `profile.forwards.0.external.first`; empty for the whole. */
  readonly place: string;
  readonly reason: CommandReason;
  /** In English, for terminals, logs and programs; the place is given as it is written. */
  readonly message: string;
}

export type Answer<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly fault: CommandFault };

/** All that a window shows. */
export interface AppSnapshot {
  readonly revision: number;
  readonly profiles: readonly Profile[];
  /** Held open by a program (`portkeeper with`), whatever their switches say. */
  readonly held: readonly ProfileId[];
  /** Forwards of no profile, held open by programs. */
  readonly holds: readonly HoldView[];
  /** Conditions of the profiles that are on and open only while something is so. */
  readonly conditions: readonly ConditionView[];
  /** Routers that the person has given a password for. */
  readonly signIns: readonly SignInView[];
  /** `false`: only what programs hold is open, whatever the profiles' switches say: no app or service is running. */
  readonly obeysSwitches: boolean;
  /** A command line chose the protocol or the network interface: there may be more than is found here. */
  readonly isNarrowed: boolean;
  readonly settings: Settings;
  readonly engine: Snapshot;
  readonly address: AddressView;
  /** Beside the engine's own. */
  readonly problems: readonly Problem[];
  readonly host: HostView;
  /** The router is a simulated one: nothing is open to the internet. */
  readonly demo: boolean;
  /** Made or changed with a simulated router, and neither kept nor discarded; all switched off. */
  readonly tried: readonly Profile[];
  /** A gateway's table is being read. */
  readonly listing: { readonly gateway: GatewayId; readonly entries: number } | null;
  /** Tests of open ports from outside. */
  readonly probes: ProbesView;
  /** The latest run of the checks, also while it goes on. */
  readonly diagnosis: DiagnosisView | null;
  /** Number of the latest entry shown to people, or of a clearing; 0 when there is none. */
  readonly activity: number;
}

export interface SignInView {
  readonly router: IpAddress;
  /** `wrong`: it was refused once, and is not sent again: routers lock out clients that try too often. */
  readonly state: 'untried' | 'accepted' | 'wrong';
}

export interface ConditionView {
  readonly profile: ProfileId;
  readonly isMet: boolean;
  /** The system does not say; it stays as it was. */
  readonly isUnknown: boolean;
  /** When the hours end, or begin. */
  readonly until?: EpochMs;
}

/** Ports that `portkeeper open` or `portkeeper run` keeps open. */
export interface HoldView {
  readonly name: string;
  readonly from: 'terminal' | 'file';
  readonly label: string;
  readonly forwards: readonly ForwardId[];
  readonly since: EpochMs;
}

/** The program around the engine. */
export interface HostView {
  /** `desktop`: tray, notifications and login item are there. `service`: the window is shown in a browser. */
  readonly kind: 'desktop' | 'service';
  readonly hasDemo: boolean;
  readonly update: UpdateView;
}

export type UpdateView =
  | { readonly at: 'unsupported' | 'off' | 'none' | 'checking' }
  | { readonly at: 'fetching'; readonly version: string; readonly share: number }
  /** Fetched; installed at the next start, or now. */
  | { readonly at: 'ready'; readonly version: string }
  /** There is one, to be fetched by hand. */
  | { readonly at: 'available'; readonly version: string; readonly url: string }
  | { readonly at: 'failed'; readonly fault: string };

/** Why a hold ended: somebody released it, another connection took its name over, or the connection is lost. */
export type HoldEnd = 'released' | 'replaced' | 'lost';

/** The one client interface: in-process, over a socket, through the preload bridge. */
export interface AppClient {
  /** An abort ends the wait, not what was begun. @throws the signal's reason, or that the connection is lost */
  ask<Name extends CommandName>(
    name: Name,
    input: CommandInput<Name>,
    signal?: AbortSignal,
  ): Promise<Answer<CommandResults[Name]>>;
  /** The first call is immediate (or as soon as the connection allows). Returns what ends it. */
  watch(listener: (snapshot: AppSnapshot) => void): () => void;
  /**
   * Holds until the signal aborts or this client is gone. Resolves when what it opens has settled.
   * @throws the signal's reason, or that the connection is lost
   * @param ended called when it ends after that without the signal
   */
  hold(
    input: CommandInput<'forwards.hold'>,
    signal: AbortSignal,
    ended?: (why: HoldEnd) => void,
  ): Promise<Answer<CommandResults['forwards.hold']>>;
}
