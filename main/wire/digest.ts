/** HTTP Digest authentication (RFC 7616), as routers ask for it: MD5 and SHA-256, `auth` or none. */

export const DIGEST_ALGORITHMS = ['md5', 'sha-256'] as const;
export type DigestAlgorithm = (typeof DIGEST_ALGORITHMS)[number];

export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  /** To be sent back as it came. */
  readonly opaque: string | undefined;
  readonly algorithm: DigestAlgorithm;
  /** As written; absent where the server named none. */
  readonly algorithmText: string | undefined;
  /** A server without it knows RFC 2069 only. */
  readonly hasQop: boolean;
  /** Name and password were right, the nonce was old. */
  readonly isStale: boolean;
}

/** Characters; more than any router sends. */
const LONGEST = 4096;

/**
 * The best challenge that can be answered; `undefined` when there is none, such as with Basic alone. Linear in the text.
 * @param header `WWW-Authenticate`; several may be joined with commas or blanks
 */
export function parseDigestChallenge(header: string): DigestChallenge | undefined {
  const challenges = challengesIn(header.slice(0, LONGEST)).flatMap((parameters) => challengeOf(parameters) ?? []);
  return challenges.find(({ algorithm }) => algorithm === 'sha-256') ?? challenges[0];
}

/** The parameters of each `Digest`, by lower-case name. */
function challengesIn(text: string): readonly ReadonlyMap<string, string>[] {
  const found: Map<string, string>[] = [];
  let current: Map<string, string> | undefined;
  // A scheme, or a parameter with a token or a quoted text.
  const part = /([!#$%&'*+.^_`|~\w-]+)(?:[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)(?:"|$)|([^\s,"]*)))?/gy;
  const between = /[\s,]*/gy;
  for (let at = 0; at < text.length;) {
    between.lastIndex = at;
    between.exec(text);
    part.lastIndex = Math.max(between.lastIndex, at);
    const match = part.exec(text);
    if (match === null) {
      // Anything else is passed over, a character at a time.
      at = Math.max(between.lastIndex, at) + 1;
      continue;
    }
    at = part.lastIndex;
    const [, name = '', quoted, token] = match;
    if (quoted === undefined && token === undefined) {
      current = name.toLowerCase() === 'digest' ? new Map<string, string>() : undefined;
      if (current !== undefined) found.push(current);
    } else current?.set(name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? token ?? '');
  }
  return found;
}

function challengeOf(parameters: ReadonlyMap<string, string>): DigestChallenge | undefined {
  const realm = parameters.get('realm');
  const nonce = parameters.get('nonce');
  const algorithmText = parameters.get('algorithm');
  const algorithm = DIGEST_ALGORITHMS.find((known) => known === (algorithmText?.toLowerCase() ?? 'md5'));
  const qop = parameters
    .get('qop')
    ?.toLowerCase()
    .split(/[\s,]+/);
  if (realm === undefined || nonce === undefined || algorithm === undefined) return undefined;
  if (qop !== undefined && !qop.includes('auth')) return undefined;
  const isStale = parameters.get('stale')?.toLowerCase() === 'true';
  return {
    realm,
    nonce,
    opaque: parameters.get('opaque'),
    algorithm,
    algorithmText,
    hasQop: qop !== undefined,
    isStale,
  };
}

export interface DigestAnswer {
  readonly user: string;
  readonly password: string;
  readonly method: string;
  /** As in the request line. */
  readonly target: string;
  /** How often this nonce was used, this time included; from 1. */
  readonly count: number;
  /** Drawn by the client. */
  readonly clientNonce: string;
}

/** Lower-case hexadecimal. */
export type Hash = (algorithm: DigestAlgorithm, text: string) => string;

/** The value of `Authorization` (RFC 7616 §3.4). */
export function digestAuthorization(challenge: DigestChallenge, answer: DigestAnswer, hash: Hash): string {
  const { realm, nonce, opaque, algorithm, algorithmText, hasQop } = challenge;
  const { user, password, method, target, clientNonce } = answer;
  const h = (text: string): string => hash(algorithm, text);
  const count = answer.count.toString(16).padStart(8, '0');
  const secret = h(`${user}:${realm}:${password}`);
  const request = h(`${method}:${target}`);
  const response = h(
    hasQop ? `${secret}:${nonce}:${count}:${clientNonce}:auth:${request}` : `${secret}:${nonce}:${request}`,
  );
  const parts = [
    `username=${quoted(user)}`,
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri=${quoted(target)}`,
    `response="${response}"`,
    ...(algorithmText === undefined ? [] : [`algorithm=${algorithmText}`]),
    ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`]),
    ...(hasQop ? [`qop=auth, nc=${count}, cnonce=${quoted(clientNonce)}`] : []),
  ];
  return `Digest ${parts.join(', ')}`;
}

/** Values from a router must not end the line. */
const quoted = (text: string): string =>
  `"${text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, '').replaceAll(/["\\]/g, (mark) => `\\${mark}`)}"`;
