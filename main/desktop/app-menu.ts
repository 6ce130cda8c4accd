/** macOS has its menu bar, and keys such as ⌘C work by it alone. Elsewhere the menu is hidden until Alt is pressed: it is
 * there for the keys that make the window larger and smaller. */
import type { MenuItemConstructorOptions } from 'electron';
import { Menu } from 'electron';
import type { Language } from '../contract/language.ts';
import { desktopWords } from './words.ts';

export function setAppMenu(platform: NodeJS.Platform, language: Language): void {
  const template = platform === 'darwin' ? macMenu(language) : [viewMenu(language)];
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}

function viewMenu(language: Language): MenuItemConstructorOptions {
  const words = desktopWords[language].menu;
  return {
    label: words.view,
    submenu: [
      { role: 'zoomIn', label: words.zoomIn },
      { role: 'zoomOut', label: words.zoomOut },
      { role: 'resetZoom', label: words.resetZoom },
      { type: 'separator' },
      { role: 'togglefullscreen', label: words.fullScreen },
    ],
  };
}

function macMenu(language: Language): MenuItemConstructorOptions[] {
  const words = desktopWords[language].menu;
  const line: MenuItemConstructorOptions = { type: 'separator' };
  return [
    {
      role: 'appMenu',
      submenu: [
        { role: 'about', label: words.about },
        line,
        { role: 'hide', label: words.hide },
        { role: 'hideOthers', label: words.hideOthers },
        { role: 'unhide', label: words.unhide },
        line,
        { role: 'quit', label: words.quit },
      ],
    },
    {
      role: 'editMenu',
      label: words.edit,
      submenu: [
        { role: 'undo', label: words.undo },
        { role: 'redo', label: words.redo },
        line,
        { role: 'cut', label: words.cut },
        { role: 'copy', label: words.copy },
        { role: 'paste', label: words.paste },
        { role: 'selectAll', label: words.selectAll },
      ],
    },
    viewMenu(language),
    {
      role: 'windowMenu',
      label: words.window,
      submenu: [
        { role: 'minimize', label: words.minimize },
        { role: 'close', label: words.close },
      ],
    },
  ];
}
