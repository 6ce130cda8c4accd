import type { VNode } from 'preact';
import type { UpdateView } from '../../../main/contract/commands.ts';
import { settingsWords } from './words.ts';
import { Button, LinkButton } from '../../parts/input/button.tsx';
import { useAsk } from '../../state/ask.tsx';
import { useWords } from '../../state/language.tsx';
import { useSnapshot } from '../../state/snapshot.ts';
import { useTask } from '../../state/task.ts';
import { SettingRow } from './setting-row.tsx';
import { SettingSwitch } from './setting-switch.tsx';
import { useSetting } from './use-setting.ts';

export function UpdateSetting(): VNode {
  const words = useWords(settingsWords);
  const { update } = useSnapshot().host;
  const { value, saving, set } = useSetting('checkForUpdates', (checkForUpdates) => ({ checkForUpdates }));
  const said = <span role="status">{sentenceOf(words, update)}</span>;
  if (update.at === 'unsupported') return <SettingRow label={words.checkForUpdates} hint={said} />;
  return (
    <>
      <SettingSwitch
        label={words.checkForUpdates}
        hint={words.checkForUpdatesHint}
        value={value}
        saving={saving}
        set={set}
      />
      <SettingRow label={words.update} hint={said}>
        {() => <UpdateActions update={update} />}
      </SettingRow>
    </>
  );
}

function UpdateActions({ update }: { readonly update: UpdateView }): VNode | null {
  const words = useWords(settingsWords);
  const ask = useAsk();
  const task = useTask();
  switch (update.at) {
    case 'unsupported':
      return null;
    case 'off':
    case 'none':
    case 'failed':
    case 'checking':
    case 'fetching': {
      const isUnderWay = update.at === 'checking' || update.at === 'fetching';
      return (
        <Button
          isBusy={task.isBusy || isUnderWay}
          onClick={() => task.run((signal) => ask('app.check-for-updates', {}, { signal }))}
        >
          {words.checkNow}
        </Button>
      );
    }
    case 'ready':
      return (
        <Button
          kind="primary"
          isBusy={task.isBusy}
          onClick={() => task.run((signal) => ask('app.install-update', {}, { signal }))}
        >
          {words.installNow}
        </Button>
      );
    case 'available':
      return (
        <LinkButton href={update.url} isOutside size="normal">
          {words.fetchByHand(update.version)}
        </LinkButton>
      );
  }
}

type Words = (typeof settingsWords)['en'];

function sentenceOf({ updateState }: Words, update: UpdateView): string {
  switch (update.at) {
    case 'fetching':
      return updateState.fetching(update);
    case 'ready':
      return updateState.ready(update);
    case 'available':
      return updateState.available(update);
    case 'failed':
      return updateState.failed(update);
    case 'unsupported':
    case 'off':
    case 'none':
    case 'checking':
      return updateState[update.at]();
  }
}
