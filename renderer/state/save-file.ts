/** Hands a text over to be saved: to the browser's downloads, or to where the person says. */
import { useCallback } from 'preact/hooks';
import { inMinutes } from '../../main/contract/units.ts';
import { useTime } from './time.ts';

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
