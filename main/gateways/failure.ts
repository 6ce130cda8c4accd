/** How talking to a gateway fails, in three classes by who can act. */
import type { RefusalReason, UnreachableReason } from '../contract/mapping.ts';
import type { NetworkFault } from '../system/system.ts';

export const REASON_OF_FAULT: Readonly<Record<NetworkFault, UnreachableReason>> = {
  refused: 'refused',
  unreachable: 'no-route',
  denied: 'denied',
  'local-network': 'local-network',
  'in-use': 'no-route',
  reset: 'reset',
  closed: 'reset',
  other: 'no-route',
};

interface UnansweredOptions extends ErrorOptions {
  /** The gateway was asked since, and does not hold what was requested. */
  readonly undone?: boolean;
}

class Unanswered extends Error {
  readonly undone: boolean;
  constructor(message: string, { undone = false, ...options }: UnansweredOptions) {
    super(message, options);
    this.undone = undone;
  }
}

/** The gateway did not answer in time, or the network did not carry it there. */
export class Unreachable extends Unanswered {
  override readonly name = 'Unreachable';
  readonly why: UnreachableReason;
  constructor(why: UnreachableReason, message: string, options: UnansweredOptions = {}) {
    super(message, options);
    this.why = why;
  }
}

/** The answer cannot be understood; nothing is known of what the gateway did. */
export class Malformed extends Unanswered {
  override readonly name = 'Malformed';
  /** The start of what came, printable, at most 512 characters. */
  readonly capture: string;
  /** Whatever it meant, its HTTP status was no yes. */
  readonly saysNo: boolean;
  constructor(
    message: string,
    capture: string,
    { saysNo = false, ...options }: UnansweredOptions & { readonly saysNo?: boolean } = {},
  ) {
    super(message, options);
    this.capture = capture;
    this.saysNo = saysNo;
  }
}

/** The gateway understood and said no. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly reason: RefusalReason;
  /** The wire's own code, e.g. `718`, `NOT_AUTHORIZED`, with the protocol in front: `upnp 718`. */
  readonly code: string;
  /** Not to be asked again before this many seconds (PCP error lifetime, RFC 6887 §7.4). */
  readonly retryAfter: number | undefined;
  /** The port that the gateway would have given instead. */
  readonly offeredPort: number | undefined;
  constructor(
    reason: RefusalReason,
    code: string,
    message: string,
    details: { readonly retryAfter?: number; readonly offeredPort?: number; readonly cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.reason = reason;
    this.code = code;
    this.retryAfter = details.retryAfter;
    this.offeredPort = details.offeredPort;
  }
}

export type Failure = Unreachable | Malformed | Refused;

/** The result of `work`, or the failure that it ends with. @throws whatever else it throws */
export async function outcomeOf<Value>(work: Promise<Value>): Promise<Value | Failure> {
  try {
    return await work;
  } catch (error) {
    if (isFailure(error)) return error;
    throw error;
  }
}

export function isFailure(error: unknown): error is Failure {
  return error instanceof Unreachable || error instanceof Malformed || error instanceof Refused;
}
