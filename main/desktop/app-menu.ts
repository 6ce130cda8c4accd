/** macOS has its menu bar, and keys such as ⌘C work by it alone. Elsewhere the menu is hidden until Alt is pressed: it is
 * there for the keys that make the window larger and smaller. */
import { Menu, type MenuItemConstructorOptions } from 'electron';
import type { Language } from '../contract/words/catalogues.ts';
import { desktopWords } from './words.ts';

type MenuWords = (typeof desktopWords)['en']['menu'];
type Role = Extract<keyof MenuWords, MenuItemConstructorOptions['role']>;

/** Electron's roles know the plus and minus of one keyboard; these are where plus needs Shift, and on the keypad. */
const MORE_KEYS: readonly MenuItemConstructorOptions[] = (
  [
    ['zoomIn', 'CommandOrControl+='],
    ['zoomIn', 'CommandOrControl+numadd'],
    ['zoomOut', 'CommandOrControl+numsub'],
  ] as const
).map(([role, accelerator]) => ({ role, accelerator, visible: false }));

export function setAppMenu(platform: NodeJS.Platform, language: Language): void {
  const words = desktopWords[language].menu;
  const items = (...roles: readonly (Role | 'line')[]): MenuItemConstructorOptions[] =>
    roles.map((role) => (role === 'line' ? { type: 'separator' } : { role, label: words[role] }));
  const view: MenuItemConstructorOptions = {
    label: words.view,
    submenu: [...items('zoomIn', 'zoomOut', 'resetZoom', 'line', 'togglefullscreen'), ...MORE_KEYS],
  };
  const mac: readonly MenuItemConstructorOptions[] = [
    { role: 'appMenu', submenu: items('about', 'line', 'hide', 'hideOthers', 'unhide', 'line', 'quit') },
    {
      role: 'editMenu',
      label: words.edit,
      submenu: items('undo', 'redo', 'line', 'cut', 'copy', 'paste', 'selectAll'),
    },
    view,
    { role: 'windowMenu', label: words.window, submenu: items('minimize', 'close') },
  ];
  Menu.setApplicationMenu(Menu.buildFromTemplate(platform === 'darwin' ? [...mac] : [view]));
}
