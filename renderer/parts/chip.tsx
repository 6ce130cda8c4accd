import type { ComponentChildren, VNode } from 'preact';
import './chip.css';
import { Icon } from './icon.tsx';
import type { IconName } from './icon-paths.ts';

export type Tone = 'good' | 'warn' | 'bad' | 'accent' | 'plain';

interface ChipProperties {
  readonly tone?: Tone;
  /** A state is told by a shape, too. */
  readonly icon?: IconName;
  readonly title?: string;
  readonly children: ComponentChildren;
}

export function Chip({ tone = 'plain', icon, title, children }: ChipProperties): VNode {
  return (
    <span class="chip" data-tone={tone} title={title}>
      {icon !== undefined && <Icon name={icon} size={16} />}
      <span>{children}</span>
    </span>
  );
}

/** A state in a line of text: a shape, a word, a colour. */
export function Status({ tone = 'plain', icon, title, children }: ChipProperties & { readonly icon: IconName }): VNode {
  return (
    <span class="status" data-tone={tone} title={title}>
      <Icon name={icon} size={16} />
      <span>{children}</span>
    </span>
  );
}
