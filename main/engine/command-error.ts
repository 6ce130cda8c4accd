import { faultAt, type Fault } from '../contract/checked.ts';
import type { CommandFault, CommandName, CheckedInput, CommandResults } from '../contract/commands.ts';
import type { CommandReason, ValueReason } from '../contract/fault-reasons.ts';
import { commandFault } from '../contract/words/faults.ts';
import { StorageError } from '../system/system.ts';

/** A command that cannot be done, and is not done in part. Why, in people's words: see contract/fault-reasons. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly fault: CommandFault;
  constructor(code: CommandFault['code'], place: string, reason: CommandReason, options?: ErrorOptions) {
    const fault = commandFault(code, place, reason);
    super(fault.message, options);
    this.fault = fault;
  }
}

/** @throws CommandError `storage` for a StorageError, or what the work throws */
export async function orNotStored<Value>(work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    const { path, fault } = error;
    throw new CommandError('storage', '', { code: 'not-stored', parameters: { path, fault } }, { cause: error });
  }
}

/** The first faults, and how many there are. */
export function badInput(faults: readonly Fault[], within = ''): CommandError {
  const [first = faultAt('', { code: 'invalid', parameters: {} }), ...others] = faults;
  const at = ({ place, reason: why }: Fault): { readonly place: string; readonly why: ValueReason } => ({
    place: [within, place].filter((part) => part !== '').join('.'),
    why,
  });
  const next = others.length === 0 ? {} : { next: others.slice(0, 2).map(at) };
  const parameters = { ...at(first), more: others.length, ...next };
  return new CommandError('bad-input', parameters.place, { code: 'bad-input', parameters });
}

/** Nothing, where the table says that there is nothing to answer. */
export type CommandResult<Name extends CommandName> =
  CommandResults[Name] extends Readonly<Record<string, never>> ? void : CommandResults[Name];

/** Performs the commands of the table, or some of them. @throws CommandError, or the signal's reason */
export type Commands<Names extends CommandName = CommandName> = {
  readonly [Name in Names]: (input: CheckedInput<Name>, signal: AbortSignal) => Promise<CommandResult<Name>>;
};

/** Those of one subject: `activity` for `activity.read` and the like. */
export type CommandsAbout<Subject extends string> = Commands<Extract<CommandName, `${Subject}.${string}`>>;
