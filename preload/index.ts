/** The only thing that the window's page has beyond a page of the web. It carries; what is allowed is decided in the app. */
import { contextBridge, ipcRenderer } from 'electron';
import {
  BRIDGE,
  CALL_CHANNEL,
  SNAPSHOT_CHANNEL,
  type Bridge,
  type BridgeCall,
  type BridgeSnapshot,
} from '../main/contract/window-protocol.ts';

const call = (what: BridgeCall): Promise<unknown> => ipcRenderer.invoke(CALL_CHANNEL, what);

/** One snapshot is on its way at a time: the next is asked for when this one has been shown. */
async function follow(listener: Parameters<Bridge['watch']>[0], isWanted: () => boolean): Promise<void> {
  let place = 0;
  while (isWanted()) {
    // Electron knows no types here; the app sends nothing else on this channel.
    const next = (await ipcRenderer.invoke(SNAPSHOT_CHANNEL, place)) as BridgeSnapshot;
    place = next.place;
    if (isWanted()) listener(next.snapshot);
  }
}

const bridge: Bridge = {
  ask: (callId, name, input) => call({ do: 'ask', callId, name, input }),
  abort(callId) {
    call({ do: 'abort', callId }).catch(() => undefined);
  },
  watch(listener) {
    let isWanted = true;
    // Refused, or the app ends: there is nothing more to show.
    follow(listener, () => isWanted).catch(() => undefined);
    return () => {
      isWanted = false;
    };
  },
};

contextBridge.exposeInMainWorld(BRIDGE, bridge);
