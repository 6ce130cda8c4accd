import { describe, expect, test } from 'vitest';
import { placeOfWindow } from '../../../main/desktop/window/window-bounds.ts';

const main = { x: 0, y: 0, width: 1920, height: 1040 };
const left = { x: -1280, y: 0, width: 1280, height: 984 };
const at = (x: number, y: number, width: number, height: number) => ({
  bounds: { x, y, width, height },
  maximized: false,
});

describe('the window stands', () => {
  test('in the middle at first, no larger than the screen', () => {
    expect(placeOfWindow(undefined, [main])).toEqual({ width: 980, height: 760 });
    expect(placeOfWindow(undefined, [{ x: 0, y: 0, width: 800, height: 600 }])).toEqual({ width: 800, height: 600 });
    expect(placeOfWindow(undefined, [])).toEqual({ width: 980, height: 760 });
  });

  test('where it was left, on whichever display', () => {
    expect(placeOfWindow(at(100, 50, 700, 600), [main])).toEqual({ x: 100, y: 50, width: 700, height: 600 });
    expect(placeOfWindow(at(-1000, 50, 700, 600), [main, left])).toEqual({ x: -1000, y: 50, width: 700, height: 600 });
  });

  test('in the middle, as large as it was, when its display is gone', () => {
    expect(placeOfWindow(at(-1000, 50, 700, 600), [main])).toEqual({ width: 700, height: 600 });
    // A strip that is too narrow to take hold of.
    expect(placeOfWindow(at(1900, 50, 700, 600), [main])).toEqual({ width: 700, height: 600 });
    expect(placeOfWindow(at(-1000, 50, 700, 600), [])).toEqual({ width: 980, height: 760 });
  });

  test('wholly on the display that shows most of it', () => {
    expect(placeOfWindow(at(1500, 800, 700, 600), [main])).toEqual({ x: 1220, y: 440, width: 700, height: 600 });
    expect(placeOfWindow(at(-500, -30, 700, 600), [main, left])).toEqual({ x: -700, y: 0, width: 700, height: 600 });
  });

  test('never smaller than it can be used', () => {
    expect(placeOfWindow(at(10, 10, 150, 100), [main])).toEqual({ x: 10, y: 10, width: 320, height: 480 });
  });

  test('no larger than the display of today', () => {
    expect(placeOfWindow(at(0, 0, 3800, 2100), [main])).toEqual({ x: 0, y: 0, width: 1920, height: 1040 });
  });
});
