/** Abilities of every way of opening ports, whatever it speaks. */
import type {
  Capabilities,
  FoundMapping,
  Grant,
  MappingKey,
  MappingWish,
  RouterTraits,
  Vitals,
} from '../contract/mapping.ts';
import type { ControlKind } from '../contract/model.ts';

export interface PortControl {
  readonly kind: ControlKind;
  /** Current; may change as the gateway shows what it needs. */
  readonly capabilities: Capabilities;
  /** Renewing is opening again with the handle and the external port that were granted. Idempotent as far as the protocol allows.
   * @throws Unreachable | Malformed | Refused, or the signal's reason */
  open(wish: MappingWish, signal: AbortSignal): Promise<Grant>;
  /** Resolves once the gateway confirmed it, or says that it is not there.
   * @throws Unreachable | Malformed | Refused, or the signal's reason */
  close(key: MappingKey, signal: AbortSignal): Promise<void>;
  /** @param afresh by what the firewall has, not by what the gateway remembers (L20)
   * @throws Unreachable | Malformed, or the signal's reason */
  find(
    key: Pick<MappingKey, 'transport' | 'external'>,
    signal: AbortSignal,
    afresh?: boolean,
  ): Promise<FoundMapping | 'absent' | 'cannot-tell'>;
  /** One cheap exchange. @param whole more than one if it takes that to report everything
   * @throws Unreachable | Malformed | Refused, or the signal's reason */
  vitals(signal: AbortSignal, whole?: boolean): Promise<Vitals>;
}

/** The gateway's whole table, in no promised order, without repeats (E1–E13). */
export interface MappingList {
  /** @param asking called before each request leaves
   * @throws Unreachable | Malformed | Refused, or the signal's reason */
  list(signal: AbortSignal, asking?: () => void): AsyncIterable<FoundMapping>;
  /** How many entries there are: two requests where it is as many as `expected`, a few more otherwise.
   * @param isWhole otherwise one request shows that there are as many as expected, or more
   * @throws Unreachable, or the signal's reason */
  count(expected: number, isWhole: boolean, signal: AbortSignal): Promise<number | 'cannot-tell'>;
  /** One entry as it is now. @throws Unreachable | Malformed, or the signal's reason */
  look(place: EntryPlace, signal: AbortSignal): Promise<FoundMapping | 'absent' | 'cannot-tell'>;
  /**
   * Deletes an entry whoever made it: only ever because a person pointed at it. Resolves once it is gone, or with what
   * stands there instead by now, which is left alone.
   * @throws Unreachable | Malformed | Refused, or the signal's reason
   */
  remove(entry: FoundMapping, signal: AbortSignal): Promise<FoundMapping | 'gone'>;
}

/** `remoteHost` is `undefined` for any, as in {@link FoundMapping}. */
export type EntryPlace = Pick<FoundMapping, 'transport' | 'external' | 'remoteHost'>;

/** Bytes of the internet connection. */
export interface TrafficCounter {
  /** Bytes since some moment; wraps at 2³² on most, so only a change means anything (E15).
   * @throws Unreachable | Malformed | Refused (`unsupported` without WANCommonInterfaceConfig), or the signal's reason */
  traffic(signal: AbortSignal): Promise<{ readonly received: number; readonly sent: number }>;
}

export interface TraitMemory {
  get(): RouterTraits;
  /** Merged and persisted by the owner. `why` says to people what the router did: `refused a lease with 725`. */
  learn(traits: RouterTraits, why: string): void;
}
