/** A profile's switch: shows at once what was asked for, and lets the latest click win. */
import { useCallback, useRef, useState } from 'preact/hooks';
import type { Profile } from '../../../main/contract/profile.ts';
import { inSeconds } from '../../../main/contract/units.ts';
import { useAsk } from '../../state/ask.tsx';
import { useTime } from '../../state/time.ts';

export interface ProfileSwitch {
  readonly isOn: boolean;
  readonly isPending: boolean;
  /** It takes longer than a second. */
  readonly isLong: boolean;
  readonly turn: (on: boolean) => void;
}

export function useSwitch({ id, on }: Pick<Profile, 'id' | 'on'>): ProfileSwitch {
  const ask = useAsk();
  const time = useTime();
  const [pending, setPending] = useState<{ readonly on: boolean; readonly isLong: boolean } | undefined>(undefined);
  const turns = useRef(0);
  const turn = useCallback(
    (wanted: boolean) => {
      turns.current += 1;
      const own = turns.current;
      setPending({ on: wanted, isLong: false });
      const stop = time.after(inSeconds(1), () => {
        if (own === turns.current) setPending({ on: wanted, isLong: true });
      });
      const wait = async (): Promise<void> => {
        await ask('profile.switch', { id, on: wanted });
        stop();
        if (own === turns.current) setPending(undefined);
      };
      void wait();
    },
    [ask, id, time],
  );
  return { isOn: pending?.on ?? on, isPending: pending !== undefined, isLong: pending?.isLong === true, turn };
}
