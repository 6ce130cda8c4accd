/** Electron's side of the tray: an icon, words, and a menu, each set when it is another than before. */
import path from 'node:path';
import { Menu, Tray, nativeImage, nativeTheme, type MenuItemConstructorOptions } from 'electron';
import { isDarkPanel, trayImage } from './tray-image.ts';
import type { MenuLine, TrayAction } from './tray-menu.ts';
import type { TrayState } from './tray-state.ts';

interface TrayParts {
  /** Where `tray-….png` and the like are. */
  readonly images: string;
  readonly platform: NodeJS.Platform;
  /** `$XDG_CURRENT_DESKTOP` */
  readonly desktop: string | undefined;
  readonly act: (action: TrayAction) => void;
}

export class TrayFace {
  readonly #parts: TrayParts;
  #tray: Tray;
  #state: TrayState;
  #shown = { image: '', tooltip: '', menu: '' };
  #lines: readonly MenuLine[] = [];

  constructor(parts: TrayParts, state: TrayState) {
    this.#parts = parts;
    this.#state = state;
    this.#tray = this.#make();
    nativeTheme.on('updated', this.#recolour);
  }

  show(state: TrayState, lines: readonly MenuLine[]): void {
    this.#state = state;
    this.#recolour();
    if (state.tooltip !== this.#shown.tooltip) this.#tray.setToolTip(state.tooltip);
    this.#shown.tooltip = state.tooltip;
    this.#lines = lines;
    this.#setMenu();
  }

  /** Linux: a panel that has come after the icon does not find it. */
  renew(): void {
    this.#tray.destroy();
    this.#tray = this.#make();
    this.#tray.setToolTip(this.#shown.tooltip);
    this.#shown.menu = '';
    this.#setMenu();
  }

  remove(): void {
    nativeTheme.off('updated', this.#recolour);
    this.#tray.destroy();
  }

  #make(): Tray {
    const { platform, act } = this.#parts;
    this.#shown.image = this.#imagePath();
    const tray = new Tray(nativeImage.createFromPath(this.#shown.image));
    // On macOS, and where Linux panels decide so, a click shows the menu and no event arrives.
    if (platform !== 'darwin') tray.on('click', () => act({ do: 'open' }));
    return tray;
  }

  readonly #recolour = (): void => {
    const image = this.#imagePath();
    if (image === this.#shown.image) return;
    this.#shown.image = image;
    this.#tray.setImage(nativeImage.createFromPath(image));
  };

  #imagePath(): string {
    const { images, platform, desktop } = this.#parts;
    const isDark = isDarkPanel(platform, nativeTheme.shouldUseDarkColorsForSystemIntegratedUI, desktop);
    return path.join(images, trayImage(this.#state.icon, platform, isDark));
  }

  /** Linux panels are given a copy of the menu when it is set: what changes in it later is not seen, so a new one is set.
   * One that is as before is left alone: it may be open. */
  #setMenu(): void {
    const menu = JSON.stringify(this.#lines);
    if (menu === this.#shown.menu) return;
    this.#shown.menu = menu;
    this.#tray.setContextMenu(Menu.buildFromTemplate(this.#lines.map((line) => this.#itemOf(line))));
  }

  #itemOf(line: MenuLine): MenuItemConstructorOptions {
    switch (line.kind) {
      case 'line':
        return { type: 'separator' };
      case 'item': {
        const { action } = line;
        if (action === undefined) return { label: plain(line.label), enabled: false };
        return { label: plain(line.label), click: () => this.#parts.act(action) };
      }
      case 'check':
        return {
          type: 'checkbox',
          label: plain(line.label),
          checked: line.checked,
          click: () => {
            // The menu has toggled its own tick; whether that is true, the next description says.
            this.#shown.menu = '';
            this.#parts.act(line.action);
          },
        };
      case 'submenu':
        return { type: 'submenu', label: plain(line.label), submenu: line.lines.map((inner) => this.#itemOf(inner)) };
    }
  }
}

/** Menus take one `&` for the mark of a key. */
const plain = (label: string): string => label.replaceAll('&', '&&');
