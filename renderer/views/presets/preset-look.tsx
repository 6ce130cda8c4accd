/** How presets are shown wherever they are shown. */
import type { VNode } from 'preact';
import type { Preset, PresetCategory } from '../../../main/contract/presets.ts';
import { portsText } from '../../../main/contract/words/formats.ts';
import { Icon } from '../../parts/icon.tsx';
import type { IconName } from '../../parts/icon-paths.ts';
import './preset-look.css';

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
