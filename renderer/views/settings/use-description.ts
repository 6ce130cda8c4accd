/** What is told of this Portkeeper and its computer. */
import { useCallback, useEffect, useState } from 'preact/hooks';
import type { AppDescription } from '../../../main/contract/commands.ts';
import { useAsk } from '../../state/ask.tsx';
import { useSnapshot } from '../../state/snapshot.ts';

export type Description =
  | { readonly at: 'reading' }
  | { readonly at: 'known'; readonly value: AppDescription }
  | { readonly at: 'failed'; readonly again: () => void };

/** Read anew when the computer comes to another network: its interfaces are others then. */
export function useDescription(): Description {
  const ask = useAsk();
  const network = useSnapshot().engine.network?.key;
  const [description, setDescription] = useState<Description>({ at: 'reading' });
  const [round, setRound] = useState(0);
  const again = useCallback(() => {
    setDescription({ at: 'reading' });
    setRound((count) => count + 1);
  }, []);
  useEffect(() => {
    const controller = new AbortController();
    const read = async (): Promise<void> => {
      const answer = await ask('app.describe', {}, { signal: controller.signal, quiet: true });
      setDescription(answer.ok ? { at: 'known', value: answer.value } : { at: 'failed', again });
    };
    read().catch((error: unknown) => {
      if (!controller.signal.aborted) throw error;
    });
    return () => controller.abort();
  }, [ask, again, network, round]);
  return description;
}
