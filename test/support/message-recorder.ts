/** Records the messages between page and main process, in either host. */
import type { ElectronApplication, Page } from '@playwright/test';

export interface RecordedMessages {
  /** Responses and events, as JSON. */
  readonly toPage: readonly string[];
  /** Calls: name and sent data. */
  readonly fromPage: readonly { readonly call: string; readonly sent: string }[];
}

/** Starts recording. Resolves with a function that returns the recorded messages. */
export function recordMessages(
  page: Page,
  electron: ElectronApplication | undefined,
): Promise<() => Promise<RecordedMessages>> {
  return electron === undefined ? recordNetworkMessages(page) : recordIpcMessages(electron);
}

async function recordNetworkMessages(page: Page): Promise<() => Promise<RecordedMessages>> {
  const toPage: string[] = [];
  const fromPage: { call: string; sent: string }[] = [];
  const inspector = await page.context().newCDPSession(page);
  await inspector.send('Network.enable');
  // The event stream never ends, so its content arrives in parts. Chromium sends the parts after they were requested.
  const streams = new Set<string>();
  inspector.on('Network.dataReceived', ({ requestId, data }) => {
    if (data !== undefined) toPage.push(Buffer.from(data, 'base64').toString());
    if (streams.has(requestId)) return;
    streams.add(requestId);
    inspector.send('Network.streamResourceContent', { requestId }).then(
      ({ bufferedData }) => toPage.push(Buffer.from(bufferedData, 'base64').toString()),
      () => undefined,
    );
  });
  page.on(
    'response',
    (response) =>
      void response.text().then(
        (text) => toPage.push(text),
        () => undefined,
      ),
  );
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    fromPage.push({
      call: pathname.replace('/call/', ''),
      sent: `${request.url()} ${JSON.stringify(request.headers())} ${request.postData() ?? ''}`,
    });
  });
  return () => Promise.resolve({ toPage, fromPage });
}

type InvokeHandler = (event: unknown, name: unknown, input: unknown) => Promise<unknown>;

/** Wraps the IPC handlers and `webContents.send` of the app, because Electron has no API to observe messages. */
async function recordIpcMessages(electron: ElectronApplication): Promise<() => Promise<RecordedMessages>> {
  await electron.evaluate(({ ipcMain, BrowserWindow }) => {
    const scope = globalThis as unknown as {
      recorded?: { toPage: string[]; fromPage: { call: string; sent: string }[] };
    };
    scope.recorded = { toPage: [], fromPage: [] };
    const { _invokeHandlers: handlers } = ipcMain as unknown as { _invokeHandlers: Map<string, InvokeHandler> };
    for (const [channel, handler] of [...handlers]) {
      handlers.set(channel, async (event, name, input) => {
        scope.recorded?.fromPage.push({ call: String(name), sent: JSON.stringify(input) });
        const response = await handler(event, name, input);
        scope.recorded?.toPage.push(JSON.stringify(response));
        return response;
      });
    }
    for (const { webContents } of BrowserWindow.getAllWindows()) {
      const send = webContents.send.bind(webContents);
      webContents.send = (channel: string, ...rest: unknown[]) => {
        scope.recorded?.toPage.push(JSON.stringify(rest));
        send(channel, ...rest);
      };
    }
  });
  return () =>
    electron.evaluate(() => {
      const scope = globalThis as unknown as { recorded?: RecordedMessages };
      const { recorded } = scope;
      delete scope.recorded;
      return recorded ?? { toPage: [], fromPage: [] };
    });
}
