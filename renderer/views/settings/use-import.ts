/** A file on its way to becoming profiles: read, looked at, taken. */
import { useCallback, useState } from 'preact/hooks';
import type { CommandFault, CommandResults } from '../../../main/contract/commands.ts';
import { settingsWords } from './words.ts';
import { useAsk } from '../../state/ask.tsx';
import { useWords } from '../../state/language.tsx';
import { useTask } from '../../state/task.ts';
import { useToasts } from '../../state/toasts.tsx';
import { useWideRanges } from '../../state/wide-ranges.ts';

export type ImportMode = 'add' | 'replace';

export type ImportState =
  | { readonly at: 'idle' }
  | { readonly at: 'reading'; readonly name: string }
  /** Nothing has changed. */
  | { readonly at: 'refused'; readonly name: string; readonly fault: CommandFault | 'too-large' | 'unreadable' }
  | {
      readonly at: 'preview';
      readonly name: string;
      readonly text: string;
      readonly content: CommandResults['profiles.read-text'];
    };

export interface Import {
  readonly state: ImportState;
  readonly isBusy: boolean;
  readonly read: (file: File) => void;
  readonly take: (mode: ImportMode) => void;
  readonly cancel: () => void;
}

/** As `profiles.import-text` takes; looked at first, so that a film is not read into memory. */
const LARGEST = 4 * 1024 * 1024;
/** Of a name, in characters. */
const LONGEST_NAME = 200;

export function useImport(): Import {
  const ask = useAsk();
  const words = useWords(settingsWords);
  const { show } = useToasts();
  const task = useTask();
  const mayTake = useWideRanges();
  const [state, setState] = useState<ImportState>({ at: 'idle' });

  const read = useCallback(
    (file: File) =>
      task.run(async (signal) => {
        const name = file.name.slice(0, LONGEST_NAME);
        if (file.size > LARGEST) {
          setState({ at: 'refused', name, fault: 'too-large' });
          return;
        }
        setState({ at: 'reading', name });
        const text = await file.text().catch(() => undefined);
        if (text === undefined) {
          setState({ at: 'refused', name, fault: 'unreadable' });
          return;
        }
        const answer = await ask('profiles.read-text', { text, name }, { signal, quiet: true });
        setState(
          answer.ok
            ? { at: 'preview', name, text, content: answer.value }
            : { at: 'refused', name, fault: answer.fault },
        );
      }),
    [ask, task],
  );

  const take = (mode: ImportMode): void => {
    if (state.at !== 'preview') return;
    const { name, text, content } = state;
    // To its end, wherever the person goes meanwhile: it must be possible to take it back.
    task.run(async () => {
      if (!(await mayTake(content.profiles.flatMap(({ forwards }) => forwards)))) return;
      // What there is now, to be brought back.
      const before = mode === 'replace' ? await ask('profiles.export', {}, { quiet: true }) : undefined;
      const answer =
        before?.ok === false ? before : await ask('profiles.import-text', { text, name, mode }, { quiet: true });
      if (!answer.ok) {
        setState({ at: 'refused', name, fault: answer.fault });
        return;
      }
      setState({ at: 'idle' });
      if (!('added' in answer.value)) return;
      const { added } = answer.value;
      const undo = async (): Promise<void> => {
        const undone =
          before?.ok === true
            ? (
                await ask('profiles.import', {
                  document: undoDocument(before.value.document, content),
                  mode: 'replace',
                })
              ).ok
            : (await Promise.all(added.map((id) => ask('profile.remove', { id })))).every(({ ok }) => ok);
        if (undone) show({ text: words.importUndone });
      };
      show({
        text: (mode === 'add' ? words.imported : words.replaced)(added.length),
        action: { label: words.undo, act: () => void undo() },
      });
    });
  };

  return { state, isBusy: task.isBusy, read, take, cancel: () => setState({ at: 'idle' }) };
}

/** A list of ports has no settings: what was changed in them meanwhile is not taken back with it. */
function undoDocument(document: unknown, { settings }: CommandResults['profiles.read-text']): unknown {
  if (settings !== undefined || typeof document !== 'object' || document === null) return document;
  return Object.fromEntries(Object.entries(document).filter(([name]) => name !== 'settings'));
}
