/** What every forward passes before it is taken, from whichever face or file it comes: devices that it can lead to, and
 * questions that a person has answered. */
import { ip, parseIp, scopeOf, type Cidr } from '../../contract/address.ts';
import { faultAt, type Fault } from '../../contract/checked.ts';
import type { Forward } from '../../contract/model.ts';
import {
  openingQuestions,
  unanswered,
  unfitAddress,
  type Confirmed,
  type OpeningQuestion,
} from '../../contract/opening-questions.ts';
import type { Profile } from '../../contract/profile.ts';
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
  /** The same profile as it was: what is open already, or was answered, is not asked about again. */
  readonly former?: Pick<Profile, 'on' | 'forwards' | 'confirmed'> | undefined;
  /** Of the forwards in the input. */
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
