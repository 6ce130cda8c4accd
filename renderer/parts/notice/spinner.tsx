import type { VNode } from 'preact';
import './spinner.css';

/** Appears after 300 ms unless `isImmediate`: what is quicker than that needs no spinner. */
export function Spinner(properties: { readonly isImmediate?: boolean; readonly label?: string }): VNode {
  const { isImmediate = false, label } = properties;
  const named = label === undefined ? { 'aria-hidden': true } : ({ role: 'img', 'aria-label': label } as const);
  return (
    <svg class="spinner" data-immediate={isImmediate} viewBox="0 0 20 20" width="16" height="16" {...named}>
      <circle cx="10" cy="10" r="7.2" />
      <path d="M10 2.8a7.2 7.2 0 0 1 7.2 7.2" />
    </svg>
  );
}
