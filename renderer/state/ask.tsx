/** Commands, as views give them: refusals are told, a lost connection too. */
import type { ComponentChildren, VNode } from 'preact';
import { createContext } from 'preact';
import { useContext, useMemo } from 'preact/hooks';
import type { Answer, CommandInput, CommandName, CommandResults } from '../../main/contract/commands.ts';
import { commandFault, faultText } from '../../main/contract/words/faults.ts';
import type { WindowClient } from '../client/window-client.ts';
import { useLanguage } from './language.tsx';
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
  const language = useLanguage();
  const ask = useMemo<Ask>(
    () =>
      async (name, input, { signal, quiet = false } = {}) => {
        const answer = await client.ask(name, input, signal).catch(() => {
          signal?.throwIfAborted();
          return { ok: false, fault: commandFault('stopped', '', { code: 'not-connected', parameters: {} }) } as const;
        });
        if (!answer.ok && !quiet) show({ text: faultText(answer.fault, language), tone: 'bad' });
        return answer;
      },
    [client, show, language],
  );
  return <AskContext.Provider value={ask}>{children}</AskContext.Provider>;
}

export function useAsk(): Ask {
  const ask = useContext(AskContext);
  if (ask === undefined) throw new Error('an AskProvider is missing');
  return ask;
}
