/** The browser around the window: its size, files saved and dropped. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { inMinutes } from '../../main/contract/units.ts';
import { useTime } from './time.tsx';

export function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const look = (): void => setMatches(list.matches);
    look();
    list.addEventListener('change', look);
    return () => list.removeEventListener('change', look);
  }, [query]);
  return matches;
}

/** What is open, the topmost last: asks to be closed. */
const open: (() => void)[] = [];

/** Where Back would leave from. */
let left = '';

function stay(): void {
  left = location.href;
  history.pushState('open', '', left);
}

function back(): void {
  // An address that was typed, or a link: that is not Back.
  if (location.href !== left) return;
  // It may be kept open.
  stay();
  open.at(-1)?.();
}

/** The browser's Back asks what is open to close, the topmost first, in the place of leaving the view behind it. */
export function useBack(close: () => void): void {
  const latest = useRef(close);
  latest.current = close;
  useEffect(() => {
    const closeLatest = (): void => latest.current();
    open.push(closeLatest);
    if (open.length === 1) {
      stay();
      addEventListener('popstate', back);
    }
    return () => {
      open.splice(open.indexOf(closeLatest), 1);
      if (open.length > 0) return;
      removeEventListener('popstate', back);
      if (location.href === left) history.back();
    };
  }, []);
}

export function useSaveFile(): (fileName: string, text: string) => void {
  const time = useTime();
  return useCallback(
    (fileName, text) => {
      const url = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }));
      const link = document.createElement('a');
      link.href = url;
      link.download = fileName;
      link.click();
      // The person may be asked where to before it is read.
      time.after(inMinutes(10), () => URL.revokeObjectURL(url));
    },
    [time],
  );
}

/** A file that is dropped where nothing takes it would be opened by the browser in place of the window. */
export function refuseStrayDrops(target: Window): void {
  const refuse = (event: DragEvent): void => {
    const { dataTransfer } = event;
    // Whoever takes files says so after this, by another effect.
    if (dataTransfer === null || !dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    dataTransfer.dropEffect = 'none';
  };
  target.addEventListener('dragover', refuse);
  target.addEventListener('drop', refuse);
}
