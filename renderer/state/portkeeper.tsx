/** Portkeeper as views meet it: its snapshot, its commands, and messages about them. */
import { createContext, type ComponentChildren, type VNode } from 'preact';
import { useCallback, useContext, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Answer, AppSnapshot, CommandInput, CommandName, CommandResults } from '../../main/contract/commands.ts';
import type { Connection, WindowClient } from '../client/window-client.ts';
import { windowWords } from '../shell/words.ts';
import { useLanguage } from './language.tsx';
import { share } from './memo.ts';
import { onDemand } from './on-demand.tsx';

export interface Watched {
  /** Absent until the first has come. */
  readonly snapshot: AppSnapshot | undefined;
  readonly connection: Connection | 'connecting';
}

/** Parts of the snapshot that have not changed stay the same objects. */
export function useWatched(client: WindowClient): Watched {
  const [snapshot, setSnapshot] = useState<AppSnapshot | undefined>(undefined);
  const [connection, setConnection] = useState<Watched['connection']>('connecting');
  useEffect(() => {
    const unlisten = client.onConnection(setConnection);
    const unwatch = client.watch((next) => {
      setSnapshot((previous) => share(previous, next));
      setConnection('connected');
    });
    return () => {
      unwatch();
      unlisten();
    };
  }, [client]);
  return { snapshot, connection };
}

const SnapshotContext = createContext<AppSnapshot | undefined>(undefined);

/** For everything shown once there is a snapshot: every view. */
export function useSnapshot(): AppSnapshot {
  const snapshot = useContext(SnapshotContext);
  if (snapshot === undefined) throw new Error('there is no snapshot yet');
  return snapshot;
}

interface AskOptions {
  readonly signal?: AbortSignal;
  /** The view shows a refusal itself, at its place. */
  readonly quiet?: boolean;
}

/** A lost connection is answered as a refusal. @throws the signal's reason */
type Ask = <Name extends CommandName>(
  name: Name,
  input: CommandInput<Name>,
  options?: AskOptions,
) => Promise<Answer<CommandResults[Name]>>;

const AskContext = createContext<Ask | undefined>(undefined);

export function useAsk(): Ask {
  const ask = useContext(AskContext);
  if (ask === undefined) throw new Error('a PortkeeperProvider is missing');
  return ask;
}

export interface Reading<Value> {
  /** The latest that was read. */
  readonly value: Value | undefined;
  readonly hasFailed: boolean;
  readonly again: () => void;
}

/** The answer to a command that only looks; read again when `key` is another. */
export function useReading<Name extends CommandName>(
  name: Name,
  input: CommandInput<Name>,
  key: string,
  quiet = true,
): Reading<CommandResults[Name]> {
  const ask = useAsk();
  const [value, setValue] = useState<CommandResults[Name] | undefined>(undefined);
  const [hasFailed, setHasFailed] = useState(false);
  const [round, setRound] = useState(0);
  const latest = useRef(input);
  latest.current = input;
  useEffect(() => {
    const stop = new AbortController();
    const read = async (): Promise<void> => {
      const answer = await ask(name, latest.current, { signal: stop.signal, quiet });
      if (stop.signal.aborted) return;
      setHasFailed(!answer.ok);
      if (answer.ok) setValue(answer.value);
    };
    read().catch(() => undefined);
    return () => stop.abort();
  }, [ask, name, key, round, quiet]);
  const again = useCallback(() => {
    setHasFailed(false);
    setRound((count) => count + 1);
  }, []);
  return { value, hasFailed, again };
}

interface Task {
  /** Between the start and the end. */
  readonly isBusy: boolean;
  /** Begins the work, unless some is under way. */
  readonly run: (work: (signal: AbortSignal) => Promise<unknown>) => void;
  /** Ends the wait, not what was begun. */
  readonly cancel: () => void;
}

/** Something that was asked for and takes a while. */
export function useTask(): Task {
  const [isBusy, setIsBusy] = useState(false);
  const current = useRef<AbortController | undefined>(undefined);
  const cancel = useCallback(() => current.current?.abort(), []);
  useEffect(() => cancel, [cancel]);
  const run = useCallback<Task['run']>((work) => {
    if (current.current !== undefined) return;
    const controller = new AbortController();
    current.current = controller;
    setIsBusy(true);
    const finish = (): void => {
      current.current = undefined;
      setIsBusy(false);
    };
    work(controller.signal).then(finish, (error: unknown) => {
      finish();
      if (!controller.signal.aborted) throw error;
    });
  }, []);
  return { isBusy, run, cancel };
}

interface Toast {
  readonly text: string;
  readonly tone?: 'plain' | 'bad';
  /** Behind an "Undo" button; the message goes when it is used. */
  readonly undo?: (() => unknown) | undefined;
}

export interface ShownToast extends Toast {
  readonly id: number;
}

interface Toasts {
  readonly show: (toast: Toast) => void;
  readonly dismiss: (id: number) => void;
}

const MOST_SHOWN = 3;

const ShownContext = createContext<readonly ShownToast[]>([]);
const ToastsContext = createContext<Toasts>({ show: () => undefined, dismiss: () => undefined });

const faultTexts = onDemand(async () => (await import('../../main/contract/words/faults.ts')).faultText);

interface PortkeeperProviderProperties {
  readonly client: WindowClient;
  readonly snapshot: AppSnapshot | undefined;
  readonly children: ComponentChildren;
}

/** The snapshot; commands, whose refusals are shown, a lost connection too; and the messages that show them. */
export function PortkeeperProvider({ client, snapshot, children }: PortkeeperProviderProperties): VNode {
  const language = useLanguage();
  const [shown, setShown] = useState<readonly ShownToast[]>([]);
  const latest = useRef(0);
  const toasts = useMemo<Toasts>(
    () => ({
      show(toast) {
        latest.current += 1;
        const id = latest.current;
        // An equal message replaces the former one: it is announced again, and does not pile up.
        setShown((before) =>
          [...before.filter(({ text }) => text !== toast.text), { ...toast, id }].slice(-MOST_SHOWN),
        );
      },
      dismiss: (id) => setShown((before) => before.filter((toast) => toast.id !== id)),
    }),
    [],
  );
  const ask = useMemo<Ask>(
    () =>
      async (name, input, { signal, quiet = false } = {}) => {
        const { notConnected } = windowWords[language];
        const answer = await client.ask(name, input, signal).catch(() => {
          signal?.throwIfAborted();
          const reason = { code: 'not-connected', parameters: {} } as const;
          return { ok: false, fault: { code: 'stopped', place: '', message: notConnected, reason } } as const;
        });
        // A question that was declined needs no word.
        if (!answer.ok && !quiet && answer.fault.code !== 'unconfirmed') {
          // The server that they are loaded from may have gone.
          const faultText = await faultTexts.load().catch(() => undefined);
          toasts.show({ text: faultText?.(answer.fault, language) ?? answer.fault.message, tone: 'bad' });
        }
        return answer;
      },
    [client, toasts, language],
  );
  return (
    <ToastsContext.Provider value={toasts}>
      <ShownContext.Provider value={shown}>
        <AskContext.Provider value={ask}>
          <SnapshotContext.Provider value={snapshot}>{children}</SnapshotContext.Provider>
        </AskContext.Provider>
      </ShownContext.Provider>
    </ToastsContext.Provider>
  );
}

export const useShownToasts = (): readonly ShownToast[] => useContext(ShownContext);
export const useToasts = (): Toasts => useContext(ToastsContext);
