/** What passes between the page and the main process, as a test can listen to it in either host. */
import type { ElectronApplication, Page } from '@playwright/test';

export interface RecordedMessages {
  /** Answers and events, as JSON. */
  readonly toPage: readonly string[];
  /** Calls: the name of each, and what the page sent with it. */
  readonly fromPage: readonly { readonly call: string; readonly sent: string }[];
}

/** From now on; resolves with how to end it and see what passed. */
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
  inspector.on('Network.eventSourceMessageReceived', ({ data }) => toPage.push(data));
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

/** Stands where the console hands its messages to Electron and takes them from it: Electron itself does not tell of them. */
async function recordIpcMessages(electron: ElectronApplication): Promise<() => Promise<RecordedMessages>> {
  await electron.evaluate(({ ipcMain, BrowserWindow }) => {
    const scope = globalThis as unknown as {
      passed?: { toPage: string[]; fromPage: { call: string; sent: string }[] };
    };
    scope.passed = { toPage: [], fromPage: [] };
    const { _invokeHandlers: handlers } = ipcMain as unknown as { _invokeHandlers: Map<string, InvokeHandler> };
    for (const [channel, handler] of [...handlers]) {
      handlers.set(channel, async (event, name, input) => {
        scope.passed?.fromPage.push({ call: String(name), sent: JSON.stringify(input) });
        const answer = await handler(event, name, input);
        scope.passed?.toPage.push(JSON.stringify(answer));
        return answer;
      });
    }
    for (const { webContents } of BrowserWindow.getAllWindows()) {
      const send = webContents.send.bind(webContents);
      webContents.send = (channel: string, ...rest: unknown[]) => {
        scope.passed?.toPage.push(JSON.stringify(rest));
        send(channel, ...rest);
      };
    }
  });
  return () =>
    electron.evaluate(() => {
      const scope = globalThis as unknown as { passed?: RecordedMessages };
      const { passed } = scope;
      delete scope.passed;
      return passed ?? { toPage: [], fromPage: [] };
    });
}
