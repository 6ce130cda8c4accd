/** Answers routers that ask for a password, with what the person has given for them and with nothing else. */
import type { IpAddress } from '../../contract/address.ts';
import type { SignInView } from '../../contract/commands.ts';
import { digestAuthorization, parseDigestChallenge, type DigestChallenge, type Hash } from '../../wire/digest.ts';
import type { Random, RouterSession, Routes, SignIns } from '../../system/system.ts';

/** As it is kept. */
export interface SignIn {
  readonly address: IpAddress;
  /** Another router may have the address in another network; absent where the system does not say. */
  readonly mac?: string | undefined;
  readonly user: string;
  readonly password: string;
}

interface Session {
  readonly signIn: SignIn;
  state: SignInView['state'];
  challenge: DigestChallenge | undefined;
  /** How often the challenge was answered. */
  count: number;
  /** An answer with this nonce was accepted: when it is refused later, it is too old. */
  provenNonce: string | undefined;
}

export interface RouterSignInsOptions {
  readonly routes: Pick<Routes, 'neighbour'>;
  readonly random: Random;
  readonly hash: Hash;
  /** One has been accepted or found wrong. */
  readonly judged: (signIn: SignIn, state: SignInView['state']) => void;
}

/** Bytes of a client nonce. */
const NONCE_LENGTH = 16;

export class RouterSignIns implements SignIns {
  readonly #options: RouterSignInsOptions;
  #sessions: ReadonlyMap<IpAddress, Session> = new Map();

  constructor(options: RouterSignInsOptions) {
    this.#options = options;
  }

  get all(): readonly (SignIn & { readonly state: SignInView['state'] })[] {
    return [...this.#sessions.values()].map(({ signIn, state }) => ({ ...signIn, state }));
  }

  /** In the place of all before; an unchanged one keeps its session. */
  set(signIns: readonly SignIn[]): void {
    this.#sessions = new Map(
      signIns.map((signIn) => {
        const former = this.#sessions.get(signIn.address);
        if (former !== undefined && isSame(former.signIn, signIn)) return [signIn.address, former];
        const session: Session = { signIn, state: 'untried', challenge: undefined, count: 0, provenNonce: undefined };
        return [signIn.address, session];
      }),
    );
  }

  has(address: IpAddress): boolean {
    const session = this.#sessions.get(address);
    return session !== undefined && session.state !== 'wrong';
  }

  /** Any other host at the address gets no answer that a password could be guessed from. */
  async at(address: IpAddress): Promise<RouterSession | undefined> {
    const session = this.#sessions.get(address);
    if (session === undefined || session.state === 'wrong') return undefined;
    const { mac } = session.signIn;
    if (mac !== undefined && (await this.#options.routes.neighbour(address)) !== mac) return undefined;
    return {
      authorization: (method, target) => this.#authorization(session, method, target),
      answered: (sent, response) => this.#answered(session, sent, response),
    };
  }

  #authorization(session: Session, method: string, target: string): string | undefined {
    // Another exchange may have found it wrong meanwhile.
    if (session.challenge === undefined || session.state === 'wrong') return undefined;
    session.count += 1;
    const { random, hash } = this.#options;
    const clientNonce = [...random.bytes(NONCE_LENGTH)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    const { user, password } = session.signIn;
    const answer = { user, password, method, target, count: session.count, clientNonce };
    return digestAuthorization(session.challenge, answer, hash);
  }

  #answered(
    session: Session,
    sent: string | undefined,
    response: { readonly status: number; readonly challenge: string },
  ): 'again' | 'done' {
    if (session.state === 'wrong') return 'done';
    const nonce = sent === undefined ? undefined : session.challenge?.nonce;
    if (response.status !== 401) {
      if (nonce !== undefined && session.provenNonce !== nonce) {
        session.provenNonce = nonce;
        this.#judge(session, 'accepted');
      }
      return 'done';
    }
    const challenge = parseDigestChallenge(response.challenge);
    if (challenge === undefined) return 'done';
    const isOld = challenge.isStale || (nonce === session.provenNonce && nonce !== challenge.nonce);
    if (nonce !== undefined && !isOld) {
      this.#judge(session, 'wrong');
      return 'done';
    }
    session.challenge = challenge;
    session.count = 0;
    return 'again';
  }

  #judge(session: Session, state: SignInView['state']): void {
    if (session.state === state) return;
    session.state = state;
    this.#options.judged(session.signIn, state);
  }
}

const isSame = (one: SignIn, other: SignIn): boolean =>
  one.mac === other.mac && one.user === other.user && one.password === other.password;
