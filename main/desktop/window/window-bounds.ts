/** Where the window stands: as it was left, on a display that there is. Device-independent pixels. */
import * as v from 'valibot';

export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface WindowPlace {
  readonly bounds: Area;
  readonly maximized: boolean;
}

/** The window at its first start; without a place, it stands in the middle. */
const USUAL = { width: 980, height: 760 } as const;
export const SMALLEST = { width: 320, height: 480 } as const;

/** Part of the title bar that must stay visible, so that it can be grabbed and moved. */
const VISIBLE = { width: 120, height: 32 } as const;

const Coordinate = v.pipe(v.number(), v.integer(), v.minValue(-100_000), v.maxValue(100_000));
const Length = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100_000));

export const WindowPlaceSchema = v.object({
  bounds: v.object({ x: Coordinate, y: Coordinate, width: Length, height: Length }),
  maximized: v.boolean(),
});

/** @param displays work areas; the first is the main one */
export function placeOfWindow(
  saved: WindowPlace | undefined,
  displays: readonly Area[],
): Partial<Area> & Pick<Area, 'width' | 'height'> {
  const [main] = displays;
  if (saved === undefined) return main === undefined ? USUAL : sizeWithin(USUAL, main);
  const display = best(saved.bounds, displays);
  if (display === undefined) return main === undefined ? USUAL : sizeWithin(saved.bounds, main);
  const { width, height } = sizeWithin(saved.bounds, display);
  return {
    x: Math.min(Math.max(saved.bounds.x, display.x), display.x + display.width - width),
    y: Math.min(Math.max(saved.bounds.y, display.y), display.y + display.height - height),
    width,
    height,
  };
}

/** The display that shows most of it, if any shows enough to take hold of. */
function best(bounds: Area, displays: readonly Area[]): Area | undefined {
  let most = 0;
  let found: Area | undefined;
  for (const display of displays) {
    const width = shared(bounds.x, bounds.width, display.x, display.width);
    const height = shared(bounds.y, bounds.height, display.y, display.height);
    if (width < VISIBLE.width || height < VISIBLE.height || width * height <= most) continue;
    most = width * height;
    found = display;
  }
  return found;
}

const shared = (a: number, aLength: number, b: number, bLength: number): number =>
  Math.min(a + aLength, b + bLength) - Math.max(a, b);

function sizeWithin(size: Pick<Area, 'width' | 'height'>, within: Area): Pick<Area, 'width' | 'height'> {
  return {
    width: Math.max(SMALLEST.width, Math.min(size.width, within.width)),
    height: Math.max(SMALLEST.height, Math.min(size.height, within.height)),
  };
}
