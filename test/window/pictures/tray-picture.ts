/** The tray's menu and its icons, as the app describes them, in a look of no system: Electron draws the real ones. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { AppSnapshot } from '../../../main/contract/commands.ts';
import { epochMs } from '../../../main/contract/units.ts';
import { trayImage } from '../../../main/desktop/tray/tray-image.ts';
import { trayMenu, type MenuLine } from '../../../main/desktop/tray/tray-menu.ts';
import { trayState, type TrayIcon, type TrayView } from '../../../main/desktop/tray/tray-state.ts';
import { dataUrl, pagePicture } from './camera.ts';

const ICONS = path.join(import.meta.dirname, '../../../assets/tray');
const SIZE = { width: 840, height: 492 };

const viewOf = (snapshot: AppSnapshot): TrayView => ({
  snapshot,
  link: { at: 'connected', role: 'host' },
  isLeaving: false,
});

/** @param menu shown as a menu @param states for each, its icon and what is said when the pointer rests on it */
export async function trayPicture(menu: AppSnapshot, states: readonly AppSnapshot[]): Promise<Uint8Array> {
  const lines = trayMenu(viewOf(menu), 'en', { loginItem: true, now: epochMs(Date.now()) });
  const shown = trayState(viewOf(menu), 'en');
  const rows = await Promise.all(
    states.map(async (snapshot) => {
      const { icon, tooltip } = trayState(viewOf(snapshot), 'en');
      return `<li>
        <span class="tile" data-theme="light">${await image(icon, false)}</span>
        <span class="tile" data-theme="dark">${await image(icon, true)}</span>
        <span>${escaped(tooltip)}</span></li>`;
    }),
  );
  const html = `<!doctype html><meta charset="utf-8"><style>${STYLE}</style>
    <main>
      <section class="desk">
        <div class="panel">${await image(shown.icon, true)}<span class="clock">21:48</span></div>
        <ul class="menu">${lines.map(lineHtml).join('')}</ul>
      </section>
      <ul class="states">${rows.join('')}</ul>
    </main>`;
  return await pagePicture(html, SIZE);
}

async function image(icon: TrayIcon, isDark: boolean): Promise<string> {
  const name = trayImage(icon, 'linux', isDark).replace('.png', '@2x.png');
  return `<img width="24" height="24" alt="" src="${dataUrl(await readFile(path.join(ICONS, name)))}">`;
}

function lineHtml(line: MenuLine): string {
  switch (line.kind) {
    case 'line':
      return '<li class="line"></li>';
    case 'check':
      return `<li data-checked="${line.checked}">${escaped(line.label)}</li>`;
    case 'item':
      return `<li data-disabled="${line.action === undefined}">${escaped(line.label)}</li>`;
    case 'submenu':
      return `<li class="more">${escaped(line.label)}</li>`;
  }
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

const STYLE = `
  body { margin: 0; font: 14px/1.35 system-ui, sans-serif; color: #17191c }
  main { box-sizing: border-box; width: ${SIZE.width}px; height: ${SIZE.height}px; display: grid;
    grid-template-columns: 380px 1fr; border: 1px solid #d9dde2; border-radius: 10px; overflow: hidden;
    background: #f4f5f7 }
  ul { list-style: none; margin: 0; padding: 0 }
  .desk { display: flex; flex-direction: column; background: #dbe3ec }
  .panel { display: flex; justify-content: end; align-items: center; gap: 14px; height: 34px; padding: 0 16px;
    background: #22262b; color: #fff; font-size: 13px }
  .menu { align-self: end; width: 300px; margin: 6px 16px; padding: 5px 0; border: 1px solid #cdd3da;
    border-radius: 8px; background: #fff; box-shadow: 0 8px 20px rgb(20 30 45 / 14%) }
  .menu > li { position: relative; padding: 4px 14px 4px 34px; white-space: pre }
  .menu > li[data-disabled='true'] { color: #626a73 }
  .menu > li[data-checked='true']::before { content: ''; position: absolute; left: 15px; top: 6px; width: 5px;
    height: 10px; border: solid #1560bd; border-width: 0 2px 2px 0; transform: rotate(42deg) }
  .menu > li.line { height: 1px; margin: 5px 0; padding: 0; background: #e1e4e8 }
  .menu > li.more::after { content: '›'; position: absolute; right: 14px }
  .states { display: grid; align-content: center; gap: 22px; padding: 0 28px }
  .states > li { display: grid; grid-template-columns: auto auto 1fr; gap: 10px; align-items: center }
  .tile { display: grid; place-items: center; width: 44px; height: 44px; border-radius: 9px }
  .tile[data-theme='light'] { background: #fff; border: 1px solid #d9dde2; box-sizing: border-box }
  .tile[data-theme='dark'] { background: #22262b }
`;
