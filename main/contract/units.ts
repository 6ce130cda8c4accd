/**
 * Numbers that carry their unit, so that seconds never pass for milliseconds and a port never for a count.
 * The conversions here are the only ones.
 */
declare const unit: unique symbol;
type Branded<Base, Unit extends string> = Base & { readonly [unit]: Unit };

/** A duration in milliseconds; finite, may be negative only as a difference. */
export type Millis = Branded<number, 'ms'>;
/** A whole, non-negative duration in seconds, as routers count (0 … 2³²−1 on the wire). */
export type Seconds = Branded<number, 's'>;
/** A moment of the wall clock, in milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = Branded<number, 'epoch-ms'>;
/** A TCP or UDP port, 1 … 65535; "any port" is never written as 0 outside the wire layer. */
export type Port = Branded<number, 'port'>;

/** @throws RangeError when `value` is not finite */
export function millis(value: number): Millis {
  if (!Number.isFinite(value)) throw new RangeError(`not a duration in milliseconds: ${value}`);
  return value as Millis;
}

/** Fractions are rounded up, so that a lease is never asked for shorter than meant.
 * @throws RangeError when `value` is negative or above 2³²−1 */
export function seconds(value: number): Seconds {
  const whole = Math.ceil(value);
  if (!(whole >= 0 && whole <= 0xffff_ffff)) throw new RangeError(`not a duration in seconds: ${value}`);
  return whole as Seconds;
}

/** @throws RangeError when `value` is not finite */
export function epochMs(value: number): EpochMs {
  if (!Number.isFinite(value)) throw new RangeError(`not a moment: ${value}`);
  return value as EpochMs;
}

export function isPort(value: unknown): value is Port {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535;
}

/** @throws RangeError when `value` is not a whole number in 1 … 65535 */
export function port(value: number): Port {
  if (!isPort(value)) throw new RangeError(`not a port: ${value}`);
  return value;
}

export const inSeconds = (count: number): Millis => millis(count * 1000);
export const inMinutes = (count: number): Millis => millis(count * 60_000);
export const inHours = (count: number): Millis => millis(count * 3_600_000);

export const secondsToMillis = (duration: Seconds): Millis => millis(duration * 1000);

export const after = (moment: EpochMs, duration: Millis): EpochMs => epochMs(moment + duration);
export const elapsed = (from: EpochMs, to: EpochMs): Millis => millis(to - from);

/** Days of the week, as profiles and people at a terminal name them. */
export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
