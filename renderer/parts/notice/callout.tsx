import type { ComponentChildren, VNode } from 'preact';
import './callout.css';
import type { Tone } from '../chip.tsx';
import { Icon } from '../icon.tsx';
import type { IconName } from '../icon-paths.ts';

interface CalloutProperties {
  readonly tone?: Tone;
  readonly icon: IconName;
  readonly title?: string;
  /** Buttons. */
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** What to know about the thing beside it. */
export function Callout({ tone = 'accent', icon, title, actions, children }: CalloutProperties): VNode {
  const hasActions = actions !== undefined && actions !== false;
  return (
    <div class="callout" data-tone={tone}>
      <Icon name={icon} />
      <div class="callout-text">
        {title !== undefined && <p class="callout-title">{title}</p>}
        <p>{children}</p>
      </div>
      {hasActions && <div class="callout-actions">{actions}</div>}
    </div>
  );
}
