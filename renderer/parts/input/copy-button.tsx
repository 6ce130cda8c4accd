import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { inSeconds } from '../../../main/contract/units.ts';
import { windowWords } from '../../shell/words.ts';
import { useWords } from '../../state/language.tsx';
import { useTime } from '../../state/time.ts';
import { useToasts } from '../../state/toasts.tsx';
import { IconButton } from './button.tsx';
import { copyText } from './clipboard.ts';

interface CopyButtonProperties {
  readonly text: string;
  /** Such as "Copy the outside address". */
  readonly label: string;
  readonly size?: 'small' | 'normal';
}

export function CopyButton({ text, label, size = 'small' }: CopyButtonProperties): VNode {
  const words = useWords(windowWords);
  const time = useTime();
  const { show } = useToasts();
  const [isDone, setIsDone] = useState(false);
  useEffect(() => (isDone ? time.after(inSeconds(2), () => setIsDone(false)) : undefined), [isDone, time]);
  const copy = async (): Promise<void> => {
    if (await copyText(text)) setIsDone(true);
    else show({ text: words.copyFailed, tone: 'bad' });
  };
  return (
    <>
      <IconButton
        icon={isDone ? 'check' : 'copy'}
        size={size}
        label={label}
        onClick={() => {
          void copy();
        }}
      />
      <span class="unseen" role="status">
        {isDone && words.copied}
      </span>
    </>
  );
}
