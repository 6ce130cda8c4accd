import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import { settingsWords } from '../settings/words.ts';
import { welcomeWords } from './words.ts';
import { Button } from '../../parts/input/button.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Card, Section } from '../../parts/section.tsx';
import { BrandMark } from '../../shell/brand.tsx';
import { useAsk } from '../../state/ask.tsx';
import { useWords } from '../../state/language.tsx';
import { go } from '../../state/route.ts';
import { useSnapshot } from '../../state/snapshot.ts';
import { useTask } from '../../state/task.ts';
import { SettingSwitch } from '../settings/setting-switch.tsx';
import { useSetting } from '../settings/use-setting.ts';
import { FirstPresets } from './first-presets.tsx';
import { FoundRouter } from './found-router.tsx';
import './welcome.css';

interface WelcomeViewProperties {
  /** It could not be written down that they were seen or skipped. */
  readonly onLeave: () => void;
}

/** The first steps, on one page: each of them can be taken, or not. */
export function WelcomeView({ onLeave }: WelcomeViewProperties): VNode {
  const words = useWords(welcomeWords);
  const { profiles, host } = useSnapshot();
  const ask = useAsk();
  const leaving = useTask();
  const leave = (): void =>
    leaving.run(async () => {
      go('forwards');
      const answer = await ask('settings.change', { settings: { welcomed: true } });
      if (!answer.ok) onLeave();
    });
  useEffect(() => {
    document.title = `${words.title} – Portkeeper`;
  }, [words]);
  return (
    <main class="welcome">
      <div class="welcome-page">
        <header class="welcome-head">
          <BrandMark size={44} />
          <div>
            <h1>{words.title}</h1>
            <p class="muted">{words.intro}</p>
          </div>
          <Button kind="quiet" onClick={leave}>
            {words.skip}
          </Button>
        </header>
        <FoundRouter />
        <FirstPresets />
        {host.kind === 'desktop' && (
          <Section title={words.start}>
            <Card kind="rows">
              <StartAtLogin />
            </Card>
          </Section>
        )}
        <p class="welcome-safety">
          <Icon name="shield" />
          <span>{words.safety}</span>
        </p>
        <p class="welcome-theme muted">{words.theme}</p>
      </div>
      <footer class="welcome-foot">
        <span class="muted" role="status">
          {words.added(profiles.length)}
        </span>
        <Button kind="primary" isBusy={leaving.isBusy} onClick={leave}>
          {profiles.length === 0 ? words.leaveEmpty : words.finish}
        </Button>
      </footer>
    </main>
  );
}

function StartAtLogin(): VNode {
  const words = useWords(welcomeWords);
  const { startAtLogin } = useWords(settingsWords);
  const { value, saving, set } = useSetting('startAtLogin', (wanted) => ({ startAtLogin: wanted }));
  return <SettingSwitch label={startAtLogin} hint={words.startAtLoginHint} value={value} saving={saving} set={set} />;
}
