/** The contract's client for what works with it in this process. */
import type { Answer, AppClient, CommandName, CommandResults } from '../contract/commands.ts';
import type { Gate } from './session.ts';

export function clientOf(gate: Gate): Pick<AppClient, 'ask' | 'watch'> {
  const never = new AbortController().signal;
  return {
    watch: (listener) => gate.watch(listener),
    // The table says what each command answers.
    ask: async <Name extends CommandName>(name: Name, input: unknown, signal: AbortSignal = never) =>
      (await gate.command(name, input, signal)) as Answer<CommandResults[Name]>,
  };
}
