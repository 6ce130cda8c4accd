/** Settings hold at once: each field tells by itself how its change goes. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Fault } from '../../../main/contract/checked.ts';
import { checked } from '../../../main/contract/checked.ts';
import type { CommandFault, CommandInput } from '../../../main/contract/commands.ts';
import { SettingsChangeSchema } from '../../../main/contract/settings.ts';
import { inSeconds } from '../../../main/contract/units.ts';
import { useAsk } from '../../state/ask.tsx';
import { useTime } from '../../state/time.ts';

export type SettingsChange = CommandInput<'settings.change'>['settings'];

export type SavingState =
  | { readonly at: 'idle' }
  | { readonly at: 'saving' }
  | { readonly at: 'saved' }
  /** What was there stays. */
  | { readonly at: 'refused'; readonly fault: CommandFault | Fault };

export interface Saving<Value> {
  readonly state: SavingState;
  /** While it is being saved: what it is to become. */
  readonly chosen: { readonly value: Value } | undefined;
  /** Resolves with whether it was taken. Of two changes of one field, the later is told about. */
  readonly save: (change: SettingsChange, value: Value) => Promise<boolean>;
  /** What was refused is no longer there to be corrected. */
  readonly forget: () => void;
}

/** How long a field says that it was saved. */
const SAID_FOR = inSeconds(3);

export function useSaving<Value>(): Saving<Value> {
  const ask = useAsk();
  const time = useTime();
  const [state, setState] = useState<SavingState>({ at: 'idle' });
  const [chosen, setChosen] = useState<Saving<Value>['chosen']>(undefined);
  const latest = useRef(0);
  const stopSaying = useRef<(() => void) | undefined>(undefined);
  const begin = useCallback(() => {
    stopSaying.current?.();
    stopSaying.current = undefined;
    latest.current += 1;
    return latest.current;
  }, []);
  useEffect(() => () => void begin(), [begin]);
  const save = useCallback(
    async (change: SettingsChange, value: Value) => {
      const mine = begin();
      // Here, too: what is no number would arrive as null, which means something.
      const parsed = checked(SettingsChangeSchema, change);
      const [fault] = parsed.ok ? [] : parsed.faults;
      if (fault !== undefined) {
        setChosen(undefined);
        setState({ at: 'refused', fault });
        return false;
      }
      setState({ at: 'saving' });
      setChosen({ value });
      const answer = await ask('settings.change', { settings: change }, { quiet: true });
      if (latest.current !== mine) return answer.ok;
      setChosen(undefined);
      setState(answer.ok ? { at: 'saved' } : { at: 'refused', fault: answer.fault });
      if (answer.ok) stopSaying.current = time.after(SAID_FOR, () => setState({ at: 'idle' }));
      return answer.ok;
    },
    [ask, begin, time],
  );
  const forget = useCallback(() => {
    begin();
    setChosen(undefined);
    setState({ at: 'idle' });
  }, [begin]);
  return { state, chosen, save, forget };
}
