/** How somebody looks at the window. */
import type { BrowserContextOptions } from 'playwright-core';

export interface Look {
  /** CSS pixels; 1000 × 700 when absent. */
  readonly width?: number;
  readonly height?: number;
  /** Color scheme of the desktop; `light` when absent. */
  readonly theme?: 'light' | 'dark';
  /** Language of the desktop; `en` when absent. */
  readonly language?: 'en' | 'de';
  /** Pictures move less; so it is when absent, that they are the same each time. */
  readonly reducedMotion?: boolean;
  /** Colours are the person's own (Windows' high contrast). */
  readonly forcedColors?: boolean;
}

export function contextOptions(look: Look) {
  return {
    viewport: { width: look.width ?? 1000, height: look.height ?? 700 },
    colorScheme: look.theme ?? 'light',
    locale: look.language === 'de' ? 'de-DE' : 'en-GB',
    timezoneId: 'Europe/Berlin',
    reducedMotion: look.reducedMotion === false ? 'no-preference' : 'reduce',
    forcedColors: look.forcedColors === true ? 'active' : 'none',
    acceptDownloads: true,
  } satisfies BrowserContextOptions;
}
