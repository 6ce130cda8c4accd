/** Something that was asked for and takes a while. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { inSeconds } from '../../main/contract/units.ts';
import { useTime } from './time.ts';

export interface Task {
  /** Between the start and the end. */
  readonly isBusy: boolean;
  /** For longer than a second: time to show how it goes, and to let it be cancelled. */
  readonly isLong: boolean;
  /** Begins the work, unless some is under way. */
  readonly run: (work: (signal: AbortSignal) => Promise<unknown>) => void;
  /** Ends the wait, not what was begun. */
  readonly cancel: () => void;
}

export function useTask(): Task {
  const time = useTime();
  const [state, setState] = useState<'idle' | 'busy' | 'long'>('idle');
  const current = useRef<AbortController | undefined>(undefined);
  const cancel = useCallback(() => current.current?.abort(), []);
  useEffect(() => cancel, [cancel]);
  const run = useCallback<Task['run']>(
    (work) => {
      if (current.current !== undefined) return;
      const controller = new AbortController();
      current.current = controller;
      setState('busy');
      const stopWaiting = time.after(inSeconds(1), () => setState('long'));
      const finish = (): void => {
        stopWaiting();
        current.current = undefined;
        setState('idle');
      };
      work(controller.signal).then(finish, (error: unknown) => {
        finish();
        if (!controller.signal.aborted) throw error;
      });
    },
    [time],
  );
  return { isBusy: state !== 'idle', isLong: state === 'long', run, cancel };
}
