import type { VNode } from 'preact';

/** The gate of the program's icon. */
export function BrandMark({ size = 24 }: { readonly size?: number }): VNode {
  return (
    <svg class="brand-mark" viewBox="0 0 24 24" width={size} height={size} aria-hidden="true">
      <path
        fill="currentColor"
        fill-rule="evenodd"
        d="M3 22V11.5a9 9.5 0 0 1 18 0V22a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1Zm9-12.7a2.2 2.2 0 0 0-1.25 4l-.8 4.2a.5.5 0 0 0 .5.6h3.1a.5.5 0 0 0 .5-.6l-.8-4.2A2.2 2.2 0 0 0 12 9.3Z"
      />
    </svg>
  );
}
