/** Answers of dynamic DNS providers, and their meaning. */
import { inMinutes, inSeconds, type Millis } from '../../contract/units.ts';
import type { OwnAddresses } from '../../contract/snapshot.ts';
import type { WebAnswer, WebRequest } from '../../system/system.ts';
import type { NameOutcome } from './name-plan.ts';

export interface NameAccount {
  readonly name: string;
  /** Empty where the provider wants none. */
  readonly user: string;
  readonly secret: string;
  /** Where it is asked. */
  readonly server: string;
}

export type Ask = (request: WebRequest) => Promise<WebAnswer>;
export type UpdateName = (account: NameAccount, addresses: OwnAddresses, ask: Ask) => Promise<NameOutcome>;

const GOOD: NameOutcome = { is: 'good' };

type Meaning =
  | 'good'
  | Omit<Extract<NameOutcome, { readonly is: 'refused' }>, 'detail'>
  | Omit<Extract<NameOutcome, { readonly is: 'later' }>, 'detail'>;

const HALF_AN_HOUR = inMinutes(30);

/** Dyn, "Return Codes"; No-IP, "Interpret Response"; dy.fi, "specification"; Dynu, "IP Update Protocol". */
const WORDS: Readonly<Record<string, Meaning>> = {
  good: 'good',
  // The address was set already, which is what was wanted.
  nochg: 'good',
  badauth: { is: 'refused', why: 'credentials' },
  '!donator': { is: 'refused', why: 'not-included' },
  notfqdn: { is: 'refused', why: 'bad-name' },
  nohost: { is: 'refused', why: 'no-such-name' },
  '!yours': { is: 'refused', why: 'no-such-name' },
  '!active': { is: 'refused', why: 'no-such-name' },
  numhost: { is: 'refused', why: 'too-many-names' },
  abuse: { is: 'refused', why: 'blocked' },
  badagent: { is: 'refused', why: 'client' },
  badsys: { is: 'refused', why: 'client' },
  badip: { is: 'refused', why: 'address' },
  dnserr: { is: 'later', why: 'server', atLeast: HALF_AN_HOUR },
  servererror: { is: 'later', why: 'server', atLeast: HALF_AN_HOUR },
  '911': { is: 'later', why: 'server', atLeast: HALF_AN_HOUR },
};

const outcomeOf = (meaning: Meaning, detail: string): NameOutcome =>
  meaning === 'good' ? GOOD : { ...meaning, detail };

/** One line for each name, and there is one: the first word counts. */
export function readDyndns2(answer: WebAnswer): NameOutcome {
  return readWord(answer) ?? readStatus(answer) ?? garbled(answer);
}

export function readDuckDns(answer: WebAnswer): NameOutcome {
  const word = firstWord(answer.body);
  if (answer.status === 200 && word === 'OK') return GOOD;
  // One word for a token that is wrong and a name that is another's.
  if (answer.status === 200 && word === 'KO') return { is: 'refused', why: 'credentials', detail: word };
  return readStatus(answer) ?? garbled(answer);
}

/** For an unknown server: words that are known elsewhere mean the same; any others mean success. */
export function readFreely(answer: WebAnswer): NameOutcome {
  const known = readWord(answer) ?? readStatus(answer);
  if (known !== undefined) return known;
  // FreeDNS says so of an address that is set already.
  const isFault = /^\s*(?:KO|ERROR)\b/i.test(answer.body) && !/has not changed/i.test(answer.body);
  return isFault ? { is: 'refused', why: 'credentials', detail: beginningOf(answer.body) } : GOOD;
}

function readWord({ body, status }: WebAnswer): NameOutcome | undefined {
  const word = firstWord(body).toLowerCase();
  const known = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
  // A word of success with a status of failure is nobody's success.
  return known === undefined || (known === 'good' && status >= 400) ? undefined : outcomeOf(known, word);
}

/** A status' meaning on its own; nothing for those that say that all went well. */
export function readStatus({ status, body, retryAfter }: WebAnswer): NameOutcome | undefined {
  const detail = `HTTP ${status}`;
  if (status === 401 || status === 403) return { is: 'refused', why: 'credentials', detail };
  if (status === 429) return { is: 'later', why: 'busy', detail, ...pauseOf(retryAfter) };
  if (status >= 500) return { is: 'later', why: 'server', detail, ...pauseOf(retryAfter) };
  if (status >= 300) return { is: 'later', why: 'garbled', detail: `${detail} ${beginningOf(body)}`.trim() };
  return undefined;
}

export function garbled({ body }: WebAnswer): NameOutcome {
  return { is: 'later', why: 'garbled', detail: beginningOf(body) };
}

/** RFC 9110 §10.2.3, as a number of seconds; a date is waited for by our own rule. */
function pauseOf(retryAfter: string | undefined): { readonly atLeast?: Millis } {
  return retryAfter !== undefined && /^\d{1,8}$/.test(retryAfter) ? { atLeast: inSeconds(Number(retryAfter)) } : {};
}

const firstWord = (body: string): string => /^\s*(\S{1,40})/.exec(body)?.[1] ?? '';

/** Characters of an answer that people are shown. */
const SHOWN = 60;
const beginningOf = (body: string): string =>
  body
    .slice(0, 500)
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, SHOWN);
