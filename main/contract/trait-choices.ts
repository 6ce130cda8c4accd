/** Values that a trait of a router may have, for people to choose from and to check stored ones by. */
import type { RouterTraits } from './mapping.ts';

export type TraitName = keyof RouterTraits;

type SoapShape = NonNullable<RouterTraits['soap']>;

const LEASE_HABITS = ['permanent-only', 'capped'] as const satisfies readonly RouterTraits['leases'][];
const LISTING_HABITS = ['index-only', 'unreliable'] as const satisfies readonly RouterTraits['listing'][];
const REMOTE_HOSTS = ['', '*', '0.0.0.0'] as const satisfies readonly RouterTraits['deleteRemoteHost'][];
/** Parts of the form of requests that differ from the usual one. `service` may be any text. */
const SOAP_PARTS = {
  httpVersion: '1.0',
  method: 'M-POST',
  base: 'urlbase',
} as const satisfies SoapShape;
const MOST_PARALLEL = 64;
/** Seconds: 32 bits on the wire. */
const LONGEST_LEASE = 0xffff_ffff;

/** The reason of a trait that a person has set (`TraitView.why`). */
export const BY_HAND = 'by hand';

/** Values are JSON, as `memory.change` takes them and `traitText` of words/router-traits explains them. */
export type TraitChoices =
  | { readonly kind: 'one-of'; readonly values: readonly string[] }
  /** A whole number; seconds for `longestLease`. */
  | { readonly kind: 'number'; readonly least: number; readonly most: number }
  /** An object of some of these, by name; `undefined` for any text. */
  | { readonly kind: 'parts'; readonly parts: Readonly<Record<string, string | undefined>> };

const oneOf = (values: readonly unknown[]): TraitChoices => ({
  kind: 'one-of',
  values: values.map((value) => JSON.stringify(value)),
});

const CHOICES: Readonly<Record<TraitName, TraitChoices>> = {
  leases: oneOf(LEASE_HABITS),
  samePortOnly: oneOf([true, false]),
  unreliableSuccess: oneOf([true, false]),
  falseRestarts: oneOf([true, false]),
  renewalNeedsDelete: oneOf([true, false]),
  listing: oneOf(LISTING_HABITS),
  deleteRemoteHost: oneOf(REMOTE_HOSTS),
  soap: { kind: 'parts', parts: { ...SOAP_PARTS, service: undefined } },
  parallel: { kind: 'number', least: 1, most: MOST_PARALLEL },
  longestLease: { kind: 'number', least: 1, most: LONGEST_LEASE },
};

export const TRAIT_NAMES: readonly TraitName[] = Object.keys(CHOICES).filter((name) => isTraitName(name));

export function isTraitName(name: string): name is TraitName {
  return Object.hasOwn(CHOICES, name);
}

/** `undefined` for a trait that there is not. */
export function traitChoices(name: string): TraitChoices | undefined {
  return isTraitName(name) ? CHOICES[name] : undefined;
}

/** The same for people who write JSON: `"capped"`, `1 … 64`, `"method": "M-POST"`. */
export function choicesText(name: TraitName): readonly string[] {
  const choices = CHOICES[name];
  switch (choices.kind) {
    case 'one-of':
      return choices.values;
    case 'number':
      return [`${choices.least} … ${choices.most}`];
    case 'parts':
      return Object.entries(choices.parts).map(
        ([part, value]) => `{"${part}": ${value === undefined ? '"…"' : JSON.stringify(value)}}`,
      );
  }
}
