/** Moving rows of a list with the pointer: the row follows it, a line shows where it would go. */
import type { RefObject } from 'preact';
import { useCallback, useRef, useState } from 'preact/hooks';

export interface Reordering {
  /** What is being moved. */
  readonly moving: string | undefined;
  /** Before which row it would go; the number of rows for the end. */
  readonly gap: number | undefined;
  readonly grab: (id: string, event: PointerEvent) => void;
}

/** How near to the edge of what scrolls the list is moved on, in CSS pixels, and by how much each time. */
const EDGE = 56;
const STEP = 12;

/**
 * @param list its children are the rows, each with its id in `data-profile`
 * @param drop gets the place without the moved row, as the command takes it
 */
export function useReorder(list: RefObject<HTMLElement | null>, drop: (id: string, to: number) => void): Reordering {
  const [state, setState] = useState<{ readonly moving: string; readonly gap: number } | undefined>(undefined);
  const latest = useRef(drop);
  latest.current = drop;
  const grab = useCallback(
    (id: string, event: PointerEvent) => {
      const { currentTarget } = event;
      const rows = [...(list.current?.children ?? [])];
      const from = rows.findIndex((row) => row.getAttribute('data-profile') === id);
      if (event.button !== 0 || from < 0 || !(currentTarget instanceof HTMLElement)) return;
      event.preventDefault();
      currentTarget.focus();
      currentTarget.setPointerCapture(event.pointerId);
      let gap = from;
      const end = new AbortController();
      const finish = (): void => {
        end.abort();
        setState(undefined);
      };
      const { signal } = end;
      currentTarget.addEventListener(
        'pointermove',
        ({ clientY }) => {
          scrollAtEdge(currentTarget, clientY);
          gap = gapAt(rows, clientY);
          setState({ moving: id, gap });
        },
        { signal },
      );
      currentTarget.addEventListener(
        'pointerup',
        () => {
          finish();
          const to = gap > from ? gap - 1 : gap;
          if (to !== from) latest.current(id, to);
        },
        { signal },
      );
      currentTarget.addEventListener('pointercancel', finish, { signal });
      addEventListener(
        'keydown',
        (key) => {
          if (key.key !== 'Escape') return;
          key.preventDefault();
          finish();
        },
        { signal, capture: true },
      );
    },
    [list],
  );
  return { moving: state?.moving, gap: state?.gap, grab };
}

function gapAt(rows: readonly Element[], y: number): number {
  const below = rows.findIndex((row) => {
    const { top, height } = row.getBoundingClientRect();
    return y < top + height / 2;
  });
  return below < 0 ? rows.length : below;
}

function scrollAtEdge(within: Element, y: number): void {
  const scroller = within.closest('main');
  if (scroller === null) return;
  const { top, bottom } = scroller.getBoundingClientRect();
  if (y < top + EDGE) scroller.scrollBy(0, -STEP);
  if (y > bottom - EDGE) scroller.scrollBy(0, STEP);
}
