/** The contract's client for the window: the only use of ipcRenderer, and nothing of Electron is handed on. */
import { contextBridge, ipcRenderer } from 'electron';
import { callChannel, eventChannel } from '../contract/channels.ts';
import type { DeskClient } from '../contract/client.ts';

const client: DeskClient = {
  call: (name, input) => ipcRenderer.invoke(callChannel, name, input),
  on(name, listener) {
    const forward = (_event: unknown, eventName: unknown, payload: unknown) => {
      if (eventName === name) listener(payload as Parameters<typeof listener>[0]);
    };
    ipcRenderer.on(eventChannel, forward);
    return () => void ipcRenderer.off(eventChannel, forward);
  },
};

contextBridge.exposeInMainWorld('sessionDesk', client);
