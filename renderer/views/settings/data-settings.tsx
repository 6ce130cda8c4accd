import type { VNode } from 'preact';
import { settingsWords } from './words.ts';
import { Button } from '../../parts/input/button.tsx';
import { CopyButton } from '../../parts/input/copy-button.tsx';
import { Card, Section } from '../../parts/section.tsx';
import { useAsk } from '../../state/ask.tsx';
import { useWords } from '../../state/language.tsx';
import { useSnapshot } from '../../state/snapshot.ts';
import { useTask } from '../../state/task.ts';
import { ExportSetting } from './export-setting.tsx';
import { ImportSetting } from './import-setting.tsx';
import { ReportSetting } from './report-setting.tsx';
import { ResetEverything, ResetSettings } from './reset-settings.tsx';
import { SettingRow } from './setting-row.tsx';
import type { Description } from './use-description.ts';

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
