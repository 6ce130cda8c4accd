import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { CommandResults } from '../../../main/contract/commands.ts';
import { settingsWords } from './words.ts';
import { Button } from '../../parts/input/button.tsx';
import { copyText } from '../../parts/input/clipboard.ts';
import { useAsk } from '../../state/ask.tsx';
import { useWords } from '../../state/language.tsx';
import { useSaveFile } from '../../state/save-file.ts';
import { useTask } from '../../state/task.ts';
import { useToasts } from '../../state/toasts.tsx';
import { SettingRow } from './setting-row.tsx';

/** Nothing leaves this computer but by the person's own hand, once it has been read. */
export function ReportSetting(): VNode {
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
