import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Dialog } from '../parts/dialog.tsx';
import { useWords } from '../state/language.tsx';
import { VIEWS, go } from '../state/route.ts';
import { windowWords } from './words.ts';

const isMac = (): boolean => /mac/i.test(navigator.platform);

/** Where letters are text, and where a dialog has its own keys. */
function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  return target.closest('input, textarea, select, [contenteditable], dialog, [role=menu]') !== null;
}

/**
 * The keys of the whole window. A view's own `n` and `/` are found by their mark: `data-shortcut="new"` and
 * `data-shortcut="search"`.
 */
export function Shortcuts(): VNode | null {
  const [isShown, setIsShown] = useState(false);
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing) return;
      const view = VIEWS[Number(event.key) - 1];
      if (view !== undefined && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
        if (document.querySelector('dialog[open]') === null) go(view);
        event.preventDefault();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (event.key === '?') setIsShown(true);
      else if (event.key === '/') marked('search')?.focus();
      else if (event.key === 'n') clickNew();
      else return;
      event.preventDefault();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
  return isShown ? <ShortcutsDialog onClose={() => setIsShown(false)} /> : null;
}

const marked = (name: string): HTMLElement | null => document.querySelector<HTMLElement>(`[data-shortcut="${name}"]`);

/** In another view, the one with profiles is shown first. */
function clickNew(): void {
  const button = marked('new');
  if (button !== null) button.click();
  else {
    addEventListener('hashchange', () => requestAnimationFrame(() => marked('new')?.click()), { once: true });
    go('forwards');
  }
}

function ShortcutsDialog({ onClose }: { readonly onClose: () => void }): VNode {
  const words = useWords(windowWords);
  const control = isMac() ? '⌘' : 'Ctrl';
  const rows: readonly (readonly [keys: readonly string[], what: string])[] = [
    [[control, '1 – 5'], words.shortcut.view],
    [['/'], words.shortcut.search],
    [['N'], words.shortcut.newProfile],
    [['↑', '↓'], words.shortcut.list],
    [['Alt', '↑', '↓'], words.shortcut.move],
    [['Esc'], words.shortcut.close],
    [['?'], words.shortcut.help],
  ];
  return (
    <Dialog size="small" title={words.shortcuts} onClose={onClose}>
      <dl class="shortcut-list">
        {rows.map(([keys, what]) => (
          <>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </>
        ))}
      </dl>
    </Dialog>
  );
}
