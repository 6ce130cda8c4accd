import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { CommandResults } from '../../../main/contract/commands.ts';
import { Button } from '../../parts/input/button.tsx';
import { copyText } from '../../parts/input/clipboard.ts';
import { CopyButton } from '../../parts/input/copy-button.tsx';
import { Card, Section } from '../../parts/section.tsx';
import { useAsk } from '../../state/ask.tsx';
import { useWords } from '../../state/language.tsx';
import { useSaveFile } from '../../state/save-file.ts';
import { useSnapshot } from '../../state/snapshot.ts';
import { useTask } from '../../state/task.ts';
import { useToasts } from '../../state/toasts.tsx';
import { ExportSetting } from './export-setting.tsx';
import { ImportSetting } from './import-setting.tsx';
import { ResetEverything, ResetSettings } from './reset-settings.tsx';
import { SettingRow } from './setting-row.tsx';
import type { Description } from './use-description.ts';
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
  const ask = useAsk();
  const showing = useTask();
  const folder = description.at === 'known' ? description.value.dataFolder : undefined;
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
            <Button
              size="small"
              icon="folder"
              isBusy={showing.isBusy}
              onClick={() => showing.run((signal) => ask('app.show-data-folder', {}, { signal }))}
            >
              {words.showFolder}
            </Button>
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
  const { show } = useToasts();
  const [report, setReport] = useState<CommandResults['app.report'] | undefined>(undefined);
  const make = async (signal: AbortSignal): Promise<void> => {
    const answer = await ask('app.report', {}, { signal });
    if (answer.ok) setReport(answer.value);
  };
  const copy = async (text: string): Promise<void> => {
    show((await copyText(text)) ? { text: words.reportCopied } : { text: words.copyFailed, tone: 'bad' });
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
                <Button icon="copy" onClick={() => void copy(report.text)}>
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
