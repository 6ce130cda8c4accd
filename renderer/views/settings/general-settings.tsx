import type { VNode } from 'preact';
import type { UpdateView } from '../../../main/contract/commands.ts';
import { Button, CopyButton, LinkButton } from '../../parts/button.tsx';
import { RadioList } from '../../parts/choice.tsx';
import { Segmented, Select } from '../../parts/field.tsx';
import { Card, Section } from '../../parts/layout.tsx';
import { ProblemCard } from '../../parts/notice.tsx';
import { useWords } from '../../state/language.tsx';
import { useAsk, useSnapshot, useTask } from '../../state/portkeeper.tsx';
import { SettingRow, SettingSwitch, useSetting } from './setting-row.tsx';
import { settingsWords } from './words.ts';

const SERVE = 'portkeeper serve';

export function GeneralSettings(): VNode {
  const words = useWords(settingsWords);
  const isDesktop = useSnapshot().host.kind === 'desktop';
  return (
    <Section title={words.general}>
      <Card kind="rows">
        {isDesktop ? <StartAtLogin /> : <Service />}
        <OnQuit />
        {isDesktop && <Notifications />}
        <LanguageSetting />
        <ThemeSetting />
        <UpdateSetting />
      </Card>
    </Section>
  );
}

function StartAtLogin(): VNode {
  const words = useWords(settingsWords);
  const { value, saving, set } = useSetting('startAtLogin', (startAtLogin) => ({ startAtLogin }));
  const problem = useSnapshot().problems.find(({ code }) => code === 'login-item-failed');
  return (
    <>
      <SettingSwitch
        name="start"
        label={words.startAtLogin}
        hint={words.startAtLoginHint}
        value={value}
        saving={saving}
        set={set}
      />
      {problem !== undefined && (
        <div class="setting-problem">
          <ProblemCard problem={problem} />
        </div>
      )}
    </>
  );
}

/** Where there is no desktop, nothing can be arranged from here. */
function Service(): VNode {
  const words = useWords(settingsWords);
  return (
    <SettingRow name="start" label={words.service} hint={words.serviceHint} isBeneath>
      {() => (
        <span class="setting-code">
          <code>{SERVE}</code>
          <CopyButton text={SERVE} label={words.copy} />
        </span>
      )}
    </SettingRow>
  );
}

function OnQuit(): VNode {
  const words = useWords(settingsWords);
  const { value, saving, set } = useSetting('onQuit', (onQuit) => ({ onQuit }));
  return (
    <SettingRow label={words.onQuit} hint={words.onQuitHint} saving={saving} isBeneath>
      {({ labelId, hintId }) => (
        <RadioList
          labelledBy={labelId}
          describedBy={hintId}
          value={value}
          choices={[
            { value: 'close', label: words.onQuitClose },
            { value: 'keep', label: words.onQuitKeep, hint: words.onQuitKeepHint },
          ]}
          onChange={set}
        />
      )}
    </SettingRow>
  );
}

function Notifications(): VNode {
  const words = useWords(settingsWords);
  const { value, saving, set } = useSetting('notifications', (notifications) => ({ notifications }));
  return (
    <SettingRow label={words.notifications} hint={words.notificationsHint} saving={saving}>
      {({ labelId }) => (
        <Segmented
          labelledBy={labelId}
          value={value}
          choices={[
            { value: 'problems', label: words.notificationsProblems },
            { value: 'all', label: words.notificationsAll },
            { value: 'none', label: words.notificationsNone },
          ]}
          onChange={set}
        />
      )}
    </SettingRow>
  );
}

function LanguageSetting(): VNode {
  const words = useWords(settingsWords);
  const { value, saving, set } = useSetting('language', (language) => ({ language }));
  return (
    <SettingRow label={words.language} hint={words.languageHint} saving={saving} isLabel>
      {({ id, hintId, isInvalid }) => (
        <Select
          id={id}
          aria-describedby={hintId}
          aria-invalid={isInvalid}
          value={value}
          choices={[
            { value: 'system', label: words.languageSystem },
            // Each in its own language: who looks for one need not read the others.
            { value: 'en', label: 'English' },
            { value: 'de', label: 'Deutsch' },
          ]}
          onChange={set}
        />
      )}
    </SettingRow>
  );
}

function ThemeSetting(): VNode {
  const words = useWords(settingsWords);
  const { value, saving, set } = useSetting('theme', (theme) => ({ theme }));
  return (
    <SettingRow label={words.theme} hint={words.themeHint} saving={saving}>
      {({ labelId }) => (
        <Segmented
          labelledBy={labelId}
          value={value}
          choices={[
            { value: 'system', label: words.themeSystem },
            { value: 'light', label: words.themeLight },
            { value: 'dark', label: words.themeDark },
          ]}
          onChange={set}
        />
      )}
    </SettingRow>
  );
}

function UpdateSetting(): VNode {
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
