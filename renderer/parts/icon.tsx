import type { VNode } from 'preact';

/** The window's own icons: strokes on a square of 20 units, drawn 1.6 wide. */
const ICON_PATHS = {
  forwards:
    'M2.2 16.5h2.9M13 16.5h4.8M5.1 16.2V4.6a.9.9 0 0 1 .7-.9l4.6-1.1v15L5.1 16.2ZM10.4 4.3h3.7a.9.9 0 0 1 .9.9v11.3M8 10.3h.01',
  presets: 'M3.5 4.5h5v5h-5zM11.5 4.5h5v5h-5zM3.5 12.5h5v4h-5zM14 12v5M11.5 14.5h5',
  router:
    'M3.5 11h13a1 1 0 0 1 1 1v4a1 1 0 0 1-1 1h-13a1 1 0 0 1-1-1v-4a1 1 0 0 1 1-1ZM6 14h.01M9 14h.01M14 11V8M11.2 6.2a4 4 0 0 1 5.6 0M9.2 4.1a6.9 6.9 0 0 1 9.6 0',
  activity: 'M2 10.5h3.2L7.6 4l4.6 12 2.4-5.5H18',
  'check-up':
    'M6 3.5H4.5v4a4 4 0 0 0 8 0v-4H11M8.5 11.5v1.2a4 4 0 0 0 8 0v-1.4M16.5 7.7a1.8 1.8 0 1 1 0 3.6 1.8 1.8 0 0 1 0-3.6Z',
  settings:
    'M3 6h6M13 6h4M3 14h2M9 14h8M11 4.2a1.8 1.8 0 1 1 0 3.6 1.8 1.8 0 0 1 0-3.6ZM7 12.2a1.8 1.8 0 1 1 0 3.6 1.8 1.8 0 0 1 0-3.6Z',
  plus: 'M10 4v12M4 10h12',
  more: 'M4.5 10h.01M10 10h.01M15.5 10h.01',
  'chevron-down': 'm5.5 8 4.5 4.5L14.5 8',
  'chevron-right': 'M8 5.5l4.5 4.5L8 14.5',
  'arrow-right': 'M3.5 10h13M12 5.5l4.5 4.5-4.5 4.5',
  'arrow-up': 'M10 16.5v-13M5.5 8 10 3.5 14.5 8',
  'arrow-down': 'M10 3.5v13M5.5 12l4.5 4.5 4.5-4.5',
  copy: 'M8 7.5h7.5a1 1 0 0 1 1 1V16a1 1 0 0 1-1 1H8a1 1 0 0 1-1-1V8.5a1 1 0 0 1 1-1ZM13 7.5V4a1 1 0 0 0-1-1H4.5a1 1 0 0 0-1 1v7.5a1 1 0 0 0 1 1H7',
  qr: 'M3.5 3.5h5v5h-5zM11.5 3.5h5v5h-5zM3.5 11.5h5v5h-5zM11.5 11.5h2v2h-2zM16.5 11.5v2M14.5 14.5h2v2M11.5 16.5h.01',
  check: 'm4 10.5 4 4 8-9',
  close: 'm5 5 10 10M15 5 5 15',
  edit: 'M12.5 4.5 15.5 7.5M4 16l.8-3.6L13.6 3.6a1.4 1.4 0 0 1 2 0l.8.8a1.4 1.4 0 0 1 0 2L7.6 15.2Z',
  duplicate:
    'M8 7.5h7.5a1 1 0 0 1 1 1V16a1 1 0 0 1-1 1H8a1 1 0 0 1-1-1V8.5a1 1 0 0 1 1-1ZM13 7.5V4a1 1 0 0 0-1-1H4.5a1 1 0 0 0-1 1v7.5a1 1 0 0 0 1 1H7M11.8 9.8v4.8M9.4 12.2h4.8',
  trash: 'M3.5 5.5h13M8 5V3.5h4V5M5 5.5l.7 10a1 1 0 0 0 1 1h6.6a1 1 0 0 0 1-1l.7-10M8.3 8.7v4.6M11.7 8.7v4.6',
  drag: 'M7.5 5h.01M12.5 5h.01M7.5 10h.01M12.5 10h.01M7.5 15h.01M12.5 15h.01',
  search: 'M9 3.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11ZM13 13l4 4',
  info: 'M10 2.8a7.2 7.2 0 1 1 0 14.4 7.2 7.2 0 0 1 0-14.4ZM10 9.2v4.3M10 6.5h.01',
  warning: 'M9.1 3.6 2.4 15.3a1 1 0 0 0 .9 1.5h13.4a1 1 0 0 0 .9-1.5L10.9 3.6a1 1 0 0 0-1.8 0ZM10 8v4M10 14.3h.01',
  error: 'M7 2.8h6L17.2 7v6L13 17.2H7L2.8 13V7ZM10 6.3v4.6M10 13.5h.01',
  open: 'M10 2.8a7.2 7.2 0 1 1 0 14.4 7.2 7.2 0 0 1 0-14.4ZM6.7 10.2l2.3 2.3 4.3-4.8',
  partly: 'M10 2.8a7.2 7.2 0 1 1 0 14.4 7.2 7.2 0 0 1 0-14.4ZM6.5 10h7',
  off: 'M10 2.8a7.2 7.2 0 1 1 0 14.4 7.2 7.2 0 0 1 0-14.4Z',
  waiting: 'M10 2.8a7.2 7.2 0 1 1 0 14.4 7.2 7.2 0 0 1 0-14.4ZM10 6v4.2l2.6 1.8',
  opening: 'M10 2.8a7.2 7.2 0 0 1 7.2 7.2M10 17.2A7.2 7.2 0 0 1 2.8 10',
  pause: 'M7 4.5v11M13 4.5v11',
  play: 'M6.5 4.2v11.6l9-5.8Z',
  refresh: 'M16.5 5v3.5H13M3.5 15v-3.5H7M15.8 8.5a6.3 6.3 0 0 0-11-1.8M4.2 11.5a6.3 6.3 0 0 0 11 1.8',
  external: 'M11.5 3.5h5v5M16.2 3.8 9.5 10.5M8 5H4.5a1 1 0 0 0-1 1v9.5a1 1 0 0 0 1 1H14a1 1 0 0 0 1-1V12',
  download: 'M10 3v9.5M6 8.8l4 4 4-4M3.5 16.5h13',
  upload: 'M10 13V3.5M6 7.2l4-4 4 4M3.5 16.5h13',
  folder: 'M2.8 5.5a1 1 0 0 1 1-1h3.4l2 2.3h7a1 1 0 0 1 1 1v7.4a1 1 0 0 1-1 1H3.8a1 1 0 0 1-1-1Z',
  globe:
    'M10 2.8a7.2 7.2 0 1 1 0 14.4 7.2 7.2 0 0 1 0-14.4ZM2.8 10h14.4M10 2.8c2.2 2 3.2 4.4 3.2 7.2s-1 5.2-3.2 7.2c-2.2-2-3.2-4.4-3.2-7.2S7.8 4.8 10 2.8Z',
  clock: 'M10 2.8a7.2 7.2 0 1 1 0 14.4 7.2 7.2 0 0 1 0-14.4ZM10 6v4.2l2.6 1.8',
  demo: 'M7.5 3h5M8.5 3v5L4 15.2A1.2 1.2 0 0 0 5 17h10a1.2 1.2 0 0 0 1-1.8L11.5 8V3M6.2 12.5h7.6',
  shield: 'M10 2.8 4 5v4.5c0 3.6 2.4 6.2 6 7.7 3.6-1.5 6-4.1 6-7.7V5Z',
  wifi: 'M3 8.2a10 10 0 0 1 14 0M5.6 11a6.3 6.3 0 0 1 8.8 0M10 15h.01',
  lock: 'M5 9h10a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1v-6a1 1 0 0 1 1-1ZM6.8 9V6.5a3.2 3.2 0 0 1 6.4 0V9',
} as const;

export type IconName = keyof typeof ICON_PATHS;

/** Decoration only: what it means stands beside it, or is the name of what it is in. */
export function Icon({ name, size = 20 }: { readonly name: IconName; readonly size?: 16 | 20 | 24 | 32 }): VNode {
  return (
    <svg class="icon" data-icon={name} viewBox="0 0 20 20" width={size} height={size} aria-hidden="true">
      <path d={ICON_PATHS[name]} />
    </svg>
  );
}

/** Appears after 300 ms unless `isImmediate`: anything quicker needs no spinner. */
export function Spinner(properties: { readonly isImmediate?: boolean; readonly label?: string }): VNode {
  const { isImmediate = false, label } = properties;
  const named = label === undefined ? { 'aria-hidden': true } : ({ role: 'img', 'aria-label': label } as const);
  return (
    <svg class="spinner" data-immediate={isImmediate} viewBox="0 0 20 20" width="16" height="16" {...named}>
      <circle cx="10" cy="10" r="7.2" />
      <path d="M10 2.8a7.2 7.2 0 0 1 7.2 7.2" />
    </svg>
  );
}
