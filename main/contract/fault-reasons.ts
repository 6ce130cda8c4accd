/**
 * Why input or a request from a UI is refused, or a file is not understood or not stored: a code with typed parameters,
 * like problems. Sentences: `words/faults-en` and `words/faults-de`; a reason without one of them does not compile.
 *
 * To refuse a value in a schema, give its reason as the message:
 *     v.check(isRouterPlace, says('router-place'))
 *     v.check(isNarrow, says('range-too-wide', { most: 512 }))
 * and let `checked` (contract/checked) do the checking: it knows how to read the message.
 *
 * To refuse a command:
 *     throw new CommandError('no-such-profile', 'id', { code: 'no-such-profile', parameters: { id } });
 * The first is what programs go by (exit codes), the last is what people are shown.
 *
 * A new reason: add it to one of the two tables here and say it in both languages. UIs show it with `faultText`, or at
 * the field that it is about with `fieldText` (both in words/faults).
 */
import type { RefusalReason, UnreachableReason } from './mapping.ts';
import type { ControlKind, Transport } from './model.ts';
import type { OpeningQuestion, UnfitAddress } from './profiles/opening-questions.ts';

type None = Readonly<Record<string, never>>;

/** About one value; said as a part of a sentence that the value's place begins: "is missing". */
export interface ValueReasons {
  missing: None;
  /** A key that is not known; `what` is quoted. */
  unexpected: { readonly what: string };
  /** Characters of a text, entries of a list. */
  'too-long': { readonly most: number };
  'too-short': { readonly least: number };
  'too-large': { readonly most: number };
  'too-small': { readonly least: number };
  'whole-number': None;
  empty: None;
  /** `expected` are kinds of values (`string`, `Object`), or values as they are written in JSON. */
  'wrong-type': { readonly expected: readonly string[]; readonly received: string };
  invalid: None;
  'one-line': None;
  'name-needed': None;
  port: None;
  id: None;
  'transports-needed': None;
  'families-needed': None;
  'each-once': None;
  'ip-address': None;
  /** No device of a local network has it. */
  'not-a-device': { readonly address: string; readonly why: UnfitAddress };
  lease: None;
  'range-backwards': None;
  /** Ports of all ranges, each transport counted. */
  'too-many-mappings': { readonly count: number; readonly most: number };
  'range-too-wide': { readonly most: number };
  'inside-too-high': None;
  /** `ports` as in `25565/tcp`. */
  'ports-twice': { readonly ports: string };
  'id-twice': { readonly id: string };
  'newer-version': { readonly known: number };
  'unknown-version': { readonly version: number };
  'probe-place': None;
  'tester-place': None;
  'router-place': None;
  'clock-time': None;
  'days-needed': None;
  'program-needed': None;
  /** It forwards to other devices only, where nobody can see what listens. */
  'nothing-listens-here': None;
  'host-name': None;
  'dns-server': None;
  /** A program with its arguments. */
  'program-line': None;
  /** About a file of ports. */
  'file-too-large': { readonly mebibytes: number };
  /** In the words of a library, which are English. */
  other: { readonly text: string };
}

interface ValueFault {
  readonly place: string;
  readonly why: ValueReason;
}

/** About a command as a whole; whole sentences, with a way out. */
export interface CommandReasons {
  /** The first of its faults, at `place`, and how many `more` there are; the `next` two at most. */
  'bad-input': ValueFault & { readonly more: number; readonly next?: readonly ValueFault[] };
  /** A file is not understood. */
  'bad-file': FileFault;
  /** `name` is empty where a command is known, but not done here. */
  'no-such-command': { readonly name: string };
  'no-such-profile': { readonly id: string };
  'nothing-to-restore': { readonly id: string };
  'too-many-profiles': { readonly most: number };
  /** Ports of all profiles, each transport counted. */
  'too-many-mappings': { readonly count: number; readonly most: number };
  /** All of them together, as exported. */
  'profiles-too-large': { readonly mebibytes: number };
  /** Names of profiles; `ports` as in `25565/tcp`. */
  'profiles-clash': { readonly one: string; readonly other: string; readonly ports: string };
  /** Somebody else has changed it meanwhile. */
  'profile-changed': { readonly name: string };
  /** Forwards of a terminal or a file, and a profile that has one of their ports already. */
  'ports-of-profile': { readonly ports: string; readonly profile: string; readonly id: string };
  /** A port that a program keeps open; `label` is what people recognise it by. */
  'ports-held': { readonly ports: string; readonly from: 'terminal' | 'file'; readonly label: string };
  'no-such-hold': None;
  /** Nothing is done before they are answered: see `confirmed` of the command. */
  'confirm-first': { readonly questions: readonly OpeningQuestion[] };
  'not-stored': { readonly path: string; readonly fault: StorageFault };
  'not-read': None;
  'no-such-forward': { readonly forward: string };
  /** Another external port for a forward that is opened over IPv6 alone. */
  'same-port-over-ipv6': None;
  /** `most`: the highest first port that leaves room for the range. */
  'no-room-for-range': { readonly most: number };
  /** Claimed by another forward of the same profile; `ports` as in `25565/tcp`. */
  'ports-claimed': { readonly profile: string; readonly ports: string };
  /** This machine is on none that could be approved. */
  'no-network': None;
  'too-many-networks': { readonly most: number };
  'no-such-gateway': None;
  /** This system cannot answer a router that asks. */
  'no-sign-in': None;
  'wrong-password': { readonly router: string };
  /** It has no protocol that could; `speaks` are those that it has. */
  'cannot-list': { readonly gateway: string; readonly speaks: readonly ControlKind[] };
  'gateway-unreachable': { readonly gateway: string; readonly why: UnreachableReason };
  'gateway-garbled': { readonly gateway: string };
  /** `failure` is the wire's own code. */
  'gateway-refused': { readonly gateway: string; readonly why: RefusalReason; readonly failure: string };
  'counts-no-traffic': { readonly gateway: string };
  /** Its budget of this minute is used up. */
  'asked-enough': { readonly gateway: string };
  /** `port` as in `25565/tcp`. The router does not say where it forwards to. */
  'entry-untold': { readonly gateway: string; readonly port: string };
  /** It is somebody else's than was shown; `holder` and `name` are empty where they are not known. */
  'entry-elsewhere': { readonly port: string; readonly holder: string; readonly name: string };
  /** A profile that is on holds it. */
  'entry-wanted': { readonly port: string; readonly profile: string };
  /** `failure` is the wire's own code. */
  'entry-refused': {
    readonly gateway: string;
    readonly port: string;
    readonly why: RefusalReason;
    readonly failure: string;
  };
  /** Asked for, and perhaps done. */
  'entry-unsure': { readonly gateway: string; readonly port: string; readonly why: UnreachableReason | 'garbled' };
  /** Ours; it is tried again. */
  'entry-still-there': { readonly gateway: string; readonly port: string };
  /** Nothing is remembered about it, and it is not here. */
  'unknown-router': None;
  'no-such-trait': { readonly trait: string; readonly known: readonly string[] };
  /** `may`: the values that it can have, as JSON. */
  'trait-value': { readonly trait: string; readonly may: readonly string[] };
  /** There is nobody to ask. */
  'no-probe-server': None;
  /** With the simulated router. */
  'probe-demo': None;
  /** Nothing that could be tested from outside. */
  'nothing-open': None;
  /** The file with the secret of the probe server. */
  'no-secret-file': { readonly path: string };
  'secret-unreadable': { readonly path: string; readonly why: StorageFault };
  /** In bytes. */
  'secret-length': { readonly path: string; readonly least: number; readonly most: number };
  'no-demo': None;
  /** `fault` is the system's word. */
  'demo-failed': { readonly fault: string };
  'not-running': None;
  'no-desktop': { readonly folder: string };
  'nothing-fetched': None;
  'no-dns-provider': None;
  /** Not from a browser: whoever has the window's address could run programs. */
  'command-by-terminal': None;
  'no-self-update': None;
  stopped: None;
  /** The UI's own word: nobody answered it. */
  'not-connected': None;
  'own-fault': None;
  /** A program that speaks to Portkeeper made a mistake; `text` is for its author. */
  'bad-request': { readonly text: string };
}

export interface ReasonOf<Reasons, Code extends keyof Reasons> {
  readonly code: Code;
  readonly parameters: Reasons[Code];
}

export type ValueReason = { [Code in keyof ValueReasons]: ReasonOf<ValueReasons, Code> }[keyof ValueReasons];
export type CommandReason = { [Code in keyof CommandReasons]: ReasonOf<CommandReasons, Code> }[keyof CommandReasons];

const MARK = '{"code":';

/** A reason as a message of a schema.
 * @__NO_SIDE_EFFECTS__ */
export function says<Code extends keyof ValueReasons>(
  code: Code,
  ...[parameters]: ValueReasons[Code] extends None ? [] : [ValueReasons[Code]]
): string {
  return JSON.stringify({ code, parameters: parameters ?? {} });
}

/** The reason in a message of a schema: the inverse of {@link says}. */
export function reasonIn(message: string): ValueReason {
  // Only `says` writes messages that begin so.
  return message.startsWith(MARK)
    ? (JSON.parse(message) as ValueReason)
    : { code: 'other', parameters: { text: message } };
}

/** Where a file that a person gives is not understood; all count from 1, and are absent where the whole file is meant. */
export interface FilePlace {
  readonly line?: number;
  /** Column of the text; in a list with columns, the number of the column. */
  readonly column?: number;
  /** Entry of a JSON array. */
  readonly entry?: number;
  /** Title of the column, key of the entry. */
  readonly field?: string;
}

export type PortField = 'address' | 'port' | 'protocol' | 'duration' | 'comment';

export interface FileReasons {
  'too-large': { readonly mebibytes: number };
  /** It has bytes in it that no text has. */
  'not-text': None;
  /** `found`: what does not belong there; empty where the text ends too early. */
  'not-json': { readonly found: string };
  /** Neither ours, nor a list of ports. */
  unknown: None;
  /** Nothing is in it; `header` is what a list begins with. */
  'no-header': { readonly header: string };
  /** A list without a single port. */
  'no-ports': None;
  'quote-not-closed': None;
  'quote-not-alone': None;
  /** In the words of a library, which are English. */
  csv: { readonly text: string };
  /** `delimiter` where it may be another. */
  'column-missing': { readonly column: PortField; readonly header: string; readonly delimiter?: string };
  'column-twice': { readonly column: PortField };
  'too-many-fields': { readonly fields: number; readonly columns: number; readonly delimiter: string };
  'too-few-fields': { readonly fields: number; readonly columns: number };
  'not-a-list': None;
  'not-an-object': None;
  /** `value` as it is written in JSON; empty where there is none. */
  'wrong-value': { readonly field: PortField; readonly value: string };
  /** No device of a local network has it. */
  'not-a-device': { readonly address: string; readonly why: UnfitAddress };
  'port-twice': { readonly port: number; readonly transport: Transport; readonly other: FilePlace };
  /** Forwards of one profile. */
  'too-many-ports': { readonly most: number };
  'too-many-mappings': { readonly count: number; readonly most: number };
}

export type FileReason = {
  [Code in keyof FileReasons]: { readonly code: Code; readonly parameters: FileReasons[Code] };
}[keyof FileReasons];

export interface FileMistake {
  readonly at: FilePlace;
  readonly why: FileReason;
}

/** The first mistake in a file. */
export interface FileFault extends FileMistake {
  /** As the person named it. */
  readonly file: string;
  /** The next ones, two at most; absent where there is one only. */
  readonly next?: readonly FileMistake[];
  /** Number of all mistakes; absent where there is one only. */
  readonly count?: number;
}

/** Why something cannot be stored or read; the sentences are in `words/places`. */
export type StorageFault = (typeof STORAGE_FAULTS)[number];
export const STORAGE_FAULTS = [
  'no-permission',
  'no-space',
  'not-a-folder',
  'not-private',
  'unreadable',
  'locked',
  'other',
] as const;

/**
 * Loss where a file cannot be used. `latest`: the last good version takes its place. `entries`: only damaged
 * ones. `openings`: which ports an earlier run left open. `all`: everything that was in it.
 */
export type LostContent = (typeof LOST_CONTENTS)[number];
export const LOST_CONTENTS = ['latest', 'entries', 'openings', 'all'] as const;
