import type { VNode } from 'preact';
import type { IconName } from './icon-paths.ts';
import { ICON_PATHS } from './icon-paths.ts';

/** Decoration only: what it means stands beside it, or is the name of what it is in. */
export function Icon({ name, size = 20 }: { readonly name: IconName; readonly size?: 16 | 20 | 24 | 32 }): VNode {
  return (
    <svg class="icon" data-icon={name} viewBox="0 0 20 20" width={size} height={size} aria-hidden="true">
      <path d={ICON_PATHS[name]} />
    </svg>
  );
}
