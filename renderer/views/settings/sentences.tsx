import type { VNode } from 'preact';

/** One beneath the other. */
export function Sentences({ list }: { readonly list: readonly string[] }): VNode {
  return (
    <>
      {list.map((sentence) => (
        <span key={sentence} class="setting-sentence">
          {sentence}
        </span>
      ))}
    </>
  );
}
