import type { VNode } from 'preact';
import { useRef, useState, useEffect } from 'preact/hooks';
import { faultText } from '../../../main/contract/words/faults.ts';
import { Icon } from '../../parts/icon.tsx';
import { Button } from '../../parts/input/button.tsx';
import { Callout } from '../../parts/notice/callout.tsx';
import { useLanguage, useWords } from '../../state/language.tsx';
import { ImportPreview } from './import-preview.tsx';
import { SettingRow } from './setting-row.tsx';
import type { ImportState } from './use-import.ts';
import { useImport } from './use-import.ts';
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
      {({ labelId, hintId }) => (
        <div class="setting-list">
          <div class="drop-zone" data-over={isOver}>
            <Icon name="upload" />
            <input
              ref={chooser}
              type="file"
              class="unseen"
              tabIndex={-1}
              aria-labelledby={labelId}
              aria-describedby={hintId}
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
            {state.at === 'refused' && <Refused state={state} />}
            {state.at === 'preview' && (
              <ImportPreview key={state.name} state={state} isBusy={isBusy} onTake={take} onCancel={cancel} />
            )}
          </div>
        </div>
      )}
    </SettingRow>
  );
}

function Refused({ state }: { readonly state: Extract<ImportState, { readonly at: 'refused' }> }): VNode {
  const words = useWords(settingsWords);
  const language = useLanguage();
  const { name, fault } = state;
  const why =
    fault === 'too-large'
      ? words.tooLarge(name)
      : fault === 'unreadable'
        ? words.unreadable(name)
        : faultText(fault, language);
  return (
    <Callout tone="bad" icon="error" title={words.refused(name)}>
      {why}
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
    addEventListener('dragover', over);
    addEventListener('dragleave', leave);
    addEventListener('drop', drop);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('dragleave', leave);
      removeEventListener('drop', drop);
    };
  }, []);
  return isOver;
}
