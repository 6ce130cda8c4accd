/** A file on its way to becoming profiles: read, looked at, taken. */
import type { VNode } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { CommandFault, CommandResults } from '../../../main/contract/commands.ts';
import type { Profile } from '../../../main/contract/profiles/profile.ts';
import { faultText } from '../../../main/contract/words/faults.ts';
import { portsText } from '../../../main/contract/words/formats.ts';
import { importLossText } from '../../../main/contract/words/losses.ts';
import { Button } from '../../parts/button.tsx';
import { RadioGroup } from '../../parts/choice.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Callout } from '../../parts/notice.tsx';
import { windowWords } from '../../shell/words.ts';
import { useBack } from '../../state/route.ts';
import { useLanguage, useWords } from '../../state/language.tsx';
import { useAsk, useSnapshot, useTask, useToasts } from '../../state/portkeeper.tsx';
import { Sentences, SettingRow } from './setting-row.tsx';
import { settingsWords } from './words.ts';

/** A file is looked at first; nothing changes before the person says so. */
export function ImportSetting(): VNode {
  const words = useWords(settingsWords);
  const { state, isBusy, read, take, cancel } = useImport();
  const [isSeveral, setIsSeveral] = useState(false);
  const chooser = useRef<HTMLInputElement>(null);
  const choose = (files: readonly File[]): void => {
    const [file] = files;
    setIsSeveral(files.length > 1);
    if (file !== undefined && files.length === 1) read(file);
  };
  const isOver = useFileDrop(choose);
  return (
    <SettingRow name="import" label={words.import} hint={words.importHint} isBeneath>
      {(links, labelId) => (
        <div class="setting-list">
          <div class="drop-zone" data-over={isOver}>
            <Icon name="upload" />
            <input
              ref={chooser}
              type="file"
              class="unseen"
              tabIndex={-1}
              aria-labelledby={labelId}
              aria-describedby={links['aria-describedby']}
              accept=".json,.csv,.txt,application/json,text/csv,text/plain"
              onChange={(event) => {
                choose([...(event.currentTarget.files ?? [])]);
                // The same file can be chosen again once it has been corrected.
                event.currentTarget.value = '';
              }}
            />
            {isOver ? (
              <span>{words.dropNow}</span>
            ) : (
              <>
                <Button isBusy={state.at === 'reading'} onClick={() => chooser.current?.click()}>
                  {words.choose}
                </Button>
                <span class="muted">{words.drop}</span>
              </>
            )}
          </div>
          <div class="setting-list" aria-live="polite">
            {isSeveral && (
              <Callout tone="warn" icon="warning">
                {words.onlyOne}
              </Callout>
            )}
            {state.at === 'refused' && <Refused {...state} />}
            {state.at === 'preview' && (
              <ImportPreview key={state.name} state={state} isBusy={isBusy} onTake={take} onCancel={cancel} />
            )}
          </div>
        </div>
      )}
    </SettingRow>
  );
}

function Refused({ name, fault }: Extract<ImportState, { readonly at: 'refused' }>): VNode {
  const words = useWords(settingsWords);
  const language = useLanguage();
  return (
    <Callout tone="bad" icon="error" title={words.refused(name)}>
      {typeof fault === 'string' ? words.faults[fault](name) : faultText(fault, language)}
    </Callout>
  );
}

/** @returns whether files are being dragged over the window now */
function useFileDrop(onDrop: (files: readonly File[]) => void): boolean {
  const [isOver, setIsOver] = useState(false);
  const latest = useRef(onDrop);
  latest.current = onDrop;
  useEffect(() => {
    const hasFiles = ({ dataTransfer }: DragEvent): boolean => dataTransfer?.types.includes('Files') === true;
    const over = (event: DragEvent): void => {
      if (event.dataTransfer === null || !hasFiles(event)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = 'copy';
      setIsOver(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setIsOver(false);
    };
    const drop = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setIsOver(false);
      latest.current([...(event.dataTransfer?.files ?? [])]);
    };
    const end = new AbortController();
    const { signal } = end;
    addEventListener('dragover', over, { signal });
    addEventListener('dragleave', leave, { signal });
    addEventListener('drop', drop, { signal });
    return () => end.abort();
  }, []);
  return isOver;
}

interface ImportPreviewProperties {
  readonly state: Extract<ImportState, { readonly at: 'preview' }>;
  readonly isBusy: boolean;
  readonly onTake: (mode: ImportMode) => void;
  readonly onCancel: () => void;
}

/** More than anybody reads; the rest is counted. */
const MOST_SHOWN = 12;
const MOST_PORTS = 4;

/** Contents of a file, and the choice of what to do with them. */
function ImportPreview({ state, isBusy, onTake, onCancel }: ImportPreviewProperties): VNode {
  useBack(onCancel);
  const words = useWords(settingsWords);
  const language = useLanguage();
  const id = useId();
  const { cancel } = useWords(windowWords);
  const mine = useSnapshot().profiles.length;
  const [mode, setMode] = useState<ImportMode>('add');
  const { name, content } = state;
  const { profiles, settings, left } = content;
  const hasProfiles = profiles.length > 0;
  const more = profiles.length - MOST_SHOWN;
  return (
    <section class="import-preview" aria-labelledby={`${id}-title`}>
      <h3 id={`${id}-title`}>
        {words.preview(name)}: {hasProfiles ? words.previewProfiles(profiles.length) : words.previewNone}
        {hasProfiles && settings !== undefined && ` ${words.previewSettings}`}
      </h3>
      {hasProfiles && (
        <ul class="import-profiles">
          {profiles.slice(0, MOST_SHOWN).map((profile) => (
            <li key={profile.id}>
              <bdi class="import-name">{profile.name}</bdi>
              <span class="muted">{portsOf(profile, words.previewMore)}</span>
            </li>
          ))}
          {more > 0 && <li class="muted">{words.previewMore(more)}</li>}
        </ul>
      )}
      {left.length > 0 && (
        <Callout tone="warn" icon="warning" title={words.importLeft}>
          <Sentences list={left.map((loss) => importLossText(loss, language))} />
        </Callout>
      )}
      {hasProfiles && (
        <>
          <p id={`${id}-mode`} class="field-label">
            {words.mode}
          </p>
          <RadioGroup
            look="list"
            labelledBy={`${id}-mode`}
            value={mode}
            choices={[
              { value: 'add', label: words.modeAdd, hint: words.modeAddHint(settings !== undefined) },
              { value: 'replace', label: words.modeReplace, hint: words.modeReplaceHint(mine, settings !== undefined) },
            ]}
            onChange={setMode}
          />
        </>
      )}
      <div class="setting-form">
        {hasProfiles && (
          <Button kind="primary" isBusy={isBusy} onClick={() => onTake(mode)}>
            {mode === 'add' ? words.importNow(profiles.length) : words.replaceNow}
          </Button>
        )}
        <Button kind="quiet" onClick={onCancel}>
          {cancel}
        </Button>
      </div>
    </section>
  );
}

/** The first few, and how many more there are. */
export function portsOf({ forwards }: Profile, more: (count: number) => string): string {
  const shown = forwards.slice(0, MOST_PORTS).map(portsText).join(', ');
  const rest = forwards.length - MOST_PORTS;
  return rest > 0 ? `${shown} ${more(rest)}` : shown;
}

type ImportMode = 'add' | 'replace';

type ImportState =
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

/** As `profiles.import-text` takes; looked at first, so that a film is not read into memory. */
const LARGEST = 4 * 1024 * 1024;
/** Length of a name, in characters. */
const LONGEST_NAME = 200;

function useImport() {
  const ask = useAsk();
  const words = useWords(settingsWords);
  const { show } = useToasts();
  const task = useTask();
  const [state, setState] = useState<ImportState>({ at: 'idle' });

  const read = (file: File): void =>
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
        answer.ok ? { at: 'preview', name, text, content: answer.value } : { at: 'refused', name, fault: answer.fault },
      );
    });

  const take = (mode: ImportMode): void => {
    if (state.at !== 'preview') return;
    const { name, text, content } = state;
    // To its end, wherever the person goes meanwhile: it must be possible to take it back.
    task.run(async () => {
      // The current profiles, to be restored by undo.
      const before = mode === 'replace' ? await ask('profiles.export', {}, { quiet: true }) : undefined;
      const answer =
        before?.ok === false ? before : await ask('profiles.import-text', { text, name, mode }, { quiet: true });
      if (!answer.ok) {
        if (answer.fault.code !== 'unconfirmed') setState({ at: 'refused', name, fault: answer.fault });
        return;
      }
      setState({ at: 'idle' });
      if (!('added' in answer.value)) return;
      const { added } = answer.value;
      const undo = async (): Promise<void> => {
        const document = before?.ok === true ? undoDocument(before.value.document, content) : undefined;
        const answers = await Promise.all(
          document === undefined
            ? added.map((id) => ask('profile.remove', { id }))
            : [ask('profiles.import', { document, mode: 'replace', confirmed: 'all' })],
        );
        if (answers.every(({ ok }) => ok)) show({ text: words.importUndone });
      };
      show({ text: (mode === 'add' ? words.imported : words.replaced)(added.length), undo });
    });
  };

  return { state, isBusy: task.isBusy, read, take, cancel: () => setState({ at: 'idle' }) };
}

/** A list of ports has no settings: what was changed in them meanwhile is not taken back with it. */
function undoDocument(document: unknown, { settings }: CommandResults['profiles.read-text']): unknown {
  if (settings !== undefined || typeof document !== 'object' || document === null) return document;
  return Object.fromEntries(Object.entries(document).filter(([name]) => name !== 'settings'));
}
