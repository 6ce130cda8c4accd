/** Commands, as views give them: refusals are told, a lost connection too. */
import type { ComponentChildren, VNode } from 'preact';
import { createContext } from 'preact';
import { useContext, useMemo } from 'preact/hooks';
import type { Answer, CommandFault, CommandInput, CommandName, CommandResults } from '../../main/contract/commands.ts';
import { windowWords } from '../../main/contract/words/window.ts';
import type { WindowClient } from '../client/window-client.ts';
import { useWords } from './language.tsx';
import { useToasts } from './toasts.tsx';

export interface AskOptions {
  readonly signal?: AbortSignal;
  /** The view tells a refusal by itself, at its place. */
  readonly quiet?: boolean;
}

/** A lost connection is answered as a refusal. @throws the signal's reason */
export type Ask = <Name extends CommandName>(
  name: Name,
  input: CommandInput<Name>,
  options?: AskOptions,
) => Promise<Answer<CommandResults[Name]>>;

const AskContext = createContext<Ask | undefined>(undefined);

export function AskProvider(props: { readonly client: WindowClient; readonly children: ComponentChildren }): VNode {
  const { client, children } = props;
  const { show } = useToasts();
  const words = useWords(windowWords);
  const ask = useMemo<Ask>(
    () =>
      async (name, input, { signal, quiet = false } = {}) => {
        const answer = await client.ask(name, input, signal).catch(() => {
          signal?.throwIfAborted();
          const fault: CommandFault = { code: 'stopped', place: '', message: words.notConnected };
          return { ok: false, fault } as const;
        });
        if (!answer.ok && !quiet) show({ text: answer.fault.message, tone: 'bad' });
        return answer;
      },
    [client, show, words],
  );
  return <AskContext.Provider value={ask}>{children}</AskContext.Provider>;
}

export function useAsk(): Ask {
  const ask = useContext(AskContext);
  if (ask === undefined) throw new Error('an AskProvider is missing');
  return ask;
}
