/** How presets are shown wherever they are shown. */
import type { VNode } from 'preact';
import { type Preset, type PresetCategory } from '../../../main/contract/presets.ts';
import type { Profile } from '../../../main/contract/profile.ts';
import { portsText } from '../../../main/contract/words/formats.ts';
import { Switch } from '../../parts/choice.tsx';
import { Icon, type IconName } from '../../parts/icon.tsx';
import { useWords } from '../../state/language.tsx';
import { useSwitch } from '../forwards/profile-head.tsx';
import { presetsWords } from './words.ts';

const ICONS: Readonly<Record<PresetCategory, IconName>> = {
  game: 'game',
  server: 'server',
  media: 'media',
  voice: 'voice',
  remote: 'computer',
  p2p: 'share',
  home: 'home',
};

export function PresetIcon({ category }: Pick<Preset, 'category'>): VNode {
  return (
    <span class="preset-icon" data-category={category}>
      <Icon name={ICONS[category]} />
    </span>
  );
}

/** What is required, in one line. */
export function requiredPorts({ forwards }: Preset): string {
  return forwards
    .filter(({ required }) => required)
    .map(portsText)
    .join(', ');
}

interface ProfileSwitchProperties {
  readonly profile: Profile;
  readonly tabIndex?: 0 | -1;
}

/** Turns a profile on and off; it may be turned back before it has settled. A refusal is told as a message. */
export function ProfileSwitch({ profile, tabIndex = 0 }: ProfileSwitchProperties): VNode {
  const words = useWords(presetsWords);
  const { isOn, isPending, turn } = useSwitch(profile);
  return (
    <Switch
      isOn={isOn}
      label={words.switchNamed(profile.name)}
      isPending={isPending}
      tabIndex={tabIndex}
      onChange={turn}
    />
  );
}
