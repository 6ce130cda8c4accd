/** What every language says about every reason. One that is missing in one of them does not compile. */
import type { CommandReason, CommandReasons, ValueReason, ValueReasons } from '../fault-reasons.ts';

export interface FaultCatalogue {
  /** Parts of sentences that begin with what they are about: "is missing". */
  readonly values: { readonly [Code in keyof ValueReasons]: (parameters: ValueReasons[Code]) => string };
  /** Whole sentences. */
  readonly commands: { readonly [Code in keyof CommandReasons]: (parameters: CommandReasons[Code]) => string };
}

/** `undefined`: it comes from another version, which knows more reasons. */
export function valueText(catalogue: FaultCatalogue, reason: ValueReason): string | undefined {
  // A reason's code and parameters belong together; the type system cannot follow that through the table.
  const table = catalogue.values as Readonly<Record<string, (parameters: ValueReason['parameters']) => string>>;
  return Object.hasOwn(table, reason.code) ? table[reason.code]?.(reason.parameters) : undefined;
}

export function commandText(catalogue: FaultCatalogue, reason: CommandReason): string | undefined {
  const table = catalogue.commands as Readonly<Record<string, (parameters: CommandReason['parameters']) => string>>;
  return Object.hasOwn(table, reason.code) ? table[reason.code]?.(reason.parameters) : undefined;
}
