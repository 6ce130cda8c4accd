import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { CommandInput, CommandResults } from '../../../main/contract/commands.ts';
import type { ExportLoss } from '../../../main/contract/profiles/profile-document.ts';
import { exportLossText } from '../../../main/contract/words/losses.ts';
import { Button, CommandButton, CopyButton, useCopy } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Select, choicesOf } from '../../parts/choice.tsx';
import { Field, TextInput } from '../../parts/field.tsx';
import { Card, Section } from '../../parts/layout.tsx';
import { Callout } from '../../parts/notice.tsx';
import { windowWords } from '../../shell/words.ts';
import { useSaveFile } from '../../state/browser.ts';
import { useLanguage, useWords } from '../../state/language.tsx';
import { useAsk, useSnapshot, useTask, useToasts } from '../../state/portkeeper.tsx';
import { ImportSetting } from './import-setting.tsx';
import { Sentences, SettingRow, type Description } from './setting-row.tsx';
import { settingsWords } from './words.ts';

export function DataSettings({ description }: { readonly description: Description }): VNode {
  const words = useWords(settingsWords);
  return (
    <Section title={words.data}>
      <div class="setting-cards">
        <Card kind="rows">
          <ExportSetting />
          <ImportSetting />
        </Card>
        <Card kind="rows">
          <DataFolder description={description} />
          <ReportSetting />
        </Card>
        <Card kind="rows">
          <ResetSettings />
          <ResetEverything />
        </Card>
      </div>
    </Section>
  );
}

function DataFolder({ description }: { readonly description: Description }): VNode {
  const words = useWords(settingsWords);
  const { kind } = useSnapshot().host;
  const folder = description.value?.dataFolder;
  return (
    <SettingRow label={words.folder} hint={words.folderHint} isBeneath>
      {() => (
        <span class="setting-code">
          {folder !== undefined && (
            <>
              <code>{folder}</code>
              <CopyButton text={folder} label={words.copyFolder} />
            </>
          )}
          {kind === 'desktop' && (
            <CommandButton size="small" icon="folder" command="app.show-data-folder" input={{}}>
              {words.showFolder}
            </CommandButton>
          )}
        </span>
      )}
    </SettingRow>
  );
}

/** Nothing leaves this computer but by the person's own hand, once it has been read. */
function ReportSetting(): VNode {
  const words = useWords(settingsWords);
  const ask = useAsk();
  const making = useTask();
  const saveFile = useSaveFile();
  const copy = useCopy();
  const [report, setReport] = useState<CommandResults['app.report'] | undefined>(undefined);
  const make = async (signal: AbortSignal): Promise<void> => {
    const answer = await ask('app.report', {}, { signal });
    if (answer.ok) setReport(answer.value);
  };
  return (
    <SettingRow label={words.report} hint={words.reportHint} isBeneath>
      {() => (
        <div class="setting-list">
          {report !== undefined && (
            <textarea
              class="input mono report-text"
              readOnly
              rows={12}
              aria-label={words.reportText}
              value={report.text}
            />
          )}
          <div class="setting-form">
            <Button isBusy={making.isBusy} onClick={() => making.run(make)}>
              {report === undefined ? words.reportMake : words.reportAgain}
            </Button>
            {report !== undefined && (
              <>
                <Button icon="copy" onClick={() => void copy(report.text, words.reportCopied)}>
                  {words.copy}
                </Button>
                <Button icon="download" onClick={() => saveFile(report.fileName, report.text)}>
                  {words.exportNow}
                </Button>
              </>
            )}
          </div>
        </div>
      )}
    </SettingRow>
  );
}

type Format = CommandInput<'profiles.export-text'>['format'];

function ExportSetting(): VNode {
  const words = useWords(settingsWords);
  const language = useLanguage();
  const ask = useAsk();
  const saveFile = useSaveFile();
  const exporting = useTask();
  const [format, setFormat] = useState<Format>('portkeeper');
  const [left, setLeft] = useState<readonly ExportLoss[]>([]);
  const save = async (signal: AbortSignal): Promise<void> => {
    const answer = await ask('profiles.export-text', { format }, { signal });
    if (!answer.ok) return;
    setLeft(answer.value.left);
    saveFile(answer.value.fileName, answer.value.text);
  };
  return (
    <SettingRow label={words.export} hint={words.exportHint} isBeneath>
      {() => (
        <div class="setting-list">
          <div class="setting-form">
            <Select
              aria-label={words.format}
              value={format}
              choices={choicesOf(words.formats)}
              onChange={(next) => {
                setFormat(next);
                setLeft([]);
              }}
            />
            <Button icon="download" isBusy={exporting.isBusy} onClick={() => exporting.run(save)}>
              {words.exportNow}
            </Button>
          </div>
          <div role="status">
            {left.length > 0 && (
              <Callout tone="warn" icon="warning" title={words.exportLeft}>
                <Sentences list={left.map((loss) => exportLossText(loss, language))} />
              </Callout>
            )}
          </div>
        </div>
      )}
    </SettingRow>
  );
}

/** Asks nothing, because it can be taken back. */
function ResetSettings(): VNode {
  const words = useWords(settingsWords);
  const { settings: before } = useSnapshot();
  const ask = useAsk();
  const { show } = useToasts();
  const resetting = useTask();
  const reset = async (): Promise<void> => {
    // Shown wherever the person has gone meanwhile.
    const answer = await ask('app.reset', { what: 'settings' });
    if (!answer.ok) return;
    const undo = async (): Promise<void> => {
      const back = await ask('settings.change', { settings: before });
      if (back.ok) show({ text: words.settingsBack });
    };
    show({ text: words.settingsReset, undo });
  };
  return (
    <SettingRow label={words.resetSettings} hint={words.resetSettingsHint}>
      {() => (
        <Button isBusy={resetting.isBusy} onClick={() => resetting.run(reset)}>
          {words.resetSettingsNow}
        </Button>
      )}
    </SettingRow>
  );
}

function ResetEverything(): VNode {
  const words = useWords(settingsWords);
  const [isAsking, setIsAsking] = useState(false);
  return (
    <>
      <SettingRow label={words.resetAll} hint={words.resetAllHint}>
        {() => <Button onClick={() => setIsAsking(true)}>{words.resetAllNow}</Button>}
      </SettingRow>
      {isAsking && <ResetDialog onClose={() => setIsAsking(false)} />}
    </>
  );
}

/** A word is typed: nobody does that by mistake. */
function ResetDialog({ onClose }: { readonly onClose: () => void }): VNode {
  const words = useWords(settingsWords);
  const { cancel } = useWords(windowWords);
  const ask = useAsk();
  const { show } = useToasts();
  const resetting = useTask();
  const [typed, setTyped] = useState('');
  const [error, setError] = useState<string | undefined>(undefined);
  const word = words.resetAllWord;
  const submit = (): void => {
    if (typed.trim().toLowerCase() !== word) {
      setError(words.resetAllNotYet(word));
      return;
    }
    resetting.run(async () => {
      // Shown wherever the person has gone meanwhile: it runs to its end.
      const answer = await ask('app.reset', { what: 'everything' });
      if (answer.ok) show({ text: words.everythingReset });
      onClose();
    });
  };
  return (
    <Dialog
      size="small"
      title={words.resetAllTitle}
      onClose={onClose}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={onClose}>{cancel}</Button>
          <Button kind="danger" isBusy={resetting.isBusy} onClick={submit}>
            {words.resetAllConfirm}
          </Button>
        </>
      }
    >
      <div class="reset-dialog">
        <ul>
          {words.resetAllDoes.map((each) => (
            <li key={each}>{each}</li>
          ))}
        </ul>
        <p class="muted">{words.resetAllBackup}</p>
        <Field label={words.resetAllType(word)} error={error}>
          {(links) => (
            <TextInput
              {...links}
              autofocus
              value={typed}
              onInput={(text) => {
                setTyped(text);
                setError(undefined);
              }}
            />
          )}
        </Field>
      </div>
    </Dialog>
  );
}
