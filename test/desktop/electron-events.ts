/** The events that the double sends. The end of this file compiles only while Electron has each of them, so. */
import type * as Electron from 'electron';

export interface AppListener {
  'before-quit': (event: Electron.Event) => void;
  'second-instance': (event: Electron.Event, args: string[], folder: string, data: unknown) => void;
  'window-all-closed': () => void;
  activate: (event: Electron.Event, hasVisibleWindows: boolean) => void;
}

export interface ContentsListener {
  'did-navigate': (event: Electron.Event, url: string, code: number, status: string) => void;
  'render-process-gone': (event: Electron.Event, details: Electron.RenderProcessGoneDetails) => void;
  'did-fail-load': (
    event: Electron.Event,
    code: number,
    description: string,
    url: string,
    isMainFrame: boolean,
    processId: number,
    routingId: number,
  ) => void;
  'will-frame-navigate': (details: Electron.Event<Electron.WebContentsWillFrameNavigateEventParams>) => void;
  'will-attach-webview': (
    event: Electron.Event,
    preferences: Electron.WebPreferences,
    parameters: Record<string, string>,
  ) => void;
  destroyed: () => void;
}

export interface WindowListener {
  close: (event: Electron.Event) => void;
  closed: () => void;
  show: () => void;
  hide: () => void;
  unresponsive: () => void;
  responsive: () => void;
  'query-session-end': (event: Electron.WindowSessionEndEvent) => void;
  'session-end': (event: Electron.WindowSessionEndEvent) => void;
  'page-title-updated': (event: Electron.Event, title: string, isExplicit: boolean) => void;
}

export interface PowerListener {
  resume: () => void;
  'unlock-screen': () => void;
  shutdown: () => void;
}

export interface TrayListener {
  click: (event: Electron.KeyboardEvent, bounds: Electron.Rectangle, position: Electron.Point) => void;
}

export interface NotificationListener {
  click: (event: Electron.Event) => void;
  action: (details: Electron.Event<Electron.NotificationActionEventParams>, action: number, selection: number) => void;
  close: (details: Electron.Event<Electron.NotificationCloseEventParams>) => void;
}

void ((app: Electron.App, hears: AppListener) => [
  app.on('before-quit', hears['before-quit']),
  app.on('second-instance', hears['second-instance']),
  app.on('window-all-closed', hears['window-all-closed']),
  app.on('activate', hears.activate),
]);

void ((contents: Electron.WebContents, hears: ContentsListener) => [
  contents.on('did-navigate', hears['did-navigate']),
  contents.on('render-process-gone', hears['render-process-gone']),
  contents.on('did-fail-load', hears['did-fail-load']),
  contents.on('will-frame-navigate', hears['will-frame-navigate']),
  contents.on('will-attach-webview', hears['will-attach-webview']),
  contents.on('destroyed', hears.destroyed),
]);

void ((window: Electron.BrowserWindow, hears: WindowListener) => [
  window.on('close', hears.close),
  window.on('closed', hears.closed),
  window.on('show', hears.show),
  window.on('hide', hears.hide),
  window.on('unresponsive', hears.unresponsive),
  window.on('responsive', hears.responsive),
  window.on('query-session-end', hears['query-session-end']),
  window.on('session-end', hears['session-end']),
  window.on('page-title-updated', hears['page-title-updated']),
]);

void ((power: Electron.PowerMonitor, hears: PowerListener) => [
  power.on('resume', hears.resume),
  power.on('unlock-screen', hears['unlock-screen']),
  power.on('shutdown', hears.shutdown),
]);

void ((tray: Electron.Tray, hears: TrayListener) => tray.on('click', hears.click));

void ((notification: Electron.Notification, hears: NotificationListener) => [
  notification.on('click', hears.click),
  notification.on('action', hears.action),
  notification.on('close', hears.close),
]);
