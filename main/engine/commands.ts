import type { CommandName, CheckedInput, CommandResults } from '../contract/commands.ts';

/** What performs the commands of the table, or some of them. @throws CommandError, or the signal's reason */
export type Commands<Names extends CommandName = CommandName> = {
  readonly [Name in Names]: (input: CheckedInput<Name>, signal: AbortSignal) => Promise<CommandResults[Name]>;
};

/** Those of one subject: `activity` for `activity.read` and the like. */
export type CommandsAbout<Subject extends string> = Commands<Extract<CommandName, `${Subject}.${string}`>>;
