import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { CommandInput } from '../../../main/contract/commands.ts';
import type { ExportLoss } from '../../../main/contract/export-loss.ts';
import { exportLossText } from '../../../main/contract/words/export-losses.ts';
import { settingsWords } from './words.ts';
import { Button } from '../../parts/input/button.tsx';
import { Callout } from '../../parts/notice/callout.tsx';
import { Select } from '../../parts/input/inputs.tsx';
import { useAsk } from '../../state/ask.tsx';
import { useLanguage, useWords } from '../../state/language.tsx';
import { useSaveFile } from '../../state/save-file.ts';
import { useTask } from '../../state/task.ts';
import { Sentences } from './sentences.tsx';
import { SettingRow } from './setting-row.tsx';

type Format = CommandInput<'profiles.export-text'>['format'];

const FORMATS = ['portkeeper', 'upnp-daemon-csv', 'upnp-daemon-json'] as const satisfies readonly Format[];

export function ExportSetting(): VNode {
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
              choices={FORMATS.map((each) => ({ value: each, label: words.formats[each] }))}
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
