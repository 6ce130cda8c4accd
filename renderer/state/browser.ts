/** The browser around the window: its size, files saved and dropped. */
import { useCallback, useEffect, useState } from 'preact/hooks';
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
    // A component that takes files says so after this, by another effect.
    if (dataTransfer === null || !dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    dataTransfer.dropEffect = 'none';
  };
  target.addEventListener('dragover', refuse);
  target.addEventListener('drop', refuse);
}
