/** Chooses the events that are worth a desktop notification: pure. */
import type { ActivityFact, Notice, ShownFact } from '../../contract/activity.ts';
import type { AppClient, AppSnapshot } from '../../contract/commands.ts';
import type { Problem, ProblemCode } from '../../contract/problems.ts';
import type { Settings } from '../../contract/settings.ts';
import { inSeconds } from '../../contract/units.ts';
import { until, Watch } from '../../contract/watch.ts';
import type { Clock } from '../../system/system.ts';

/** Current troubles, as far as reported: each once, until it is right again. */
export interface Troubles {
  /** `hidden` beneath its cause. */
  readonly things: ReadonlyMap<string, 'told' | 'hidden'>;
  /** Something was reported since all was right. */
  readonly areTold: boolean;
}

export const NO_TROUBLES: Troubles = { things: new Map(), areTold: false };

/** While one of these lasts, not all that is wanted can be open. */
const BLOCKING: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'no-network',
  'no-gateway',
  'port-control-off',
  'router-password',
  'local-network-denied',
  'network-not-approved',
  'traffic-denied',
  'not-our-gateway',
  'no-external-address',
  'router-garbled',
  'open-unanswered',
]);

/** The cause before what it causes. */
const IMPORTANCE: readonly ShownFact['is'][] = [
  'problem',
  'gateway-away',
  'refused',
  'lost',
  'opened',
  'gateway-back',
  'solved',
  'gateway-restarted',
  'address-changed',
  'closed',
  'gateway-found',
];

/**
 * @param facts what happened within a few seconds: it is reported together
 * @returns at most one notice of a kind
 */
export function noticesFor(
  before: Troubles,
  facts: readonly ActivityFact[],
  wanted: Settings['notifications'],
): { readonly troubles: Troubles; readonly notices: readonly Notice[] } {
  const news = new NoticeCollector(before);
  for (const fact of facts) news.hear(fact);
  const { troubles, notices } = news.told();
  if (wanted === 'none') return { troubles, notices: [] };
  return { troubles, notices: wanted === 'all' ? notices : notices.filter((notice) => notice.of !== 'news') };
}

const FORWARD = 'forward ';

class NoticeCollector {
  readonly #things: Map<string, 'told' | 'hidden'>;
  readonly #wereTold: boolean;
  readonly #trouble = new Map<string, ShownFact>();
  readonly #recovered: ShownFact[] = [];
  readonly #news: ShownFact[] = [];

  constructor({ things, areTold }: Troubles) {
    this.#things = new Map(things);
    this.#wereTold = areTold;
  }

  hear(fact: ActivityFact): void {
    switch (fact.is) {
      case 'started':
        this.#forget();
        break;
      case 'ended':
        this.#things.clear();
        break;
      case 'gateway-away':
        this.#wrong(`gateway ${fact.gateway}`, fact);
        break;
      case 'gateway-back':
        this.#right(`gateway ${fact.gateway}`, fact);
        break;
      case 'problem':
        this.#wrong(keyOf(fact.problem), fact);
        // Others do not keep anything closed, and are reported once in any case.
        if (!BLOCKING.has(fact.problem.code)) this.#things.delete(keyOf(fact.problem));
        break;
      case 'solved':
        this.#right(keyOf(fact.problem), fact);
        break;
      case 'refused':
        this.#wrong(`${FORWARD}${fact.forward}`, fact);
        break;
      case 'lost':
        if (fact.because === undefined) this.#wrong(`${FORWARD}${fact.forward}`, fact);
        else this.#beneath(`${FORWARD}${fact.forward}`);
        break;
      case 'opened':
        this.#right(`${FORWARD}${fact.forward}`, fact);
        break;
      case 'closed':
        // As a person wanted it.
        this.#things.delete(`${FORWARD}${fact.forward}`);
        this.#trouble.delete(`${FORWARD}${fact.forward}`);
        this.#news.push(fact);
        break;
      case 'gateway-found':
      case 'gateway-restarted':
      case 'address-changed':
        this.#news.push(fact);
        break;
      default:
      // People know their own actions; the rest is for the record.
    }
  }

  told(): { readonly troubles: Troubles; readonly notices: readonly Notice[] } {
    const isOpenAgain = this.#recovered.some(({ is }) => is === 'opened');
    // All that is wanted is open, by whichever gateway.
    if (isOpenAgain && ![...this.#things.keys()].some((key) => key.startsWith(FORWARD))) this.#things.clear();
    const isRight = this.#things.size === 0;
    const isRecovery = isRight && this.#wereTold && this.#recovered.length > 0;
    const notices: Notice[] = [];
    const add = (of: Notice['of'], facts: readonly ShownFact[]): void => {
      if (facts.length > 0) notices.push({ of, facts: inOrder(facts) });
    };
    add('trouble', [...this.#trouble.values()]);
    add('recovery', isRecovery ? this.#recovered : []);
    add('news', isRecovery ? this.#news : [...this.#recovered, ...this.#news]);
    const areTold = !isRight && (this.#wereTold || this.#trouble.size > 0);
    return { troubles: { things: this.#things, areTold }, notices };
  }

  /** Troubles of an earlier start of Portkeeper are history. */
  #forget(): void {
    this.#things.clear();
    this.#trouble.clear();
    this.#recovered.splice(0);
    this.#news.splice(0);
  }

  #wrong(key: string, fact: ShownFact): void {
    if (this.#things.get(key) !== 'told') this.#trouble.set(key, fact);
    this.#things.set(key, 'told');
  }

  #beneath(key: string): void {
    if (!this.#things.has(key)) this.#things.set(key, 'hidden');
  }

  #right(key: string, fact: ShownFact): void {
    const isHiccup = this.#trouble.delete(key);
    const wasWrong = this.#things.delete(key);
    if (wasWrong && !isHiccup) this.#recovered.push(fact);
    else this.#news.push(fact);
  }
}

const keyOf = ({ code, gateway, forward }: Problem): string => `problem ${code} ${gateway ?? ''} ${forward ?? ''}`;

function inOrder(facts: readonly ShownFact[]): readonly ShownFact[] {
  return facts.toSorted((one, other) => IMPORTANCE.indexOf(one.is) - IMPORTANCE.indexOf(other.is));
}

/** Routers are asked for one port after the other: events within this time are reported together. */
const TOGETHER = inSeconds(3);

/** Notices of what happens until the signal aborts. @throws the signal's reason, or what `client` throws */
export async function feedNotices(
  client: Pick<AppClient, 'ask' | 'watch'>,
  clock: Clock,
  tell: (notice: Notice) => void,
  signal: AbortSignal,
): Promise<never> {
  const latest = new Watch<AppSnapshot>();
  const unwatch = client.watch((snapshot) => latest.set(snapshot));
  const snapshot = (isMeant: (one: AppSnapshot) => boolean): Promise<AppSnapshot> => until(latest, isMeant, signal);
  try {
    let { activity: known, demo: wasDemo } = await snapshot(() => true);
    let troubles = NO_TROUBLES;
    for (;;) {
      const { activity, demo } = await snapshot((one) => one.activity !== known || one.demo !== wasDemo);
      // Another record, in the place of a lost one or of the simulated router's: its events may be long past.
      if (activity < known || demo !== wasDemo) {
        known = activity;
        wasDemo = demo;
        continue;
      }
      await clock.sleep(TOGETHER, signal);
      const answer = await client.ask('activity.read', { after: known }, signal);
      const { settings, activity: last, demo: isDemo } = await snapshot(() => true);
      if (isDemo !== demo) continue;
      known = last;
      if (!answer.ok) continue;
      const facts = answer.value.entries.filter(({ id }) => id <= last).map(({ fact }) => fact);
      const told = noticesFor(troubles, facts, settings.notifications);
      troubles = told.troubles;
      for (const notice of told.notices) tell(notice);
    }
  } finally {
    unwatch();
  }
}
