import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { DialogOnDemand } from '../parts/confirm.tsx';
import { useWords } from '../state/language.tsx';
import { VIEWS, go } from '../state/route.ts';
import { windowWords } from './words.ts';

const isMac = (): boolean => /mac/i.test(navigator.platform);

/** Where letters are text, and where a dialog has its own keys. */
function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  return target.closest('input, textarea, select, [contenteditable], dialog, [role=menu]') !== null;
}

interface ShortcutsProperties {
  /** Before there are views: those of a page alone. */
  readonly areFew?: boolean;
}

/**
 * The keys of the whole window. A view's own `n` and `/` are found by their mark: `data-shortcut="new"` and
 * `data-shortcut="search"`.
 */
export function Shortcuts({ areFew = false }: ShortcutsProperties): VNode | null {
  const [isShown, setIsShown] = useState(false);
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing) return;
      const view = VIEWS[Number(event.key) - 1];
      if (!areFew && view !== undefined && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
        if (document.querySelector('dialog[open]') === null) go(view);
        event.preventDefault();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (event.key === '?') setIsShown(true);
      else if (event.key === '/') marked('search')?.focus();
      else if (event.key === 'n' && !areFew) clickNew();
      else return;
      event.preventDefault();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [areFew]);
  return isShown ? <ShortcutsDialog areFew={areFew} onClose={() => setIsShown(false)} /> : null;
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

function ShortcutsDialog({ areFew, onClose }: ShortcutsProperties & { readonly onClose: () => void }): VNode {
  const words = useWords(windowWords);
  const control = isMac() ? '⌘' : 'Ctrl';
  const rows: readonly (readonly [keys: readonly string[], what: string, isInViews?: boolean])[] = [
    [[control, `1 – ${VIEWS.length}`], words.shortcut.view, true],
    [['/'], words.shortcut.search],
    [['N'], words.shortcut.newProfile, true],
    [['↑', '↓'], words.shortcut.list, true],
    [['Alt', '↑', '↓'], words.shortcut.move, true],
    [['Esc'], words.shortcut.close],
    [['?'], words.shortcut.help],
  ];
  return (
    <DialogOnDemand size="small" title={words.shortcuts} onClose={onClose}>
      <dl class="shortcut-list">
        {rows
          .filter(([, , isInViews = false]) => !(areFew && isInViews))
          .map(([keys, what]) => (
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
    </DialogOnDemand>
  );
}
