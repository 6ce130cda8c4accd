/** Checks on every forward before it is taken, from whichever UI or file it comes: devices that it can point to,
 * questions that a person has answered, how much may be open, and what is open already. */
import { ip, parseIp, scopeOf, type Cidr } from '../../contract/address.ts';
import { faultAt, type Fault } from '../../contract/checked.ts';
import {
  clashOf,
  rangeText,
  mappingCount,
  mappingCountOf,
  MOST_IN_ALL,
  MOST_OF_PROFILE,
} from '../../contract/profiles/claims.ts';
import type { Forward } from '../../contract/model.ts';
import {
  openingQuestions,
  unanswered,
  unfitAddress,
  type Confirmed,
  type OpeningQuestion,
} from '../../contract/profiles/opening-questions.ts';
import type { Profile } from '../../contract/profiles/profile.ts';
import { MOST_PROFILES, MOST_TEXT, toDocument, type ProfileBook } from '../../contract/profiles/profile-document.ts';
import { inSeconds } from '../../contract/units.ts';
import { forAtMost } from '../../system/deadline.ts';
import type { System } from '../../system/system.ts';
import { badInput, CommandError } from '../command-error.ts';
import { networksNow } from '../loop/host-facts.ts';

/** For the routing tables of this machine; without them no device is known to be elsewhere. */
const LOOK = inSeconds(5);

type Guarded = Pick<Forward, 'transports' | 'external' | 'internal'>;

export interface Admission {
  readonly forwards: readonly Guarded[];
  /** The same profile as it was: open ports and former answers are not asked about again. */
  readonly former?: Pick<Profile, 'on' | 'forwards' | 'confirmed'> | undefined;
  /** Place of the forwards in the input. */
  readonly place: string;
}

/** @throws CommandError `bad-input` or `unconfirmed` */
export type Guard = (asked: readonly Admission[], confirmed: Confirmed) => Promise<Answers>;

/** For each admission the keys of all questions that its forwards raise. */
type Answers = readonly (readonly string[])[];

/** A simulated router has devices on loopback. */
const LOOPBACK: Cidr = { address: ip('127.0.0.0'), prefix: 8 };

/** Those that this machine is in now; nothing when the routing tables cannot be read.
 * @param router address or URL of the only router that is meant */
export async function networksAround(
  { routes, clock }: Pick<System, 'routes' | 'clock'>,
  router: string | undefined,
): Promise<readonly Cidr[] | undefined> {
  const never = new AbortController().signal;
  const networks = await forAtMost(clock, LOOK, never, (signal) => networksNow(routes, signal));
  const host = router === undefined ? undefined : parseIp(/^https?:\/\/([^:/]+)/.exec(router)?.[1] ?? router);
  return host !== undefined && scopeOf(host) === 'loopback' ? [...(networks ?? []), LOOPBACK] : networks;
}

export function createGuard(networksNear: () => Promise<readonly Cidr[] | undefined>): Guard {
  return async (asked, confirmed) => {
    const hasDevices = asked.some(({ forwards }) => forwards.some(({ internal }) => internal.client !== undefined));
    const networks = hasDevices ? await networksNear() : undefined;
    const faults = asked.flatMap(({ forwards, place }) => unfitDevices(forwards, place, networks));
    if (faults.length > 0) throw badInput(faults);
    const open: OpeningQuestion[] = [];
    const answers = asked.map(({ forwards, former }) => {
      const questions = openingQuestions(forwards, networks);
      open.push(...stillOpen(questions, former, confirmed, networks));
      return questions.map(({ key }) => key);
    });
    if (open.length === 0) return answers;
    const questions = [...new Map(open.map((question) => [question.key, question])).values()];
    throw new CommandError('unconfirmed', '', { code: 'confirm-first', parameters: { questions } });
  };
}

function unfitDevices(
  forwards: readonly Guarded[],
  place: string,
  networks: readonly Cidr[] | undefined,
): readonly Fault[] {
  return forwards.flatMap(({ internal: { client: address } }, at) => {
    const why = address === undefined ? undefined : unfitAddress(address, networks);
    if (address === undefined || why === undefined) return [];
    return [faultAt(`${place}.${at}.internal.client`, { code: 'not-a-device', parameters: { address, why } })];
  });
}

function stillOpen(
  questions: readonly OpeningQuestion[],
  former: Admission['former'],
  confirmed: Confirmed,
  networks: readonly Cidr[] | undefined,
): readonly OpeningQuestion[] {
  const left = unanswered(questions, confirmed);
  if (left.length === 0 || former === undefined) return left;
  const known = former.on ? openingQuestions(former.forwards, networks).map(({ key }) => key) : [];
  return unanswered(left, [...known, ...(former.confirmed ?? [])], former.forwards);
}

/** More than allowed is never refused when a change makes it less.
 * @throws CommandError `bad-input` when there are too many, or together they ask for more than may be open */
export function checkTotals(book: ProfileBook, before: ProfileBook): void {
  const { profiles } = book;
  if (profiles === before.profiles) return;
  if (profiles.length > MOST_PROFILES && profiles.length > before.profiles.length) {
    const parameters = { most: MOST_PROFILES };
    throw new CommandError('bad-input', 'profile', { code: 'too-many-profiles', parameters });
  }
  const count = mappingCountOf(profiles);
  if (count > MOST_IN_ALL && count > mappingCountOf(before.profiles)) throw tooManyMappings(count);
  const size = sizeOf(book);
  if (size <= MOST_TEXT || size <= sizeOf(before)) return;
  const parameters = { mebibytes: MOST_TEXT / 1024 ** 2 };
  throw new CommandError('bad-input', 'profiles', { code: 'profiles-too-large', parameters });
}

/** Characters, as exported: every export can be imported. */
const sizeOf = (book: ProfileBook): number => JSON.stringify(toDocument(book), undefined, 2).length;

/** A profile stored by an earlier version may ask for too much, and is off then. @throws CommandError `bad-input` */
export function checkActive(profile: Profile, profiles: readonly Profile[]): void {
  const own = mappingCount(profile.forwards);
  if (own > MOST_OF_PROFILE) {
    const parameters = { count: own, most: MOST_OF_PROFILE };
    throw badInput([faultAt('profile.forwards', { code: 'too-many-mappings', parameters })]);
  }
  const others = profiles.filter(({ id, on }) => on && id !== profile.id);
  const count = own + mappingCountOf(others);
  if (count > MOST_IN_ALL) throw tooManyMappings(count);
}

function tooManyMappings(count: number): CommandError {
  const parameters = { count, most: MOST_IN_ALL };
  return new CommandError('bad-input', 'profiles', { code: 'too-many-mappings', parameters });
}

/** @throws CommandError `conflict`, naming the other */
export function checkClash(profile: Profile, others: readonly Profile[], place: string): void {
  for (const other of others) {
    if (other.id === profile.id) continue;
    const clash = clashOf(profile.forwards, other.forwards);
    if (clash === undefined) continue;
    const parameters = { one: profile.name, other: other.name, ports: rangeText(clash) };
    throw new CommandError('conflict', place, { code: 'profiles-clash', parameters });
  }
}

/** Answers by somebody else, or about another network, say nothing here. */
export function unconfirmed({ confirmed: _confirmed, ...profile }: Profile): Profile {
  return profile;
}

export function withAnswers(profile: Profile, keys: readonly string[]): Profile {
  const { confirmed = [] } = profile;
  if (keys.length === confirmed.length && keys.every((key, at) => key === confirmed[at])) return profile;
  return keys.length === 0 ? unconfirmed(profile) : { ...profile, confirmed: keys };
}
