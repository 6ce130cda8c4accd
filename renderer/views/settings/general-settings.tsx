import type { VNode } from 'preact';
import { settingsWords } from './words.ts';
import { CopyButton } from '../../parts/input/copy-button.tsx';
import { RadioList } from '../../parts/input/radio-list.tsx';
import { Segmented, Select } from '../../parts/input/inputs.tsx';
import { ProblemCard } from '../../parts/notice/problem-card.tsx';
import { Card, Section } from '../../parts/section.tsx';
import { useWords } from '../../state/language.tsx';
import { useSnapshot } from '../../state/snapshot.ts';
import { SettingRow } from './setting-row.tsx';
import { SettingSwitch } from './setting-switch.tsx';
import { UpdateSetting } from './update-setting.tsx';
import { useSetting } from './use-setting.ts';

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
