/** The address for friends: in large, with a button that copies it, and a code for their phones. */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { CopyButton, IconButton } from '../../parts/button.tsx';
import { DialogOnDemand } from '../../parts/confirm.tsx';
import { useWords } from '../../state/language.tsx';
import { memo } from '../../state/memo.ts';
import { onDemand, usePart } from '../../state/on-demand.tsx';
import { forwardsWords } from './words.ts';

interface ShareFieldProperties {
  readonly text: string;
  /** The forward that it reaches, for anyone who hears the buttons. */
  readonly name: string;
}

export const ShareField = memo(({ text, name }: ShareFieldProperties): VNode => {
  const words = useWords(forwardsWords).share;
  const [isShown, setIsShown] = useState(false);
  return (
    <span class="share">
      <b class="share-address" title={text}>
        {text}
      </b>
      <span class="share-buttons">
        <CopyButton text={text} label={words.copy(text)} isWorded />
        <IconButton icon="qr" size="small" label={words.showCode(text)} onClick={() => setIsShown(true)} />
      </span>
      {isShown && (
        <DialogOnDemand size="small" title={words.codeOf(name)} onClose={() => setIsShown(false)}>
          <div class="share-code">
            <QrCode text={text} label={words.code(text)} />
            <p class="share-address">{text}</p>
            <p class="muted">{words.hint}</p>
            <CopyButton text={text} label={words.copy(text)} isWorded />
          </div>
        </DialogOnDemand>
      )}
    </span>
  );
});

const encoder = onDemand(async () => (await import('uqr')).encode);

/** Dark on light in every theme, with the margin of four modules that scanners need (ISO/IEC 18004 §9.1). */
function QrCode({ text, label }: { readonly text: string; readonly label: string }): VNode | null {
  const encode = usePart(encoder);
  if (encode === undefined) return null;
  const { data, size } = encode(text, { ecc: 'M', border: 4 });
  const path = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
  return (
    <svg class="qr-code" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
