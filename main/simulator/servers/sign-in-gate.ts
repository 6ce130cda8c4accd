/** How a FRITZ!Box protects all of TR-064 with a password (RFC 7616), and locks out clients that try too often. */
import { inMinutes, type Millis } from '../../contract/units.ts';
import type { System } from '../../system/system.ts';
import type { Personality } from '../router/personality.ts';
import { hex, type RouterState } from '../router/router-state.ts';
import type { HttpRequest, HttpResponse } from './igd-http.ts';

const REALM = 'F!Box SOAP-Auth';
const LOCKED_FOR = inMinutes(5);
/** A nonce serves so long; then another one has to be asked for. */
const NONCE_LASTS = inMinutes(10);

type Account = NonNullable<Personality['http']['signIn']>;

export class SignInGate {
  readonly #account: Account;
  readonly #system: Pick<System, 'clock' | 'random' | 'hash'>;
  readonly #password: () => string;
  readonly #counters: RouterState['counters'];
  #nonce = '';
  #drawnAt: Millis | undefined;
  #wrong = 0;
  #lockedAt: Millis | undefined;

  constructor(account: Account, { system, password, counters }: Pick<RouterState, 'system' | 'password' | 'counters'>) {
    this.#account = account;
    this.#system = system;
    this.#password = password;
    this.#counters = counters;
  }

  /** `undefined`: whoever asks may come in. */
  refusal({ method, target, headers }: HttpRequest): HttpResponse | undefined {
    const now = this.#system.clock.monotonic();
    if (this.#lockedAt !== undefined && now - this.#lockedAt < LOCKED_FOR) return this.#challenge(now);
    const given = parametersOf(headers.get('authorization') ?? '');
    if (given === undefined) return this.#challenge(now);
    if (given.get('nonce') !== this.#nonce || now - (this.#drawnAt ?? now) >= NONCE_LASTS) return this.#challenge(now);
    const hash = (text: string): string => this.#system.hash?.('md5', text) ?? '';
    const { user } = this.#account;
    const secret = hash(`${user}:${REALM}:${this.#password()}`);
    const middle = `${given.get('nonce')}:${given.get('nc')}:${given.get('cnonce')}:auth`;
    const right = hash(`${secret}:${middle}:${hash(`${method}:${target}`)}`);
    if (given.get('response') === right && given.get('username') === user && given.get('uri') === target) {
      this.#wrong = 0;
      return undefined;
    }
    this.#wrong += 1;
    this.#counters.count('wrong password');
    if (this.#wrong >= this.#account.locksAfter) this.#lockedAt = now;
    return this.#challenge(now);
  }

  #challenge(now: Millis): HttpResponse {
    if (this.#drawnAt === undefined || now - this.#drawnAt >= NONCE_LASTS) {
      this.#nonce = hex(this.#system.random.bytes(8)).toUpperCase();
      this.#drawnAt = now;
    }
    const challenge = `Digest realm="${REALM}",nonce="${this.#nonce}",algorithm=MD5,qop="auth"`;
    const body = '<html><body>401 Unauthorized</body></html>';
    return { status: 401, type: 'text/html', headers: [['WWW-Authenticate', challenge]], body };
  }
}

function parametersOf(header: string): ReadonlyMap<string, string> | undefined {
  if (!header.startsWith('Digest ')) return undefined;
  return new Map(
    [...header.matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]*))/g)].map(([, name = '', quoted, token]) => [
      name,
      quoted ?? token ?? '',
    ]),
  );
}
