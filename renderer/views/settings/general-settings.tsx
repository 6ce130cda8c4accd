import type { VNode } from 'preact';
import type { UpdateView } from '../../../main/contract/commands.ts';
import { CommandButton, CopyButton, LinkButton } from '../../parts/button.tsx';
import { Select, choicesOf } from '../../parts/choice.tsx';
import { Card, Section } from '../../parts/layout.tsx';
import { ProblemCard } from '../../parts/notice.tsx';
import { useWords } from '../../state/language.tsx';
import { useSnapshot } from '../../state/portkeeper.tsx';
import { SettingChoice, SettingRow, SettingSwitch, useSetting } from './setting-row.tsx';
import { settingsWords } from './words.ts';

const SERVE = 'portkeeper serve';

export function GeneralSettings(): VNode {
  const words = useWords(settingsWords);
  const isDesktop = useSnapshot().host.kind === 'desktop';
  const onQuit = useSetting('onQuit', (value) => ({ onQuit: value }));
  const notifications = useSetting('notifications', (value) => ({ notifications: value }));
  const language = useSetting('language', (value) => ({ language: value }));
  const theme = useSetting('theme', (value) => ({ theme: value }));
  return (
    <Section title={words.general}>
      <Card kind="rows">
        {isDesktop ? <StartAtLogin /> : <Service />}
        <SettingChoice
          look="list"
          label={words.onQuit}
          hint={words.onQuitHint}
          setting={onQuit}
          choices={[
            { value: 'close', label: words.onQuitClose },
            { value: 'keep', label: words.onQuitKeep, hint: words.onQuitKeepHint },
          ]}
        />
        {isDesktop && (
          <SettingChoice
            look="segments"
            label={words.notifications}
            setting={notifications}
            choices={choicesOf(words.notificationsAbout)}
          />
        )}
        <SettingRow label={words.language} hint={words.languageHint} saving={language.saving} isLabel>
          {(links) => (
            <Select
              {...links}
              value={language.value}
              // Each in its own language: people who look for one need not read the others.
              choices={choicesOf({ system: words.asSystem, en: 'English', de: 'Deutsch' })}
              onChange={language.set}
            />
          )}
        </SettingRow>
        <SettingChoice
          look="segments"
          label={words.theme}
          setting={theme}
          choices={choicesOf({ system: words.asSystem, light: words.themeLight, dark: words.themeDark })}
        />
        <UpdateSetting />
      </Card>
    </Section>
  );
}

function StartAtLogin(): VNode {
  const words = useWords(settingsWords);
  const setting = useSetting('startAtLogin', (value) => ({ startAtLogin: value }));
  const problem = useSnapshot().problems.find(({ code }) => code === 'login-item-failed');
  return (
    <>
      <SettingSwitch name="start" label={words.startAtLogin} hint={words.startAtLoginHint} setting={setting} />
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

function UpdateSetting(): VNode {
  const words = useWords(settingsWords);
  const { update } = useSnapshot().host;
  const setting = useSetting('checkForUpdates', (value) => ({ checkForUpdates: value }));
  const said = <span role="status">{sentenceOf(words, update)}</span>;
  if (update.at === 'unsupported') return <SettingRow label={words.checkForUpdates} hint={said} />;
  return (
    <>
      <SettingSwitch label={words.checkForUpdates} hint={words.checkForUpdatesHint} setting={setting} />
      <SettingRow label={words.update} hint={said}>
        {() => <UpdateAction update={update} />}
      </SettingRow>
    </>
  );
}

function UpdateAction({ update }: { readonly update: UpdateView }): VNode {
  const words = useWords(settingsWords);
  if (update.at === 'available') {
    return (
      <LinkButton href={update.url} isOutside size="normal">
        {words.fetchByHand(update.version)}
      </LinkButton>
    );
  }
  return update.at === 'ready' ? (
    <CommandButton key="install" kind="primary" command="app.install-update" input={{}}>
      {words.installNow}
    </CommandButton>
  ) : (
    <CommandButton
      key="check"
      command="app.check-for-updates"
      input={{}}
      isBusy={update.at === 'checking' || update.at === 'fetching'}
    >
      {words.checkNow}
    </CommandButton>
  );
}

function sentenceOf({ updateState }: (typeof settingsWords)['en'], update: UpdateView): string {
  if (update.at === 'fetching') return updateState.fetching(update);
  if (update.at === 'ready') return updateState.ready(update);
  if (update.at === 'available') return updateState.available(update);
  if (update.at === 'failed') return updateState.failed(update);
  return updateState[update.at]();
}
