/** The one binding of the contract to IPC: no other file may use ipcMain, and lint sees to it. */
import { ipcMain } from 'electron';
import type { IpcMainInvokeEvent } from 'electron';
import { callChannel, eventChannel } from '../../contract/channels.ts';
import { answer, refusal } from '../dispatch.ts';
import { forwardEvents } from '../forward-events.ts';
import type { SendEvent } from '../forward-events.ts';
import { Turnstile } from '../call-limiter.ts';
import { isTrusted } from './policy.ts';
import type { Module, Program } from './app-context.ts';

/** Bound behind a turnstile: what comes faster than any screen asks is refused. */
export const ipcBehind =
  (turnstile: Turnstile): Module =>
  (program) => {
    const { desk, log } = program;
    if (desk === undefined) throw new Error('The desk is opened before it is bound.');
    ipcMain.handle(callChannel, async (event, name: unknown, input: unknown) => {
      if (!isTrusted(senderOf(event, program), program.origin)) {
        log.warn({}, "A call was refused: it did not come from the console's own page");
        return refusal(
          'sender_refused',
          "The call did not come from the console's own page, so it was not carried out.",
        );
      }
      return turnstile.pass(async () => answer((await desk).handlers, name, input, log));
    });
    return async () => {
      const send: SendEvent = (name, payload) => program.window?.webContents.send(eventChannel, name, payload);
      forwardEvents(await desk, send, log);
    };
  };

export const ipc: Module = ipcBehind(new Turnstile());

function senderOf(event: IpcMainInvokeEvent, { window }: Program) {
  const frame = event.senderFrame;
  return {
    url: frame?.url,
    isMainFrame: frame !== null && frame.parent === null,
    isOurWindow: window !== undefined && !window.isDestroyed() && event.sender.id === window.webContents.id,
  };
}
