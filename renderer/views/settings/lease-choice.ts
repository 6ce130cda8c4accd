/** A lease in the units that people think in, and back. */

/** Seconds of each, largest first. */
const UNIT_SECONDS = { days: 86_400, hours: 3600, minutes: 60 } as const;

export type LeaseUnit = keyof typeof UNIT_SECONDS;
export const LEASE_UNITS = ['minutes', 'hours', 'days'] as const satisfies readonly LeaseUnit[];

/** Offered as they are, in seconds; `null` is the protocol's own, which is recommended. */
export const USUAL_LEASES = [null, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400, 604_800] as const;

export interface LeaseParts {
  readonly amount: number;
  readonly unit: LeaseUnit;
}

export const isUsualLease = (lease: number | null): boolean => USUAL_LEASES.some((usual) => usual === lease);

/** In the largest unit that it is a whole number of; otherwise in minutes, with a fraction. */
export function leaseParts(seconds: number): LeaseParts {
  for (const unit of ['days', 'hours', 'minutes'] as const) {
    if (seconds % UNIT_SECONDS[unit] === 0) return { amount: seconds / UNIT_SECONDS[unit], unit };
  }
  return { amount: seconds / UNIT_SECONDS.minutes, unit: 'minutes' };
}

/** Whole seconds of what was typed, with a decimal point or comma; NaN, which no schema takes, for anything else. */
export function leaseOf(text: string, unit: LeaseUnit): number {
  const number = text.trim().replace(',', '.');
  return /^\d{1,9}(?:\.\d{1,6})?$/.test(number) ? Math.round(Number(number) * UNIT_SECONDS[unit]) : Number.NaN;
}
