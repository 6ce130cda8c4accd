import type { ComponentChildren, VNode } from 'preact';
import './banner.css';
import type { Tone } from '../chip.tsx';
import { Icon } from '../icon.tsx';
import type { IconName } from '../icon-paths.ts';

interface BannerProperties {
  readonly tone?: Tone;
  readonly icon: IconName;
  /** Buttons. */
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A line about the whole. */
export function Banner({ tone = 'accent', icon, actions, children }: BannerProperties): VNode {
  return (
    <div class="banner" data-tone={tone} role="status">
      <Icon name={icon} />
      <p>{children}</p>
      {actions !== undefined && <div class="banner-actions">{actions}</div>}
    </div>
  );
}
