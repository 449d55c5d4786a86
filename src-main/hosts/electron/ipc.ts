/** Binds the contract to IPC. ESLint forbids ipcMain in all other files. */
import { ipcMain } from 'electron';
import type { IpcMainInvokeEvent } from 'electron';
import { callChannel, eventChannel } from '../../contract/channels.ts';
import { createMessage } from '../../contract/index.ts';
import type { HostCallHandlers } from '../../contract/index.ts';
import { dispatchCall, errorEnvelope, forwardEvents } from '../dispatch.ts';
import type { SendEvent } from '../dispatch.ts';
import { CallLimiter } from '../../contract/call-limiter.ts';
import { isTrustedSender } from './policy.ts';
import type { AppModule, AppContext } from './app-context.ts';

/** `callLimiter` limits the rate of calls. */
export const createIpcModule =
  (callLimiter: CallLimiter): AppModule =>
  (context) => {
    const { coreApp, log, locale, clipboardExpiry } = context;
    if (coreApp === undefined) throw new Error('openApplication must run before ipc.');
    const hostHandlers: HostCallHandlers = {
      'app.setLanguage': async ({ language }) => {
        locale.setLanguage(language);
        return {};
      },
      'app.expireClipboard': async ({ text }) => {
        clipboardExpiry.start(text);
        return {};
      },
    };
    ipcMain.handle(callChannel, async (event, name: unknown, input: unknown) => {
      if (!isTrustedSender(describeSender(event, context), context.pageOrigin)) {
        log.warn({}, 'Call rejected: untrusted sender');
        return errorEnvelope('untrusted_sender', createMessage('app.senderUntrusted'));
      }
      return callLimiter.run(async () => dispatchCall((await coreApp).handlers, hostHandlers, name, input, log));
    });
    return async () => {
      const send: SendEvent = (name, payload) => context.window?.webContents.send(eventChannel, name, payload);
      forwardEvents(await coreApp, send, log);
    };
  };

export const ipc: AppModule = createIpcModule(new CallLimiter());

function describeSender(event: IpcMainInvokeEvent, { window }: AppContext) {
  const frame = event.senderFrame;
  return {
    url: frame?.url,
    isMainFrame: frame !== null && frame.parent === null,
    isAppWindow: window !== undefined && !window.isDestroyed() && event.sender.id === window.webContents.id,
  };
}
