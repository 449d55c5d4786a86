/** The contract's client for the window: the only use of ipcRenderer, and nothing of Electron is handed on. */
import { contextBridge, ipcRenderer } from 'electron';
import { callChannel, eventChannel } from '../contract/channels.ts';
import type { ApiClient } from '../contract/client.ts';

const listeners = new Map<unknown, Set<(payload: never) => void>>();

const client: ApiClient = {
  call: (name, input) => ipcRenderer.invoke(callChannel, name, input),
  on(name, listener) {
    const told = listeners.get(name) ?? new Set();
    listeners.set(name, told.add(listener));
    return () => void told.delete(listener);
  },
};

// One for all that listen: Electron warns of a leak where there are more than ten.
ipcRenderer.on(eventChannel, (_event, name: unknown, payload: unknown) => {
  for (const listener of listeners.get(name) ?? []) listener(payload as never);
});

contextBridge.exposeInMainWorld('sessionDesk', client);
