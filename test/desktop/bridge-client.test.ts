import { vi } from 'vitest';
import { BRIDGE, type Bridge } from '../../main/contract/window-protocol.ts';
import { Ipc } from '../../main/desktop/window/ipc.ts';
import { PAGE_URL } from '../../main/desktop/window/page.ts';
import { BridgeClient } from '../../renderer/client/bridge-client.ts';
import { clientSuite } from '../connect/client-suite.ts';
import { WebContentsDouble, electron, resetElectron } from './electron-double.ts';

vi.mock('electron', async () => (await import('./electron-double.ts')).electronModule);

clientSuite('the window of the application, over its preload script', async (at) => {
  resetElectron();
  const page = new WebContentsDouble();
  page.url = PAGE_URL;
  electron.page = page;
  const ipc = new Ipc(at.dispatch, at.home.client.system.log);
  ipc.admit(page as never);
  vi.resetModules();
  await import('../../preload/index.ts');
  return {
    client: new BridgeClient(electron.exposed.get(BRIDGE) as Bridge),
    end: async () => page.send('destroyed'),
  };
});
