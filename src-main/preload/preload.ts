/**
 * Exposes the contract's client to the page. No other file uses ipcRenderer, and the page gets no other Electron API.
 */
import { contextBridge, ipcRenderer } from 'electron';
import { CallLimiter } from '../contract/call-limiter.ts';
import { callChannel, eventChannel } from '../contract/channels.ts';
import type { ApiClient } from '../contract/events.ts';
import type { Envelope } from '../contract/errors.ts';

const listeners = new Map<unknown, Set<(payload: never) => void>>();
const callLimiter = new CallLimiter();

const client: ApiClient = {
  call: (name, input) =>
    callLimiter.run(() => ipcRenderer.invoke(callChannel, name, input) as Promise<Envelope<never>>),
  on(name, listener) {
    const eventListeners = listeners.get(name) ?? new Set();
    listeners.set(name, eventListeners.add(listener));
    return () => void eventListeners.delete(listener);
  },
};

// A single IPC listener, because Electron warns about a leak if there are more than ten.
ipcRenderer.on(eventChannel, (_event, name: unknown, payload: unknown) => {
  for (const listener of listeners.get(name) ?? []) listener(payload as never);
});

contextBridge.exposeInMainWorld('sessionDesk', client);
